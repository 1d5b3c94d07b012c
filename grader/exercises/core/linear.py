"""Linear: a layer of one's own, and what makes it a good citizen: built, shape, config, files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from grader.bench.probe import Ref
from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import by_itself, zeroed

UNIT = "05-saving"

_STEPS: dict[str, Callable[[Any], Any]] = {
    "build": lambda layer: layer.build((None, 3)),
    "call": lambda layer: layer(np.ones((2, 3))),
    "call on Input": lambda layer: layer(keras.Input((3,))),
    "get_config": lambda layer: layer.get_config(),
    "compute_output_shape": lambda layer: layer.compute_output_shape((None, 3)),
}
_BUILDING = ("build", "call", "call on Input")
_QUESTIONS = ("get_config", "compute_output_shape")


def _built_after(steps: Sequence[str]) -> list[bool]:
    layer = keras.layers.Dense(4)
    states = [bool(layer.built)]
    for step in steps[1:]:
        _STEPS[step](layer)
        states.append(bool(layer.built))
    return states


def _life(*middle: str) -> Callable[[Draw], Case]:
    """Questions before and after the steps in the middle."""

    def draw_case(draw: Draw) -> Case:
        before = _QUESTIONS[: draw.choice((1, 2))]
        after = [draw.choice(_QUESTIONS) for _ in range(draw.choice((1, 2)))]
        return Case({"steps": ["make", *before, *middle, *after]})

    return draw_case


def _believing(*building: str) -> Callable[[Sequence[str]], list[bool]]:
    """Wrong: these steps build a layer, and no other."""

    def states(steps: Sequence[str]) -> list[bool]:
        firsts = [index for index, step in enumerate(steps) if step in building]
        return [bool(firsts) and index >= firsts[0] for index in range(len(steps))]

    return states


built_after = Exercise(
    name="built_after",
    unit=UNIT,
    layer="Layer",
    reference=_built_after,
    kinds=(
        Kind("questions only", lambda d: Case({"steps": ["make", *_QUESTIONS]})),
        Kind("build", _life("build")),
        Kind("a call", _life("call")),
        Kind("a symbolic call", _life("call on Input", "call")),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "built when made",
            "Your answer says that the layer is built as soon as it is made.",
            "Which number does build need that is not known when the layer is made?",
            _believing("make"),
        ),
        Misconception(
            "every step builds",
            "Your answer says that the layer is built by whichever step comes first.",
            "Which steps tell the layer the shape of its inputs and need weights?",
            _believing(*_BUILDING, *_QUESTIONS),
        ),
        Misconception(
            "compute_output_shape builds",
            "Your answer says that compute_output_shape builds the layer.",
            "Does a question about a shape need any weights?",
            _believing(*_BUILDING, "compute_output_shape"),
        ),
        Misconception(
            "only build builds",
            "Your answer says that only an explicit build() builds the layer.",
            "If you just call a layer, what builds it?",
            _believing("build"),
        ),
        Misconception(
            "a symbolic call does not build",
            "Your answer says that a call on an Input does not build the layer.",
            "An Input has no numbers, but what does it have that build needs?",
            _believing("build", "call"),
        ),
        Misconception(
            "built for a moment",
            "Your answer says that the layer is built right after build, but not later.",
            "Can a question take the weights away again?",
            lambda steps: [step in _BUILDING for step in steps],
        ),
    ),
)


def _case(draw: Draw, smallest: int, *forms: str, **config: Any) -> Case:
    """`forms` in which it is saved. The layer must be registered: nobody tells what it is.

    What takes long is tried on the larger cases: wrong ideas are held against the smallest first.
    """
    units, batch, features = draw.sizes(3, smallest, smallest + 3)
    facts = {"told": False, "forms": forms}
    return Case({"units": units, **config}, draw.normal(batch, features), facts=facts)


_BY_NAME = ("tanh", "sigmoid", "softplus")
_BY_FUNCTION = (Ref("keras.activations.silu"), Ref("keras.activations.exponential"))
_registered = keras.saving.register_keras_serializable("layer_by_layer")


@_registered
class Linear(keras.layers.Layer):
    """As a student would write it; the wrong ones below change one thing each.

    No name begins with an underscore: a SavedModel takes it for a scope, and refuses.
    """

    def __init__(self, units: int = 32, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        return self.activation(ops.matmul(inputs, self.kernel) + self.bias)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        activation = keras.activations.serialize(self.activation)
        return super().get_config() | {"units": self.units, "activation": activation}


class Unknown(Linear):
    pass


@_registered
class Variables(Linear):
    def build(self, input_shape: Any) -> None:
        self.kernel = tf.Variable(tf.zeros((input_shape[-1], self.units)))
        self.bias = tf.Variable(tf.zeros((self.units,)))


@_registered
class FixedSize(Linear):
    def __init__(self, units: int = 32, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(units, activation, **kwargs)
        self.kernel = self.add_weight(name="kernel", shape=(2, units))
        self.bias = self.add_weight(name="bias", shape=(units,))

    def build(self, input_shape: Any) -> None:
        pass


@_registered
class InCall(Linear):
    def build(self, input_shape: Any) -> None:
        pass

    def call(self, inputs: Any) -> Any:
        super().build(inputs.shape)
        return super().call(inputs)


@_registered
class LeavesSublayer(keras.layers.Layer):
    def __init__(self, units: int = 32, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = keras.layers.Dense(units, activation, kernel_initializer="ones")

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], self.inner.units)

    def get_config(self) -> dict[str, Any]:
        inner = self.inner.get_config()
        return super().get_config() | {name: inner[name] for name in ("units", "activation")}


@_registered
class Frozen(LeavesSublayer):
    """The old chapter's @tf.function: the first weights of the sublayer stay in the graph."""

    @tf.function
    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


@_registered
class Transposed(Linear):
    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(name="kernel", shape=(self.units, input_shape[-1]))
        self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs: Any) -> Any:
        return self.activation(ops.matmul(inputs, ops.transpose(self.kernel)) + self.bias)


@_registered
class NoBias(Linear):
    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.bias = 0.0


@_registered
class NoActivation(Linear):
    def call(self, inputs: Any) -> Any:
        return ops.matmul(inputs, self.kernel) + self.bias


@_registered
class GeluByTanh(Linear):
    """As one that looks the name up in `keras.ops`."""

    def call(self, inputs: Any) -> Any:
        if self.activation is not keras.activations.gelu:
            return super().call(inputs)
        return ops.gelu(ops.matmul(inputs, self.kernel) + self.bias)


@_registered
class ShapeWithoutBatch(Linear):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return (self.units,)


@_registered
class NoOutputShape(Linear):
    compute_output_shape = keras.layers.Layer.compute_output_shape


@_registered
class NoConfig(Linear):
    get_config = keras.layers.Layer.get_config


@_registered
class ForgetsUnits(Linear):
    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["units"]
        return dict(config)


@_registered
class ForgetsActivation(Linear):
    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["activation"]
        return dict(config)


@_registered
class HoldsFunction(Linear):
    def __init__(self, units: int = 32, activation: Any = None, **kwargs: Any) -> None:
        super().__init__(units, activation if isinstance(activation, str) else None, **kwargs)
        if activation is not None and not isinstance(activation, str):
            self.activation = activation

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"activation": self.activation}


def _single(draw: Draw) -> Case:
    case = Case({"units": 1, "activation": "gelu"}, draw.normal(draw.size(), 1))
    return case.then(zeroed(case), *by_itself(case)).with_known_batch()


linear = Exercise(
    name="Linear",
    unit=UNIT,
    layer="Layer",
    reference=keras.layers.Dense,
    forbid=("Dense",),
    kinds=(
        Kind(
            "plain",
            lambda d: _case(d, 7, ".h5", "SavedModel"),
            also=("built", "model", "saving"),
        ),
        Kind("activation by name", lambda d: _case(d, 3, activation=d.choice(_BY_NAME))),
        Kind(
            "activation as a function",
            lambda d: _case(d, 4, ".keras", activation=d.choice(_BY_FUNCTION)),
            also=("config", "saving"),
        ),
        Kind("one unit, one feature", _single, edge=True),
    ),
    edges={
        "units: 1": given("units", 1),
        "inputs: one feature": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={
        "shape": 1,
        "compute_output_shape": 1,
        "parameters": 2,
        "output": 2,
        "gradient": 1,
        "built": 1,
        "config": 1,
        "model": 1,
        "saving": 2,
    },
    misconceptions=(
        Misconception(
            "tf.Variable",
            "Your weights are TensorFlow's own variables: Keras 3 neither counts nor saves them.",
            "Which method of Layer makes a weight that Keras knows of?",
            Variables,
        ),
        Misconception(
            "size fixed in __init__",
            "Your kernel is made in __init__, always for two features.",
            "When does a layer find out how many features its inputs have?",
            FixedSize,
        ),
        Misconception(
            "weights made in call",
            "Your layer makes new weights in each call; Keras allows that only once.",
            "Which of the three methods runs only once?",
            InCall,
        ),
        Misconception(
            "build leaves the sublayer",
            "Your layer uses a sublayer that your build does not build.",
            "After build, before any call: how many weights does your layer have?",
            LeavesSublayer,
        ),
        Misconception(
            "@tf.function on call",
            "Your call is a graph that keeps the first values of the weights: nothing is learned.",
            "Keras compiles whole training steps by itself: do you need @tf.function at all?",
            Frozen,
        ),
        Misconception(
            "kernel transposed",
            "Your kernel is stored as (units, features): it should be the other way round.",
            "Which shape must the kernel have so that inputs @ kernel gives (batch, units)?",
            Transposed,
        ),
        Misconception(
            "bias omitted",
            "Your layer has no bias.",
            "What comes out for inputs that are all zero, and can it be learned?",
            NoBias,
        ),
        Misconception(
            "activation forgotten",
            "Your layer never applies its activation.",
            "What happens to the weighted sum before it leaves the layer?",
            NoActivation,
        ),
        Misconception(
            "gelu by tanh",
            "Your gelu is the approximation with tanh: `ops.gelu` uses it by default, "
            "`keras.activations.gelu` does not.",
            "Which function turns the name of an activation into the one that Keras means by it?",
            GeluByTanh,
        ),
        Misconception(
            "shape without the batch",
            "Your compute_output_shape leaves out the batch axis.",
            "The input shape has a batch axis: what must the output shape have?",
            ShapeWithoutBatch,
        ),
        Misconception(
            "compute_output_shape not written",
            "Your layer has no compute_output_shape, and Keras 3 cannot guess it.",
            "Which entry of the input shape changes, and what does it become?",
            NoOutputShape,
        ),
        Misconception(
            "get_config not written",
            "Your layer has no get_config: Keras records plain arguments by itself, but not "
            "functions.",
            "A file holds only words and numbers: what can you write there for a function?",
            NoConfig,
        ),
        Misconception(
            "units not in the config",
            "Your get_config() forgets units: the layer comes back with 32 of them.",
            "Which arguments does __init__ need to make the same layer again?",
            ForgetsUnits,
        ),
        Misconception(
            "activation not in the config",
            "Your get_config() forgets the activation.",
            "Which arguments does __init__ need to make the same layer again?",
            ForgetsActivation,
        ),
        Misconception(
            "the function itself in the config",
            "Your config holds the activation as a function; the file gives it back as a dict, "
            "and your __init__ uses that dict as a function.",
            "Which two functions turn an activation into a name, and a name into an activation?",
            HoldsFunction,
        ),
        Misconception(
            "not registered",
            "Your layer is complete, but Keras does not know its class when it loads the file.",
            "Which decorator registers a class with Keras?",
            Unknown,
        ),
    ),
)
