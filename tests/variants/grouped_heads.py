"""Right answers to the exercises on GroupQueryAttention, each written in another way."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Groups(keras.layers.Layer):
    """Einsum, with an axis for the groups and one for the query heads of a group."""

    def __init__(self, head_dim, num_query_heads, num_key_value_heads, **kwargs):
        super().__init__(**kwargs)
        self.size, self.heads, self.groups = head_dim, num_query_heads, num_key_value_heads

    def build(self, query_shape, value_shape, key_shape=None):
        def kernel(name, width, heads):
            weight = self.add_weight(name=name, shape=(width, heads, self.size))
            return weight, self.add_weight(name=f"{name}_bias", shape=(heads, self.size))

        self.of_query = kernel("query", query_shape[-1], self.heads)
        self.of_key = kernel("key", (key_shape or value_shape)[-1], self.groups)
        self.of_value = kernel("value", value_shape[-1], self.groups)
        self.out = self.add_weight(name="out", shape=(self.heads, self.size, query_shape[-1]))
        self.out_bias = self.add_weight(name="out_bias", shape=(query_shape[-1],))

    def projected(self, query, value, key):
        for inputs, (kernel, bias) in (
            (query, self.of_query),
            (value if key is None else key, self.of_key),
            (value, self.of_value),
        ):
            yield ops.einsum("btw,whd->bthd", inputs, kernel) + bias

    def open(self, query, value, attention_mask, use_causal_mask):
        free = ops.ones((1, query.shape[1], value.shape[1]), "bool")
        if use_causal_mask:
            free = ops.tril(free)
        return free if attention_mask is None else ops.logical_and(free, attention_mask)

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q, k, v = self.projected(query, value, key)
        shape = (-1, query.shape[1], self.groups, self.heads // self.groups, self.size)
        scores = ops.einsum("bqgrd,bkgd->bgrqk", ops.reshape(q, shape), k) / self.size**0.5
        free = self.open(query, value, attention_mask, use_causal_mask)
        weights = ops.softmax(ops.where(free[:, None, None], scores, -1e9), axis=-1)
        mixed = ops.einsum("bgrqk,bkgd->bqgrd", weights, v)
        joined = ops.reshape(mixed, (-1, query.shape[1], self.heads, self.size))
        return ops.einsum("bqhd,hdw->bqw", joined, self.out) + self.out_bias


class GroupsRepeated(Groups):
    """Keys and values repeated until there are as many as query heads."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q, k, v = self.projected(query, value, key)
        k, v = (ops.repeat(part, self.heads // self.groups, axis=2) for part in (k, v))
        scores = ops.einsum("bqhd,bkhd->bhqk", q, k) * self.size**-0.5
        if attention_mask is not None:
            scores = ops.where(attention_mask[:, None], scores, -1e9)
        if use_causal_mask:
            past = ops.arange(query.shape[1])[:, None] >= ops.arange(value.shape[1])
            scores = ops.where(past, scores, -1e9)
        mixed = ops.einsum("bhqk,bkhd->bqhd", ops.softmax(scores, axis=-1), v)
        return ops.einsum("bqhd,hdw->bqw", mixed, self.out) + self.out_bias


class GroupsInTensorFlow(Groups):
    """Raw TensorFlow; the right key head is looked up for each query head."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q, k, v = self.projected(query, value, key)
        which = np.arange(self.heads) // (self.heads // self.groups)
        k, v = (tf.gather(part, which, axis=2) for part in (k, v))
        scores = tf.einsum("bqhd,bkhd->bhqk", q / np.sqrt(self.size), k)
        free = tf.ones_like(scores, "bool")
        if use_causal_mask:
            free = tf.linalg.band_part(free, -1, 0)
        if attention_mask is not None:
            free &= attention_mask[:, tf.newaxis]
        weights = tf.nn.softmax(tf.where(free, scores, -1e9))
        mixed = tf.einsum("bhqk,bkhd->bqhd", weights, v)
        return tf.tensordot(mixed, self.out, 2) + self.out_bias


class HeadAfterHead(Groups):
    """A loop over the query heads."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q, k, v = self.projected(query, value, key)
        free = self.open(query, value, attention_mask, use_causal_mask)
        total = self.out_bias
        for head in range(self.heads):
            group = head * self.groups // self.heads
            scores = ops.matmul(q[:, :, head], ops.swapaxes(k[:, :, group], 1, 2))
            scores = ops.where(free, scores / ops.sqrt(float(self.size)), -1e9)
            total += ops.matmul(ops.matmul(ops.softmax(scores), v[:, :, group]), self.out[head])
        return total


class GroupsOfDense(keras.layers.Layer):
    """Dense layers for all heads at once, made in another order, and reshapes."""

    def __init__(self, head_dim, num_query_heads, num_key_value_heads, **kwargs):
        super().__init__(**kwargs)
        self.head_dim = head_dim
        self.num_query_heads, self.num_key_value_heads = num_query_heads, num_key_value_heads

    def build(self, query_shape, value_shape, key_shape=None):
        self.to_value = keras.layers.Dense(self.num_key_value_heads * self.head_dim)
        self.to_key = keras.layers.Dense(self.num_key_value_heads * self.head_dim)
        self.to_query = keras.layers.Dense(self.num_query_heads * self.head_dim)
        self.join = keras.layers.Dense(query_shape[-1])
        self.to_value.build(value_shape)
        self.to_key.build(key_shape or value_shape)
        self.to_query.build(query_shape)
        self.join.build((None, None, self.num_query_heads * self.head_dim))

    def apart(self, inputs, heads):
        """From (batch, places, heads * size) to (batch, query heads, places, size)."""
        split = ops.reshape(inputs, (-1, inputs.shape[1], heads, self.head_dim))
        turned = ops.transpose(split, (0, 2, 1, 3))
        return ops.repeat(turned, self.num_query_heads // heads, axis=1)

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        q = self.apart(self.to_query(query), self.num_query_heads)
        k = self.apart(self.to_key(value if key is None else key), self.num_key_value_heads)
        v = self.apart(self.to_value(value), self.num_key_value_heads)
        scores = ops.matmul(q, ops.transpose(k, (0, 1, 3, 2))) / self.head_dim**0.5
        if attention_mask is not None:
            scores += -1e9 * (1.0 - ops.cast(attention_mask[:, None], "float32"))
        if use_causal_mask:
            scores += -1e9 * np.triu(np.ones(scores.shape[-2:], "float32"), 1)
        mixed = ops.transpose(ops.matmul(ops.softmax(scores), v), (0, 2, 1, 3))
        wide = self.num_query_heads * self.head_dim
        return self.join(ops.reshape(mixed, (-1, query.shape[1], wide)))


class OutputMadeFirst(GroupsOfDense):
    """The layers made from the last one to the first. Where lengths are 1, they look alike."""

    def build(self, query_shape, value_shape, key_shape=None):
        self.join = keras.layers.Dense(query_shape[-1])
        self.join.build((None, None, self.num_query_heads * self.head_dim))
        self.to_value = keras.layers.Dense(self.num_key_value_heads * self.head_dim)
        self.to_key = keras.layers.Dense(self.num_key_value_heads * self.head_dim)
        self.to_query = keras.layers.Dense(self.num_query_heads * self.head_dim)
        self.to_value.build(value_shape)
        self.to_key.build(key_shape or value_shape)
        self.to_query.build(query_shape)


class OneGroup(keras.layers.Layer):
    """A head of keys and of values, and the query heads that share it: a Dense layer for each."""

    def __init__(self, size, heads):
        super().__init__()
        self.to_key, self.to_value = keras.layers.Dense(size), keras.layers.Dense(size)
        self.to_queries = [keras.layers.Dense(size) for _ in range(heads)]
        self.size = size

    def build(self, query_shape, value_shape, key_shape):
        self.to_key.build(key_shape)
        self.to_value.build(value_shape)
        for layer in self.to_queries:
            layer.build(query_shape)

    def call(self, query, value, key, free):
        keys, values = ops.swapaxes(self.to_key(key), 1, 2), self.to_value(value)
        every = [ops.matmul(layer(query), keys) / self.size**0.5 for layer in self.to_queries]
        return [ops.matmul(ops.softmax(ops.where(free, one, -1e9)), values) for one in every]


class GroupByGroup(Groups):
    """A layer for each group: there are more kernels of queries than of keys."""

    def build(self, query_shape, value_shape, key_shape=None):
        count = self.heads // self.groups
        self.each = [OneGroup(self.size, count) for _ in range(self.groups)]
        for one in self.each:
            one.build(query_shape, value_shape, key_shape or value_shape)
        self.join = keras.layers.Dense(query_shape[-1])
        self.join.build((None, None, self.heads * self.size))

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        free = self.open(query, value, attention_mask, use_causal_mask)
        key = value if key is None else key
        heads = [head for one in self.each for head in one(query, value, key, free)]
        return self.join(ops.concatenate(heads, axis=-1))


def parameters_in_parts(features, head_dim, num_query_heads, num_key_value_heads):
    queries = (features + 1) * num_query_heads * head_dim
    keys_and_values = 2 * (features + 1) * num_key_value_heads * head_dim
    output = num_query_heads * head_dim * features + features
    return queries + keys_and_values + output


def parameters_as_dense(features, head_dim, num_query_heads, num_key_value_heads):
    wide, narrow = num_query_heads * head_dim, num_key_value_heads * head_dim
    widths = ((features, wide), (features, narrow), (features, narrow), (wide, features))
    return sum(inputs * units + units for inputs, units in widths)


def parameters_less_than_heads(features, head_dim, num_query_heads, num_key_value_heads):
    layer = keras.layers.MultiHeadAttention(num_query_heads, head_dim)
    layer.build((None, None, features), (None, None, features))
    spared = 2 * (num_query_heads - num_key_value_heads) * head_dim * (features + 1)
    return layer.count_params() - spared


def kept_product(tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each):
    return 2 * layers * tokens * num_key_value_heads * head_dim * bytes_each


def kept_arrays(tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each):
    kept = np.zeros((2, tokens, num_key_value_heads, head_dim), f"float{8 * bytes_each}")
    return layers * kept.nbytes


def kept_by_layer(tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each):
    width = num_key_value_heads * head_dim
    return sum(bytes_each * tokens * (width + width) for _ in range(layers))


RIGHT: dict[str, list[Callable]] = {
    "GroupQueryAttention": [
        Groups,
        GroupsRepeated,
        GroupsInTensorFlow,
        HeadAfterHead,
        GroupsOfDense,
        OutputMadeFirst,
        GroupByGroup,
    ],
    "group_query_params": [parameters_in_parts, parameters_as_dense, parameters_less_than_heads],
    "cache_bytes": [kept_product, kept_arrays, kept_by_layer],
}
