"""ResNet: a whole network, from pixels to logits, that takes given weights by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.data import load
from grader.exercises.draw import Draw
from grader.exercises.edges import given, one_sample, size_one
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.residual.parts import AlwaysTraining, conv, weight
from grader.exercises.residual.residual_block import ResidualBlock

UNIT = "19-capstone-see"
SHIPPED = {"filters": 16, "blocks": 3, "classes": 10}
"""The sizes of the network whose weights are in `data/digits_model.npz`."""
_NORM = ("gamma", "beta", "mean", "variance")


class Block(ResidualBlock):
    """The block of unit 16, which tells its parts."""

    def parts(self, inputs: Any, training: bool | None) -> tuple[Any, Any, Any]:
        """What comes out of the convolutions, of the shortcut, and of the block."""
        inner, shortcut = self.inner(inputs, training), self.shortcut(inputs, training)
        return inner, shortcut, self.joined(inner, shortcut)

    def joined(self, inner: Any, shortcut: Any) -> Any:
        """relu of the sum."""
        return ops.relu(inner + shortcut)

    def named(self) -> dict[str, Any]:
        """The weights by their names."""
        found = {"conv_1": self.first_conv.kernel, **of_norm("norm_1", self.first_norm)}
        found |= {"conv_2": self.second_conv.kernel, **of_norm("norm_2", self.second_norm)}
        if hasattr(self, "projection"):
            found |= {"conv_3": self.projection.kernel, **of_norm("norm_3", self.projection_norm)}
        return found


def of_norm(name: str, norm: Any) -> dict[str, Any]:
    """The four weights of a BatchNormalization by their names."""
    return {f"{name}.{part}": w for part, w in zip(_NORM, norm.weights, strict=False)}


class ResNet(keras.layers.Layer):
    """A small network of K. He and others, "Deep Residual Learning for Image Recognition" (2015).

    A stem (`keras.layers.Conv2D`, `keras.layers.BatchNormalization`, relu), residual blocks, the
    mean of each channel, and `keras.layers.Dense`. Each block after the first one halves the
    picture and has twice as many filters. (batch, height, width, channels) to (batch, classes).
    """

    block: Any = Block
    norm: Any = keras.layers.BatchNormalization

    def __init__(self, filters: int, blocks: int, classes: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.classes = filters, classes
        self.stem, self.stem_norm = self.convolution(filters), self.norm()
        self.blocks = [self.block(filters << n, strides=2 if n else 1) for n in range(blocks)]
        self.head = keras.layers.Dense(classes)

    def convolution(self, filters: int) -> Any:
        """The convolution of the stem."""
        return conv(filters, 3)

    def build(self, input_shape: Any) -> None:
        """Build all parts."""
        self.stem.build(input_shape)
        shape = self.stem.compute_output_shape(input_shape)
        self.stem_norm.build(shape)
        for block in self.blocks:
            block.build(shape)
            shape = block.after
        self.head.build((None, shape[-1]))

    def named(self) -> dict[str, Any]:
        """All weights by their names, as in the file."""
        found = {"stem.conv": self.stem.kernel, **of_norm("stem.norm", self.stem_norm)}
        for number, block in enumerate(self.blocks):
            found |= {f"block_{number}.{name}": w for name, w in block.named().items()}
        return {**found, "head.kernel": self.head.kernel, "head.bias": self.head.bias}

    def load(self, weights: Mapping[str, Any]) -> None:
        """Give each weight the value of its name."""
        for name, variable in self.named().items():
            variable.assign(weights[name])

    def activated(self, maps: Any) -> Any:
        """The end of the stem."""
        return ops.relu(maps)

    def pooled(self, maps: Any) -> Any:
        """The mean of each channel."""
        return ops.mean(maps, axis=(1, 2))

    def logits(self, pooled: Any) -> Any:
        """What the last layer makes of the means."""
        return self.head(pooled)

    def run(self, images: Any, training: bool | None = None) -> list[Any]:
        """What comes out of each part, the logits last."""
        found = [self.activated(self.stem_norm(self.stem(images), training=training))]
        for block in self.blocks:
            found += block.parts(found[-1], training)
        found.append(self.pooled(found[-1]))
        return [*found, self.logits(found[-1])]

    def stages(self, images: Any) -> list[Any]:
        """The same, at inference."""
        return self.run(images)

    def call(self, images: Any, training: bool | None = None) -> Any:
        """Logits of each picture."""
        return self.run(images, training)[-1]


def stage_names(blocks: int) -> tuple[str, ...]:
    """What the stages are, in the words of the exercise."""
    parts = (f"{part} {n}" for n in range(blocks) for part in ("inner", "shortcut", "block"))
    return ("stem", *parts, "means", "logits")


def weight_shapes(config: Mapping[str, int], channels: int = 1) -> dict[str, tuple[int, ...]]:
    """The names in a file of weights, and their shapes."""
    model = ResNet(**config)
    model.build((None, 8, 8, channels))
    return {name: tuple(variable.shape) for name, variable in model.named().items()}


def _with_weights(
    config: dict[str, int], images: np.ndarray, weights: Mapping[str, np.ndarray]
) -> Case:
    """Never put with symbols: a model of so many parts takes long to trace."""
    facts = {"weights": weights, "stages": stage_names(config["blocks"])}
    return Case(config, images, facts=facts).with_known_batch().once()


def _value(draw: Draw, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """As in the blocks of unit 16: kernels that keep the size of their inputs, and small moving
    variances, so that epsilon shows."""
    part = name.rpartition(".")[2]
    if part == "variance":
        return weight(draw, "moving_variance", shape)
    return weight(draw, "kernel" if part.startswith("conv") else part, shape)


def _random(draw: Draw, **config: int) -> Case:
    """Even sides, on which padding is uneven under a stride of 2."""
    sizes = {"filters": draw.size(4, 5), "blocks": 2, "classes": draw.size(5, 7), **config}
    height, width = draw.choice([(6, 8), (8, 6)])
    images = draw.normal(2, height, width, draw.choice([1, 3]))
    shapes = weight_shapes(sizes, images.shape[-1])
    weights = {name: _value(draw, name, shape) for name, shape in shapes.items()}
    case = _with_weights(sizes, images, weights)
    return replace(case, again=(case.alone(),))


def _tiny(draw: Draw) -> Case:
    """One of everything, and a picture of one row."""
    config = {"filters": 1, "blocks": 1, "classes": 1}
    images = draw.normal(2, 1, draw.size(4, 6), 1)
    weights = {name: _value(draw, name, shape) for name, shape in weight_shapes(config).items()}
    return _with_weights(config, images, weights)


def _digits(draw: Draw) -> Case:
    """Digits of the course's data, with the weights that are shipped."""
    images = load("digits")["images"]
    some = images[draw.random.choice(len(images), size=4, replace=False)]
    return _with_weights(SHIPPED, some[..., None].astype("float32") / 16, load("digits_model"))


class _Smaller(keras.layers.BatchNormalization):
    """Another default, that of PyTorch."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(epsilon=1e-5, **kwargs)


class _SmallEpsilonBlock(Block):
    norm = _Smaller


class _SmallEpsilon(ResNet):
    norm, block = _Smaller, _SmallEpsilonBlock


class _BatchBlock(Block):
    norm = AlwaysTraining


class _OfTheBatch(ResNet):
    norm, block = AlwaysTraining, _BatchBlock


class _Renamed(ResNet):
    """Some weights get the values of other names."""

    def load(self, weights: Mapping[str, Any]) -> None:
        super().load({name: self.given(weights, name) for name in weights})

    def given(self, weights: Mapping[str, Any], name: str) -> Any:
        """What the weight of this name gets."""
        return weights[name]


class _NotMoved(_Renamed):
    """The moving statistics stay as they are in a new layer."""

    def given(self, weights: Mapping[str, Any], name: str) -> Any:
        part = name.rpartition(".")[2]
        value = weights[name]
        return {"mean": np.zeros_like(value), "variance": np.ones_like(value)}.get(part, value)


class _Exchanged(_Renamed):
    one, other = "", ""

    def given(self, weights: Mapping[str, Any], name: str) -> Any:
        parts = name.split(".")
        swapped = {self.one: self.other, self.other: self.one}
        return weights[".".join(swapped.get(part, part) for part in parts)]


class _ScaleAndShift(_Exchanged):
    one, other = "gamma", "beta"


class _MeanAndVariance(_Exchanged):
    one, other = "mean", "variance"


class _Norms(_Exchanged):
    one, other = "norm_1", "norm_2"


class _Turned(_Renamed):
    """Rows of the kernels are taken for columns."""

    def given(self, weights: Mapping[str, Any], name: str) -> Any:
        value = weights[name]
        return np.swapaxes(value, 0, 1) if np.ndim(value) == 4 else value


class _HeadWithoutBias(_Renamed):
    def given(self, weights: Mapping[str, Any], name: str) -> Any:
        value = weights[name]
        return np.zeros_like(value) if name == "head.bias" else value


class _ActivatedBefore(ResNet):
    class block(Block):
        def joined(self, inner: Any, shortcut: Any) -> Any:
            return ops.relu(inner) + shortcut


class _NotActivated(ResNet):
    class block(Block):
        def joined(self, inner: Any, shortcut: Any) -> Any:
            return inner + shortcut


class _NothingAdded(ResNet):
    class block(Block):
        def joined(self, inner: Any, shortcut: Any) -> Any:
            return ops.relu(inner)


class _ZerosForChannels(ResNet):
    """Shortcut A of the paper: every second pixel, and channels of zeros."""

    class block(Block):
        def build_projection(self, input_shape: Any) -> None:
            pass

        def shortcut(self, inputs: Any, training: bool | None) -> Any:
            if not self.is_projected(inputs.shape[-1]):
                return inputs
            some = inputs[:, :: self.strides, :: self.strides]
            return ops.pad(some, ((0, 0),) * 3 + ((0, self.filters - inputs.shape[-1]),))


class _ProjectionAsItIs(ResNet):
    class block(Block):
        def shortcut(self, inputs: Any, training: bool | None) -> Any:
            if not self.is_projected(inputs.shape[-1]):
                return inputs
            return self.projection(inputs)


class _StrideInTheSecond(ResNet):
    class block(Block):
        strides_of = (False, True)


class _PaddedOnEachSide(ResNet):
    """One row and one column of zeros on each side, as PyTorch pads."""

    class block(Block):
        def inner(self, inputs: Any, training: bool | None) -> Any:
            padded = ops.pad(inputs, ((0, 0), (1, 1), (1, 1), (0, 0)))
            kernel = self.first_conv.kernel
            hidden = ops.conv(padded, kernel, strides=self.strides, padding="valid")
            hidden = ops.relu(self.first_norm(hidden, training=training))
            return self.second_norm(self.second_conv(hidden), training=training)


class _StemNotActivated(ResNet):
    def activated(self, maps: Any) -> Any:
        return maps


class _Largest(ResNet):
    def pooled(self, maps: Any) -> Any:
        return ops.max(maps, axis=(1, 2))


class _RowsOnly(ResNet):
    """Only the rows are pooled, and each column has logits of its own."""

    def pooled(self, maps: Any) -> Any:
        return ops.mean(maps, axis=1)


class _Probabilities(ResNet):
    def logits(self, pooled: Any) -> Any:
        return ops.softmax(super().logits(pooled), axis=-1)


class _NormsForgotten(ResNet):
    """No normalization at all: their weights are not even there."""

    norm = keras.layers.Identity

    class block(Block):
        norm = keras.layers.Identity


resnet = Exercise(
    name="ResNet",
    unit=UNIT,
    layer="ResNet",
    reference=ResNet,
    weight_shapes=False,
    kinds=(
        Kind("random weights", _random),
        Kind("the weights that were learned from digits", _digits, edge=True),
        Kind("one block, one filter, one row, one class", _tiny, edge=True, hidden=True),
    ),
    aspects={"shape": 1, "parameters": 1, "loading": 2, "output": 4, "stages": 4},
    edges={
        **{f"{name}: 1": given(name, 1) for name in ("filters", "blocks", "classes")},
        "inputs: one row": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: one picture": one_sample,
    },
    misconceptions=(
        Misconception(
            "epsilon of 1e-5",
            "The epsilon of your normalizations is 1e-5, as in PyTorch.",
            "With which epsilon were the weights of the file learned?",
            _SmallEpsilon,
        ),
        Misconception(
            "statistics of the batch",
            "Your normalizations use the mean and the variance of the batch at inference.",
            "Does what the network says of a picture depend on the other pictures of the batch?",
            _OfTheBatch,
        ),
        Misconception(
            "moving statistics not loaded",
            "The moving means of your normalizations are 0 and their variances 1: these weights "
            "were not loaded.",
            "How many weights of the file does each normalization have?",
            _NotMoved,
        ),
        Misconception(
            "gamma and beta exchanged",
            "Your gamma has the values of beta, and the other way round.",
            "Which of the two multiplies?",
            _ScaleAndShift,
        ),
        Misconception(
            "mean and variance exchanged",
            "Your moving mean has the values of the moving variance, and the other way round.",
            "Can a variance be negative? Print the smallest number of each.",
            _MeanAndVariance,
        ),
        Misconception(
            "the two normalizations exchanged",
            "The first and the second normalization of your blocks have each other's weights.",
            "Which one comes after the first convolution?",
            _Norms,
        ),
        Misconception(
            "kernels turned",
            "The rows of your kernels are the columns of those in the file.",
            "Which axis of a kernel belongs to the height? Do you transpose anything?",
            _Turned,
        ),
        Misconception(
            "bias of the head not loaded",
            "The bias of your last layer is 0: it was not loaded.",
            "How many weights does a Dense layer have?",
            _HeadWithoutBias,
        ),
        Misconception(
            "activation before the sum",
            "Your blocks apply relu to the output of their convolutions, and then add the "
            "shortcut.",
            "Can such a block take anything away from its inputs?",
            _ActivatedBefore,
        ),
        Misconception(
            "no activation after the sum",
            "Your blocks give out the sum as it is.",
            "What is the last thing in each block of the picture?",
            _NotActivated,
        ),
        Misconception(
            "nothing added",
            "Your blocks have no shortcut in their sums.",
            "If both convolutions gave 0, what should a block give?",
            _NothingAdded,
        ),
        Misconception(
            "shortcut not projected",
            "Where the shape changes, your shortcut leaves out pixels and adds channels of zeros. "
            "The file has weights for it.",
            "What are the weights called conv_3 for?",
            _ZerosForChannels,
        ),
        Misconception(
            "projection not normalized",
            "The projection of your shortcut is not normalized.",
            "What are the weights called norm_3 for?",
            _ProjectionAsItIs,
        ),
        Misconception(
            "strides in the second convolution",
            "Your second convolution has the strides. The first one should.",
            "Which convolution makes the picture smaller in unit 16?",
            _StrideInTheSecond,
        ),
        Misconception(
            "padded on each side",
            "With strides of 2, your convolutions put a row of zeros on each side, as in PyTorch.",
            "On 8 pixels, how many zeros does `same` need for a window of 3 and a stride of 2, "
            "and on which side?",
            _PaddedOnEachSide,
        ),
        Misconception(
            "no activation in the stem",
            "The stem of your network ends without relu.",
            "What stands between the first normalization and the first block?",
            _StemNotActivated,
        ),
        Misconception(
            "maximum in place of the mean",
            "Your network takes the largest number of each channel, not the mean.",
            "Which pooling stands before the last layer?",
            _Largest,
        ),
        Misconception(
            "pooled over the rows only",
            "Your network pools over one axis only, so that each column has logits of its own.",
            "How many axes does a picture have besides batch and channels?",
            _RowsOnly,
        ),
        Misconception(
            "probabilities for logits",
            "Your network gives probabilities, not logits.",
            "Logits are the numbers before softmax: do they sum up to 1?",
            _Probabilities,
        ),
        Misconception(
            "no normalization",
            "Your network has no normalization.",
            "What follows each convolution?",
            _NormsForgotten,
        ),
    ),
)
