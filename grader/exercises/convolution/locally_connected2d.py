"""LocallyConnected2D: as Conv2D, but every window has a kernel of its own. Keras 3 has it no more.

The reference is the layer of Keras 2, `tf_keras`, with its weights held by a layer of Keras 3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.convolution.convolution_family import (
    UNIT,
    biased,
    case,
    pair,
    places,
    tiny_case,
)
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, unequal, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.forgetting import not_in_config
from grader.exercises.further import zeroed


class Reference(keras.layers.Layer):
    """A live `tf_keras` layer computes; its weights are variables of Keras 3."""

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, use_bias: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.own = {
            "filters": filters,
            "kernel_size": kernel_size,
            "strides": strides,
            "use_bias": use_bias,
        }
        self.filters, self.use_bias = filters, use_bias
        self.kernel_size, self.strides = pair(kernel_size), pair(strides)

    def build(self, input_shape: Any) -> None:
        """Ask Keras 2 which weights there are."""
        import tf_keras  # not before it is needed: it takes seconds to load

        # In a list that Keras 3 does not look into: the layer is of another kind.
        self._live = _Box(tf_keras.layers.LocallyConnected2D(**self.own))
        self._live.layer.build((None, *input_shape[1:]))
        names = ("kernel", "bias")[: len(self._live.layer.weights)]
        shapes = dict(zip(names, (tuple(w.shape) for w in self._live.layer.weights), strict=True))
        self.kernel = self.add_weight(name="kernel", shape=shapes["kernel"])
        self.bias = self.add_weight(name="bias", shape=shapes["bias"]) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """Lend Keras 2 the weights, and let it compute."""
        layer = self._live.layer
        vars(layer)["kernel"] = ops.convert_to_tensor(self.kernel)
        vars(layer)["bias"] = None if self.bias is None else ops.convert_to_tensor(self.bias)
        return layer.call(inputs)

    def get_config(self) -> dict[str, Any]:
        """The arguments."""
        return super().get_config() | self.own


class _Box:
    """Holds a thing that Keras should not track."""

    def __init__(self, layer: Any) -> None:
        self.layer = layer


class _Local(Reference):
    """By patches and one product; the wrong ones below change a step."""

    bias_shape: Any = None

    def windows(self, input_shape: Sequence[int]) -> tuple[int, int]:
        """How many windows lie below each other, and side by side."""
        sides = zip(input_shape[1:3], self.kernel_size, self.strides, strict=True)
        rows, columns = ((length - size) // stride + 1 for length, size, stride in sides)
        return rows, columns

    def build(self, input_shape: Any) -> None:
        rows, columns = self.windows(input_shape)
        features = math.prod(self.kernel_size) * input_shape[-1]
        kernels = self.kernels(rows * columns)
        self.kernel = self.add_weight(name="kernel", shape=(kernels, features, self.filters))
        shape = (rows, columns, self.filters)
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=self.biases(shape))
        else:
            self.bias = None

    def kernels(self, windows: int) -> int:
        """How many kernels there are."""
        return windows

    def biases(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the bias."""
        return shape

    def patches(self, inputs: Any) -> Any:
        """The numbers in each window, (batch, rows, columns, features)."""
        found = [rest for _, _, rest in places(inputs, self.kernel_size, self.strides)]
        return ops.concatenate(found, axis=-1)

    def product(self, patches: Any) -> Any:
        """Each window with its own kernel."""
        rows, columns = patches.shape[1:3]
        kernel = ops.reshape(self.kernel, (rows, columns, -1, self.filters))
        return ops.einsum("bijk,ijkf->bijf", patches, kernel)

    def call(self, inputs: Any) -> Any:
        return biased(self, self.product(self.patches(inputs)))


class _Shared(_Local):
    def kernels(self, windows: int) -> int:
        return 1

    def product(self, patches: Any) -> Any:
        return ops.matmul(patches, self.kernel[0])


class _BiasForFilter(_Local):
    def biases(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[-1:]


class _ChannelsFirst(_Local):
    def patches(self, inputs: Any) -> Any:
        found = [rest for _, _, rest in places(inputs, self.kernel_size, self.strides)]
        rows, columns = found[0].shape[1:3]
        return ops.reshape(ops.stack(found, axis=-1), (-1, rows, columns, self.kernel.shape[1]))


class _ColumnsFirst(_Local):
    def product(self, patches: Any) -> Any:
        rows, columns = patches.shape[1:3]
        kernel = ops.reshape(self.kernel, (columns, rows, -1, self.filters))
        return ops.einsum("bijk,jikf->bijf", patches, kernel)


class _Flipped(_Local):
    def patches(self, inputs: Any) -> Any:
        found = [rest for _, _, rest in places(inputs, self.kernel_size, self.strides)]
        return ops.concatenate(found[::-1], axis=-1)


def _plainest(draw: Draw) -> Case:
    case = tiny_case(draw, 1, draw.size(3, 5), filters=1, kernel_size=1, use_bias=False)
    return case.then(zeroed(case))


locally_connected2d = Exercise(
    name="LocallyConnected2D",
    unit=UNIT,
    layer="LocallyConnected2D",
    reference=Reference,
    kinds=(
        Kind(
            "side by side",
            lambda d: case(d, 5, 6, 3, filters=4, kernel_size=(2, 3)),
            also=("config",),
        ),
        Kind(
            "strides of their own",
            lambda d: case(d, 8, 6, 3, filters=5, kernel_size=(3, 2), strides=(2, 3)).once(),
            also=("config",),
        ),
        Kind(
            "no bias",
            lambda d: case(d, 6, 4, 3, filters=5, kernel_size=2, strides=2, use_bias=False).once(),
            also=("config",),
        ),
        Kind("a kernel of 1, one channel, one filter", _plainest, edge=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", 1),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "strides: two that differ": unequal("strides"),
        "inputs: one row": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 1, "parameters": 2, "output": 4, "gradient": 1, "config": 1},
    misconceptions=(
        Misconception(
            "weights shared",
            "All windows of your layer use one kernel: it is a Conv2D.",
            "If every window has a kernel of its own, how many kernels are there?",
            _Shared,
        ),
        Misconception(
            "a bias for each filter",
            "Your bias has one number for each filter, the same at all places.",
            "If every place has its own bias, what is the shape of the bias?",
            _BiasForFilter,
        ),
        Misconception(
            "channels before places",
            "Your patches list each channel as a whole: all its places, then the next channel.",
            "In a patch, are the channels of one pixel still neighbours?",
            _ChannelsFirst,
        ),
        Misconception(
            "windows column by column",
            "Your layer gives its kernels to the windows column by column.",
            "Which window comes after the first one: the one to the right, or the one below?",
            _ColumnsFirst,
        ),
        Misconception(
            "kernel flipped",
            "Your patches are in reverse order, so each window meets a flipped kernel.",
            "Which number of a kernel multiplies the upper left pixel of its window?",
            _Flipped,
        ),
        *not_in_config(Reference, "strides"),
    ),
)


def _count(input_shape: Sequence[int | None], filters: int, kernel_size: Any) -> int:
    import tf_keras

    layer = tf_keras.layers.LocallyConnected2D(filters, kernel_size)
    layer.build(tuple(input_shape))
    return int(layer.count_params())


def _arguments(draw: Draw) -> Case:
    height, width, channels, filters = draw.sizes(4, 6, 14)
    kernel = draw.sizes(2, 2, 5)
    return Case(
        {
            "input_shape": (None, height, width, channels),
            "filters": filters,
            "kernel_size": kernel,
        }
    )


def _wrong(rule: Any) -> Any:
    """A wrong function, from `rule(windows, features, filters, pixels)`."""

    def count(input_shape: Any, filters: int, kernel_size: Any) -> Any:
        _, height, width, channels = input_shape
        windows = (height - kernel_size[0] + 1) * (width - kernel_size[1] + 1)
        return rule(windows, math.prod(kernel_size) * channels, filters, height * width)

    return count


local_params = Exercise(
    name="local_params",
    unit=UNIT,
    layer="LocallyConnected2D",
    reference=_count,
    kinds=(Kind("plain", _arguments), Kind("another", _arguments), Kind("a third", _arguments)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "weights shared",
            "Your count is that of Conv2D: one kernel for all windows.",
            "If every window has a kernel of its own, how many kernels are there?",
            _wrong(lambda windows, features, filters, pixels: (features + 1) * filters),
        ),
        Misconception(
            "a bias for each filter",
            "Your count has one bias for each filter, for all places together.",
            "If every place has its own bias, what is the shape of the bias?",
            _wrong(lambda windows, features, filters, pixels: (windows * features + 1) * filters),
        ),
        Misconception(
            "a kernel for each pixel",
            "Your count has a kernel for each pixel of the picture, not for each window.",
            "If no window may reach outside the picture, how many windows fit?",
            _wrong(lambda windows, features, filters, pixels: pixels * (features + 1) * filters),
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the biases.",
            "What is added to each output, and are these numbers learned?",
            _wrong(lambda windows, features, filters, pixels: windows * features * filters),
        ),
    ),
)
