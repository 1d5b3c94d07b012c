"""The window by hand: what comes out when a kernel slides over a small picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from grader.exercises.convolution.convolution import FORBIDDEN, UNIT
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception


def _live(image: Any, kernel: Any) -> np.ndarray:
    """What a Conv2D without a bias gives for one picture with one channel."""
    layer = keras.layers.Conv2D(1, kernel.shape, use_bias=False)
    picture = np.asarray(image, "float32")[None, :, :, None]
    layer.build(picture.shape)
    layer.kernel.assign(np.asarray(kernel, "float32")[:, :, None, None])
    return np.asarray(layer(picture))[0, :, :, 0]


def _whole(draw: Draw, *shape: int) -> np.ndarray:
    """Whole numbers of both signs, never zero."""
    sign = draw.random.choice((-1, 1), size=shape)
    return (sign * draw.random.integers(1, 7, size=shape)).astype("int32")


def _case(draw: Draw, rows: int, columns: int) -> Case:
    height, width = draw.sizes(2, 4, 7)
    return Case({"image": _whole(draw, height, width), "kernel": _whole(draw, rows, columns)})


def _sliding(
    window: Callable[[Any, Any], Any], step: tuple[int, int] = (1, 1), less: int = 0
) -> Callable[[Any, Any], np.ndarray]:
    """Slides a window and lets this function say what comes out of it."""

    def slide(image: Any, kernel: Any) -> np.ndarray:
        rows, columns = (n - k + 1 - less for n, k in zip(image.shape, kernel.shape, strict=True))
        return np.array(
            [
                [
                    window(image[i : i + kernel.shape[0], j : j + kernel.shape[1]], kernel)
                    for j in range(0, columns, step[1])
                ]
                for i in range(0, rows, step[0])
            ]
        )

    return slide


def _turned(image: Any, kernel: Any) -> Any:
    return _sliding(lambda w, k: (w * k).sum())(image, kernel.T)


def _one_size(image: Any, kernel: Any) -> Any:
    padded = np.pad(image, [(0, k - 1) for k in kernel.shape])
    return _sliding(lambda w, k: (w * k).sum())(padded, kernel)


slide = Exercise(
    name="slide",
    unit=UNIT,
    layer="Conv2D",
    reference=_live,
    forbid=FORBIDDEN,
    kinds=(
        Kind("a flat kernel", lambda d: _case(d, 2, 3)),
        Kind("an upright kernel", lambda d: _case(d, 3, 1)),
        Kind("a square kernel", lambda d: _case(d, 2, 2)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "flipped kernel",
            "Your function flips the kernel before it multiplies, as a convolution in mathematics "
            "does. Keras does not flip it.",
            "Which entry of the kernel lies on the upper left number of the window?",
            _sliding(lambda w, k: (w * k[::-1, ::-1]).sum()),
        ),
        Misconception(
            "kernel transposed",
            "Your kernel is transposed: its rows run down the picture.",
            "Which side of the kernel says how many rows of the picture it covers?",
            _turned,
        ),
        Misconception(
            "last windows left out",
            "Your window stops one place too early, at the bottom and on the right.",
            "A kernel of two slides over three numbers: at how many places does it fit?",
            _sliding(lambda w, k: (w * k).sum(), less=1),
        ),
        Misconception(
            "same size as the picture",
            "Your output is as large as the picture: your window reaches over the edge.",
            "At how many places does the whole kernel lie inside the picture?",
            _one_size,
        ),
        Misconception(
            "windows side by side",
            "Your window jumps by its own size instead of moving by one.",
            "How many numbers do two neighbouring windows have in common?",
            lambda image, kernel: _sliding(lambda w, k: (w * k).sum(), kernel.shape)(image, kernel),
        ),
        Misconception(
            "largest product",
            "Your output is the largest product of a window, not the sum of all of them.",
            "Once you have the products, what do you do with them?",
            _sliding(lambda w, k: (w * k).max()),
        ),
        Misconception(
            "mean of the products",
            "Your output is the mean of the products, not their sum.",
            "Does the formula divide by anything?",
            _sliding(lambda w, k: (w * k).mean()),
        ),
    ),
)
