"""Right answers to the exercises of unit 18, a model that writes, each written in another way."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from grader.data import load
from grader.exercises.decoder.swiglu import SwiGLU
from grader.exercises.positions.rotary_embedding import RotaryEmbedding
from grader.exercises.writing.parts import SIGNS, counted, rows_of


class WithDense(keras.layers.Layer):
    """Four Dense layers, and reshapes into heads; groups have an axis of their own."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, **kwargs):
        super().__init__(**kwargs)
        self.heads, self.shared, self.size = num_query_heads, num_key_value_heads, head_dim
        self.q = keras.layers.Dense(num_query_heads * head_dim, use_bias=False)
        self.k = keras.layers.Dense(num_key_value_heads * head_dim, use_bias=False)
        self.v = keras.layers.Dense(num_key_value_heads * head_dim, use_bias=False)
        self.rotary = RotaryEmbedding()

    def build(self, input_shape):
        self.o = keras.layers.Dense(input_shape[-1], use_bias=False)
        for dense in (self.q, self.k, self.v):
            dense.build(input_shape)
        self.o.build((None, None, self.heads * self.size))

    def call(self, inputs, cache=None):
        steps, start = inputs.shape[1], 0 if cache is None else cache[0].shape[1]
        query = ops.reshape(self.q(inputs), (-1, steps, self.heads, self.size))
        key, value = (
            ops.reshape(dense(inputs), (-1, steps, self.shared, self.size))
            for dense in (self.k, self.v)
        )
        query, key = (self.rotary(part, start_index=start) for part in (query, key))
        if cache is not None:
            key, value = (
                ops.concatenate(pair, axis=1) for pair in zip(cache, (key, value), strict=True)
            )
        grouped = ops.reshape(query, (-1, steps, self.shared, self.heads // self.shared, self.size))
        scores = ops.einsum("bqsgd,bksd->bsgqk", grouped, key) / self.size**0.5
        far = np.arange(start + steps)[None] > start + np.arange(steps)[:, None]
        weights = ops.softmax(scores - 1e9 * ops.cast(far, "float32"), axis=-1)
        mixed = ops.einsum("bsgqk,bksd->bqsgd", weights, value)
        return self.o(ops.reshape(mixed, (-1, steps, self.heads * self.size))), [key, value]


class OneMatrix(WithDense):
    """One matrix for query, key and value, in raw TensorFlow; the softmax is written out."""

    def __init__(self, num_query_heads, num_key_value_heads, head_dim, **kwargs):
        keras.layers.Layer.__init__(self, **kwargs)
        self.heads, self.shared, self.size = num_query_heads, num_key_value_heads, head_dim

    def build(self, input_shape):
        width, all_heads = input_shape[-1], self.heads + 2 * self.shared
        self.into = self.add_weight(name="into", shape=(width, all_heads, self.size))
        self.out = self.add_weight(name="out", shape=(self.heads, self.size, width))

    def turned(self, vectors, start):
        half = self.size // 2
        place = tf.cast(start + tf.range(tf.shape(vectors)[1]), "float32")[:, None, None]
        angles = place * tf.constant(10000.0 ** (-np.arange(half) / half), "float32")
        one, other = vectors[..., :half], vectors[..., half:]
        return tf.concat(
            [one * tf.cos(angles) - other * tf.sin(angles),
             other * tf.cos(angles) + one * tf.sin(angles)], -1
        )  # fmt: skip

    def call(self, inputs, cache=None):
        start = 0 if cache is None else cache[0].shape[1]
        everything = tf.einsum("btw,whd->bthd", inputs, tf.convert_to_tensor(self.into))
        query, key, value = tf.split(everything, [self.heads, self.shared, self.shared], axis=2)
        query, key = self.turned(query, start), self.turned(key, start)
        if cache is not None:
            key, value = tf.concat([cache[0], key], 1), tf.concat([cache[1], value], 1)
        keys, values = (tf.repeat(part, self.heads // self.shared, axis=2) for part in (key, value))
        scores = tf.einsum("bqhd,bkhd->bhqk", query, keys) * self.size**-0.5
        rows = start + tf.range(tf.shape(query)[1])
        seen = tf.range(tf.shape(keys)[1])[None] <= rows[:, None]
        scores = tf.where(seen, scores, tf.constant(-1e30))
        powers = tf.exp(scores - tf.reduce_max(scores, -1, keepdims=True))
        shares = powers / tf.reduce_sum(powers, -1, keepdims=True)
        mixed = tf.einsum("bhqk,bkhd->bqhd", shares, values)
        return tf.einsum("bqhd,hdw->bqw", mixed, tf.convert_to_tensor(self.out)), [key, value]


class HeadByHead(OneMatrix):
    """A loop over the heads; each has a query matrix of its own in one weight. A tuple as cache."""

    def build(self, input_shape):
        width = input_shape[-1]
        self.queries = self.add_weight(name="queries", shape=(width, self.heads, self.size))
        self.keys = self.add_weight(name="keys", shape=(width, self.shared, self.size))
        self.values = self.add_weight(name="values", shape=(width, self.shared, self.size))
        self.out = self.add_weight(name="out", shape=(self.heads, self.size, width))

    def call(self, inputs, cache=None):
        start = 0 if cache is None else cache[0].shape[1]
        key, value = (
            ops.stack([ops.matmul(inputs, kernel[:, head]) for head in range(self.shared)], axis=2)
            for kernel in (self.keys, self.values)
        )
        key = self.turned(key, start)
        if cache is not None:
            key, value = (ops.concatenate(p, axis=1) for p in zip(cache, (key, value), strict=True))
        output = 0.0
        seen = np.tri(inputs.shape[1], start + inputs.shape[1], start, dtype=bool)
        for head in range(self.heads):
            query = ops.matmul(inputs, self.queries[:, head])[:, :, None]
            query = self.turned(query, start)[:, :, 0]
            own = head * self.shared // self.heads
            scores = ops.matmul(query, ops.transpose(key[:, :, own], (0, 2, 1)))
            shares = ops.softmax(ops.where(seen, scores / np.sqrt(self.size), -1e9), axis=-1)
            output = output + ops.matmul(ops.matmul(shares, value[:, :, own]), self.out[head])
        return output, (key, value)


class TurnedAsComplex(WithDense):
    """Turns are products of complex numbers; all scores are computed, and the future is -inf."""

    def call(self, inputs, cache=None):
        steps, start = inputs.shape[1], 0 if cache is None else cache[0].shape[1]
        half = self.size // 2
        angles = (start + np.arange(steps))[:, None] * 10000.0 ** (-np.arange(half) / half)
        turn = tf.constant(np.exp(1j * angles).astype("complex64"))[:, None]

        def turned(part):
            pairs = tf.complex(part[..., :half], part[..., half:]) * turn
            return tf.concat([tf.math.real(pairs), tf.math.imag(pairs)], -1)

        query = turned(tf.reshape(self.q(inputs), (-1, steps, self.heads, self.size)))
        key = turned(tf.reshape(self.k(inputs), (-1, steps, self.shared, self.size)))
        value = tf.reshape(self.v(inputs), (-1, steps, self.shared, self.size))
        if cache is not None:
            key, value = tf.concat([cache[0], key], 1), tf.concat([cache[1], value], 1)
        group = self.heads // self.shared
        scores = tf.einsum("bqhd,bkhd->bhqk", query, tf.repeat(key, group, 2)) / self.size**0.5
        future = np.triu(np.full((steps, start + steps), -np.inf, "float32"), start + 1)
        weights = tf.nn.softmax(scores + future)
        mixed = tf.einsum("bhqk,bkhd->bqhd", weights, tf.repeat(value, group, 2))
        return self.o(tf.reshape(mixed, (-1, steps, self.heads * self.size))), [key, value]


class Functional(keras.Model):
    """Its attention is one of those above; a loop over plain lists of layers."""

    attention: type = OneMatrix

    def __init__(
        self, vocabulary, width, num_query_heads, num_key_value_heads, head_dim, hidden, blocks,
        **kwargs,
    ):  # fmt: skip
        super().__init__(**kwargs)
        self.count, self.sizes = blocks, (num_query_heads, num_key_value_heads, head_dim)
        self.table = keras.layers.ReversibleEmbedding(vocabulary, width)
        self.lookers = [self.attention(*self.sizes) for _ in range(blocks)]
        self.feeders = [SwiGLU(hidden) for _ in range(blocks)]
        self.norms = [keras.layers.RMSNormalization() for _ in range(2 * blocks + 1)]

    def proceed(self, tokens, cache=None):
        found, caches = self.everything(tokens, cache or {})
        return found[-1], caches

    def everything(self, tokens, cache):
        stream, found, caches = self.table(tokens), [], {}
        found.append(stream)
        for number in range(self.count):
            normal = self.norms[2 * number](stream)
            looked, caches[number] = self.lookers[number](normal, cache.get(number))
            stream = stream + looked
            found.append(stream)
            stream = stream + self.feeders[number](self.norms[2 * number + 1](stream))
            found.append(stream)
        last = self.norms[-1](stream)
        return [*found, last, self.table(last, reverse=True)], caches

    def stages(self, tokens):
        return self.everything(tokens, {})[0]

    def call(self, tokens):
        return self.everything(tokens, {})[0][-1]

    def load(self, weights):
        self.table.embeddings.assign(weights["embedding"])
        self.norms[-1].scale.assign(weights["normalization"])
        for number in range(self.count):
            of = {name: weights[f"block_{number}.{name}"] for name in NAMES}
            for norm, name in zip(self.norms[2 * number :], ("norm_1", "norm_2"), strict=False):
                norm.scale.assign(of[name])
            self.give(self.lookers[number], of)
            for weight, name in zip(
                self.feeders[number].weights, ("gate", "up", "down"), strict=True
            ):
                weight.assign(of[name])

    def give(self, attention, of):
        """The matrices of the heads."""
        attention.into.assign(np.concatenate([of["query"], of["key"], of["value"]], axis=1))
        attention.out.assign(of["output"])


NAMES = ("norm_1", "query", "key", "value", "output", "norm_2", "gate", "up", "down")


class OfDense(Functional):
    """Heads lie side by side in the matrices."""

    attention = WithDense

    def give(self, attention, of):
        for dense, name in ((attention.q, "query"), (attention.k, "key"), (attention.v, "value")):
            dense.kernel.assign(np.reshape(of[name], dense.kernel.shape))
        attention.o.kernel.assign(np.reshape(of["output"], attention.o.kernel.shape))


class NoCache(keras.layers.Layer):
    """A layer, and no model. It keeps the whole text as its cache, and reads it again."""

    inner: type = OfDense

    def __init__(self, vocabulary, width, *args, **kwargs):
        sizes = ("num_query_heads", "num_key_value_heads", "head_dim", "hidden", "blocks")
        own = {name: kwargs.pop(name) for name in sizes if name in kwargs}
        super().__init__(**kwargs)
        self.model = self.inner(vocabulary, width, *args, **own)

    def call(self, tokens):
        return self.model(tokens)

    def stages(self, tokens):
        return tuple(self.model.stages(tokens))

    def proceed(self, tokens, cache=None):
        text = tokens if cache is None else ops.concatenate([cache, tokens], axis=1)
        return self.model(text)[:, -tokens.shape[1] :], text

    def load(self, weights):
        self.model.load(weights)


class Transposed(Functional):
    """All matrices are stored the other way round, and one weight holds all normalizations."""

    def __init__(
        self, vocabulary, width, num_query_heads, num_key_value_heads, head_dim, hidden, blocks,
        **kwargs,
    ):  # fmt: skip
        keras.Model.__init__(self, **kwargs)
        self.heads, self.shared, self.size = num_query_heads, num_key_value_heads, head_dim
        self.count = blocks
        add = functools.partial(self.add_weight, initializer="normal")
        self.table = add(name="table", shape=(width, vocabulary))
        self.scales = add(name="scales", shape=(2 * blocks + 1, width))
        looking = (num_query_heads + 2 * num_key_value_heads) * head_dim
        self.into = [add(name=f"into_{n}", shape=(looking, width)) for n in range(blocks)]
        out = (width, num_query_heads * head_dim)
        self.out = [add(name=f"out_{n}", shape=out) for n in range(blocks)]
        self.up = [add(name=f"up_{n}", shape=(2 * hidden, width)) for n in range(blocks)]
        self.down = [add(name=f"down_{n}", shape=(width, hidden)) for n in range(blocks)]
        self.turn = RotaryEmbedding()

    def normal(self, stream, number):
        length = ops.sqrt(ops.mean(stream * stream, axis=-1, keepdims=True) + 1e-6)
        return stream / length * self.scales[number]

    def look(self, normal, number, cache):
        steps, start = normal.shape[1], 0 if cache is None else cache[0].shape[1]
        everything = ops.matmul(normal, ops.transpose(self.into[number]))
        heads = ops.reshape(everything, (-1, steps, self.heads + 2 * self.shared, self.size))
        query, key = heads[:, :, : self.heads], heads[:, :, self.heads : -self.shared]
        value = heads[:, :, -self.shared :]
        query, key = self.turn(query, start_index=start), self.turn(key, start_index=start)
        if cache is not None:
            key, value = (ops.concatenate(p, axis=1) for p in zip(cache, (key, value), strict=True))
        group = self.heads // self.shared
        keys, values = ops.repeat(key, group, axis=2), ops.repeat(value, group, axis=2)
        scores = ops.einsum("bqhd,bkhd->bhqk", query, keys) / self.size**0.5
        seen = np.tri(steps, start + steps, start, dtype=bool)
        shares = ops.softmax(ops.where(seen, scores, -1e9), axis=-1)
        mixed = ops.einsum("bhqk,bkhd->bqhd", shares, values)
        flat = ops.reshape(mixed, (-1, steps, self.heads * self.size))
        return ops.matmul(flat, ops.transpose(self.out[number])), (key, value)

    def everything(self, tokens, cache):
        stream = ops.take(ops.transpose(self.table), tokens, axis=0)
        found, caches = [stream], {}
        for number in range(self.count):
            looked, caches[number] = self.look(
                self.normal(stream, 2 * number), number, cache.get(number)
            )
            found.append(stream + looked)
            wide = ops.matmul(
                self.normal(found[-1], 2 * number + 1), ops.transpose(self.up[number])
            )
            gate, up = ops.split(wide, 2, axis=-1)
            passed = gate * ops.sigmoid(gate) * up
            stream = found[-1] + ops.matmul(passed, ops.transpose(self.down[number]))
            found.append(stream)
        last = self.normal(stream, -1)
        return [*found, last, ops.matmul(last, self.table)], caches

    def load(self, weights):
        self.table.assign(weights["embedding"].T)
        blocks = range(self.count)
        norms = [weights[f"block_{n}.norm_{half}"] for n in blocks for half in (1, 2)]
        self.scales.assign([*norms, weights["normalization"]])
        for n in blocks:
            of = {name: weights[f"block_{n}.{name}"] for name in NAMES}
            width = len(of["gate"])
            into = [of[name].reshape(width, -1).T for name in ("query", "key", "value")]
            self.into[n].assign(np.concatenate(into))
            self.out[n].assign(of["output"].reshape(-1, width).T)
            self.up[n].assign(np.concatenate([of["gate"].T, of["up"].T]))
            self.down[n].assign(of["down"].T)


def by_ops(logits, temperature):
    return ops.softmax(ops.divide(logits, temperature))


def by_logarithms(logits, temperature):
    rows = np.asarray(logits, "float64") / temperature
    return np.exp(rows - np.logaddexp.reduce(rows))


def as_a_list(logits, temperature):
    largest = max(logits)
    parts = [float(np.exp((logit - largest) / temperature)) for logit in logits]
    return [part / sum(parts) for part in parts]


def by_power(logits, temperature):
    """Probabilities to the power of 1 / temperature, brought to the sum 1 again."""
    logs = np.log(np.maximum(by_logarithms(logits, 1.0), 1e-300)) / temperature
    return np.exp(logs) / np.exp(logs).sum()


def k_by_masking(logits, k):
    kth = sorted(logits, reverse=True)[min(k, len(logits)) - 1]
    return ops.softmax(ops.where(logits >= kth, logits, -1e9))


def k_by_chances(logits, k):
    probabilities = by_logarithms(logits, 1.0)
    probabilities[logits < np.partition(logits, -min(k, len(logits)))[-min(k, len(logits))]] = 0
    return probabilities / probabilities.sum()


def k_by_counting(logits, k):
    """A sign stays if fewer than k are larger."""
    larger = (logits[None] > logits[:, None]).sum(axis=1)
    probabilities = np.where(larger < k, by_logarithms(logits, 1.0), 0)
    return probabilities / probabilities.sum()


def p_by_larger(logits, p):
    """A sign stays if those larger than itself have a sum below p."""
    probabilities = by_logarithms(logits, 1.0)
    larger = np.where(probabilities[None] > probabilities[:, None], probabilities[None], 0).sum(
        axis=1
    )
    left = np.where(larger < p, probabilities, 0)
    return left / left.sum()


def p_by_loop(logits, p):
    probabilities, total, left = by_logarithms(logits, 1.0), 0.0, np.zeros(len(logits))
    for sign in sorted(range(len(logits)), key=lambda sign: -logits[sign]):
        if total >= p:
            break
        left[sign] = probabilities[sign]
        total += probabilities[sign]
    return left / total


def p_by_ops(logits, p):
    values, _ = ops.top_k(ops.convert_to_tensor(logits), len(logits))
    sums = ops.cumsum(ops.softmax(values))
    count = int(ops.sum(ops.cast(sums < p, "int32"))) + 1
    least = float(values[min(count, len(logits)) - 1])
    return ops.softmax(ops.where(logits >= least, logits, -1e9))


def first_then_loop(model, prompt, most, choose):
    logits, cache = model.proceed(ops.convert_to_tensor([prompt]), None)
    new = [choose(logits[0, -1])]
    while new[-1] != 0 and len(new) < most:
        logits, cache = model.proceed(ops.convert_to_tensor([[new[-1]]]), cache)
        new.append(choose(logits[0, -1]))
    return new


def prompt_token_by_token(model, prompt, most, choose):
    cache = None
    for token in prompt:
        logits, cache = model.proceed([[token]], cache)
    new = []
    for _ in range(most):
        token = choose(np.asarray(logits)[0, -1])
        new.append(np.int64(token))
        if token == 0:
            break
        logits, cache = model.proceed(np.array([[token]]), cache)  # the last one too
    return new


def recursive(model, prompt, most, choose, cache=None):
    if most == 0:
        return []
    logits, cache = model.proceed(tf.constant([list(prompt)]), cache)
    token = int(choose(logits.numpy()[0, -1]))
    return [token] if token == 0 else [token, *recursive(model, [token], most - 1, choose, cache)]


def as_an_array(model, prompt, most, choose):
    return np.array(first_then_loop(model, prompt, most, choose))


class Counts(keras.layers.Layer):
    """No decoder: probabilities after the last two signs and after one, counted and mixed."""

    back = 2

    def build(self, shape):
        tables = self.tables()
        self.known = [self.add_weight(name=f"t{n}", shape=t.shape) for n, t in enumerate(tables)]
        for weight, table in zip(self.known, tables, strict=True):
            weight.assign(table)

    def tables(self):
        rows = rows_of(np.concatenate([load("more_names")["last"], load("names")["last"]]))
        taken, found = counted(rows) > 0, []
        for back in range(1, self.back + 1):
            table = np.full((27**back, 27), 0.02)
            np.add.at(table, (key(rows[:, :-1], back)[taken], rows[:, 1:][taken]), 1)
            found.append(table / table.sum(axis=1, keepdims=True))
        return found

    def shares(self):
        return (0.12, 0.88)

    def call(self, inputs):
        mixed = 0.0
        for back, (share, known) in enumerate(zip(self.shares(), self.known, strict=True)):
            rows = ops.take(known, key(inputs, back + 1), axis=0)
            mixed = mixed + share * rows
        return ops.log(mixed)


def key(numbers, back):
    """The last signs at each place as one number; before the beginning there are ends."""
    numbers, found = ops.cast(numbers, "int32"), 0
    for step in range(back):
        found = found + ops.pad(numbers, ((0, 0), (step, 0)))[:, : numbers.shape[1]] * 27**step
    return ops.convert_to_numpy(found) if isinstance(numbers, np.ndarray) else found


class MoreCounts(Counts):
    """Three signs back; logits that are shifted: softmax does not see that."""

    back = 3

    def shares(self):
        return (0.05, 0.3, 0.65)

    def call(self, inputs):
        return super().call(inputs) + 7.5


def recurrent():
    """A GRU with weights of its own, trained in a few seconds on a part of the names."""
    keras.utils.set_random_seed(0)
    rows = rows_of(load("more_names")["last"])
    model = keras.Sequential(
        [
            keras.Input((14,), dtype="int32"),
            keras.layers.Embedding(len(SIGNS), 24),
            OwnGRU(64),
            keras.layers.Dense(len(SIGNS)),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss=loss, jit_compile=False)
    model.fit(
        rows[:, :-1], rows[:, 1:], sample_weight=counted(rows), batch_size=100, epochs=2, verbose=0
    )
    return model


class OwnGRU(keras.layers.Layer):
    """A recurrent layer of one's own: no attention at all."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, shape):
        wide = 3 * self.units
        self.kernel = self.add_weight(name="kernel", shape=(shape[-1], wide))
        self.back = self.add_weight(name="back", shape=(self.units, wide), initializer="orthogonal")
        self.bias = self.add_weight(name="bias", shape=(wide,), initializer="zeros")

    def call(self, inputs):
        state, outputs = ops.zeros_like(inputs[:, 0, :1]) + ops.zeros((1, self.units)), []
        for step in range(inputs.shape[1]):
            came = ops.matmul(inputs[:, step], self.kernel) + self.bias
            update, reset, new = ops.split(came, 3, axis=-1)
            z, r, n = ops.split(ops.matmul(state, self.back), 3, axis=-1)
            keep = ops.sigmoid(update + z)
            state = keep * state + (1 - keep) * ops.tanh(new + ops.sigmoid(reset + r) * n)
            outputs.append(state)
        return ops.stack(outputs, axis=1)


@functools.cache
def _recurrent():
    return recurrent()


RIGHT: dict[str, list[Callable]] = {
    "RotaryAttention": [WithDense, OneMatrix, HeadByHead, TurnedAsComplex],
    "Decoder": [Functional, OfDense, NoCache, Transposed],
    "temperature": [by_ops, by_logarithms, as_a_list, by_power],
    "top_k": [k_by_masking, k_by_chances, k_by_counting],
    "top_p": [p_by_larger, p_by_loop, p_by_ops],
    "generate": [first_then_loop, prompt_token_by_token, recursive, as_an_array],
    "name_writer": [Counts, MoreCounts, _recurrent],
}
