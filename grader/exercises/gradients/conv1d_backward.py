"""The gradients of Conv1D: each window gives its share, and windows overlap."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.gradients.deriving import UNIT, live_gradients

Array = Any


def _live(
    inputs: Array, kernel: Array, upstream: Array, strides: int, padding: str
) -> dict[str, Array]:
    layer = keras.layers.Conv1D(kernel.shape[2], kernel.shape[0], strides, padding)
    return live_gradients(layer, {"kernel": kernel}, inputs, upstream)


def _case(
    draw: Draw, size: int, strides: int, padding: str, *, steps: int = 0, channels: int = 0
) -> Case:
    steps = steps or draw.size(9, 12)
    batch, width, filters = draw.size(), channels or draw.size(), draw.size()
    length = -(-(steps if padding == "same" else steps - size + 1) // strides)
    return Case(
        {
            "inputs": draw.normal(batch, steps, width),
            "kernel": draw.weight("kernel", (size, width, filters)),
            "upstream": draw.normal(batch, length, filters),
            "strides": strides,
            "padding": padding,
        }
    )


class _Backward:
    """A right way in small steps, so that each wrong one can go astray in one of them."""

    def __call__(
        self, inputs: Array, kernel: Array, upstream: Array, strides: int, padding: str
    ) -> dict[str, Array]:
        size, steps = kernel.shape[0], inputs.shape[1]
        missing = max((upstream.shape[1] - 1) * strides + size - steps, 0)
        missing = missing if padding == "same" else 0
        left = self.left(missing)
        padded = np.pad(inputs, ((0, 0), (left, missing - left), (0, 0)))
        d_padded, d_kernel = np.zeros_like(padded), np.zeros_like(kernel)
        for place in range(upstream.shape[1]):
            start = self.start(place, strides)
            window = slice(start, start + size)
            given = np.einsum("bf,kcf->bkc", upstream[:, place], self.for_inputs(kernel))
            self.put(d_padded, window, given)
            d_kernel += np.einsum("bkc,bf->kcf", padded[:, window], upstream[:, place])
        return {
            "d_inputs": self.cut(d_padded, left, steps),
            "d_kernel": self.of_kernel(d_kernel, len(inputs)),
            "d_bias": self.d_bias(upstream),
        }

    def left(self, missing: int) -> int:
        return missing // 2

    def start(self, place: int, strides: int) -> int:
        return place * strides

    def for_inputs(self, kernel: Array) -> Array:
        return kernel

    def put(self, d_padded: Array, window: slice, given: Array) -> None:
        d_padded[:, window] += given

    def cut(self, d_padded: Array, left: int, steps: int) -> Array:
        return d_padded[:, left : left + steps]

    def of_kernel(self, d_kernel: Array, batch: int) -> Array:
        return d_kernel

    def d_bias(self, upstream: Array) -> Array:
        return upstream.sum(axis=(0, 1))


class _WrongDirection(_Backward):
    def for_inputs(self, kernel: Array) -> Array:
        return kernel[::-1]


class _KernelReversed(_Backward):
    def of_kernel(self, d_kernel: Array, batch: int) -> Array:
        return d_kernel[::-1]


class _StridesIgnored(_Backward):
    def start(self, place: int, strides: int) -> int:
        return place


class _Overwritten(_Backward):
    def put(self, d_padded: Array, window: slice, given: Array) -> None:
        d_padded[:, window] = given


class _PaddedLeft(_Backward):
    def left(self, missing: int) -> int:
        return missing - missing // 2


class _NotCut(_Backward):
    def cut(self, d_padded: Array, left: int, steps: int) -> Array:
        return d_padded


class _CutAtTheFront(_Backward):
    def cut(self, d_padded: Array, left: int, steps: int) -> Array:
        return d_padded[:, :steps]


class _BiasOverTheBatch(_Backward):
    def d_bias(self, upstream: Array) -> Array:
        return upstream.sum(axis=0)


class _MeanForSum(_Backward):
    def of_kernel(self, d_kernel: Array, batch: int) -> Array:
        return d_kernel / batch

    def d_bias(self, upstream: Array) -> Array:
        return upstream.sum(axis=1).mean(axis=0)


conv1d_backward = Exercise(
    name="conv1d_backward",
    unit=UNIT,
    layer="Conv1D",
    reference=_live,
    forbid=("autodiff", "convolution"),
    kinds=(
        Kind("valid", lambda d: _case(d, 3, 1, "valid")),
        Kind("valid, stride 2", lambda d: _case(d, 3, 2, "valid", steps=12)),
        Kind("same", lambda d: _case(d, 3, 1, "same")),
        Kind("same, even window", lambda d: _case(d, 4, 1, "same")),
        Kind("same, stride 2", lambda d: _case(d, 5, 2, "same", steps=10)),
        Kind("a window of 1", lambda d: _case(d, 1, 1, "same"), edge=True),
        Kind(
            "same, stride above the window",
            lambda d: _case(d, 2, 3, "same", steps=9),
            edge=True,
        ),
        Kind("stride above the window", lambda d: _case(d, 2, 3, "valid", channels=1), edge=True),
    ),
    aspects={"d_inputs": 4, "d_kernel": 4, "d_bias": 1},
    misconceptions=(
        Misconception(
            "kernel in the wrong direction",
            "Your d_inputs runs through the kernel in the wrong direction.",
            "The first input of a window met the first row of the kernel on the way forwards. "
            "Which row does it meet on the way back?",
            _WrongDirection(),
        ),
        Misconception(
            "kernel gradient reversed",
            "Your d_kernel has its rows in the opposite order.",
            "Which input of a window was multiplied by the first row of the kernel?",
            _KernelReversed(),
        ),
        Misconception(
            "strides ignored",
            "On the way back your windows move by 1, whatever strides says.",
            "Where does the window of the second output begin?",
            _StridesIgnored(),
        ),
        Misconception(
            "overlaps overwritten",
            "Where windows overlap, your d_inputs keeps the share of one window only.",
            "How many outputs does an input in the middle lead to? What becomes of their shares?",
            _Overwritten(),
        ),
        Misconception(
            "one zero too many on the left",
            "With an odd number of zeros your padding puts one more on the left than Keras does.",
            "How many zeros does `same` put before the sequence, and how many behind it?",
            _PaddedLeft(),
        ),
        Misconception(
            "padding not cut off",
            "Your d_inputs is as long as the padded sequence.",
            "Are the zeros of the padding inputs of the layer?",
            _NotCut(),
        ),
        Misconception(
            "padding cut off at one end",
            "Your d_inputs is cut off at the end alone: it begins with the gradient of a zero.",
            "At which place of the padded sequence does the first input stand?",
            _CutAtTheFront(),
        ),
        Misconception(
            "bias summed over the batch only",
            "Your d_bias has a row for each place: it is summed over the batch only.",
            "At how many places is the same bias added?",
            _BiasOverTheBatch(),
        ),
        Misconception(
            "mean for sum",
            "Your d_kernel and d_bias are means over the batch, where they should be sums.",
            "Who divides by the size of the batch: the layer, or the loss?",
            _MeanForSum(),
        ),
    ),
)
