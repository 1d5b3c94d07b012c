"""Right answers to the exercises of unit 04, each written in another way."""

from __future__ import annotations

import bisect
import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Compares(keras.layers.Layer):
    """The textbook way: between two neighbouring edges."""

    def __init__(self, boundaries, **kwargs):
        super().__init__(**kwargs)
        self.boundaries = boundaries

    def call(self, inputs):
        numbers = ops.reshape(inputs, (-1, 1))
        lower, upper = [-np.inf, *self.boundaries], [*self.boundaries, np.inf]
        return ops.cast(ops.logical_and(numbers >= lower, numbers < upper), "float32")


class Searches(keras.layers.Layer):
    """Finds the number of the bucket, then its row; a NumPy array among the attributes."""

    def __init__(self, boundaries):
        super().__init__()
        self.edges = np.array(boundaries, dtype="float32")

    def call(self, inputs):
        places = ops.searchsorted(self.edges, ops.reshape(inputs, (-1,)), side="right")
        return ops.one_hot(places, len(self.edges) + 1)


class Differences(keras.layers.Layer):
    """Passed this edge, but not the next one."""

    def __init__(self, boundaries, **kwargs):
        super().__init__(**kwargs)
        self.boundaries = tf.constant(boundaries)

    @tf.function
    def call(self, inputs):
        flat = tf.reshape(inputs, [-1])
        passed = tf.cast(flat[:, None] >= self.boundaries[None, :], tf.float32)
        passed = tf.pad(tf.pad(passed, [[0, 0], [1, 0]], constant_values=1.0), [[0, 0], [0, 1]])
        return passed[:, :-1] - passed[:, 1:]


class BucketByBucket(keras.layers.Layer):
    """A Python loop; a column for each bucket."""

    def __init__(self, boundaries, **kwargs):
        super().__init__(**kwargs)
        self.boundaries = list(boundaries)

    def call(self, inputs):
        if len(inputs.shape) == 1:
            inputs = inputs[:, None]
        columns = [inputs < self.boundaries[0]]
        for low, high in zip(self.boundaries, self.boundaries[1:], strict=False):
            columns.append(ops.logical_and(low <= inputs, inputs < high))
        columns.append(inputs >= self.boundaries[-1])
        return ops.concatenate([ops.cast(column, "float32") for column in columns], axis=1)


class Equals(keras.layers.Layer):
    """The textbook way: each word against each word of the vocabulary."""

    def __init__(self, vocabulary, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary = vocabulary

    def call(self, inputs):
        words = tf.reshape(inputs, (-1, 1))
        return tf.cast(words == list(self.vocabulary), "float32")


class LooksUp(keras.layers.Layer):
    """A hash table of TensorFlow's; one_hot(-1) is a row of zeros."""

    def __init__(self, vocabulary):
        super().__init__()
        self.depth = len(vocabulary)
        keys = tf.constant(vocabulary)
        self.keys = keys if keys.dtype == tf.string else tf.cast(keys, tf.int64)
        entries = tf.lookup.KeyValueTensorInitializer(self.keys, tf.range(self.depth))
        self.table = tf.lookup.StaticHashTable(entries, default_value=-1)

    def call(self, inputs):
        words = tf.reshape(inputs, [-1])
        if words.dtype != tf.string:
            words = tf.cast(words, tf.int64)
        return tf.one_hot(self.table.lookup(words), self.depth)


class WordByWord(keras.layers.Layer):
    """A Python loop over the vocabulary; a column for each word."""

    def __init__(self, vocabulary, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary = list(vocabulary)

    def call(self, inputs):
        columns = [tf.equal(tf.reshape(inputs, [-1]), word) for word in self.vocabulary]
        return ops.stack([ops.cast(column, "float32") for column in columns], axis=-1)


class BySearching(keras.layers.Layer):
    """Sorts the vocabulary, finds each word's place, and undoes the sorting."""

    def __init__(self, vocabulary, **kwargs):
        super().__init__(**kwargs)
        self.vocabulary = tuple(vocabulary)

    def call(self, inputs):
        same = tf.map_fn(self.row, tf.reshape(inputs, (-1,)), fn_output_signature="float32")
        return tf.ensure_shape(same, (None, len(self.vocabulary)))

    def row(self, word):
        return tf.where(tf.constant(self.vocabulary, word.dtype) == word, 1.0, 0.0)


def column_name(column):
    """The name that DenseFeatures gives to a column."""
    match column:
        case ("numeric", feature, _, _):
            return feature
        case ("bucketized", feature, _):
            return feature + "_bucketized"
        case ("one_hot", feature, _):
            return feature + "_indicator"
        case ("embedding", feature, _, _):
            return feature + "_embedding"
        case ("crossed", features, _):
            return "_X_".join(sorted(features)) + "_indicator"


class InOneLayer(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, columns, **kwargs):
        super().__init__(**kwargs)
        self.columns = sorted(columns, key=column_name)
        self.encoders = [self.encoder(column) for column in self.columns]

    def encoder(self, column):
        match column:
            case ("numeric", _, mean, deviation):
                return lambda numbers: (ops.reshape(numbers, (-1, 1)) - mean) / deviation
            case ("bucketized", _, boundaries):
                return Compares(boundaries)
            case ("one_hot", _, vocabulary) | ("embedding", _, vocabulary, _):
                return Equals(vocabulary)
            case ("crossed", _, bins):
                return keras.layers.HashedCrossing(bins, output_mode="one_hot")

    def build(self, input_shape):
        self.tables = {
            feature: self.add_weight(name=feature, shape=(len(rest[0]), rest[1]))
            for kind, feature, *rest in self.columns
            if kind == "embedding"
        }

    def call(self, inputs):
        blocks = []
        for (kind, feature, *_), encode in zip(self.columns, self.encoders, strict=True):
            if kind == "crossed":
                blocks.append(encode([inputs[part] for part in feature]))
            elif kind == "embedding":
                blocks.append(ops.matmul(encode(inputs[feature]), self.tables[feature]))
            else:
                blocks.append(encode(inputs[feature]))
        return ops.concatenate(blocks, axis=-1)


class RawTensorFlow(keras.layers.Layer):
    """A method for each kind; rows of the tables are gathered, an unknown word's row is zeros."""

    def __init__(self, columns, **kwargs):
        super().__init__(**kwargs)
        self.columns = columns

    def build(self, input_shape):
        wanted = [column for column in self.columns if column[0] == "embedding"]
        for number, (_, feature, words, dimension) in enumerate(wanted):
            table = self.add_weight(shape=(len(words), dimension), name=f"t{number}")
            setattr(self, f"table_of_{feature}", table)

    @tf.function
    def call(self, inputs):
        flat = {name: tf.reshape(values, [-1]) for name, values in inputs.items()}
        blocks = {column_name(c): getattr(self, f"make_{c[0]}")(flat, *c[1:]) for c in self.columns}
        return tf.concat([blocks[name] for name in sorted(blocks)], axis=1)

    def make_numeric(self, inputs, feature, mean, deviation):
        return tf.expand_dims((tf.cast(inputs[feature], tf.float32) - mean) / deviation, 1)

    def make_bucketized(self, inputs, feature, boundaries):
        places = tf.searchsorted(tf.constant(boundaries), inputs[feature], side="right")
        return tf.one_hot(places, len(boundaries) + 1)

    def places(self, inputs, feature, words):
        same = tf.equal(inputs[feature][:, None], words)
        place = tf.argmax(tf.cast(same, tf.int32), axis=1)
        return tf.where(tf.reduce_any(same, axis=1), place, -1)

    def make_one_hot(self, inputs, feature, words):
        return tf.one_hot(self.places(inputs, feature, words), len(words))

    def make_embedding(self, inputs, feature, words, dimension):
        table = tf.pad(getattr(self, f"table_of_{feature}").value, [[1, 0], [0, 0]])
        return tf.gather(table, self.places(inputs, feature, words) + 1)

    def make_crossed(self, inputs, features, bins):
        bin_of = tf.sparse.cross_hashed([inputs[name][:, None] for name in features], bins)
        return tf.one_hot(tf.reshape(tf.sparse.to_dense(bin_of), [-1]), bins)


class ReadyMadeParts(keras.layers.Layer):
    """Keras's own preprocessing layers; a Dense without a bias holds the table."""

    def __init__(self, columns, **kwargs):
        super().__init__(**kwargs)
        self.columns = list(columns)
        self.parts = {column_name(column): self.part(*column) for column in columns}

    def part(self, kind, feature, *rest):
        if kind == "numeric":
            mean, deviation = rest
            return [keras.layers.Rescaling(1 / deviation, -mean / deviation)]
        if kind == "bucketized":
            return [keras.layers.Discretization(rest[0], output_mode="one_hot")]
        if kind == "crossed":
            return [keras.layers.HashedCrossing(rest[0], output_mode="one_hot")]
        words, *dimension = rest
        lookup = keras.layers.StringLookup if isinstance(words[0], str) else self.whole_numbers
        tables = [keras.layers.Dense(size, use_bias=False) for size in dimension]
        one_hot = functools.partial(ops.one_hot, num_classes=len(words))
        return [lookup(vocabulary=words), lambda place: place - 1, one_hot, *tables]

    def whole_numbers(self, vocabulary):
        return keras.layers.IntegerLookup(vocabulary=vocabulary)

    def call(self, inputs):
        blocks = {}
        for column in self.columns:
            name, feature = column_name(column), column[1]
            wanted = [feature] if isinstance(feature, str) else feature
            values = [tf.reshape(inputs[one], (-1, 1)) for one in wanted]
            block = values if len(values) > 1 else values[0]
            for step in self.parts[name]:
                block = step(block)
            blocks[name] = tf.reshape(block, (-1, block.shape[-1]))
        return ops.concatenate([block for _, block in sorted(blocks.items())], axis=-1)


class Table(keras.layers.Layer):
    """A sum over the words instead of a product; the table is named after something else."""

    def __init__(self, words, dimension):
        super().__init__()
        self.words, self.dimension = words, dimension

    def build(self, input_shape):
        self.rows = self.add_weight(name="bias", shape=(len(self.words), self.dimension))

    def call(self, inputs):
        words = tf.reshape(inputs, (-1, 1))
        terms = [
            tf.cast(words == word, "float32") * row
            for word, row in zip(self.words, tf.unstack(self.rows), strict=True)
        ]
        return sum(terms)


class Pipeline(keras.layers.Layer):
    """Pairs of a name and a function, sorted one by one while they are made."""

    def __init__(self, stages, **kwargs):
        super().__init__(**kwargs)
        self.stages = stages
        self.names, self.steps, self.tables = [], [], []
        for stage in stages:
            place = bisect.bisect(self.names, column_name(stage))
            self.names.insert(place, column_name(stage))
            self.steps = [*self.steps[:place], self.step(*stage), *self.steps[place:]]

    def step(self, kind, feature, *rest):
        if kind == "embedding":
            table = Table(*rest)
            self.tables.append(table)  # Keras looks into lists, but not into functions
            return lambda inputs: table(inputs[feature])
        if kind == "numeric":
            mean, deviation = rest
            return lambda inputs: (tf.reshape(inputs[feature], (-1, 1)) - mean) * (1 / deviation)
        if kind == "crossed":
            crossing = keras.layers.HashedCrossing(*rest, output_mode="one_hot")
            return lambda inputs: crossing(tuple(inputs[part] for part in feature))
        layer = BucketByBucket(*rest) if kind == "bucketized" else WordByWord(*rest)
        return lambda inputs: layer(inputs[feature])

    def call(self, inputs):
        return tf.concat([step(inputs) for step in self.steps], -1)


def adapted(columns):
    """A factory function; the class calls its argument otherwise."""
    return Pipeline(stages=columns)


def width_by_kind(columns):
    """The textbook way."""
    total = 0
    for column in columns:
        match column:
            case ("numeric", _, _, _):
                total += 1
            case ("bucketized", _, boundaries):
                total += len(boundaries) + 1
            case ("one_hot", _, vocabulary):
                total += len(vocabulary)
            case ("embedding", _, _, dimension):
                total += dimension
            case ("crossed", _, bins):
                total += bins
    return total


def width_by_table(columns):
    """A table of functions; the answer is a NumPy number."""
    widths = {
        "numeric": lambda mean, deviation: 1,
        "bucketized": lambda boundaries: 1 + len(boundaries),
        "one_hot": len,
        "embedding": lambda vocabulary, dimension: dimension,
        "crossed": lambda bins: bins,
    }
    return np.sum([widths[kind](*rest) for kind, _, *rest in columns])


def width_by_trying(columns):
    """Builds the layer and asks it."""
    features = {}
    for kind, feature, *rest in columns:
        if kind == "crossed":
            features |= {name: np.array(["a"]) for name in feature}
        elif kind in ("numeric", "bucketized"):
            features[feature] = np.zeros(1, "float32")
        else:
            features[feature] = np.array(rest[0][:1])
    return InOneLayer(columns)(features).shape[-1]


def width_and_eats(columns):
    """Takes the list apart: it must be the student's own copy."""
    total = 0
    while columns:
        kind, _, *rest = columns.pop()
        if kind == "numeric":
            total += 1
        elif kind in ("embedding", "crossed"):
            total += rest[-1]
        else:
            total += len(rest[0]) + (kind == "bucketized")
    return total


def order_by_name(columns):
    """The textbook way."""
    return sorted(column_name(column) for column in columns)


ENDINGS = {
    "numeric": "",
    "bucketized": "_bucketized",
    "one_hot": "_indicator",
    "embedding": "_embedding",
    "crossed": "_indicator",
}


def order_by_table(columns):
    """A table of endings; a tuple instead of a list."""
    names = []
    for kind, feature, *_ in columns:
        start = feature if isinstance(feature, str) else "_X_".join(sorted(feature))
        names.append(start + ENDINGS[kind])
    names.sort()
    return tuple(names)


def order_by_insertion(columns):
    """One name after the other, each in its place."""
    names: list[str] = []
    for column in columns:
        bisect.insort(names, column_name(column))
    return names


def order_in_numpy(columns):
    """NumPy sorts."""
    return np.sort([column_name(column) for column in columns]).tolist()


RIGHT: dict[str, list[Callable]] = {
    "Bucketize": [Compares, Searches, Differences, BucketByBucket],
    "OneHot": [Equals, LooksUp, WordByWord, BySearching],
    "DenseFeatures": [
        InOneLayer,
        RawTensorFlow,
        ReadyMadeParts,
        adapted,
        functools.partial(InOneLayer, name="mine"),
    ],
    "features_width": [width_by_kind, width_by_table, width_by_trying, width_and_eats],
    "features_order": [order_by_name, order_by_table, order_by_insertion, order_in_numpy],
}
