"""Right answers to the exercises on Dense, each written in another way."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class WithOps(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.use_bias = use_bias

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def get_config(self):
        own = {
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return super().get_config() | own


class RawTensorFlow(WithOps):
    """The bias is made first, and neither weight is called what Keras calls it."""

    def build(self, input_shape):
        self.b = self.add_weight(shape=(self.units,), name="b") if self.use_bias else None
        self.w = self.add_weight(shape=(input_shape[-1], self.units), name="w")

    def call(self, inputs):
        outputs = tf.tensordot(inputs, self.w, axes=1)
        if self.b is not None:
            outputs = tf.nn.bias_add(outputs, self.b)
        return self.activation(outputs)


class NamesLie(WithOps):
    """Two weights with each other's names: only the shapes tell them apart."""

    def build(self, input_shape):
        self.kernel = self.add_weight(name="bias", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="kernel", shape=(self.units,))


class BiasOfOneRow(WithOps):
    """The bias is a matrix of one row."""

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(shape=(1, self.units)) if self.use_bias else 0.0


class Einsum(WithOps):
    """Weights without any name, and the activation looked up at each call."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(units, None, use_bias, **kwargs)
        self.bend = activation

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units))
        self.c = self.add_weight(shape=(self.units,)) if self.use_bias else 0.0

    def call(self, inputs):
        outputs = ops.einsum("...i,io->...o", inputs, self.w) + self.c
        return keras.activations.get(self.bend)(outputs)

    def get_config(self):
        bend = keras.activations.serialize(keras.activations.get(self.bend))
        return super().get_config() | {"activation": bend}


class UnitByUnit(WithOps):
    """A Python loop over the units; no matrix product anywhere."""

    def call(self, inputs):
        columns = [ops.sum(inputs * column, axis=-1) for column in ops.unstack(self.kernel, axis=1)]
        if self.use_bias:
            columns = [column + self.bias[unit] for unit, column in enumerate(columns)]
        return self.activation(ops.stack(columns, axis=-1))


class FeatureByFeature(WithOps):
    """The same sum the other way round: one row of the kernel after the other."""

    def call(self, inputs):
        total = self.bias if self.use_bias else 0.0
        for feature in range(inputs.shape[-1]):
            total = total + inputs[..., feature : feature + 1] * self.kernel[feature]
        return self.activation(total)


class Product(keras.layers.Layer):
    """A layer inside the next two: a product along the last axis, and a bias."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.asked = {"units": units, "use_bias": use_bias}
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.w = self.add_weight(name="w", shape=(input_shape[-1], self.asked["units"]))
        if self.asked["use_bias"]:
            self.b = self.add_weight(name="b", shape=(self.asked["units"],))

    def call(self, inputs):
        outputs = ops.einsum("...x,xy->...y", inputs, self.w)
        return self.activation(outputs + self.b if self.asked["use_bias"] else outputs)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return super().get_config() | self.asked | {"activation": activation}


class WrapsALayer(keras.layers.Layer):
    """No weight of its own: a sublayer that is made when the shape is known."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.asked = {"units": units, "activation": activation, "use_bias": use_bias}

    def build(self, input_shape):
        self.inner = Product(**self.asked)
        self.inner.build(input_shape)

    def call(self, inputs):
        return self.inner(inputs)

    def get_config(self):
        activation = keras.activations.get(self.asked["activation"])
        own = self.asked | {"activation": keras.activations.serialize(activation)}
        return super().get_config() | own


class LazySublayer(keras.layers.Layer):
    """A sublayer that is made in __init__ and builds itself when it is first called."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.inner = Product(units, activation, use_bias)

    def call(self, inputs):
        return self.inner(inputs)

    def get_config(self):
        inner = self.inner.get_config()
        own = {key: inner[key] for key in ("units", "activation", "use_bias")}
        return super().get_config() | own


class Compiled(WithOps):
    """The old chapter's @tf.function, harmless where the weights are made in build."""

    @tf.function
    def call(self, inputs):
        outputs = tf.matmul(inputs, self.kernel)
        return self.activation(outputs + self.bias if self.use_bias else outputs)


class VariablesOfTheirOwn(WithOps):
    """keras.Variable instead of add_weight: Keras sees it in an attribute."""

    def build(self, input_shape):
        self.kernel = keras.Variable("glorot_uniform", (input_shape[-1], self.units), name="k")
        if self.use_bias:
            self.bias = keras.Variable("zeros", (self.units,), name="c")


def with_config(*names: str) -> Callable[[type], type]:
    """A class decorator that writes get_config."""

    def decorate(cls: type) -> type:
        def get_config(self):
            own = {name: getattr(self, name) for name in names}
            own["activation"] = keras.activations.serialize(own["activation"])
            return super(cls, self).get_config() | own

        cls.get_config = get_config
        return cls

    return decorate


@keras.saving.register_keras_serializable("tests")
@with_config("units", "activation", "use_bias")
class Decorated(keras.layers.Layer):
    """Helper methods, a registered class, and a config that a decorator writes."""

    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        *_, features = input_shape
        self.kernel = self._make("kernel", features, self.units)
        self.bias = self._make("bias", self.units) if self.use_bias else None

    def _make(self, name, *shape):
        return self.add_weight(name=name, shape=shape, initializer="he_normal")

    def call(self, inputs):
        return self.activation(self._shift(ops.dot(inputs, self.kernel)))

    def _shift(self, outputs):
        return outputs if self.bias is None else ops.add(outputs, self.bias)


class Affine(keras.layers.Layer):
    """Other argument names, one more of them: not called as the exercise calls it."""

    def __init__(self, width, bend, shift, axis, **kwargs):
        super().__init__(**kwargs)
        self.width, self.bend, self.shift, self.axis = width, bend, shift, axis

    def build(self, input_shape):
        self.scale = self.add_weight(name="scale", shape=(input_shape[self.axis], self.width))
        if self.shift:
            self.offset = self.add_weight(name="offset", shape=(self.width,))

    def call(self, inputs):
        outputs = ops.tensordot(inputs, self.scale, axes=[[self.axis], [0]])
        outputs = outputs + self.offset if self.shift else outputs
        return keras.activations.get(self.bend)(outputs)

    def get_config(self):
        bend = keras.activations.serialize(keras.activations.get(self.bend))
        own = {"width": self.width, "bend": bend, "shift": self.shift, "axis": self.axis}
        return super().get_config() | own


def adapted(units, activation=None, use_bias=True, **kwargs):
    """A factory function around it."""
    return Affine(width=units, bend=activation, shift=use_bias, axis=-1, **kwargs)


class General(WithOps):
    """Takes an argument more, which functools.partial gives."""

    def __init__(self, units, activation=None, use_bias=True, *, flavour, **kwargs):
        super().__init__(units, activation, use_bias, **kwargs)
        self.flavour = flavour

    def get_config(self):
        return super().get_config() | {"flavour": self.flavour}


def by_the_matrix(features, units, use_bias=True):
    """Counts the entries of real arrays."""
    kernel, bias = np.zeros((features, units)), np.zeros(units)
    return kernel.size + bias.size * use_bias


class Counter:
    """An object that can be called."""

    def __call__(self, features, units, use_bias=True):
        return sum(features + bool(use_bias) for _ in range(units))


def as_float(features, units, use_bias=True):
    """4.0 is 4."""
    return float(features + use_bias) * units


def as_tensor(features, units, use_bias=True):
    """So is a tensor that holds 4."""
    return tf.reduce_prod([features + int(use_bias), units])


RIGHT: dict[str, list[Callable]] = {
    "Dense": [
        WithOps,
        RawTensorFlow,
        NamesLie,
        BiasOfOneRow,
        Einsum,
        UnitByUnit,
        FeatureByFeature,
        WrapsALayer,
        LazySublayer,
        Compiled,
        VariablesOfTheirOwn,
        Decorated,
        adapted,
        functools.partial(General, flavour="vanilla"),
    ],
    "dense_params": [by_the_matrix, Counter(), as_float, as_tensor],
}
