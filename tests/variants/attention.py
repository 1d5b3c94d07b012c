"""Right answers to the exercises on attention, each written in another way."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Attend(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, use_scale=False, **kwargs):
        super().__init__(**kwargs)
        self.use_scale = use_scale

    def build(self, input_shape):
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(), initializer="ones")

    def score(self, query, key):
        scores = ops.matmul(query, ops.transpose(key, (0, 2, 1)))
        return scores * self.scale if self.use_scale else scores

    def call(self, inputs, mask=None, use_causal_mask=False, return_attention_scores=False):
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) == 3 else value
        scores = self.score(query, key)
        if mask is not None and mask[1] is not None:
            scores = ops.where(mask[1][:, None, :], scores, -1e9)
        if use_causal_mask:
            past = ops.arange(query.shape[1])[:, None] >= ops.arange(value.shape[1])
            scores = ops.where(past, scores, -1e9)
        weights = ops.softmax(scores, axis=-1)
        output = ops.matmul(weights, value)
        if mask is not None and mask[0] is not None:
            output = ops.where(mask[0][..., None], output, 0)
        return (output, weights) if return_attention_scores else output


class AttendInTensorFlow(Attend):
    """Raw TensorFlow; masks are a large number that is taken away, and factors."""

    def build(self, input_shape):
        self.factor = self.add_weight(shape=()) if self.use_scale else 1.0

    def score(self, query, key):
        return tf.einsum("bqd,bkd->bqk", query * self.factor, key)

    def call(self, inputs, mask=None, use_causal_mask=False, return_attention_scores=False):
        query, value, key = inputs[0], inputs[1], inputs[-1]
        query_mask, value_mask = (mask or [None, None])[:2]
        scores = self.score(query, key)
        free = tf.ones_like(scores, "bool")
        if use_causal_mask:
            free = tf.linalg.band_part(free, -1, 0)
        if value_mask is not None:
            free = free & value_mask[:, tf.newaxis, :]
        scores += tf.where(free, 0.0, -1e9)
        weights = tf.nn.softmax(scores)
        output = tf.einsum("bqk,bkv->bqv", weights, value)
        if query_mask is not None:
            output *= tf.cast(query_mask[..., tf.newaxis], output.dtype)
        return [output, weights] if return_attention_scores else output


class AttendByHand(Attend):
    """Softmax as powers over their sum, masked before the sum; queries one by one."""

    def call(self, inputs, mask=None, use_causal_mask=False, return_attention_scores=False):
        query, value, *rest = inputs
        key = rest[0] if rest else value
        rows = []
        for place in range(query.shape[1]):
            score = self.score(query[:, place : place + 1], key)[:, 0]
            powers = ops.exp(score - ops.max(score, axis=-1, keepdims=True))
            if mask is not None and mask[1] is not None:
                powers = powers * ops.cast(mask[1], powers.dtype)
            if use_causal_mask:
                powers = powers * (np.arange(value.shape[1]) <= place).astype("float32")
            rows.append(powers / ops.maximum(ops.sum(powers, axis=-1, keepdims=True), 1e-30))
        weights = ops.stack(rows, axis=1)
        output = ops.sum(weights[..., None] * value[:, None], axis=2)
        if mask is not None and mask[0] is not None:
            output = output * ops.cast(mask[0], output.dtype)[..., None]
        return (output, weights) if return_attention_scores else output


class AttendTransposed(Attend):
    """Everything the other way round: places first, softmax over the axis of the places."""

    def call(self, inputs, mask=None, use_causal_mask=False, return_attention_scores=False):
        query, value, key = inputs[0], inputs[1], inputs[-1]
        scores = ops.swapaxes(self.score(query, key), 1, 2)
        if use_causal_mask:
            later = np.tril(np.ones(scores.shape[1:], "float32"), -1)
            scores = scores - 1e9 * later
        if mask and mask[1] is not None:
            scores = scores - 1e9 * ops.cast(~mask[1], "float32")[:, :, None]
        weights = ops.swapaxes(keras.activations.softmax(scores, axis=1), 1, 2)
        output = ops.einsum("bqp,bpd->bqd", weights, value)
        if mask and mask[0] is not None:
            output = ops.where(ops.expand_dims(mask[0], -1), output, ops.zeros_like(output))
        return (output, weights) if return_attention_scores else output


def additive(base: type) -> type:
    """The same with added queries and keys."""

    class Additive(base):
        def __init__(self, use_scale=True, **kwargs):
            super().__init__(use_scale, **kwargs)

        def build(self, input_shape):
            if self.use_scale:
                self.weight = self.add_weight(name="scale", shape=(input_shape[0][-1],))

        def score(self, query, key):
            bent = ops.tanh(ops.expand_dims(query, 2) + ops.expand_dims(key, 1))
            return ops.sum(bent * self.weight if self.use_scale else bent, axis=-1)

    Additive.__name__ = f"Additive{base.__name__}"
    return Additive


class AdditiveByProduct(additive(Attend)):
    """A matrix product with the scale, as a column."""

    def build(self, input_shape):
        if self.use_scale:
            self.column = self.add_weight(shape=(input_shape[0][-1],))

    def score(self, query, key):
        bent = keras.activations.tanh(query[:, :, None, :] + key[:, None, :, :])
        if not self.use_scale:
            return ops.sum(bent, axis=-1)
        return ops.einsum("bqkd,d->bqk", bent, self.column)


class Heads(keras.layers.Layer):
    """Einsum throughout."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim

    def build(self, query_shape, value_shape, key_shape=None):
        h, width = self.num_heads, query_shape[-1]
        key_shape = key_shape or value_shape
        self.query_kernel = self.add_weight(name="query", shape=(width, h, self.key_dim))
        self.query_bias = self.add_weight(name="query_bias", shape=(h, self.key_dim))
        self.key_kernel = self.add_weight(name="key", shape=(key_shape[-1], h, self.key_dim))
        self.key_bias = self.add_weight(name="key_bias", shape=(h, self.key_dim))
        self.value_kernel = self.add_weight(name="val", shape=(value_shape[-1], h, self.value_dim))
        self.value_bias = self.add_weight(name="value_bias", shape=(h, self.value_dim))
        self.output_kernel = self.add_weight(name="out", shape=(h, self.value_dim, width))
        self.output_bias = self.add_weight(name="output_bias", shape=(width,))

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        key = value if key is None else key
        q = ops.einsum("bqw,whd->bhqd", query, self.query_kernel) + self.query_bias[:, None]
        k = ops.einsum("bpw,whd->bhpd", key, self.key_kernel) + self.key_bias[:, None]
        v = ops.einsum("bpw,whd->bhpd", value, self.value_kernel) + self.value_bias[:, None]
        scores = ops.einsum("bhqd,bhpd->bhqp", q, k) / self.key_dim**0.5
        if attention_mask is not None:
            scores = ops.where(attention_mask[:, None], scores, -1e9)
        if use_causal_mask:
            past = ops.arange(query.shape[1])[:, None] >= ops.arange(value.shape[1])
            scores = ops.where(past, scores, -1e9)
        mixed = ops.einsum("bhqp,bhpd->bqhd", ops.softmax(scores, axis=-1), v)
        return ops.einsum("bqhd,hdw->bqw", mixed, self.output_kernel) + self.output_bias


class HeadsInTensorFlow(Heads):
    """Raw TensorFlow, with minus a billion, and queries that are scaled beforehand."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        key = value if key is None else key
        q = tf.tensordot(query, self.query_kernel, 1) + self.query_bias
        k = tf.tensordot(key, self.key_kernel, 1) + self.key_bias
        v = tf.tensordot(value, self.value_kernel, 1) + self.value_bias
        scores = tf.einsum("bqhd,bphd->bhqp", q * self.key_dim**-0.5, k)
        free = tf.ones_like(scores, "bool")
        if use_causal_mask:
            free = tf.linalg.band_part(free, -1, 0)
        if attention_mask is not None:
            free &= attention_mask[:, tf.newaxis]
        weights = tf.nn.softmax(tf.where(free, scores, -1e9))
        mixed = tf.einsum("bhqp,bphd->bqhd", weights, v)
        return tf.tensordot(mixed, self.output_kernel, 2) + self.output_bias


class HeadByHead(Heads):
    """A loop over the heads, whose answers are added up."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        key = value if key is None else key
        total = self.output_bias
        for head in range(self.num_heads):
            q = ops.matmul(query, self.query_kernel[:, head]) + self.query_bias[head]
            k = ops.matmul(key, self.key_kernel[:, head]) + self.key_bias[head]
            v = ops.matmul(value, self.value_kernel[:, head]) + self.value_bias[head]
            scores = ops.matmul(q, ops.transpose(k, (0, 2, 1))) / np.sqrt(self.key_dim)
            if attention_mask is not None:
                scores = scores - 1e9 * (1.0 - ops.cast(attention_mask, "float32"))
            if use_causal_mask:
                scores = scores - 1e9 * np.triu(np.ones(scores.shape[1:], "float32"), 1)
            mixed = ops.matmul(ops.softmax(scores), v)
            total = total + ops.matmul(mixed, self.output_kernel[head])
        return total


class HeadsOfDense(keras.layers.Layer):
    """EinsumDense layers, made in build and in another order."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim

    def build(self, query_shape, value_shape, key_shape=None):
        def project(shape, size):
            layer = keras.layers.EinsumDense(
                "btw,whd->bthd", (None, self.num_heads, size), None, "hd"
            )
            layer.build(shape)
            return layer

        self.to_value = project(value_shape, self.value_dim)
        self.to_query = project(query_shape, self.key_dim)
        self.to_key = project(key_shape or value_shape, self.key_dim)
        self.join = keras.layers.EinsumDense("bthd,hdw->btw", (None, query_shape[-1]), None, "w")
        self.join.build((*query_shape[:2], self.num_heads, self.value_dim))

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q, v = self.to_query(query), self.to_value(value)
        k = self.to_key(value if key is None else key)
        scores = ops.einsum("bqhd,bphd->bqph", q, k) / ops.sqrt(float(self.key_dim))
        if attention_mask is not None:
            scores = ops.where(attention_mask[..., None], scores, -1e9)
        if use_causal_mask:
            past = np.tril(np.ones(scores.shape[1:3], "bool"))
            scores = ops.where(past[None, :, :, None], scores, -1e9)
        weights = ops.softmax(scores, axis=2)
        return self.join(ops.einsum("bqph,bphd->bqhd", weights, v))


class HeadsSideBySide(keras.layers.Layer):
    """Dense layers for all heads at once, and reshapes: the commonest way of all."""

    def __init__(self, num_heads, key_dim, value_dim, **kwargs):
        super().__init__(**kwargs)
        self.num_heads, self.key_dim, self.value_dim = num_heads, key_dim, value_dim

    def build(self, query_shape, value_shape, key_shape=None):
        self.to_query = keras.layers.Dense(self.num_heads * self.key_dim)
        self.to_key = keras.layers.Dense(self.num_heads * self.key_dim)
        self.to_value = keras.layers.Dense(self.num_heads * self.value_dim)
        self.join = keras.layers.Dense(query_shape[-1])
        self.to_query.build(query_shape)
        self.to_key.build(key_shape or value_shape)
        self.to_value.build(value_shape)
        self.join.build((None, None, self.num_heads * self.value_dim))

    def apart(self, inputs):
        """From (batch, places, heads * size) to (batch, heads, places, size)."""
        size = inputs.shape[-1] // self.num_heads
        split = ops.reshape(inputs, (-1, inputs.shape[1], self.num_heads, size))
        return ops.transpose(split, (0, 2, 1, 3))

    def together(self, mixed):
        turned = ops.transpose(mixed, (0, 2, 1, 3))
        return ops.reshape(turned, (-1, turned.shape[1], self.num_heads * self.value_dim))

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q, v = self.apart(self.to_query(query)), self.apart(self.to_value(value))
        k = self.apart(self.to_key(value if key is None else key))
        scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / self.key_dim**0.5
        if attention_mask is not None:
            scores = ops.where(attention_mask[:, None], scores, -1e9)
        if use_causal_mask:
            past = np.tril(np.ones(scores.shape[2:], "bool"))
            scores = ops.where(past, scores, -1e9)
        return self.join(self.together(ops.matmul(ops.softmax(scores, axis=-1), v)))


class JoinMadeFirst(HeadsSideBySide):
    """The layers made from the last one to the first. Where lengths are 1, they look alike."""

    def build(self, query_shape, value_shape, key_shape=None):
        self.join = keras.layers.Dense(query_shape[-1])
        self.join.build((None, None, self.num_heads * self.value_dim))
        self.to_value = keras.layers.Dense(self.num_heads * self.value_dim)
        self.to_key = keras.layers.Dense(self.num_heads * self.key_dim)
        self.to_query = keras.layers.Dense(self.num_heads * self.key_dim)
        self.to_value.build(value_shape)
        self.to_key.build(key_shape or value_shape)
        self.to_query.build(query_shape)


class HeadsLast(HeadsSideBySide):
    """The same, with the head as the inner of the two axes."""

    def apart(self, inputs):
        size = inputs.shape[-1] // self.num_heads
        split = ops.reshape(inputs, (-1, inputs.shape[1], size, self.num_heads))
        return ops.transpose(split, (0, 3, 1, 2))

    def together(self, mixed):
        turned = ops.transpose(mixed, (0, 2, 3, 1))
        return ops.reshape(turned, (-1, turned.shape[1], self.num_heads * self.value_dim))


class HeadsInLists(HeadsSideBySide):
    """A Dense layer for each head, three times, in lists."""

    def build(self, query_shape, value_shape, key_shape=None):
        def project(shape, size):
            layers = [keras.layers.Dense(size) for _ in range(self.num_heads)]
            for layer in layers:
                layer.build(shape)
            return layers

        self.queries = project(query_shape, self.key_dim)
        self.keys = project(key_shape or value_shape, self.key_dim)
        self.values = project(value_shape, self.value_dim)
        self.join = keras.layers.Dense(query_shape[-1])
        self.join.build((None, None, self.num_heads * self.value_dim))

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        key, mixed = (value if key is None else key), []
        for to_query, to_key, to_value in zip(self.queries, self.keys, self.values, strict=True):
            scores = ops.einsum("bqd,bpd->bqp", to_query(query), to_key(key)) / self.key_dim**0.5
            if attention_mask is not None:
                scores = ops.where(attention_mask, scores, -1e9)
            if use_causal_mask:
                scores = ops.where(np.tril(np.ones(scores.shape[1:], "bool")), scores, -1e9)
            mixed.append(ops.matmul(ops.softmax(scores, axis=-1), to_value(value)))
        return self.join(ops.concatenate(mixed, axis=-1))


def shapes_as_tuples(query_shape, value_shape):
    batch, queries, _ = query_shape
    _, places, width = value_shape
    return [(batch, queries, width), (batch, queries, places)]


def shapes_as_lists(query_shape, value_shape):
    return [[*query_shape[:2], value_shape[2]], [*query_shape[:2], value_shape[1]]]


def shapes_by_indices(query_shape, value_shape):
    first = tuple(query_shape[:2])
    return (*first, value_shape[-1]), (*first, value_shape[-2])


def scale_or_nothing(dim, use_scale=True):
    return dim if use_scale else 0


def scale_as_array(dim, use_scale=True):
    return np.zeros((dim,) if use_scale else (0,)).size


def scale_as_product(dim, use_scale=True):
    return float(dim) * use_scale


def heads_by_formula(features, num_heads, key_dim):
    inside = num_heads * key_dim
    return 3 * (features * inside + inside) + inside * features + features


def heads_by_arrays(features, num_heads, key_dim):
    into = [(features, num_heads, key_dim), (num_heads, key_dim)] * 3
    out = [(num_heads, key_dim, features), (features,)]
    return sum(int(np.prod(shape)) for shape in into + out)


def heads_one_by_one(features, num_heads, key_dim):
    one = 3 * (features + 1) * key_dim + key_dim * features
    return sum(one for _ in range(num_heads)) + features


RIGHT: dict[str, list[Callable]] = {
    "Attention": [Attend, AttendInTensorFlow, AttendByHand, AttendTransposed],
    "attention_shapes": [shapes_as_tuples, shapes_as_lists, shapes_by_indices],
    "AdditiveAttention": [
        additive(Attend), additive(AttendByHand), additive(AttendTransposed), AdditiveByProduct,
    ],
    "additive_attention_params": [scale_or_nothing, scale_as_array, scale_as_product],
    "MultiHeadAttention": [
        Heads, HeadsInTensorFlow, HeadByHead, HeadsOfDense,
        HeadsSideBySide, JoinMadeFirst, HeadsLast, HeadsInLists,
    ],
    "multi_head_attention_params": [heads_by_formula, heads_by_arrays, heads_one_by_one],
}  # fmt: skip
