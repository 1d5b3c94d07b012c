"""InvertedResidual: narrow, wide, narrow. The block of MobileNetV2."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, zeroed
from grader.exercises.residual.parts import (
    BLOCK,
    BLOCK_EDGES,
    UNIT,
    AlwaysTraining,
    NeverTraining,
    conv,
    height_and_width,
    modes,
    smaller,
    weight,
)


class InvertedResidual(keras.layers.Layer):
    """The block of M. Sandler and others, "MobileNetV2" (2018).

    A 1 × 1 convolution to `expansion` times as many channels, a depthwise convolution of 3 × 3, a
    1 × 1 convolution to `filters` channels, each with a BatchNormalization; relu6 after the first
    two. The inputs are added where nothing changes the shape. All parts are Keras's.
    """

    norm: Any = keras.layers.BatchNormalization
    use_bias = False
    strides_of: tuple[bool, bool] = (False, True)

    def __init__(self, filters: int, strides: int = 1, expansion: int = 6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.strides, self.expansion = filters, strides, expansion

    def width(self, channels: int) -> int:
        """The number of channels inside."""
        return self.expansion * channels

    def is_residual(self, channels: int) -> bool:
        """Whether the inputs are added."""
        return self.strides == 1 and channels == self.filters

    def looking(self, strides: int) -> Any:
        """The convolution that looks at neighbouring pixels."""
        return keras.layers.DepthwiseConv2D(
            3, strides=strides, padding="same", use_bias=self.use_bias
        )

    def build(self, input_shape: Any) -> None:
        """Make all parts, and build them."""
        channels = input_shape[-1]
        first, second = (self.strides if own else 1 for own in self.strides_of)
        wide = smaller(input_shape, first, self.width(channels))
        looked = smaller(wide, second, self.width(channels))
        self.expand = conv(self.width(channels), 1, first, use_bias=self.use_bias)
        self.depthwise = self.looking(second)
        self.project = conv(self.filters, 1, use_bias=self.use_bias)
        self.norms = self.made_norms()
        after = (*looked[:-1], self.filters)
        for part, shape in (
            *((self.expand, input_shape), (self.norms[0], wide), (self.depthwise, wide)),
            *((self.norms[1], looked), (self.project, looked), (self.norms[2], after)),
        ):
            part.build(shape)

    def made_norms(self) -> list[Any]:
        """The normalizations after the three convolutions."""
        return [self.norm() for _ in range(3)]

    def activate(self, inputs: Any, place: int) -> Any:
        """The activation after the normalization of this place."""
        return inputs if place == 2 else ops.relu6(inputs)

    def inner(self, inputs: Any, training: bool | None) -> Any:
        """The three convolutions."""
        for place, part in enumerate((self.expand, self.depthwise, self.project)):
            inputs = self.norms[place](part(inputs), training=training)
            inputs = self.activate(inputs, place)
        return inputs

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The output of the block."""
        outputs = self.inner(inputs, training)
        return inputs + outputs if self.is_residual(inputs.shape[-1]) else outputs


def _weight(draw: Draw, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """As in the other blocks. A depthwise kernel adds up nine numbers: were it scaled as if it
    mixed all channels, the second relu6 would seldom meet a number above 6."""
    values = weight(draw, name, shape)
    is_depthwise = name == "kernel" and shape[:2] == (3, 3)
    return values * np.float32(math.sqrt(shape[2])) if is_depthwise else values


def _case(draw: Draw, channels: int, filters: int, **config: int) -> Case:
    batch, height, width = draw.size(2, 2), *height_and_width(draw, **config)
    inputs = draw.normal(batch, height, width, channels)
    return Case({"filters": filters, "expansion": 2, **config}, inputs)


def _residual(draw: Draw) -> Case:
    channels = draw.choice([3, 4])
    case = _case(draw, channels, channels, expansion=3)
    return case.then(zeroed(case), enlarged(case, 30))


def _other_channels(draw: Draw) -> Case:
    channels, filters = draw.choice([(3, 4), (4, 3)])
    return _case(draw, channels, filters).with_known_batch()


def _smaller(draw: Draw) -> Case:
    """As many filters as channels, so that the stride alone forbids the sum."""
    channels = draw.choice([3, 4])
    return _case(draw, channels, channels, strides=2).with_known_batch()


def _tiny(draw: Draw) -> Case:
    """One row, one channel, and nothing expanded."""
    config = {"filters": 1, "strides": 3, "expansion": 1}
    return Case(config, draw.normal(2, 1, draw.size(5, 6), 1)).with_known_batch()


def _nothing_expanded(draw: Draw) -> Case:
    """Several channels: a single one may be negative everywhere after its normalization."""
    return _case(draw, 4, 3, expansion=1).with_known_batch()


def _nothing_but_added(draw: Draw) -> Case:
    """The inputs are added here too: an expansion of 1 changes nothing in that."""
    return _case(draw, 4, 4, expansion=1).with_known_batch()


def _from_one_channel(draw: Draw) -> Case:
    """NumPy's rules would add one channel to any number of them; the formula adds nothing."""
    return _case(draw, 1, 3, expansion=4).with_known_batch()


def _default(draw: Draw) -> Case:
    case = _case(draw, 2, 3)
    return Case({"filters": 3}, case.inputs).with_known_batch()


class _ActivatedAtTheEnd(InvertedResidual):
    def activate(self, inputs: Any, place: int) -> Any:
        return ops.relu6(inputs)


class _SumActivated(InvertedResidual):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return ops.relu6(super().call(inputs, training))


class _DepthwiseLinear(InvertedResidual):
    def activate(self, inputs: Any, place: int) -> Any:
        return ops.relu6(inputs) if place == 0 else inputs


class _ExpansionLinear(InvertedResidual):
    def activate(self, inputs: Any, place: int) -> Any:
        return ops.relu6(inputs) if place == 1 else inputs


class _Relu(InvertedResidual):
    def activate(self, inputs: Any, place: int) -> Any:
        return inputs if place == 2 else ops.relu(inputs)


class _NothingAdded(InvertedResidual):
    def is_residual(self, channels: int) -> bool:
        return False


class _AddedDespiteStrides(InvertedResidual):
    """Every second pixel is added as it is."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        outputs = self.inner(inputs, training)
        if inputs.shape[-1] != self.filters:
            return outputs
        return inputs[:, :: self.strides, :: self.strides] + outputs


class _AddedDespiteChannels(InvertedResidual):
    """The two sides of the sum have different numbers of channels."""

    def is_residual(self, channels: int) -> bool:
        return self.strides == 1


class _Projected(InvertedResidual):
    """A projection in the shortcut, as in ResNet."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if not self.is_residual(input_shape[-1]):
            self.shortcut, self.shortcut_norm = conv(self.filters, 1, self.strides), self.norm()
            self.shortcut.build(input_shape)
            self.shortcut_norm.build(smaller(input_shape, self.strides, self.filters))

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        outputs = self.inner(inputs, training)
        if self.is_residual(inputs.shape[-1]):
            return inputs + outputs
        return outputs + self.shortcut_norm(self.shortcut(inputs), training=training)


class _ExpandedAfterDepthwise(InvertedResidual):
    def build(self, input_shape: Any) -> None:
        channels, after = input_shape[-1], smaller(input_shape, self.strides, input_shape[-1])
        self.depthwise, self.expand = self.looking(self.strides), conv(self.width(channels), 1)
        self.project = conv(self.filters, 1)
        self.norms = [self.norm() for _ in range(3)]
        wide = (*after[:-1], self.width(channels))
        for part, shape in (
            *((self.depthwise, input_shape), (self.norms[0], after), (self.expand, after)),
            *((self.norms[1], wide), (self.project, wide)),
            (self.norms[2], (*after[:-1], self.filters)),
        ):
            part.build(shape)

    def inner(self, inputs: Any, training: bool | None) -> Any:
        for place, part in enumerate((self.depthwise, self.expand, self.project)):
            inputs = self.norms[place](part(inputs), training=training)
            inputs = self.activate(inputs, place)
        return inputs


class _FullConvolution(InvertedResidual):
    def looking(self, strides: int) -> Any:
        return _Full(strides)


class _Full(keras.layers.Conv2D):
    """An ordinary convolution with as many filters as it has channels."""

    def __init__(self, strides: int) -> None:
        super().__init__(1, 3, strides=strides, padding="same", use_bias=False)

    def build(self, input_shape: Any) -> None:
        self.filters = input_shape[-1]
        super().build(input_shape)


class _StridesInTheExpansion(InvertedResidual):
    strides_of = (True, False)


class _FiltersExpanded(InvertedResidual):
    def width(self, channels: int) -> int:
        return self.expansion * self.filters


class _ExpansionIsWidth(InvertedResidual):
    def width(self, channels: int) -> int:
        return self.expansion


class _Biases(InvertedResidual):
    use_bias = True


class _ProjectionNotNormalized(InvertedResidual):
    def made_norms(self) -> list[Any]:
        return [self.norm(), self.norm(), keras.layers.Identity()]


class _Training(InvertedResidual):
    norm = AlwaysTraining


class _Inference(InvertedResidual):
    norm = NeverTraining


inverted_residual = Exercise(
    name="InvertedResidual",
    unit=UNIT,
    layer="InvertedResidual",
    reference=InvertedResidual,
    weight=_weight,
    weight_shapes=False,
    kinds=(
        Kind("the same shape", _residual, also=("training",)),
        Kind("another number of channels", _other_channels),
        Kind("strides of 2", _smaller),
        Kind("expansion left out", _default, edge=True, hidden=True),
        Kind("nothing expanded", _nothing_expanded, edge=True, hidden=True),
        Kind("nothing expanded, the same shape", _nothing_but_added, edge=True, hidden=True),
        Kind("one channel, more filters", _from_one_channel, edge=True, hidden=True),
        Kind("one row, one channel, strides of 3, nothing expanded", _tiny, edge=True, hidden=True),
    ),
    aspects=BLOCK,
    edges={**BLOCK_EDGES, "expansion: 1": given("expansion", 1)},
    misconceptions=(
        Misconception(
            "activation at the end",
            "Your block has an activation after its last convolution.",
            "The last convolution leaves few channels: what would be lost if all negative numbers "
            "became 0 there?",
            _ActivatedAtTheEnd,
        ),
        Misconception(
            "activation after the sum",
            "Your block applies relu6 to its output, as a ResNet block applies relu to the sum.",
            "What is the last thing in the picture of the block?",
            _SumActivated,
        ),
        Misconception(
            "no activation after the depthwise convolution",
            "There is no activation after your depthwise convolution.",
            "After how many of the three convolutions does relu6 stand?",
            _DepthwiseLinear,
        ),
        Misconception(
            "no activation after the expansion",
            "There is no activation after your first convolution.",
            "After how many of the three convolutions does relu6 stand?",
            _ExpansionLinear,
        ),
        Misconception(
            "relu for relu6",
            "Your activation is relu, which has no upper limit.",
            "What is relu6 of 100?",
            _Relu,
        ),
        Misconception(
            "nothing added",
            "Your block never adds its inputs.",
            "If input and output have the same shape, what does a residual block do?",
            _NothingAdded,
        ),
        Misconception(
            "added despite strides",
            "With strides your block adds some of the pixels of its inputs.",
            "Under which two conditions does the block add its inputs?",
            _AddedDespiteStrides,
        ),
        Misconception(
            "added despite other channels",
            "Your block adds its inputs although they have another number of channels.",
            "Under which two conditions does the block add its inputs?",
            _AddedDespiteChannels,
        ),
        Misconception(
            "shortcut projected",
            "Your block has a projection in its shortcut where the shape changes.",
            "That is the block of ResNet. What does this one add where the shape changes?",
            _Projected,
        ),
        Misconception(
            "expansion after the depthwise convolution",
            "Your block looks at neighbouring pixels first, and then expands.",
            "In how many channels should the depthwise convolution work?",
            _ExpandedAfterDepthwise,
        ),
        Misconception(
            "an ordinary convolution in the middle",
            "Your convolution of 3 × 3 mixes the channels.",
            "Should an output channel of the second convolution see more than one channel?",
            _FullConvolution,
        ),
        Misconception(
            "strides in the expansion",
            "Your first convolution has the strides.",
            "A window of 1 × 1 that moves by 2: which pixels does it never see?",
            _StridesInTheExpansion,
        ),
        Misconception(
            "filters expanded",
            "Your block has `expansion` times `filters` channels inside.",
            "What is expanded: what comes in, or what goes out?",
            _FiltersExpanded,
        ),
        Misconception(
            "expansion taken for the width",
            "Your block has `expansion` channels inside.",
            "With an expansion of 6, how many channels do 4 channels become?",
            _ExpansionIsWidth,
        ),
        Misconception(
            "biases",
            "Your convolutions have biases.",
            "A normalization follows: what does it do to a number that is added everywhere?",
            _Biases,
        ),
        Misconception(
            "last convolution not normalized",
            "There is no BatchNormalization after your last convolution.",
            "The last convolution has no activation: does that mean that it has no normalization?",
            _ProjectionNotNormalized,
        ),
        *modes(_Training, _Inference),
    ),
)


def _count(channels: int, filters: int, expansion: int) -> int:
    """The trainable parameters of a live block."""
    block = InvertedResidual(filters, 1, expansion)
    block.build((None, 8, 8, channels))
    return sum(int(weight.value.shape.num_elements()) for weight in block.trainable_weights)


def _sizes(draw: Draw, *, same: bool, expansion: int = 0) -> Case:
    channels, filters, drawn = *draw.sizes(2, 9, 40), draw.size(2, 6)
    return Case(
        {
            "channels": channels,
            "filters": channels if same else filters,
            "expansion": expansion or drawn,
        }
    )


def _formula(
    channels: int,
    filters: int,
    expansion: int,
    *,
    wide: int = 0,
    looks: int = 9,
    norm: int = 2,
    biases: int = 0,
) -> int:
    """A count with something changed, for the wrong ideas below."""
    wide = wide or expansion * channels
    kernels = wide * (channels + looks + filters)
    return kernels + (norm + biases) * (2 * wide + filters)


inverted_params = Exercise(
    name="inverted_params",
    unit=UNIT,
    layer="InvertedResidual",
    reference=_count,
    kinds=(
        Kind("another number of channels", lambda d: _sizes(d, same=False)),
        Kind("the same number of channels", lambda d: _sizes(d, same=True)),
        Kind("an expansion of 1", lambda d: _sizes(d, same=False, expansion=1)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "an ordinary convolution in the middle",
            "Your count has a convolution of 3 × 3 that mixes all channels.",
            "How many channels does each filter of a depthwise convolution see?",
            lambda c, f, t: _formula(c, f, t, looks=9 * t * c),
        ),
        Misconception(
            "filters expanded",
            "Your count has `expansion` times `filters` channels inside.",
            "What is expanded: what comes in, or what goes out?",
            lambda c, f, t: _formula(c, f, t, wide=t * f),
        ),
        Misconception(
            "normalizations forgotten",
            "Your count has the convolutions only.",
            "What does a BatchNormalization learn for each channel?",
            lambda c, f, t: _formula(c, f, t, norm=0),
        ),
        Misconception(
            "moving statistics counted",
            "Your count has four numbers for each channel of a BatchNormalization.",
            "Which of the four does the optimizer change?",
            lambda c, f, t: _formula(c, f, t, norm=4),
        ),
        Misconception(
            "biases counted",
            "Your count has a bias in each convolution.",
            "Which argument of Conv2D does the text name?",
            lambda c, f, t: _formula(c, f, t, biases=1),
        ),
        Misconception(
            "depthwise kernel forgotten",
            "Your count has the two convolutions of 1 × 1 only.",
            "How many numbers does a depthwise kernel of 3 × 3 have for each channel?",
            lambda c, f, t: _formula(c, f, t, looks=0),
        ),
        Misconception(
            "nothing expanded by 1",
            "Your count leaves out the first convolution if `expansion` is 1, as the paper does.",
            "What does the table say about conv1 if `expansion` is 1?",
            lambda c, f, t: _formula(c, f, t) - (c * (c + 2) if t == 1 else 0),
        ),
    ),
)
