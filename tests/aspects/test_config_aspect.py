"""The config round trip, and why a name is lost on it."""

from __future__ import annotations

from dataclasses import replace

import keras
import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE


class Plain(keras.layers.Layer):
    """Dense; subclasses say in which words it takes the other arguments."""

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(shape=(self.units,)) if self.use_bias else None

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        return self.activation(outputs if self.bias is None else outputs + self.bias)

    def take(self, units, activation, use_bias):
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)


class Usual(Plain):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.take(units, activation, use_bias)


class Short(Plain):
    def __init__(self, units, activation=None, use_bias=True, **kw):
        super().__init__(**kw)
        self.take(units, activation, use_bias)


class ShortWithConfig(Short):
    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        own = {"units": self.units, "activation": activation, "use_bias": self.use_bias}
        return super().get_config() | own


class Named(Plain):
    def __init__(self, units, activation=None, use_bias=True, name=None, **others):
        super().__init__(name=name, **others)
        self.take(units, activation, use_bias)


class Swallows(Plain):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__()
        self.take(units, activation, use_bias)


PLAIN = replace(
    CATALOGUE["Dense"], kinds=tuple(k for k in CATALOGUE["Dense"].kinds if k.name == "no bias")
)
"""Only plain values among the arguments, so that Keras can make the config by itself."""


def said(layer):
    """What the card says of the config."""
    (found,) = (f for f in examine(layer, PLAIN).findings if f.aspect == "config")
    return found.message


@pytest.mark.parametrize("layer", [Usual, ShortWithConfig, Named])
def test_a_name_that_is_kept_is_right_whatever_the_arguments_are_called(layer):
    assert said(layer) == ""


def test_keywords_of_another_name_lose_the_layers_name_and_the_card_says_so():
    message = said(Short)
    assert "called kwargs" in message
    assert "called kw." in message
    assert "hand" not in message


def test_keywords_that_are_not_handed_on_are_told_as_that():
    assert "pass its **kwargs on" in said(Swallows)
