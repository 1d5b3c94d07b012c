"""Right answers to the exercises of the unit on saving, each written in another way."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import keras
import tensorflow as tf
from keras import ops

from tests.variants.first_layer import Power, registered, registered_power


def with_arguments(exponent):
    """The textbook way."""
    return keras.layers.Lambda(registered_power, arguments={"exponent": exponent})


@keras.saving.register_keras_serializable(name="any_other_name")
def power(x, by=2, **_):
    """Registered under another name; its argument has one too."""
    return tf.pow(x, by)


def with_other_words(exponent):
    """By the name of its argument."""
    return keras.layers.Lambda(power, arguments={"by": exponent})


@registered
class Raise:
    """A callable object with a config, for Lambda."""

    def __init__(self, exponent):
        self.exponent = exponent

    def __call__(self, inputs):
        return inputs**self.exponent

    def get_config(self):
        return {"exponent": self.exponent}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def with_an_object(exponent):
    """The object knows its exponent."""
    return keras.layers.Lambda(Raise(exponent))


@registered
class PowerLambda(keras.layers.Lambda):
    """A Lambda with a function of its own and a config of its own."""

    def __init__(self, exponent, **kwargs):
        super().__init__(lambda inputs: inputs**exponent, **kwargs)
        self.exponent = exponent

    def get_config(self):
        return {"name": self.name, "exponent": self.exponent}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def by_rule(function, safe_mode=True):
    """The rule in one line."""
    return function == "registered def" or (function == "lambda" and not safe_mode)


def by_table(function, safe_mode=True):
    """All six answers in a table."""
    return {"lambda": (True, False), "def": (False, False), "registered def": (True, True)}[
        function
    ][safe_mode]


def by_cases(function, safe_mode=True):
    """One question after the other; the answers are numbers."""
    if function == "lambda":
        return 0 if safe_mode else 1
    return int("registered" in function)


def with_a_flag(steps):
    """The textbook way."""
    built, states = False, []
    for step in steps:
        built = built or step in ("build", "call", "call on Input")
        states.append(built)
    return states


def accumulated(steps):
    """A running or."""
    return list(itertools.accumulate((s == "build" or s.startswith("call") for s in steps), max))


def counted(steps):
    """As many False as there are steps before the first that builds; a tuple."""
    quiet = {"make", "get_config", "compute_output_shape"}
    waiting = len(list(itertools.takewhile(quiet.__contains__, steps)))
    return (False,) * waiting + (True,) * (len(steps) - waiting)


def asks_a_layer(steps):
    """Does to a layer what the steps say."""
    states = []
    for step in steps:
        match step:
            case "make":
                layer = keras.layers.EinsumDense("bx,xy->by", output_shape=4)
            case "build":
                layer.build((None, 3))
            case "call":
                layer(ops.ones((2, 3)))
            case "call on Input":
                layer(keras.Input((3,)))
            case "compute_output_shape":
                layer.compute_output_shape((None, 3))
        states.append(layer.built)
    return states


@registered
class Textbook(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, units=32, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return self.activation(ops.matmul(inputs, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return super().get_config() | {"units": self.units, "activation": activation}


@registered
class OldChapter(keras.layers.Layer):
    """The seed's own words, with no more changed than must be; its @tf.function does no harm."""

    def __init__(self, units=32, activation=None, **kwargs):
        super(OldChapter, self).__init__(**kwargs)  # noqa: UP008
        self.units = units
        self.activation = tf.keras.activations.get(activation)

    def build(self, input_shape):
        self.w = self.add_weight(
            name="w",
            shape=(input_shape[-1], self.units),
            initializer="random_normal",
            trainable=True,
        )
        self.b = self.add_weight(
            name="b", shape=(self.units,), initializer="random_normal", trainable=True
        )
        super(OldChapter, self).build(input_shape)  # noqa: UP008

    @tf.function
    def call(self, inputs):
        return self.activation(tf.matmul(inputs, self.w) + self.b)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

    def get_config(self):
        config = super(OldChapter, self).get_config()  # noqa: UP008
        config.update({"units": self.units})
        config.update({"activation": tf.keras.activations.serialize(self.activation)})
        return config


class Product(keras.layers.Layer):
    """A product along the last axis, and a bias: the sublayer of the next one."""

    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, keras.activations.get(activation)

    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1], self.units))
        self.b = self.add_weight(name="b", shape=(self.units,))

    def call(self, inputs):
        return self.activation(ops.einsum("...x,xy->...y", inputs, self.w) + self.b)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        own = {"units": self.units, "activation": keras.activations.serialize(self.activation)}
        return super().get_config() | own


@registered
class BuildsItsSublayer(keras.layers.Layer):
    """All the work is a sublayer's, and build builds it."""

    def __init__(self, units=32, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.inner = Product(units, activation)

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, inputs):
        return self.inner(inputs)

    def compute_output_shape(self, input_shape):
        return self.inner.compute_output_shape(input_shape)

    def get_config(self):
        inner = self.inner.get_config()
        own = {"units": inner["units"], "activation": inner["activation"]}
        return super().get_config() | own


@registered
class VariablesOfTheirOwn(Textbook):
    """keras.Variable in attributes, the bias first; one unit after the other."""

    def build(self, input_shape):
        self.bias = keras.Variable("zeros", (self.units,))
        self.kernel = keras.Variable("glorot_uniform", (input_shape[-1], self.units))

    def call(self, inputs):
        columns = [ops.sum(inputs * self.kernel[:, unit], -1) for unit in range(self.units)]
        return self.activation(ops.stack(columns, axis=-1) + self.bias)


@registered
class FromConfig(Textbook):
    """The config as Keras serializes any object, and a from_config that undoes it."""

    def __init__(self, units=32, activation=None, **kwargs):
        super().__init__(units, **kwargs)
        self.bend = keras.activations.get(activation)

    def call(self, inputs):
        return self.bend(ops.dot(inputs, self.kernel) + self.bias)

    def get_config(self):
        bend = keras.saving.serialize_keras_object(self.bend)
        return super().get_config() | {"activation": bend}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        bend = keras.saving.deserialize_keras_object(config.pop("activation"))
        return cls(activation=bend, **config)


@registered
class LooksItUpLate(Textbook):
    """The activation as it was given, looked up at each call; a list for a shape."""

    def __init__(self, units=32, activation=None, **kwargs):
        super().__init__(units, **kwargs)
        self.asked = activation

    def call(self, inputs):
        weighted = ops.einsum("bf,fu->bu", inputs, self.kernel)
        return keras.activations.get(self.asked)(ops.add(weighted, self.bias))

    def compute_output_shape(self, input_shape):
        return [*input_shape[:-1], self.units]

    def get_config(self):
        return super().get_config() | {"activation": self.asked}


@keras.saving.register_keras_serializable("variants", name="affine")
class Affine(keras.layers.Layer):
    """Other argument names, and one more of them: not called as the exercise calls it."""

    def __init__(self, width, bend, scale, **kwargs):
        super().__init__(**kwargs)
        self.width, self.bend, self.scale = width, keras.activations.get(bend), scale

    def build(self, input_shape):
        *_, features = input_shape
        self.offset = self.add_weight(name="kernel", shape=(self.width,))
        self.slope = self.add_weight(name="bias", shape=(features, self.width))

    def call(self, inputs):
        return self.bend(inputs @ (self.slope * self.scale) + self.offset)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.width)

    def get_config(self):
        bend = keras.activations.serialize(self.bend)
        own = {"width": self.width, "bend": bend, "scale": self.scale}
        return super().get_config() | own


def adapted(units=32, activation=None, **kwargs):
    """A factory function around it."""
    return Affine(width=units, bend=activation, scale=1.0, **kwargs)


RIGHT: dict[str, list[Callable]] = {
    "can_load": [by_rule, by_table, by_cases],
    "lasting_power": [with_arguments, with_other_words, Power, with_an_object, PowerLambda],
    "built_after": [with_a_flag, accumulated, counted, asks_a_layer],
    "Linear": [
        Textbook,
        OldChapter,
        BuildsItsSublayer,
        VariablesOfTheirOwn,
        FromConfig,
        LooksItUpLate,
        adapted,
    ],
}
