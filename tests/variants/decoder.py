"""Right answers to the exercises on the decoder block, each written in another way."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Gated(keras.layers.Layer):
    """SwiGLU of three Dense layers that build themselves."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.gate = keras.layers.Dense(hidden, use_bias=False, activation="silu")
        self.value = keras.layers.Dense(hidden, use_bias=False)

    def build(self, input_shape):
        self.out = keras.layers.Dense(input_shape[-1], use_bias=False)

    def call(self, inputs):
        return self.out(self.gate(inputs) * self.value(inputs))


class GatedByOneKernel(keras.layers.Layer):
    """Gate and value side by side in one matrix."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape):
        width = input_shape[-1]
        self.both = self.add_weight(name="both", shape=(width, 2 * self.hidden))
        self.down = self.add_weight(name="down", shape=(self.hidden, width))

    def call(self, inputs):
        gate, value = ops.split(ops.matmul(inputs, self.both), 2, axis=-1)
        return ops.matmul(ops.silu(gate) * value, self.down)


class ValueBeforeGate(GatedByOneKernel):
    """The same matrix with its halves the other way round."""

    def call(self, inputs):
        value, gate = ops.split(ops.matmul(inputs, self.both), 2, axis=-1)
        return ops.matmul(ops.silu(gate) * value, self.down)


class GatedByPairs(GatedByOneKernel):
    """The same matrix with gates and values in turn."""

    def call(self, inputs):
        both = ops.matmul(inputs, self.both)
        return ops.matmul(ops.silu(both[..., ::2]) * both[..., 1::2], self.down)


class GatedInTensorFlow(keras.layers.Layer):
    """Raw TensorFlow, the value first, and every matrix the other way round."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape):
        width = input_shape[-1]
        self.up = self.add_weight(name="up", shape=(self.hidden, width))
        self.down = self.add_weight(name="down", shape=(width, self.hidden))
        self.turn = self.add_weight(name="turn", shape=(self.hidden, width))

    def call(self, inputs):
        value = tf.einsum("...w,hw->...h", inputs, self.up)
        gate = tf.einsum("...w,hw->...h", inputs, self.turn)
        return tf.einsum("...h,wh->...w", value * gate * tf.sigmoid(gate), self.down)


class GatedByHand(keras.layers.Layer):
    """silu from its formula, with exponentials that do not overflow."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape):
        width = input_shape[-1]
        self.w1 = self.add_weight(name="w1", shape=(width, self.hidden))
        self.w2 = self.add_weight(name="w2", shape=(self.hidden, width))
        self.w3 = self.add_weight(name="w3", shape=(width, self.hidden))

    def call(self, inputs):
        gate = inputs @ self.w1
        swish = gate * 0.5 * (1.0 + ops.tanh(gate / 2.0))
        return (swish * (inputs @ self.w3)) @ self.w2


class GatedModel(keras.layers.Layer):
    """A feed-forward layer that is a function of the three layers in a list."""

    def __init__(self, hidden, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape):
        units = (input_shape[-1], self.hidden, self.hidden)
        self.parts = [keras.layers.Dense(count, None, False) for count in units]
        for part, fed in zip(self.parts, (self.hidden, *2 * input_shape[-1:]), strict=True):
            part.build((None, fed))

    def call(self, inputs):
        out, value, gate = self.parts
        return out(keras.activations.silu(gate(inputs)) * value(inputs))


class Reversible(keras.layers.Layer):
    """ReversibleEmbedding with ops.take, and a transposed product."""

    def __init__(self, input_dim, output_dim, tie_weights=True, **kwargs):
        super().__init__(**kwargs)
        self.input_dim, self.output_dim, self.tie_weights = input_dim, output_dim, tie_weights

    def build(self, input_shape):
        shape = (self.input_dim, self.output_dim)
        self.embeddings = self.add_weight(name="embeddings", shape=shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(name="reverse_embeddings", shape=shape[::-1])

    def call(self, inputs, reverse=False):
        if not reverse:
            return ops.take(self.embeddings, inputs, axis=0)
        if self.tie_weights:
            return ops.matmul(inputs, ops.transpose(self.embeddings))
        return ops.matmul(inputs, self.reverse_embeddings)


class ReversibleByOneHot(Reversible):
    """A lookup is a product with a one-hot row; both directions use one einsum each."""

    def call(self, inputs, reverse=False):
        if not reverse:
            return ops.one_hot(inputs, self.input_dim) @ self.embeddings
        kernel = self.embeddings if self.tie_weights else ops.transpose(self.reverse_embeddings)
        return ops.einsum("...d,vd->...v", inputs, kernel)


class ReversibleInTensorFlow(keras.layers.Layer):
    """Raw TensorFlow; both matrices lie alike, and are made at once."""

    def __init__(self, input_dim, output_dim, tie_weights=True, **kwargs):
        super().__init__(**kwargs)
        names = ("words", "scores")[: 1 if tie_weights else 2]
        self.tables = [self.add_weight(name=n, shape=(input_dim, output_dim)) for n in names]

    def call(self, inputs, reverse=False):
        if reverse:
            return tf.matmul(inputs, self.tables[-1], transpose_b=True)
        return tf.gather(self.tables[0], inputs)


class ReversibleColumns(keras.layers.Layer):
    """The matrix the other way round: a column for each word."""

    def __init__(self, input_dim, output_dim, tie_weights=True, **kwargs):
        super().__init__(**kwargs)
        self.shape, self.tied = (output_dim, input_dim), tie_weights

    def build(self, input_shape):
        self.columns = self.add_weight(name="columns", shape=self.shape)
        self.back = self.columns
        if not self.tied:
            self.back = self.add_weight(name="back", shape=self.shape)

    def call(self, inputs, reverse=False):
        if reverse:
            return inputs @ self.back
        return ops.moveaxis(ops.take(self.columns, inputs, axis=1), 0, -1)


class Cached(keras.layers.Layer):
    """CachedAttention: einsum, and the cache in three slices."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim

    def build(self, input_shape):
        width = input_shape[-1]
        shape = (width, self.num_heads, self.key_dim)
        self.query_kernel = self.add_weight(name="query_kernel", shape=shape)
        self.key_kernel = self.add_weight(name="key_kernel", shape=shape)
        self.value_kernel = self.add_weight(
            name="value_kernel", shape=(width, self.num_heads, self.value_dim)
        )
        self.output_kernel = self.add_weight(
            name="output_kernel", shape=(self.num_heads, self.value_dim, width)
        )

    def projected(self, inputs):
        kernels = (self.query_kernel, self.key_kernel, self.value_kernel)
        return [ops.einsum("btw,whd->bthd", inputs, kernel) for kernel in kernels]

    def put(self, old, new, start):
        after = start + new.shape[1]
        return ops.concatenate([old[:, :start], new, old[:, after:]], axis=1)

    def call(self, inputs, cache=None, start=0, padding_mask=None):
        query, keys, values = self.projected(inputs)
        if cache is not None:
            keys, values = (
                self.put(old, new, start) for old, new in zip(cache, (keys, values), strict=True)
            )
        rows = start + np.arange(inputs.shape[1])[:, None]
        seen = ops.convert_to_tensor(rows >= np.arange(keys.shape[1]))[None, None]
        if padding_mask is not None:
            seen = ops.logical_and(seen, padding_mask[:, None, None, :])
        scores = ops.einsum("bqhd,bphd->bhqp", query, keys) / self.key_dim**0.5
        weights = ops.softmax(ops.where(seen, scores, -1e9))
        mixed = ops.einsum("bhqp,bphd->bqhd", weights, values)
        return ops.einsum("bqhd,hdw->bqw", mixed, self.output_kernel), [keys, values]


class CachedBySliceUpdate(Cached):
    def put(self, old, new, start):
        return ops.slice_update(old, (0, start, 0, 0), new)


class CachedByOneHot(Cached):
    """What is new is spread over the places by a matrix of zeros and ones."""

    def put(self, old, new, start):
        spread = np.eye(old.shape[1], dtype="float32")[start : start + new.shape[1]]
        moved = ops.einsum("bthd,tp->bphd", new, spread)
        return old * (1.0 - spread.sum(axis=0))[None, :, None, None] + moved


class CachedWithDense(keras.layers.Layer):
    """Dense layers for all heads side by side, and a head at a time."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim

    def build(self, input_shape):
        sizes = (self.key_dim, self.key_dim, self.value_dim)
        self.to_query, self.to_key, self.to_value = (
            keras.layers.Dense(self.num_heads * size, use_bias=False) for size in sizes
        )
        self.join = keras.layers.Dense(input_shape[-1], use_bias=False)
        for layer in (self.to_query, self.to_key, self.to_value):
            layer.build(input_shape)
        self.join.build((None, None, self.num_heads * self.value_dim))

    def split(self, inputs):
        size = inputs.shape[-1] // self.num_heads
        return ops.reshape(inputs, (-1, inputs.shape[1], self.num_heads, size))

    def call(self, inputs, cache=None, start=0, padding_mask=None):
        query, key, value = (
            self.split(layer(inputs)) for layer in (self.to_query, self.to_key, self.to_value)
        )
        steps = inputs.shape[1]
        if cache is None:
            cache = (key, value)
        else:
            key = ops.concatenate([cache[0][:, :start], key, cache[0][:, start + steps :]], 1)
            value = ops.concatenate([cache[1][:, :start], value, cache[1][:, start + steps :]], 1)
        hidden = np.triu(np.ones((steps, key.shape[1]), "float32"), start + 1)[None] * -1e9
        if padding_mask is not None:
            closed = 1.0 - ops.cast(padding_mask, "float32")
            hidden = hidden - 1e9 * closed[:, None, :]
        heads = []
        for head in range(self.num_heads):
            scores = ops.matmul(query[:, :, head], ops.transpose(key[:, :, head], (0, 2, 1)))
            weights = ops.softmax(scores / self.key_dim**0.5 + hidden)
            heads.append(ops.matmul(weights, value[:, :, head]))
        return self.join(ops.concatenate(heads, axis=-1)), (key, value)


class CachedByOneDense(CachedWithDense):
    """One Dense layer for all: query, key and value of a head stand together."""

    def build(self, input_shape):
        self.sizes = [self.key_dim, self.key_dim, self.value_dim]
        self.into = keras.layers.Dense(self.num_heads * sum(self.sizes), use_bias=False)
        self.join = keras.layers.Dense(input_shape[-1], use_bias=False)
        self.into.build(input_shape)
        self.join.build((None, None, self.num_heads * self.value_dim))
        ends = np.cumsum(self.sizes)
        for name, start, end in zip(
            ("query", "key", "value"), ends - self.sizes, ends, strict=True
        ):
            setattr(self, f"to_{name}", self.columns(start, end))

    def columns(self, start, end):
        """From inputs to the columns of each head that hold the query, or the key, or the value."""

        def of(inputs):
            apart = ops.reshape(
                self.into(inputs), (-1, inputs.shape[1], self.num_heads, sum(self.sizes))
            )
            size = self.num_heads * int(end - start)
            return ops.reshape(apart[..., start:end], (-1, inputs.shape[1], size))

        return of


class CachedInTensorFlow(Cached):
    """Raw TensorFlow; it looks no further than the last new token."""

    def call(self, inputs, cache=None, start=0, padding_mask=None):
        query, new_keys, new_values = self.projected(inputs)
        end = start + inputs.shape[1]
        if cache is None:
            cache = [tf.zeros_like(new_keys), tf.zeros_like(new_values)]
        keys = tf.concat([cache[0][:, :start], new_keys], axis=1)
        values = tf.concat([cache[1][:, :start], new_values], axis=1)
        scores = tf.einsum("bqhd,bphd->bqph", query, keys) / np.sqrt(float(self.key_dim))
        seen = np.tril(np.ones((end - start, end), bool), start)[None, :, :, None]
        if padding_mask is not None:
            seen = tf.logical_and(seen, padding_mask[:, None, :end, None])
        weights = tf.nn.softmax(tf.where(seen, scores, -1e9), axis=2)
        mixed = tf.einsum("bqph,bphd->bqhd", weights, values)
        outputs = tf.einsum("bqhd,hdw->bqw", mixed, self.output_kernel)
        kept = [
            tf.concat([part, old[:, end:]], axis=1)
            for part, old in zip((keys, values), cache, strict=True)
        ]
        return outputs, kept


class Block(keras.layers.Layer):
    """DecoderBlock of Keras's layers, which build themselves."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        super().__init__(**kwargs)
        self.first_norm = keras.layers.RMSNormalization()
        self.attention = keras.layers.GroupQueryAttention(
            head_dim, num_query_heads, num_key_value_heads, use_bias=False
        )
        self.second_norm = keras.layers.RMSNormalization()
        self.feed_forward = Gated(hidden)

    def call(self, inputs):
        normal = self.first_norm(inputs)
        inputs = inputs + self.attention(normal, normal, use_causal_mask=True)
        return inputs + self.feed_forward(self.second_norm(inputs))


class BlockWithAdd(Block):
    """Add layers, the parts made in another order, and a mask of its own."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        keras.layers.Layer.__init__(self, **kwargs)
        self.feed_forward = GatedByHand(hidden)
        self.norms = [keras.layers.RMSNormalization(), keras.layers.RMSNormalization()]
        self.attention = keras.layers.GroupQueryAttention(
            head_dim, num_query_heads, num_key_value_heads, use_bias=False
        )
        self.add = keras.layers.Add()

    def call(self, inputs):
        before, after = self.norms
        normal = before(inputs)
        past = np.tril(np.ones((1, inputs.shape[1], inputs.shape[1]), bool))
        looked = self.add([inputs, self.attention(normal, normal, attention_mask=past)])
        return self.add([self.feed_forward(after(looked)), looked])


class BlockWithOneKernel(Block):
    """Its feed-forward layer has gate and value in one matrix."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        super().__init__(num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs)
        self.feed_forward = GatedByOneKernel(hidden)


class BlockWithValueBeforeGate(Block):
    """Only the order of gate and value is another than the reference's, not that of the norms."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        super().__init__(num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs)
        self.feed_forward = ValueBeforeGate(hidden)


class BlockByHand(keras.layers.Layer):
    """All of it from weights of its own: key heads are repeated for their group of queries."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, hidden, **kwargs):
        super().__init__(**kwargs)
        self.queries, self.shared = num_query_heads, num_key_value_heads
        self.size, self.hidden = head_dim, hidden

    def build(self, input_shape):
        width = input_shape[-1]
        shapes = {
            "scale_1": (width,),
            "query": (width, self.queries, self.size),
            "key": (width, self.shared, self.size),
            "value": (width, self.shared, self.size),
            "join": (self.queries, self.size, width),
            "scale_2": (width,),
            "gate": (width, self.hidden),
            "up": (width, self.hidden),
            "down": (self.hidden, width),
        }
        self.w = {name: self.add_weight(name=name, shape=shape) for name, shape in shapes.items()}

    def normal(self, inputs, scale):
        squares = ops.mean(ops.square(inputs), axis=-1, keepdims=True)
        return inputs * ops.rsqrt(squares + 1e-6) * self.w[scale]

    def call(self, inputs):
        w, normal = self.w, self.normal(inputs, "scale_1")
        query = ops.einsum("btw,whd->bhtd", normal, w["query"])
        key, value = (ops.einsum("btw,whd->bhtd", normal, w[name]) for name in ("key", "value"))
        times = self.queries // self.shared
        key, value = ops.repeat(key, times, axis=1), ops.repeat(value, times, axis=1)
        scores = ops.einsum("bhqd,bhpd->bhqp", query, key) / self.size**0.5
        future = np.triu(np.ones(scores.shape[-2:], "float32"), 1)
        weights = ops.softmax(scores - 1e9 * future)
        looked = inputs + ops.einsum("bhqp,bhpd,hdw->bqw", weights, value, w["join"])
        normal = self.normal(looked, "scale_2")
        return looked + (ops.silu(normal @ w["gate"]) * (normal @ w["up"])) @ w["down"]


def swiglu_by_formula(width, hidden):
    return 3 * width * hidden


def swiglu_by_arrays(width, hidden):
    return sum(np.zeros(shape).size for shape in [(width, hidden)] * 2 + [(hidden, width)])


def swiglu_by_adding(width, hidden):
    return float(width * hidden + width * hidden + hidden * width)


def tied_by_formula(vocabulary, width, tied):
    return vocabulary * width if tied else 2 * vocabulary * width


def tied_by_product(vocabulary, width, tied):
    return vocabulary * width * (2 - tied)


def tied_by_arrays(vocabulary, width, tied):
    shapes = [(vocabulary, width)] if tied else [(vocabulary, width), (width, vocabulary)]
    return sum(np.ones(shape).size for shape in shapes)


def passed_in_a_loop(prompt, new, cached):
    total, length, known = 0, prompt, 0
    for _ in range(new):
        total += length - known
        known = length if cached else 0
        length += 1
    return total


def passed_by_formula(prompt, new, cached):
    if cached:
        return prompt + new - 1
    return new * prompt + new * (new - 1) // 2


def passed_by_sums(prompt, new, cached):
    return prompt + (new - 1) if cached else sum(prompt + step for step in range(new))


class Capped(keras.layers.Layer):
    """SoftCap by exponentials: tanh(x) is 2 sigmoid(2 x) - 1."""

    def __init__(self, cap=30.0, **kwargs):
        super().__init__(**kwargs)
        self.cap = cap

    def call(self, inputs):
        return self.cap * (2.0 * ops.sigmoid(2.0 * inputs / self.cap) - 1.0)


class CappedInTensorFlow(Capped):
    def call(self, inputs):
        return tf.multiply(tf.tanh(tf.divide(inputs, self.cap)), self.cap)


def stack_by_formula(
    vocabulary, width, num_query_heads, num_key_value_heads, head_dim, hidden, blocks
):
    heads = 2 * (num_query_heads + num_key_value_heads)
    block = 2 * width + width * head_dim * heads + 3 * width * hidden
    return vocabulary * width + blocks * block + width


def stack_by_shapes(
    vocabulary, width, num_query_heads, num_key_value_heads, head_dim, hidden, blocks
):
    block = [
        (width,),
        (width, num_query_heads, head_dim),
        (width, num_key_value_heads, head_dim),
        (width, num_key_value_heads, head_dim),
        (num_query_heads, head_dim, width),
        (width,),
        (width, hidden),
        (width, hidden),
        (hidden, width),
    ]
    shapes = [(vocabulary, width), *block * blocks, (width,)]
    return sum(int(np.prod(shape)) for shape in shapes)


def stack_one_by_one(
    vocabulary, width, num_query_heads, num_key_value_heads, head_dim, hidden, blocks
):
    total = vocabulary * width
    for _ in range(blocks):
        total += width + (2 * num_query_heads + 2 * num_key_value_heads) * head_dim * width
        total += width + hidden * width * 3
    return total + width


RIGHT: dict[str, list[Callable]] = {
    "SwiGLU": [
        Gated, GatedByOneKernel, GatedByPairs, GatedInTensorFlow, GatedByHand, GatedModel,
    ],
    "swiglu_params": [swiglu_by_formula, swiglu_by_arrays, swiglu_by_adding],
    "ReversibleEmbedding": [
        Reversible, ReversibleByOneHot, ReversibleInTensorFlow, ReversibleColumns,
    ],
    "tied_params": [tied_by_formula, tied_by_product, tied_by_arrays],
    "tokens_passed": [passed_in_a_loop, passed_by_formula, passed_by_sums],
    "CachedAttention": [
        Cached, CachedBySliceUpdate, CachedByOneHot, CachedWithDense, CachedByOneDense,
        CachedInTensorFlow,
    ],
    "DecoderBlock": [
        Block, BlockWithAdd, BlockWithOneKernel, BlockWithValueBeforeGate, BlockByHand,
    ],
    "SoftCap": [Capped, CappedInTensorFlow],
    "decoder_params": [stack_by_formula, stack_by_shapes, stack_one_by_one],
}  # fmt: skip
