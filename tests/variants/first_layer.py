"""Right answers to the exercises of the first unit, each written in another way."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import tensorflow as tf
from keras import ops

registered = keras.saving.register_keras_serializable("variants")


def starred(shape):
    """The textbook way."""
    return (None, *shape)


def as_a_list(shape):
    """A list instead of a tuple."""
    return [None] + [length for length in shape]


def asks_keras(shape):
    """Lets keras.Input say it."""
    return keras.Input(shape=tuple(shape)).shape


def functional(features, units):
    """The textbook way."""
    inputs = keras.Input((features,))
    hidden = keras.layers.Dense(units, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(hidden))


def sequential(features, units):
    """A stack with an Input at its foot."""
    dense = keras.layers.Dense
    return keras.Sequential([keras.Input([features]), dense(units, "relu"), dense(1)])


def by_operations(features, units):
    """relu as an operation on a KerasTensor, and the batch axis written out."""
    inputs = keras.Input(batch_shape=(None, features), name="features")
    hidden = ops.maximum(keras.layers.Dense(units)(inputs), 0)
    return keras.Model(inputs=inputs, outputs=keras.layers.Dense(1)(hidden))


def of_two_models(features, units):
    """One model inside another."""
    inputs, between = keras.Input((features,)), keras.Input((units,))
    head = keras.Model(between, keras.layers.Dense(1, name="head")(between))
    bent = keras.layers.ReLU()(keras.layers.Dense(units, name="body")(inputs))
    return keras.Model(inputs, head(bent))


class Network(keras.Model):
    """A subclass of Model that calls itself on an Input as soon as it is made."""

    def __init__(self, features, units):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation=tf.nn.relu)
        self.answer = keras.layers.Dense(1)
        self(keras.Input((features,)))

    def call(self, inputs):
        return self.answer(self.hidden(inputs))


class BuildsItself(keras.Model):
    """A subclass of Model that builds its layers as soon as it is made."""

    def __init__(self, features, units):
        super().__init__()
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.answer = keras.layers.Dense(1)
        self.build((None, features))

    def build(self, input_shape):
        self.hidden.build(input_shape)
        self.answer.build((None, self.hidden.units))
        self.built = True

    def call(self, inputs):
        return self.answer(self.hidden(inputs))


class FunctionalInside(keras.Model):
    """A subclass of Model that hands inputs and outputs on."""

    def __init__(self, features, units):
        inputs = keras.Input((features,))
        hidden = keras.layers.Dense(units, activation="relu")(inputs)
        super().__init__(inputs, keras.layers.Dense(1)(hidden))


class Stacked(keras.Sequential):
    """A subclass of Sequential."""

    def __init__(self, features, units):
        dense = keras.layers.Dense
        super().__init__([keras.Input((features,)), dense(units, "relu"), dense(1)])


def by_lambda(exponent):
    """The textbook way."""
    return keras.layers.Lambda(lambda inputs: inputs**exponent)


def by_def(exponent):
    """A function with a name, in TensorFlow's words."""

    def function(inputs):
        return tf.math.pow(inputs, exponent)

    return keras.layers.Lambda(function, name="power")


def by_default(exponent):
    """The exponent as a default argument."""
    return keras.layers.Lambda(lambda inputs, e=exponent: ops.power(inputs, e))


def by_partial(exponent):
    """functools.partial, which works as long as nothing is saved."""
    return keras.layers.Lambda(functools.partial(registered_power, exponent=exponent))


def by_multiplying(exponent):
    """One factor after the other; below zero, one divided by the product."""

    def function(inputs):
        one = ops.ones_like(inputs)
        product = functools.reduce(ops.multiply, [inputs] * abs(exponent), one)
        return product if exponent > 0 else 1 / product

    return keras.layers.Lambda(function)


@registered
def registered_power(inputs, exponent):
    """Stands at the top level of the module, where loading finds it."""
    return inputs**exponent


@registered
class Power(keras.layers.Layer):
    """A layer of its own; Keras takes down the plain argument by itself."""

    def __init__(self, exponent, **kwargs):
        super().__init__(**kwargs)
        self.exponent = exponent

    def call(self, inputs):
        return ops.power(inputs, self.exponent)


class Factors(keras.layers.Layer):
    """The textbook way."""

    def build(self, input_shape):
        shape = (input_shape[-1],)
        self.factor = self.add_weight(name="factor", shape=shape, initializer="ones")

    def call(self, inputs):
        return inputs * self.factor


class RawTensorFlow(Factors):
    """TensorFlow's words; the shape is what is left behind all other axes."""

    def build(self, input_shape):
        *_, features = input_shape
        self.scale = self.add_weight(name="s", shape=[features], initializer=tf.ones)

    def call(self, inputs):
        return tf.multiply(self.scale, inputs)


class AsARow(Factors):
    """One row, ready to be broadcast."""

    def build(self, input_shape):
        shape = (1, input_shape[-1])
        self.factor = self.add_weight(shape=shape, initializer=keras.initializers.Constant(1.0))


class VariableOfItsOwn(Factors):
    """keras.Variable in an attribute."""

    def build(self, input_shape):
        self.factor = keras.Variable(ops.ones(input_shape[-1]))


class OneByOne(Factors):
    """A product for each feature, and all of them stacked again."""

    def call(self, inputs):
        features = range(inputs.shape[-1])
        return ops.stack([inputs[..., n] * self.factor[n] for n in features], axis=-1)


class ByASublayer(keras.layers.Layer):
    """All the work is a sublayer's."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = Factors()

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, inputs):
        return self.inner(inputs)


RIGHT: dict[str, list[Callable]] = {
    "batch_shape": [starred, as_a_list, asks_keras],
    "first_model": [
        functional,
        sequential,
        by_operations,
        of_two_models,
        Network,
        BuildsItself,
        FunctionalInside,
        Stacked,
    ],
    "power_layer": [by_lambda, by_def, by_default, by_partial, by_multiplying, Power],
    "Scale": [Factors, RawTensorFlow, AsARow, VariableOfItsOwn, OneByOne, ByASublayer],
}
