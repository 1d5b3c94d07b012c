"""UpSampling2D: a larger picture, by repeating pixels or by drawing lines between them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, large, size_one, unequal, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, zeroed
from grader.exercises.residual.parts import UNIT

NEAREST, BILINEAR = "nearest", "bilinear"


def _case(draw: Draw, *sizes: Any, interpolation: str = "") -> Case:
    inputs = draw.normal(*draw.sizes(4))
    config = {"size": draw.choice(sizes)}
    return Case(config | ({"interpolation": interpolation} if interpolation else {}), inputs)


def _lines(draw: Draw) -> Case:
    case = _case(draw, (2, 3), (3, 2), (2, 4), interpolation=BILINEAR)
    return case.then(zeroed(case), enlarged(case, 30))


def _as_it_comes(draw: Draw) -> Case:
    return Case({"interpolation": BILINEAR}, draw.normal(*draw.sizes(4)))


def _four_and_five(draw: Draw) -> Case:
    """Four times is not twice two times: each doubling would look at pixels that are new."""
    return _case(draw, (4, 5), (5, 4), interpolation=BILINEAR)


def _tiny(draw: Draw, height: int, interpolation: str) -> Case:
    """One pixel, or one row, of one channel."""
    inputs = draw.normal(draw.size(2, 3), height, 1 if height == 1 else draw.size(4, 5), 1)
    return Case({"size": (3, 2), "interpolation": interpolation}, inputs).with_known_batch()


class _Enlarged(keras.layers.Layer):
    """The right layer, as two matrices: one for the rows, one for the columns."""

    def __init__(self, size: Any = (2, 2), interpolation: str = NEAREST, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = (size, size) if isinstance(size, int) else size
        self.interpolation = interpolation

    def places(self, length: int, times: int) -> np.ndarray:
        """Where the new pixels lie among the old ones."""
        return (np.arange(length * times) + 0.5) / times - 0.5

    def inside(self, places: np.ndarray, length: int) -> np.ndarray:
        """What becomes of the places beyond the first and the last pixel."""
        return np.clip(places, 0, length - 1)

    def matrix(self, length: int, times: int) -> np.ndarray:
        """How much each new pixel takes of each old one."""
        if self.interpolation == NEAREST:
            return np.repeat(np.eye(length), times, axis=0)
        places = self.inside(self.places(length, times), length)
        return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(length)))

    def along(self, axis: int, length: int) -> np.ndarray:
        """The matrix for an axis of the inputs."""
        return self.matrix(length, self.size[axis - 1])

    def call(self, inputs: Any) -> Any:
        rows, columns = (
            ops.cast(self.along(axis, inputs.shape[axis]), inputs.dtype) for axis in (1, 2)
        )
        return ops.einsum("ph,bhwc,qw->bpqc", rows, inputs, columns)


class _Tiles(_Enlarged):
    def matrix(self, length: int, times: int) -> np.ndarray:
        if self.interpolation == NEAREST:
            return np.tile(np.eye(length), (times, 1))
        return super().matrix(length, times)


class _Exchanged(_Enlarged):
    def along(self, axis: int, length: int) -> np.ndarray:
        return self.matrix(length, self.size[2 - axis])


class _OneWay(_Enlarged):
    def along(self, axis: int, length: int) -> np.ndarray:
        return self.matrix(length, self.size[0] if axis == 1 else 1)


class _Zeros(_Enlarged):
    def matrix(self, length: int, times: int) -> np.ndarray:
        found = super().matrix(length, times)
        if self.interpolation == NEAREST:
            found[np.arange(length * times) % times != 0] = 0
        return found


class _AlwaysNearest(_Enlarged):
    def __init__(self, size: Any = (2, 2), interpolation: str = NEAREST, **kwargs: Any) -> None:
        super().__init__(size, NEAREST, **kwargs)


class _AlwaysBilinear(_Enlarged):
    def __init__(self, size: Any = (2, 2), interpolation: str = NEAREST, **kwargs: Any) -> None:
        super().__init__(size, BILINEAR, **kwargs)


class _CornersOnCorners(_Enlarged):
    def places(self, length: int, times: int) -> np.ndarray:
        return np.linspace(0, length - 1, length * times)


class _NotCentred(_Enlarged):
    def places(self, length: int, times: int) -> np.ndarray:
        return np.arange(length * times) / times


class _DarkEdges(_Enlarged):
    def inside(self, places: np.ndarray, length: int) -> np.ndarray:
        return places


class _LinesGoOn(_Enlarged):
    def matrix(self, length: int, times: int) -> np.ndarray:
        if self.interpolation == NEAREST or length == 1:
            return super().matrix(length, times)
        places = self.places(length, times)
        left = np.clip(np.floor(places), 0, length - 2)
        share, old = (places - left)[:, None], np.arange(length)
        return np.where(old == left[:, None], 1 - share, 0) + np.where(
            old == left[:, None] + 1, share, 0
        )


class _ByTurns(_Enlarged):
    """Rows from lines, columns by repetition."""

    def along(self, axis: int, length: int) -> np.ndarray:
        if axis == 1:
            return super().along(axis, length)
        return np.repeat(np.eye(length), self.size[1], axis=0)


class _SizeIsTheTarget(_Enlarged):
    def call(self, inputs: Any) -> Any:
        return ops.image.resize(inputs, self.size, interpolation=self.interpolation)


class _AlongTheChannels(_OneWay):
    def call(self, inputs: Any) -> Any:
        return ops.repeat(super().call(inputs), self.size[1], axis=3)


up_sampling2d = Exercise(
    name="UpSampling2D",
    unit=UNIT,
    layer="UpSampling2D",
    reference=keras.layers.UpSampling2D,
    forbid=("UpSampling2D",),
    kinds=(
        Kind("nearest", lambda d: _case(d, (2, 3), (3, 2), (3, 4), interpolation=NEAREST)),
        Kind("bilinear", _lines),
        Kind(
            "bilinear, one number for size",
            lambda d: _case(d, 2, 3, interpolation=BILINEAR).with_known_batch(),
        ),
        Kind("interpolation left out", lambda d: _case(d, (3, 2)), once=True),
        Kind("bilinear, size left out", _as_it_comes, hidden=True, once=True),
        Kind("bilinear, four and five times", _four_and_five, hidden=True, once=True),
        Kind("nearest, size of 1", lambda d: _case(d, 1, interpolation=NEAREST), edge=True),
        Kind("bilinear, one pixel", lambda d: _tiny(d, 1, BILINEAR), edge=True),
        Kind("nearest, two rows", lambda d: _tiny(d, 2, NEAREST), edge=True, hidden=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 5, "gradient": 1},
    edges={
        "size: 1": given("size", 1),
        "size: two that differ": unequal("size"),
        "inputs: one pixel": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
        "inputs: large": large(15),
    },
    misconceptions=(
        Misconception(
            "repeats the picture",
            "For nearest, your layer puts whole pictures side by side. It should repeat each "
            "pixel.",
            "What stands next to the first pixel: the second one, or the first one again?",
            _Tiles,
        ),
        Misconception(
            "height and width exchanged",
            "Your layer takes the first number of `size` for the width.",
            "Which axis of the inputs comes first, height or width?",
            _Exchanged,
        ),
        Misconception(
            "downwards only",
            "Your layer makes the picture taller and not wider.",
            "What is the second number of `size` for?",
            _OneWay,
        ),
        Misconception(
            "zeros between the pixels",
            "For nearest, your layer fills the new places with zeros. It should repeat the pixel "
            "there.",
            "For size=(2, 2), how often should each number occur in the output?",
            _Zeros,
        ),
        Misconception(
            "always nearest",
            "Your layer always repeats pixels.",
            "Where does your layer look at `interpolation`?",
            _AlwaysNearest,
        ),
        Misconception(
            "always bilinear",
            "Your layer always draws lines between pixels.",
            "Where does your layer look at `interpolation`?",
            _AlwaysBilinear,
        ),
        Misconception(
            "corners on corners",
            "Your first and last pixels lie exactly on the old ones, and the others are spread "
            "evenly between them.",
            "Look at the middles of the pixels in the drawing: where does the middle of the first "
            "new one lie?",
            _CornersOnCorners,
        ),
        Misconception(
            "corners in place of middles",
            "Your new pixels are measured from the edge of a pixel, and not from its middle.",
            "An old pixel becomes two. Do their middles lie to the right of its middle, or on "
            "both sides?",
            _NotCentred,
        ),
        Misconception(
            "zeros beyond the edge",
            "At the edge your layer mixes the outermost pixel with zeros.",
            "What should the outermost new pixels be like, if nothing lies beyond the edge?",
            _DarkEdges,
        ),
        Misconception(
            "lines go on beyond the edge",
            "At the edge your layer goes on with the line through the last two pixels.",
            "May the enlarged picture be brighter than the brightest pixel?",
            _LinesGoOn,
        ),
        Misconception(
            "bilinear in one direction",
            "For bilinear, your layer draws lines downwards and repeats pixels to the right.",
            "The word bilinear says two: which two?",
            _ByTurns,
        ),
        Misconception(
            "size taken for the target",
            "Your output is as large as `size` says.",
            "Is size the number of pixels, or the number of times?",
            _SizeIsTheTarget,
        ),
        Misconception(
            "along the channels",
            "Your layer makes more channels where it should make the picture wider.",
            "In (batch, rows, columns, channels), which axis has the number 3?",
            _AlongTheChannels,
        ),
    ),
)


def _row(left: float, right: float, times: int) -> list[float]:
    """What the live layer makes of a row of two pixels; with powers of 2 it is exact."""
    layer = keras.layers.UpSampling2D((1, times), interpolation=BILINEAR)
    row = np.array([left, right], "float32").reshape((1, 1, 2, 1))
    return [float(value) for value in np.ravel(layer(row))]


def _two(draw: Draw, *times: int) -> Case:
    step, turn = draw.choice([2.0, 3.0, 5.0]), draw.choice([-1, 1])
    left, factor = draw.choice([-3.0, 4.0, 7.0]), draw.choice(times)
    return Case({"left": left, "right": left + turn * step * factor * 2, "times": factor})


def _by_places(left: float, right: float, places: Any) -> list[float]:
    return [float(left + (right - left) * place) for place in places]


bilinear_row = Exercise(
    name="bilinear_row",
    unit=UNIT,
    layer="UpSampling2D",
    reference=_row,
    kinds=(
        Kind("twice", lambda d: _two(d, 2)),
        Kind("four or eight times", lambda d: _two(d, 4, 8)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "nearest",
            "Your row repeats the two numbers.",
            "That is nearest. What does bilinear do between two pixels?",
            lambda left, right, times: [left] * times + [right] * times,
        ),
        Misconception(
            "corners on corners",
            "Your numbers go in even steps from the first pixel to the last.",
            "Where do the middles of the new pixels lie? Are the outermost ones between the old "
            "middles?",
            lambda left, right, times: _by_places(left, right, np.linspace(0, 1, 2 * times)),
        ),
        Misconception(
            "corners in place of middles",
            "Your first number is the first pixel itself, and the steps are right.",
            "An old pixel becomes several. Do their middles lie on both sides of its middle?",
            lambda left, right, times: _by_places(
                left, right, np.minimum(1, np.arange(2 * times) / times)
            ),
        ),
        Misconception(
            "lines go on beyond the edge",
            "Your outermost numbers lie beyond the two pixels.",
            "May the new row be brighter than its brightest pixel?",
            lambda left, right, times: _by_places(
                left, right, (np.arange(2 * times) + 0.5) / times - 0.5
            ),
        ),
    ),
)
