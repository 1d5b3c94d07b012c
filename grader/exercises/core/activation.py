"""Activation: one function on every number (softmax: on every row), and nothing to learn."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from grader.bench.probe import Ref
from grader.exercises.draw import Draw
from grader.exercises.edges import large, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, short, zeroed

UNIT = "01-first-layers"


def _case(name: str, scale: float = 2.0) -> Callable[[Draw], Case]:
    def draw_case(draw: Draw) -> Case:
        shape = draw.sizes(draw.choice((2, 3)))
        case = Case({"activation": name}, draw.normal(*shape, scale=scale))
        return case.then(zeroed(case), enlarged(case, 50), short(case, -1))

    return draw_case


def _with_ends(draw: Draw) -> Case:
    """A hard sigmoid is a slope up to 3 and flat from there on: half of the numbers on either part,
    and none at the bend, where right formulas may differ in their slopes."""
    shape = draw.sizes(draw.choice((2, 3)))
    count = math.prod(shape)
    sizes = draw.random.uniform(0.3, 2.7, count)
    sizes[::2] += 3
    values = draw.random.permutation(sizes * draw.random.choice([-1.0, 1.0], count))
    return Case({"activation": "hard_sigmoid"}, values.reshape(shape).astype("float32"))


def _by_function(draw: Draw) -> Case:
    function = draw.choice((Ref("keras.activations.softsign"), Ref("keras.activations.elu")))
    return Case({"activation": function}, draw.normal(*draw.sizes(2)))


def _with(**changed: Callable[[Any], Any]) -> Callable[..., keras.layers.Layer]:
    """An Activation in which some functions are replaced by wrong ones."""

    class Changed(keras.layers.Activation):
        def __init__(self, activation: Any, **kwargs: Any) -> None:
            wrong = changed.get(activation) if isinstance(activation, str) else None
            super().__init__(wrong or activation, **kwargs)

    return Changed


class _OnlyNames(keras.layers.Activation):
    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(activation, **kwargs)
        if not isinstance(activation, str):
            self.activation = lambda inputs: inputs


def _naive_softmax(x: Any) -> Any:
    powers = ops.exp(x)
    return powers / ops.sum(powers, axis=-1, keepdims=True)


activation = Exercise(
    name="Activation",
    unit=UNIT,
    layer="Activation",
    reference=keras.layers.Activation,
    forbid=("Activation",),
    kinds=(
        Kind("relu", _case("relu")),
        Kind("leaky_relu", _case("leaky_relu")),
        Kind("sigmoid", _case("sigmoid")),
        Kind("tanh", _case("tanh")),
        Kind("softmax", _case("softmax")),
        Kind("softmax of large numbers", _case("softmax", scale=1000.0)),
        Kind("hard_sigmoid", _with_ends),
        Kind("a function", lambda d: _by_function(d).with_known_batch()),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 5, "gradient": 1},
    edges={
        "inputs: one in a row": size_one(-1),
        "inputs: zero": zeros,
        "inputs: large": large(90),
    },
    misconceptions=(
        Misconception(
            "softmax over axis 0",
            "Your softmax sums to 1 over the batch, not over the last axis.",
            "Which numbers should sum to 1: the classes of one sample, or one class over the "
            "samples?",
            _with(softmax=lambda x: ops.softmax(x, axis=0)),
        ),
        Misconception(
            "sigmoid for softmax",
            "Your softmax is a sigmoid: it treats each number by itself, and the sum is not 1.",
            "Why do the outputs of a softmax depend on each other?",
            _with(softmax=ops.sigmoid),
        ),
        Misconception(
            "softmax over everything",
            "Your softmax sums to 1 over the whole array, not over each row.",
            "Along which axis must the sum run, and must it keep that axis?",
            _with(softmax=lambda x: ops.softmax(x, axis=tuple(range(len(x.shape))))),
        ),
        Misconception(
            "softmax overflows",
            "Your softmax gives NaN for large numbers: exp(1000) is infinite.",
            "Softmax does not change when you subtract one number from a whole row: which number "
            "is safe?",
            _with(softmax=_naive_softmax),
        ),
        Misconception(
            "leaky slope sign",
            "Your leaky_relu makes negative numbers positive: the slope has the wrong sign.",
            "Draw the left half of the curve: is it above or below zero?",
            _with(leaky_relu=lambda x: ops.where(x > 0, x, -0.2 * x)),
        ),
        Misconception(
            "leaky slope 0.01",
            "Your leaky_relu has the slope 0.01 on the left; the exercise asks for 0.2.",
            "Which slope does the exercise's text give?",
            _with(leaky_relu=lambda x: ops.where(x > 0, x, 0.01 * x)),
        ),
        Misconception(
            "hard_sigmoid of Keras 2",
            "Your hard_sigmoid is the one of old Keras, 0.2 x + 0.5; Keras 3 uses x / 6 + 0.5.",
            "At which x must the straight line reach 1?",
            _with(hard_sigmoid=lambda x: ops.clip(0.2 * x + 0.5, 0.0, 1.0)),
        ),
        Misconception(
            "hard_sigmoid not clipped",
            "Your hard_sigmoid is a straight line that never becomes flat.",
            "What does a sigmoid look like far to the left and far to the right?",
            _with(hard_sigmoid=lambda x: x / 6.0 + 0.5),
        ),
        Misconception(
            "sigmoid sign",
            "Your sigmoid falls where it should rise: the sign in the exponent is wrong.",
            "Is the sigmoid of a large positive number near 1 or near 0?",
            _with(sigmoid=lambda x: ops.sigmoid(-x)),
        ),
        Misconception(
            "functions ignored",
            "Your layer only knows names: when activation is a function, it does nothing.",
            "What if activation is a function, and not a name?",
            _OnlyNames,
        ),
    ),
)


def _stack(features: int, widths: Sequence[int]) -> int:
    layers: list[Any] = [keras.Input((features,))]
    for width in widths:
        layers += [keras.layers.Dense(width), keras.layers.Activation("relu")]
    return int(keras.Sequential(layers).count_params())


def _widths(draw: Draw, depth: int) -> Case:
    features, *widths = draw.sizes(depth + 1, 3, 40)
    return Case({"features": features, "widths": widths})


def _wrong_stack(bias: int = 1, activation: int = 0, chained: bool = True) -> Callable[..., int]:
    def count(features: int, widths: Sequence[int]) -> int:
        total, previous = 0, features
        for width in widths:
            total += previous * width + bias * width + activation * width
            previous = width if chained else features
        return total

    return count


stack_params = Exercise(
    name="stack_params",
    unit=UNIT,
    layer="Activation",
    reference=_stack,
    kinds=(
        Kind("one layer", lambda d: _widths(d, 1)),
        Kind("two layers", lambda d: _widths(d, 2)),
        Kind("four layers", lambda d: _widths(d, 4)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "every layer sees the features",
            "In your count every layer sees the first inputs, not the outputs of the layer before.",
            "How many numbers does the second layer receive?",
            _wrong_stack(chained=False),
        ),
        Misconception(
            "biases not counted",
            "Your count leaves out the biases.",
            "How many parameters does one Dense layer have in total?",
            _wrong_stack(bias=0),
        ),
        Misconception(
            "activations have parameters",
            "Your count gives parameters to the Activation layers.",
            "What does relu learn?",
            _wrong_stack(activation=1),
        ),
        Misconception(
            "only the last layer",
            "Your count has only one layer.",
            "Does your result add up the parameters of all layers?",
            lambda features, widths: ([features, *widths][-2] + 1) * widths[-1],
        ),
    ),
)
