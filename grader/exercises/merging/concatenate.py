"""Concatenate: inputs side by side along one axis; all their other axes are equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import size_one
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.merging.merging import UNIT, Shape, merged_shape


def _case(rank: int, count: int = 2, **config: int) -> Callable[[Draw], Case]:
    """Inputs of different lengths on the joined axis."""

    def draw_case(draw: Draw) -> Case:
        shape, lengths = list(draw.sizes(rank - 1, 3, 8)), draw.sizes(count, 3, 8)
        place = config.get("axis", -1) % rank
        inputs = [draw.normal(*shape[:place], length, *shape[place:]) for length in lengths]
        return Case(config, inputs)

    return draw_case


def _one_shape(draw: Draw) -> Case:
    """A wrong axis fits too, and shows in the shape."""
    shape = draw.sizes(4, 3, 6)
    return Case({"axis": 1}, [draw.normal(*shape), draw.normal(*shape)])


def _narrow(draw: Draw) -> Case:
    """A middle axis: of one input it is of length 1, and so is the last axis of all."""
    batch, length = draw.sizes(2, 3, 6)
    inputs = [draw.normal(batch, 1, 1), draw.normal(batch, length, 1)]
    return Case({"axis": 1}, inputs).with_known_batch()


def _summed(shapes: Sequence[Shape], axis: int) -> Shape:
    shape, place = list(shapes[0]), axis % len(shapes[0])
    shape[place] = sum(other[place] or 0 for other in shapes) or None
    return tuple(shape)


def _cut_at_zero(shapes: Sequence[Shape], axis: int) -> Shape:
    """What comes of shape[axis + 1:] where axis is -1."""
    first = tuple(shapes[0])
    total = _summed(shapes, axis)[axis]
    return (*first[:axis], total, *first[axis + 1 :])


def _beside_the_batch(axis: int) -> int:
    return axis + 1 if axis >= 0 else axis


class _Joins(keras.layers.Layer):
    """Joins as it should, and checks nothing before: as a student's layer does."""

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        return ops.concatenate(inputs, axis=self.axis)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return _summed(input_shape, self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


class _AxisIgnoredInCall(_Joins):
    def call(self, inputs: Any) -> Any:
        return ops.concatenate(inputs, axis=-1)


class _AxisIgnored(_AxisIgnoredInCall):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return _summed(input_shape, -1)


class _Batch(_Joins):
    def call(self, inputs: Any) -> Any:
        return ops.concatenate(inputs, axis=0)


class _WithoutBatch(_Joins):
    def call(self, inputs: Any) -> Any:
        return ops.concatenate(inputs, axis=_beside_the_batch(self.axis))

    def compute_output_shape(self, input_shape: Any) -> Any:
        shape = list(input_shape[0])
        place = _beside_the_batch(self.axis)
        shape[place] = sum(other[place] for other in input_shape)
        return tuple(shape)


class _Reversed(_Joins):
    def call(self, inputs: Any) -> Any:
        return super().call(inputs[::-1])


class _OnlyTwo(_Joins):
    def call(self, inputs: Any) -> Any:
        return super().call(inputs[:2])


class _Stacks(_Joins):
    def call(self, inputs: Any) -> Any:
        return ops.stack(inputs, axis=self.axis)


class _FirstShape(_Joins):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return tuple(input_shape[0])


class _CutAtZero(_Joins):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return _cut_at_zero(input_shape, self.axis)


class _ForgetsAxis(_Joins):
    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["axis"]
        return config


concatenate = Exercise(
    name="Concatenate",
    unit=UNIT,
    layer="Concatenate",
    reference=keras.layers.Concatenate,
    forbid=("Concatenate",),
    kinds=(
        Kind("the last axis, by default", _case(2), also=("model",)),
        Kind("a middle axis", _case(4, axis=1), also=("config",)),
        Kind("counted from the end", _case(4, axis=-2), also=("config",)),
        Kind("the last axis by its number", _case(3, axis=2)),
        Kind("three inputs", _case(3, count=3)),
        Kind("two inputs of one shape", _one_shape),
        Kind("axes of length 1", _narrow, edge=True),
    ),
    edges={"inputs: joined axis of length 1": size_one(1), "inputs: one channel": size_one(-1)},
    aspects={
        "shape": 2,
        "compute_output_shape": 1,
        "output": 3,
        "gradient": 1,
        "config": 1,
        "model": 1,
    },
    misconceptions=(
        Misconception(
            "axis ignored",
            "Your layer always joins along the last axis and ignores axis.",
            "What is `axis` for, and where does your code use it?",
            _AxisIgnored,
        ),
        Misconception(
            "axis ignored in call",
            "Your call always joins along the last axis; only compute_output_shape uses axis.",
            "Where does your call use the axis?",
            _AxisIgnoredInCall,
        ),
        Misconception(
            "joins along the batch",
            "Your layer joins along axis 0: you get more samples, not longer ones.",
            "If two inputs hold 5 samples each, how many must come out?",
            _Batch,
        ),
        Misconception(
            "axis counted without the batch",
            "Your layer counts the axes from the first one after the batch.",
            "What is the number of the batch axis itself?",
            _WithoutBatch,
        ),
        Misconception(
            "operand order reversed",
            "Your layer puts the last input first.",
            "Look at the first number of the output: which input does it come from?",
            _Reversed,
        ),
        Misconception(
            "only the first two",
            "Your layer joins only the first two inputs and leaves out the others.",
            "How many inputs does the list hold? Does your code look at all of them?",
            _OnlyTwo,
        ),
        Misconception(
            "stacks instead of joining",
            "Your layer stacks its inputs along a new axis.",
            "How many axes does the output have, and how many does each input have?",
            _Stacks,
        ),
        Misconception(
            "shape of the first input",
            "Your compute_output_shape adds nothing: it returns the shape of the first input.",
            "One length grows: which one, and what is it then?",
            _FirstShape,
        ),
        Misconception(
            "slice from axis + 1",
            "Your compute_output_shape is wrong for axis=-1: shape[axis + 1:] is then shape[0:].",
            "What is -1 + 1? Which slice did you mean?",
            _CutAtZero,
        ),
        Misconception(
            "axis not in config",
            "Your get_config() forgets the axis.",
            "Which arguments does __init__ need to make the same layer again?",
            _ForgetsAxis,
        ),
    ),
)


def _joined(shapes: Sequence[Shape], axis: int = -1) -> Shape:
    return merged_shape(keras.layers.Concatenate(axis), shapes)


def _arguments(
    rank: int, count: int = 2, known: bool = False, **config: int
) -> Callable[[Draw], Case]:
    def draw_case(draw: Draw) -> Case:
        batch, *rest = draw.sizes(rank - 1, 2, 20)
        first = [batch if known else None, *rest]
        place = config.get("axis", -1) % rank
        lengths = draw.sizes(count, 2, 20)
        shapes = [(*first[:place], length, *first[place:]) for length in lengths]
        return Case({"shapes": shapes, **config})

    return draw_case


concatenate_shape = Exercise(
    name="concatenate_shape",
    unit=UNIT,
    layer="Concatenate",
    reference=_joined,
    kinds=(
        Kind("the last axis, by default", _arguments(2)),
        Kind("a middle axis", _arguments(4, axis=1)),
        Kind("counted from the end", _arguments(4, axis=-2)),
        Kind("three inputs", _arguments(3, count=3)),
        Kind("a batch of known size", _arguments(3, known=True, axis=1)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "axis ignored",
            "Your shape always grows along the last axis and ignores axis.",
            "What is `axis` for?",
            lambda shapes, axis=-1: _summed(shapes, -1),
        ),
        Misconception(
            "shape of the first input",
            "Your shape is that of the first input: no lengths are added.",
            "One length grows: which one, and what is it then?",
            lambda shapes, axis=-1: tuple(shapes[0]),
        ),
        Misconception(
            "axis counted without the batch",
            "Your function counts the axes from the first one after the batch.",
            "What is the number of the batch axis itself?",
            lambda shapes, axis=-1: _summed(shapes, _beside_the_batch(axis)),
        ),
        Misconception(
            "slice from axis + 1",
            "Your shape is wrong for axis=-1: shape[axis + 1:] is then shape[0:].",
            "What is -1 + 1? Which slice did you mean?",
            lambda shapes, axis=-1: _cut_at_zero(shapes, axis),
        ),
        Misconception(
            "only the first two",
            "Your length is the sum of two inputs, although there are more.",
            "How many shapes does the list hold?",
            lambda shapes, axis=-1: _summed(shapes[:2], axis),
        ),
        Misconception(
            "batch left out",
            "Your shape leaves out the batch axis.",
            "How many axes does each input have, and how many does the output have?",
            lambda shapes, axis=-1: _summed(shapes, axis)[1:],
        ),
        Misconception(
            "batch always unknown",
            "Your shape has None for the batch even when its size is known.",
            "What is the length of the batch axis in the input shapes?",
            lambda shapes, axis=-1: (None, *_summed(shapes, axis)[1:]),
        ),
    ),
)
