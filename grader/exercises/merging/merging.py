"""What the layers that join several inputs share: how cases are drawn, and what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import size_one, zeros
from grader.exercises.exercise import Case, Kind, Misconception
from grader.exercises.further import zeroed

UNIT = "02-joining"
ASPECTS = {"shape": 1, "compute_output_shape": 1, "output": 3, "gradient": 1, "model": 1}

Merge = Callable[[Sequence[Any]], Any]
Shape = tuple[int | None, ...]


def inputs_of_one_shape(count: int, rank: int) -> Callable[[Draw], Case]:
    """Draws so many inputs."""

    def draw_case(draw: Draw) -> Case:
        shape = draw.sizes(rank, 3, 8)
        return Case({}, [draw.normal(*shape) for _ in range(count)])

    return draw_case


def single(draw: Draw) -> Case:
    """Two inputs of one number for each sample, called again with zeros."""
    batch = draw.size()
    case = Case({}, [draw.normal(batch, 1), draw.normal(batch, 1)])
    return case.then(zeroed(case)).with_known_batch()


MANY = (
    Kind("two inputs", inputs_of_one_shape(2, 2)),
    Kind("three inputs", inputs_of_one_shape(3, 3)),
    Kind("five inputs", inputs_of_one_shape(5, 2)),
    Kind("two inputs of rank 4", inputs_of_one_shape(2, 4)),
    Kind("one number for each sample", single, edge=True),
)
EDGES = {"inputs: one number": size_one(-1), "inputs: zero": zeros}


def merged_shape(layer: keras.layers.Layer, shapes: Sequence[Sequence[int | None]]) -> Shape:
    """The live layer's output shape for inputs of these shapes, all with the batch axis."""
    return tuple(layer([keras.KerasTensor(tuple(shape)) for shape in shapes]).shape)


def merging(
    merge: Merge, shape: Callable[[Any], Any] = lambda shapes: tuple(shapes[0])
) -> Callable[..., keras.layers.Layer]:
    """A layer that joins its inputs by this function, and its shapes by that one."""

    class Merging(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            return merge(inputs)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return shape(input_shape)

    return Merging


def folded(pair: Callable[[Any, Any], Any]) -> Merge:
    """Joins any number of inputs, two at a time."""

    def merge(inputs: Sequence[Any]) -> Any:
        total, *rest = inputs
        for more in rest:
            total = pair(total, more)
        return total

    return merge


def usual_ideas(pair: Callable[[Any, Any], Any]) -> tuple[Misconception, ...]:
    """What goes wrong with every layer that joins element by element."""
    return (
        Misconception(
            "whole list of shapes",
            "Your compute_output_shape returns the whole list of input shapes.",
            "Several tensors go in: how many come out?",
            merging(folded(pair), shape=list),
        ),
        Misconception(
            "joins end to end",
            "Your layer puts its inputs side by side, as Concatenate does.",
            "One number comes out for each place: is your last axis as long as that of the inputs?",
            merging(lambda inputs: ops.concatenate(inputs, axis=-1)),
        ),
    )


def many_ideas(pair: Callable[[Any, Any], Any]) -> tuple[Misconception, ...]:
    """What goes wrong where there may be more than two inputs."""
    return (
        Misconception(
            "only the first two",
            "Your layer joins only the first two inputs and leaves out the others.",
            "How many inputs does the list hold? Does your code look at all of them?",
            merging(lambda inputs: pair(inputs[0], inputs[1])),
        ),
        Misconception(
            "starts anew at each input",
            "Your loop starts again from the first input each time, so its earlier result is lost.",
            "When the loop reaches the third input, what must that input be combined with?",
            merging(lambda inputs: pair(inputs[0], inputs[-1])),
        ),
    )


def extreme_ideas(
    word: str, pair: Callable[[Any, Any], Any], reduce: Callable[..., Any], place: Any
) -> tuple[Misconception, ...]:
    """What goes wrong with the largest, and with the smallest, of several inputs."""
    return (
        Misconception(
            "reduces over the features",
            f"Your layer takes the {word} along the last axis of each input.",
            "Which numbers are compared: those of one input, or those at the same place in all "
            "inputs?",
            merging(lambda inputs: reduce(ops.stack(inputs), axis=-1)),
        ),
        Misconception(
            "reduces over the samples",
            f"Your layer takes the {word} over the samples of each input.",
            "Which numbers are compared: those of one input, or those at the same place in all "
            "inputs?",
            merging(lambda inputs: reduce(ops.stack(inputs), axis=1)),
        ),
        Misconception(
            "reduces everything to one number",
            f"Your layer gives the {word} of all numbers in all inputs: a single one.",
            "If you stack the inputs, along which axis should you search, and along which not?",
            merging(lambda inputs: reduce(ops.stack(inputs))),
        ),
        Misconception(
            "position instead of value",
            f"Your layer gives the position of the {word} among the inputs, not the {word}.",
            'Arg- answers "where is it?" Which question should your layer answer?',
            merging(lambda inputs: place(ops.stack(inputs), axis=0)),
        ),
        Misconception(
            "sign ignored",
            "Your layer compares sizes without their sign.",
            "Which is larger, -3 or 2?",
            merging(lambda inputs: reduce(ops.abs(ops.stack(inputs)), axis=0)),
        ),
        *usual_ideas(pair),
        *many_ideas(pair),
    )
