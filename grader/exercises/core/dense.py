"""Dense: act on the last axis by a matrix, a bias and an activation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.bench.probe import Ref
from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import by_itself, zeroed
from grader.exercises.live import count_of

UNIT = "01-first-layers"


def _case(draw: Draw, rank: int = 2, **config: Any) -> Case:
    units, *shape = draw.sizes(rank + 1)
    return Case({"units": units, **config}, draw.normal(*shape))


def _single(draw: Draw) -> Case:
    """One unit on one feature, called again with zeros and with single numbers."""
    case = Case({"units": 1, "activation": "gelu"}, draw.normal(draw.size(), 1))
    return case.then(zeroed(case), *by_itself(case)).with_known_batch()


_BY_NAME = ("tanh", "sigmoid", "softplus")
_BY_FUNCTION = (Ref("keras.activations.silu"), Ref("keras.activations.exponential"))


class _Transposed(keras.layers.Dense):
    def build(self, input_shape: Any) -> None:
        self._kernel = self.add_weight(name="kernel", shape=(self.units, input_shape[-1]))
        self.bias = self.add_weight(name="bias", shape=(self.units,)) if self.use_bias else None
        self.built = True

    @property
    def kernel(self) -> Any:
        return ops.transpose(self._kernel)


class _NoBias(keras.layers.Dense):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "use_bias": False})


class _AlwaysBias(keras.layers.Dense):
    def __init__(self, *args: Any, use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, use_bias=True, **kwargs)


class _BiasLast(keras.layers.Dense):
    def call(self, inputs: Any) -> Any:
        outputs = self.activation(ops.matmul(inputs, self.kernel))
        return outputs if self.bias is None else outputs + self.bias


class _NoActivation(keras.layers.Dense):
    def call(self, inputs: Any) -> Any:
        outputs = ops.matmul(inputs, self.kernel)
        return outputs if self.bias is None else outputs + self.bias


class _GeluByTanh(keras.layers.Dense):
    """As one that looks the name up in `keras.ops`."""

    def call(self, inputs: Any) -> Any:
        if self.activation is not keras.activations.gelu:
            return super().call(inputs)
        outputs = ops.matmul(inputs, self.kernel)
        return ops.gelu(outputs if self.bias is None else outputs + self.bias)


class _Flattens(keras.layers.Dense):
    def build(self, input_shape: Any) -> None:
        features = 1
        for length in input_shape[1:]:
            features *= length
        super().build((None, features))
        self.input_spec = None

    def call(self, inputs: Any) -> Any:
        return super().call(ops.reshape(inputs, (-1, self.kernel.shape[0])))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.units)


class _SecondAxis(keras.layers.Dense):
    def build(self, input_shape: Any) -> None:
        super().build((None, input_shape[1]))
        self.input_spec = None


class _ForgetsActivation(keras.layers.Dense):
    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["activation"]
        return dict(config)


class _ForgetsBias(keras.layers.Dense):
    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["use_bias"]
        return dict(config)


class _CastsToFloat32(keras.layers.Dense):
    def call(self, inputs: Any) -> Any:
        outputs = ops.matmul(ops.cast(inputs, "float32"), ops.cast(self.kernel, "float32"))
        if self.bias is not None:
            outputs = outputs + ops.cast(self.bias, "float32")
        return self.activation(outputs)


dense = Exercise(
    name="Dense",
    unit=UNIT,
    layer="Dense",
    reference=keras.layers.Dense,
    forbid=("Dense",),
    kinds=(
        Kind("plain", _case, also=("model", "dtype")),
        Kind("no bias", lambda d: _case(d, use_bias=False), also=("config",)),
        Kind("rank 3", lambda d: _case(d, rank=3, activation=d.choice(_BY_NAME))),
        Kind("rank 4", lambda d: _case(d, rank=4)),
        Kind("one unit, one feature", _single, edge=True),
        Kind(
            "activation by name",
            lambda d: _case(d, activation=d.choice(_BY_NAME), use_bias=False),
            also=("config",),
        ),
        Kind(
            "activation as a function",
            lambda d: _case(d, activation=d.choice(_BY_FUNCTION)),
            also=("config",),
        ),
    ),
    aspects={
        "shape": 1,
        "parameters": 2,
        "output": 3,
        "gradient": 1,
        "config": 1,
        "dtype": 1,
        "model": 1,
    },
    edges={
        "units: 1": given("units", 1),
        "inputs: one feature": size_one(-1),
        "inputs: zero": zeros,
    },
    misconceptions=(
        Misconception(
            "kernel transposed",
            "Your kernel is stored as (units, features): it should be the other way round.",
            "Which shape must the kernel have so that inputs @ kernel gives (batch, units)?",
            _Transposed,
        ),
        Misconception(
            "bias omitted",
            "Your layer never adds a bias, although use_bias is True.",
            "How many numbers should be added for each unit, and are they learned?",
            _NoBias,
        ),
        Misconception(
            "use_bias ignored",
            "Your layer makes a bias even when use_bias is False.",
            "What should build() leave out when use_bias is False?",
            _AlwaysBias,
        ),
        Misconception(
            "activation before bias",
            "Your layer adds the bias after the activation.",
            "In which order do the product, the bias and the activation come in the formula?",
            _BiasLast,
        ),
        Misconception(
            "activation forgotten",
            "Your layer never applies its activation.",
            "What happens to the weighted sum before it leaves the layer?",
            _NoActivation,
        ),
        Misconception(
            "gelu by tanh",
            "Your gelu is the approximation with tanh: `ops.gelu` uses it by default, "
            "`keras.activations.gelu` does not.",
            "Which function turns the name of an activation into the one that Keras means by it?",
            _GeluByTanh,
        ),
        Misconception(
            "flattens rank 3",
            "Your layer flattens all axes but the batch before the product.",
            "Dense acts on the last axis only: which axes must stay as they are?",
            _Flattens,
        ),
        Misconception(
            "input_shape[1] in build",
            "Your kernel is as long as axis 1 of the inputs, not as their last axis.",
            "For inputs of shape (batch, time, features), which index of input_shape is features?",
            _SecondAxis,
        ),
        Misconception(
            "activation not in config",
            "Your get_config() forgets the activation.",
            "Which arguments does __init__ need to make the same layer again?",
            _ForgetsActivation,
        ),
        Misconception(
            "use_bias not in config",
            "Your get_config() forgets use_bias.",
            "Which arguments does __init__ need to make the same layer again?",
            _ForgetsBias,
        ),
        Misconception(
            "casts to float32",
            "Your layer casts to float32 by itself and ignores the dtype policy.",
            "Keras casts inputs and weights for you before call(): what happens if you leave out "
            "your own cast?",
            _CastsToFloat32,
        ),
    ),
)


def _count(features: int, units: int, use_bias: bool = True) -> int:
    return count_of(keras.layers.Dense(units, use_bias=use_bias), (None, features))


def _arguments(draw: Draw, **more: Any) -> Case:
    features, units = draw.sizes(2, 3, 40)
    return Case({"features": features, "units": units, **more})


dense_params = Exercise(
    name="dense_params",
    unit=UNIT,
    layer="Dense",
    reference=_count,
    kinds=(
        Kind("with a bias", _arguments),
        Kind("without a bias", lambda d: _arguments(d, use_bias=False)),
        Kind("one unit", lambda d: Case({"features": d.size(3, 40), "units": 1})),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "bias not counted",
            "Your count leaves out the bias.",
            "Besides the matrix, what does the layer add to each of its outputs?",
            lambda features, units, use_bias=True: features * units,
        ),
        Misconception(
            "use_bias ignored",
            "Your count has a bias even when use_bias is False.",
            "What is left of the formula when there is no bias?",
            lambda features, units, use_bias=True: features * units + units,
        ),
        Misconception(
            "one bias for each feature",
            "Your count has a bias for each input feature, not for each unit.",
            "The bias is added to the outputs: how many of them are there?",
            lambda features, units, use_bias=True: features * units + features * use_bias,
        ),
        Misconception(
            "a single bias",
            "Your count has one bias for the whole layer.",
            "Is the same number added to every unit?",
            lambda features, units, use_bias=True: features * units + bool(use_bias),
        ),
    ),
)
