"""What comes out of a convolution: how long, how wide, and with how many zeros around."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from grader.exercises.convolution.convolution import UNIT
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import shape_of

Shape = Sequence[int | None]


def _length(
    length: int, kernel_size: int, strides: int = 1, padding: str = "valid", dilation_rate: int = 1
) -> int:
    layer = keras.layers.Conv1D(1, kernel_size, strides, padding, dilation_rate=dilation_rate)
    return int(shape_of(layer, (None, length, 1))[1] or 0)


def _steps(draw: Draw, strides: int, padding: str, dilation_rate: int = 1) -> Case:
    """The stride divides neither the length nor what is left when the first window is gone.

    The kernel is so large, and spread so far, that no two ways of miscounting agree.
    """
    fits = [
        (length, size)
        for length in range(40, 60)
        for size in range(6, 10)
        if strides == 1 or (length % strides and (length - size) % strides)
    ]
    length, kernel_size = draw.choice(fits)
    config = {"length": length, "kernel_size": kernel_size, "strides": strides}
    return Case({**config, "padding": padding, "dilation_rate": dilation_rate})


def _by_default(case: Case, count: int) -> Case:
    """The case with its first arguments only."""
    return Case(dict(list(case.config.items())[:count]))


def windows(length: int, reach: int, strides: int, padding: str) -> int:
    """How many windows there are; `reach` is the length that one spans."""
    if padding == "valid":
        return (length - reach) // strides + 1
    return math.ceil(length / strides)


Count = Callable[[int, int, int, str, int], int]


def _otherwise(which: str, count: Count) -> Count:
    """Right, except for this padding (or for "dilated", where the kernel is spread)."""

    def wrong(
        length: int,
        kernel_size: int,
        strides: int = 1,
        padding: str = "valid",
        dilation_rate: int = 1,
    ) -> int:
        if which == padding or (which == "dilated" and dilation_rate > 1):
            return count(length, kernel_size, strides, padding, dilation_rate)
        return windows(length, (kernel_size - 1) * dilation_rate + 1, strides, padding)

    return wrong


def _reach(kernel_size: int, dilation_rate: int) -> int:
    return (kernel_size - 1) * dilation_rate + 1


conv_length = Exercise(
    name="conv_length",
    unit=UNIT,
    layer="Conv1D",
    reference=_length,
    kinds=(
        Kind("valid, as it is by default", lambda d: _by_default(_steps(d, 1, "valid"), 2)),
        Kind("valid, with a stride", lambda d: _steps(d, d.choice((2, 3)), "valid")),
        Kind("valid, dilated", lambda d: _steps(d, 1, "valid", d.choice((3, 4)))),
        Kind("same, with a stride", lambda d: _steps(d, d.choice((2, 3)), "same")),
        Kind("causal, dilated", lambda d: _steps(d, 1, "causal", d.choice((2, 3)))),
        Kind("causal, with a stride", lambda d: _steps(d, d.choice((2, 3)), "causal")),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "the first window forgotten",
            "With padding='valid' your count is one too small.",
            "A kernel of three slides over three numbers: at how many places does it fit?",
            _otherwise("valid", lambda n, k, s, p, d: (n - _reach(k, d)) // s),
        ),
        Misconception(
            "last window over the edge",
            "With padding='valid' and a stride you count a last window that reaches over the edge.",
            "May a window of a valid convolution reach outside the input?",
            _otherwise("valid", lambda n, k, s, p, d: math.ceil((n - _reach(k, d)) / s) + 1),
        ),
        Misconception(
            "valid taken for same",
            "With padding='valid' you count as for 'same'.",
            "With no zeros around the input, where must the first window begin and the last one "
            "end?",
            _otherwise("valid", lambda n, k, s, p, d: math.ceil(n / s)),
        ),
        Misconception(
            "floor for ceil",
            "With padding='same' or 'causal' you lose the last window when the stride does not "
            "divide the length.",
            "Seven numbers, a stride of two: a window begins at every second number. How many "
            "windows are there?",
            lambda n, k, s=1, p="valid", d=1: (
                windows(n, _reach(k, d), s, p) if p == "valid" else n // s
            ),
        ),
        Misconception(
            "same whatever the stride",
            "With padding='same' you return the input length and ignore the stride.",
            "With enough zeros and a stride of two, how many windows are there for ten numbers?",
            _otherwise("same", lambda n, k, s, p, d: n),
        ),
        Misconception(
            "causal taken for valid",
            "With padding='causal' you count as for 'valid'.",
            "Causal padding adds zeros too: how many, and on which side?",
            _otherwise("causal", lambda n, k, s, p, d: (n - _reach(k, d)) // s + 1),
        ),
        Misconception(
            "dilation ignored",
            "Your count uses kernel_size as the kernel's length and ignores the dilation.",
            "A kernel of three has dilation_rate 2: how long is it from its first entry to its "
            "last?",
            _otherwise("dilated", lambda n, k, s, p, d: windows(n, k, s, p)),
        ),
        Misconception(
            "kernel size times dilation",
            "Your kernel is kernel_size × dilation_rate long: that is a little too long.",
            "Draw three entries, two steps apart. How many gaps are there between them?",
            _otherwise("dilated", lambda n, k, s, p, d: windows(n, k * d, s, p)),
        ),
    ),
)


def _zeros(
    length: int, kernel_size: int, strides: int = 1, dilation_rate: int = 1
) -> tuple[int, int]:
    """Ask a live layer: each filter copies the input under one entry of the kernel.

    The inputs are 1, 2, 3 and so on, so a copy tells where its window lies.
    """
    layer = keras.layers.Conv1D(
        kernel_size, kernel_size, strides, "same", dilation_rate=dilation_rate, use_bias=False
    )
    layer.build((None, length, 1))
    layer.kernel.assign(np.eye(kernel_size, dtype="float32")[:, None, :])
    copies = np.asarray(layer(np.arange(1, length + 1, dtype="float32")[None, :, None]))[0]
    window, entry = (int(places[0]) for places in np.nonzero(copies))
    before = window * strides + entry * dilation_rate + 1 - int(copies[window, entry])
    end = (len(copies) - 1) * strides + (kernel_size - 1) * dilation_rate + 1
    return before, max(end - before - length, 0)


def zeros(length: int, kernel_size: int, strides: int = 1, dilation_rate: int = 1) -> int:
    """How many zeros 'same' needs, before and after together; less than none is possible."""
    reach = _reach(kernel_size, dilation_rate)
    return (math.ceil(length / strides) - 1) * strides + reach - length


def _shared(total: int) -> tuple[int, int]:
    return max(total, 0) // 2, max(total, 0) - max(total, 0) // 2


def _padding_case(kernel: Sequence[int], strides: int, rest: int, dilation: int = 1) -> Any:
    """Draws a length that leaves this rest when it is divided by the stride."""

    def draw_case(draw: Draw) -> Case:
        length = strides * draw.size(4, 9) + rest
        config = {"length": length, "kernel_size": draw.choice(kernel), "strides": strides}
        return Case({**config, "dilation_rate": dilation})

    return draw_case


same_padding = Exercise(
    name="same_padding",
    unit=UNIT,
    layer="Conv1D",
    reference=_zeros,
    kinds=(
        Kind("an even kernel", lambda d: _by_default(_padding_case((2, 4, 6), 1, 0)(d), 2)),
        Kind("an even length and a stride", _padding_case((3, 5), 2, 0)),
        Kind("a stride that does not divide", _padding_case((4, 6), 3, 2)),
        Kind("a stride above the kernel", _padding_case((2, 3), 4, 0)),
        Kind("dilated", _padding_case((4, 6), 1, 0, dilation=3)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "the odd zero before",
            "When the number of zeros is odd, your extra zero comes before the data.",
            "Four ones, a kernel of three ones, a stride of two: Keras gives 3, then 2. Where "
            "must the one zero be?",
            lambda n, k, s=1, d=1: _shared(zeros(n, k, s, d))[::-1],
        ),
        Misconception(
            "stride ignored",
            "You add the zeros that a stride of 1 would need.",
            "If the first window begins at 0, how far does the last one reach beyond the end?",
            lambda n, k, s=1, d=1: _shared(zeros(n, k, 1, d)),
        ),
        Misconception(
            "half a kernel on both sides",
            "You add half a kernel on both sides and ignore the stride.",
            "A kernel of two fits at three places on four numbers: how many zeros does a fourth "
            "window need?",
            lambda n, k, s=1, d=1: (_reach(k, d) // 2, _reach(k, d) // 2),
        ),
        Misconception(
            "dilation ignored",
            "You add the zeros that a kernel without gaps would need.",
            "A kernel of three has dilation_rate 2: how long is it from its first entry to its "
            "last?",
            lambda n, k, s=1, d=1: _shared(zeros(n, k, s)),
        ),
        Misconception(
            "negative padding",
            "When the stride is larger than the kernel, you add a negative number of zeros.",
            "What if the last window ends before the data does?",
            lambda n, k, s=1, d=1: (zeros(n, k, s, d) // 2, -(-zeros(n, k, s, d) // 2)),
        ),
        Misconception(
            "floor for ceil",
            "When the stride does not divide the length, your zeros are enough for one window "
            "fewer.",
            "Seven numbers and a stride of two: how many windows does 'same' need?",
            lambda n, k, s=1, d=1: _shared((n // s - 1) * s + _reach(k, d) - n),
        ),
        Misconception(
            "all zeros before",
            "You put all the zeros before the data: that is causal padding.",
            "With 'same', a window looks both ways: how are the zeros divided?",
            lambda n, k, s=1, d=1: (max(zeros(n, k, s, d), 0), 0),
        ),
    ),
)


def _shape(
    input_shape: Shape,
    filters: int,
    kernel_size: Sequence[int],
    strides: Sequence[int] = (1, 1),
    padding: str = "valid",
    dilation_rate: Sequence[int] = (1, 1),
) -> tuple[int | None, ...]:
    layer = keras.layers.Conv2D(
        filters,
        tuple(kernel_size),
        tuple(strides),
        padding,
        dilation_rate=tuple(dilation_rate),
    )
    return shape_of(layer, input_shape)


def _picture(draw: Draw, padding: str, known: bool = False, **more: tuple[int, int]) -> Case:
    """Sides that no stride divides."""
    height, width = (2 * 3 * draw.size(4, 8) + 1 for _ in range(2))
    kernel_size = draw.sizes(2, 2, 3)
    batch, channels, filters = draw.sizes(3, 9, 20)
    shape = (batch if known else None, height, width, channels)
    config = {"input_shape": shape, "filters": filters, "kernel_size": kernel_size}
    full = {"strides": (1, 1), "padding": padding, "dilation_rate": (1, 1)} | more
    return Case({**config, **full})


Sides = tuple[Sequence[int], Sequence[int], Sequence[int], str, Sequence[int]]


def _shape_by(
    sides: Callable[..., Sequence[int]],
    pick: Callable[[int | None, Sequence[int], int], tuple[Any, ...]] = lambda batch, sides, f: (
        batch,
        *sides,
        f,
    ),
) -> Callable[..., tuple[Any, ...]]:
    """A shape whose sides are counted in another way, or put together in another way."""

    def wrong(
        input_shape: Shape,
        filters: int,
        kernel_size: Sequence[int],
        strides: Sequence[int] = (1, 1),
        padding: str = "valid",
        dilation_rate: Sequence[int] = (1, 1),
    ) -> tuple[Any, ...]:
        counted = sides(input_shape[1:3], kernel_size, strides, padding, dilation_rate)
        return pick(input_shape[0], counted, filters)

    return wrong


def _right(sides: Any, kernel: Any, strides: Any, padding: str, dilation: Any) -> list[int]:
    reaches = [_reach(k, d) for k, d in zip(kernel, dilation, strict=True)]
    rows = zip(sides, reaches, strides, strict=True)
    return [windows(n, reach, s, padding) for n, reach, s in rows]


conv_shape = Exercise(
    name="conv_shape",
    unit=UNIT,
    layer="Conv2D",
    reference=_shape,
    kinds=(
        Kind("valid, as it is by default", lambda d: _by_default(_picture(d, "valid"), 3)),
        Kind("valid, with strides", lambda d: _picture(d, "valid", strides=(3, 2))),
        Kind("valid, dilated", lambda d: _picture(d, "valid", dilation_rate=(2, 3))),
        Kind("same, with strides", lambda d: _picture(d, "same", strides=(2, 3))),
        Kind("a batch of known size", lambda d: _picture(d, "same", known=True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "kernel height and width swapped",
            "Your shape reads kernel_size as (width, height).",
            "In (batch, rows, columns, channels), which comes first: height or width?",
            _shape_by(lambda n, k, s, p, d: _right(n, k[::-1], s, p, d)),
        ),
        Misconception(
            "strides swapped",
            "Your shape reads strides as (across, down).",
            "In (batch, rows, columns, channels), which direction comes first: down or across?",
            _shape_by(lambda n, k, s, p, d: _right(n, k, s[::-1], p, d)),
        ),
        Misconception(
            "dilation ignored",
            "Your shape uses kernel_size as the kernel's length and ignores the dilation.",
            "A kernel of three has dilation_rate 2: how long is it from its first entry to its "
            "last?",
            _shape_by(lambda n, k, s, p, d: _right(n, k, s, p, (1, 1))),
        ),
        Misconception(
            "floor for ceil",
            "With padding='same' you lose the last window when the stride does not divide the "
            "length.",
            "Seven numbers, a stride of two: a window begins at every second number. How many "
            "windows are there?",
            _shape_by(
                lambda n, k, s, p, d: (
                    [side // step for side, step in zip(n, s, strict=True)]
                    if p == "same"
                    else _right(n, k, s, p, d)
                )
            ),
        ),
        Misconception(
            "same whatever the stride",
            "With padding='same' you return the input's sides and ignore the strides.",
            "With enough zeros and a stride of two, how many windows are there for ten columns?",
            _shape_by(lambda n, k, s, p, d: list(n) if p == "same" else _right(n, k, s, p, d)),
        ),
        Misconception(
            "channels kept",
            "The last number of your shape is the number of input channels.",
            "Each filter makes one output channel: how many filters are there?",
            lambda shape, filters, k, s=(1, 1), p="valid", d=(1, 1): (
                shape[0],
                *_right(shape[1:3], k, s, p, d),
                shape[3],
            ),
        ),
        Misconception(
            "batch left out",
            "Your shape leaves out the batch axis.",
            "How many axes does the output have?",
            _shape_by(_right, lambda batch, sides, filters: (*sides, filters)),
        ),
        Misconception(
            "filters first",
            "Your shape puts the filters before the sides.",
            "In Keras, which axis of a picture holds the channels?",
            _shape_by(_right, lambda batch, sides, filters: (batch, filters, *sides)),
        ),
    ),
)
