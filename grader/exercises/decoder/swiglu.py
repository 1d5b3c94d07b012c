"""SwiGLU: a feed-forward layer in which one branch decides how much of the other passes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.decoder.parts import ASPECTS, UNIT, plain_dense
from grader.exercises.draw import Draw
from grader.exercises.edges import axes, given, large, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, zeroed
from grader.exercises.live import count_of


class SwiGLU(keras.layers.Layer):
    """The gated feed-forward layer of N. Shazeer, "GLU Variants Improve Transformer" (2020).

    output = (silu(x G) * (x V)) O, with matrices G and V (width, hidden) and O (hidden, width), and
    without biases: three of Keras's Dense layers and its silu.
    """

    use_bias = False

    def __init__(self, hidden: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape: Any) -> None:
        """Make the three matrices."""
        self.gate, self.value, self.out = (
            keras.layers.Dense(units, use_bias=self.use_bias)
            for units in (self.hidden, self.hidden, input_shape[-1])
        )
        self.gate.build(input_shape)
        self.value.build(input_shape)
        self.out.build((*input_shape[:-1], self.hidden))

    def join(self, gate: Any, value: Any) -> Any:
        """The two branches as one."""
        return ops.silu(gate) * value

    def call(self, inputs: Any) -> Any:
        """The layer's output, of the shape of its inputs."""
        return self.out(self.join(self.gate(inputs), self.value(inputs)))


def _case(draw: Draw, rank: int) -> Case:
    hidden, *shape = draw.size(8, 11), *draw.sizes(rank)
    case = Case({"hidden": hidden}, draw.normal(*shape, scale=2.0))
    return case.then(zeroed(case), enlarged(case, 20))


def _single(draw: Draw) -> Case:
    """One number in, one number inside."""
    return Case({"hidden": 1}, draw.normal(draw.size(), draw.size(), 1)).with_known_batch()


class _Sigmoid(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.sigmoid(gate) * value


class _Relu(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.relu(gate) * value


class _Gelu(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.gelu(gate) * value


class _Bilinear(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return gate * value


class _AfterTheProduct(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.silu(gate * value)


class _OnBoth(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.silu(gate) * ops.silu(value)


class _Added(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.silu(gate) + value


class _Softmax(SwiGLU):
    def join(self, gate: Any, value: Any) -> Any:
        return ops.softmax(gate, axis=-1) * value


class _AtTheEnd(SwiGLU):
    def call(self, inputs: Any) -> Any:
        return ops.silu(self.out(self.gate(inputs) * self.value(inputs)))


class _Biases(SwiGLU):
    use_bias = True


class _NoGate(keras.layers.Layer):
    """The feed-forward layer of the first Transformers, with silu."""

    def __init__(self, hidden: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.hidden = hidden

    def build(self, input_shape: Any) -> None:
        self.first, self.out = plain_dense(self.hidden), plain_dense(input_shape[-1])
        self.first.build(input_shape)
        self.out.build((*input_shape[:-1], self.hidden))

    def call(self, inputs: Any) -> Any:
        return self.out(ops.silu(self.first(inputs)))


class _Shared(_NoGate):
    def call(self, inputs: Any) -> Any:
        value = self.first(inputs)
        return self.out(ops.silu(value) * value)


swiglu = Exercise(
    name="SwiGLU",
    unit=UNIT,
    layer="SwiGLU",
    reference=SwiGLU,
    weight_shapes=False,
    kinds=(
        Kind("rank 3", lambda d: _case(d, 3)),
        Kind("rank 2", lambda d: _case(d, 2)),
        Kind("one number in, one inside", _single, edge=True),
        Kind("rank 4", lambda d: _case(d, 4), edge=True, hidden=True),
    ),
    aspects=ASPECTS,
    edges={
        "hidden: 1": given("hidden", 1),
        "inputs: one number": size_one(-1),
        "inputs: zero": zeros,
        "inputs: large": large(15),
        "inputs: four axes": axes(4),
    },
    misconceptions=(
        Misconception(
            "sigmoid for silu",
            "The gate of your layer goes through sigmoid alone.",
            "silu(x) is x · sigmoid(x): which of the two factors is missing?",
            _Sigmoid,
        ),
        Misconception(
            "relu for silu",
            "The gate of your layer goes through relu.",
            "What is silu of a small negative number, and what is relu of it?",
            _Relu,
        ),
        Misconception(
            "gelu for silu",
            "The gate of your layer goes through gelu.",
            "Which function gives the layer its name: Swi stands for swish. What does Keras call "
            "it?",
            _Gelu,
        ),
        Misconception(
            "no silu",
            "Your layer multiplies the two branches as they are, without silu.",
            "What happens to the gate before it is multiplied?",
            _Bilinear,
        ),
        Misconception(
            "silu after the product",
            "Your layer multiplies the two branches first, and applies silu to the product.",
            "In the formula, what stands inside the brackets of silu?",
            _AfterTheProduct,
        ),
        Misconception(
            "silu on both branches",
            "Both branches of your layer go through silu.",
            "One branch decides, the other is what passes. Which of them is left as it is?",
            _OnBoth,
        ),
        Misconception(
            "silu at the end",
            "Your layer applies silu to its output.",
            "Is there anything after the last matrix?",
            _AtTheEnd,
        ),
        Misconception(
            "gate added",
            "Your layer adds the gate to the value.",
            "A gate that is 0 lets nothing pass: which operation does that?",
            _Added,
        ),
        Misconception(
            "softmax on the gate",
            "The gates of your layer go through softmax, so that they compete.",
            "Does one gate know about the others?",
            _Softmax,
        ),
        Misconception(
            "no gate",
            "Your layer is a plain feed-forward layer, with two matrices and no gate.",
            "How many matrices does the formula have?",
            _NoGate,
        ),
        Misconception(
            "one matrix for both branches",
            "The two branches of your layer are made by the same matrix.",
            "Can the gate decide about anything else than the value itself then?",
            _Shared,
        ),
        Misconception(
            "biases",
            "Your Dense layers have biases.",
            "Look at the formula: is anything added in it?",
            _Biases,
        ),
    ),
)


def _count(width: int, hidden: int) -> int:
    return count_of(SwiGLU(hidden), (None, 3, width))


def _sizes(draw: Draw) -> Case:
    width, hidden = draw.sizes(2, 3, 60)
    return Case({"width": width, "hidden": hidden})


swiglu_params = Exercise(
    name="swiglu_params",
    unit=UNIT,
    layer="SwiGLU",
    reference=_count,
    kinds=(Kind("a layer", _sizes), Kind("another one", _sizes)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "two matrices",
            "Your count has two matrices, as a feed-forward layer without a gate has.",
            "Which two branches start at the input? What leads back to its width?",
            lambda width, hidden: 2 * width * hidden,
        ),
        Misconception(
            "biases counted",
            "Your count has biases.",
            "Look at the formula: is anything added in it?",
            lambda width, hidden: 3 * width * hidden + 2 * hidden + width,
        ),
        Misconception(
            "gate between the hidden numbers",
            "Your count has a gate that is made of the hidden numbers.",
            "What is the gate made of: of the input, or of the other branch?",
            lambda width, hidden: 2 * width * hidden + hidden * hidden,
        ),
        Misconception(
            "the last matrix forgotten",
            "Your count has no matrix that leads back to the width of the input.",
            "After the product, how many numbers are there for each place, and how many come out?",
            lambda width, hidden: width * hidden,
        ),
    ),
)
