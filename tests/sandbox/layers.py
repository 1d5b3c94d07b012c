"""What students might hand in, as the source of one cell, and questions to put to it."""

from typing import Any

import numpy as np

from grader.bench.probe import Made, Ref, Script, Step

SOURCE = '''\
import os

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Dense(keras.layers.Layer):
    """Right."""

    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, keras.activations.get(activation)

    def build(self, input_shape):
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(name="kernel", shape=shape, initializer="ones")
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return self.activation(ops.matmul(inputs, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self):
        activation = keras.activations.serialize(self.activation)
        return {**super().get_config(), "units": self.units, "activation": activation}


class Untracked(keras.layers.Layer):
    """Wrong: Keras does not see its weight."""

    def build(self, input_shape):
        self.kernel = tf.Variable(tf.ones((input_shape[-1], 2)))

    def call(self, inputs):
        return inputs @ self.kernel


class Crashes(keras.layers.Layer):
    """Wrong: its call raises."""

    def call(self, inputs):
        count = 3 / (inputs.shape[0] - inputs.shape[0])
        return inputs * count


class Forgets(keras.layers.Layer):
    """Wrong: call returns nothing, and there is no compute_output_shape."""

    def call(self, inputs):
        inputs + 1


class Mean(keras.layers.Layer):
    """Takes a list of inputs, or a dict of them, and a keyword argument."""

    def call(self, inputs, training=False):
        parts = list(inputs.values()) if isinstance(inputs, dict) else inputs
        total = sum(parts) / len(parts)
        return (total, total * 0) if training else total


class Along(keras.layers.Layer):
    """Takes the cells that it is given along the middle axis."""

    def __init__(self, cells, **kwargs):
        super().__init__(**kwargs)
        self.cells = cells

    def call(self, inputs):
        states = [[ops.zeros_like(inputs[:, 0])] for cell in self.cells]
        for t in range(inputs.shape[1]):
            step = inputs[:, t]
            for i, cell in enumerate(self.cells):
                step, states[i] = cell(step, states[i])
        return step


class Exits(keras.layers.Layer):
    """Wrong: asks Python to end."""

    def call(self, inputs):
        raise SystemExit("enough")


class Mute(Exception):
    """Its message cannot be read."""

    def __str__(self):
        raise ValueError


class CannotTell(keras.layers.Layer):
    """Wrong: raises what cannot be shown."""

    def call(self, inputs):
        raise Mute


not_a_layer = 3


def params(features, units, use_bias=True):
    return features * units + (units if use_bias else 0)


def shape(input_shape):
    return (input_shape[0], int(np.prod(input_shape[1:])))


def text(x):
    return f"units: {x}"


def divides(x):
    return 1 / x


def gives_a_set(x):
    return {x}


def stub(x):
    raise NotImplementedError("write me")
'''
X = np.random.default_rng(3).normal(size=(4, 3)).astype("float32")
KERNEL = np.random.default_rng(4).normal(size=(3, 2)).astype("float32")
BIAS = np.array([0.5, -2.0], "float32")


def call(inputs: Any = X, **arguments: Any) -> Step:
    """Ask for the output."""
    return Step("call", {"inputs": inputs, "call": arguments})


def ask(name: str, inputs: Any = X, **more: Any) -> Step:
    """Ask for something that needs inputs."""
    return Step(name, {**more, "inputs": inputs, "call": {}})


ASSIGNED = (call(), Step("assign", {"values": [KERNEL, BIAS]}))
EVERYTHING = (
    *ASSIGNED,
    call(),
    Step("weights"),
    Step("values"),
    ask("gradient"),
    ask("symbolic"),
    Step("output_shape", {"shape": (None, 3)}),
    ask("reload"),
    ask("dtypes", policy="mixed_float16"),
    ask("model"),
)
XXX = np.stack([X, 2 * X, -X], axis=1)
CELLS = [
    Made("grader.bench.inside.RunningSum", {"units": 3}),
    Made(
        "keras.layers.SimpleRNNCell",
        {"units": 3, "kernel_initializer": "ones", "recurrent_initializer": "ones"},
    ),
]
SILU = {"units": 2, "activation": Ref("keras.activations.silu")}

SCRIPTS = {
    "all questions, of a right layer": ("Dense", Script({"units": 2}, EVERYTHING)),
    "all questions, with a function in the config": ("Dense", Script(SILU, EVERYTHING)),
    "all questions, of a layer with an untracked weight": ("Untracked", Script({}, EVERYTHING)),
    "all questions, of a layer that crashes": ("Crashes", Script({}, EVERYTHING)),
    "all questions, of a layer that returns nothing": ("Forgets", Script({}, EVERYTHING)),
    "all questions, of a layer that exits": ("Exits", Script({}, EVERYTHING)),
    "an exception that cannot be shown": ("CannotTell", Script({}, (call(),))),
    "a list of inputs": ("Mean", Script({}, (call([X, 2 * X]), ask("symbolic", [X, X])))),
    "a dict of inputs": ("Mean", Script({}, (call({"a": X, "b": X + 1}),))),
    "two outputs": ("Mean", Script({}, (call([X, X], training=True),))),
    "cells in the config": (
        "Along", Script({"cells": CELLS}, (call(XXX), ask("symbolic", XXX), Step("weights")))
    ),
    "an argument that call does not take": ("Dense", Script({"units": 2}, (call(speed=3),))),
    "an argument that __init__ does not take": ("Dense", Script({"speed": 3}, (call(), call()))),
    "inputs that do not fit": ("Dense", Script({"units": 2}, (call(), call(X[:, :2]), call()))),
    "more values than weights": (
        "Dense", Script({"units": 2}, (call(), Step("assign", {"values": [KERNEL]})))
    ),
    "outputs with the weights in two ways": (
        "Dense",
        Script({"units": 2}, (call(), ask("outputs", ways=[[KERNEL, BIAS], [2 * KERNEL, None]]))),
    ),
    "a question that there is not": ("Dense", Script({"units": 2}, (Step("points"), call()))),
    "no questions": ("Dense", Script({"units": 2}, ())),
    "no layer": ("not_a_layer", Script({}, (call(),))),
    "a function": ("params", Script({"features": 3, "units": 4}, (Step("apply"),))),
    "a function of a shape": ("shape", Script({"input_shape": (None, 3, 4)}, (Step("apply"),))),
    "a function that gives text": ("text", Script({"x": [1, (2,)]}, (Step("apply"),))),
    "a function that crashes": ("divides", Script({"x": 0}, (Step("apply"),))),
    "a function that gives a set": ("gives_a_set", Script({"x": 1}, (Step("apply"),))),
    "a function as it was handed out": ("stub", Script({"x": 1}, (Step("apply"),))),
}  # fmt: skip
"""Name of the thing to probe, and the script."""
