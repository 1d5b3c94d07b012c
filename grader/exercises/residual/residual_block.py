"""ResidualBlock: two convolutions, and a shortcut that is projected where the shape changes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
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


class ResidualBlock(keras.layers.Layer):
    """The block of K. He and others, "Deep Residual Learning for Image Recognition" (2015).

    relu(norm(conv(relu(norm(conv(x))))) + shortcut(x)), made of Keras's Conv2D and
    BatchNormalization. The shortcut is x itself, or a projection where the shape changes.
    """

    norm: Any = keras.layers.BatchNormalization
    use_bias = False
    strides_of: tuple[bool, bool] = (True, False)
    projection_size = 1

    def __init__(self, filters: int, strides: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides

    def is_projected(self, channels: int) -> bool:
        """Whether the shortcut has a projection."""
        return self.strides != 1 or channels != self.filters

    def build(self, input_shape: Any) -> None:
        """Make all parts, and build them."""
        first, second = (self.strides if own else 1 for own in self.strides_of)
        between = smaller(input_shape, first, self.filters)
        self.after = smaller(between, second, self.filters)
        self.first_conv = conv(self.filters, 3, first, use_bias=self.use_bias)
        self.first_conv.build(input_shape)
        self.first_norm = self.norm()
        self.first_norm.build(between)
        self.second_conv = conv(self.filters, 3, second, use_bias=self.use_bias)
        self.second_conv.build(between)
        self.second_norm = self.made_second_norm()
        if self.is_projected(input_shape[-1]):
            self.build_projection(input_shape)

    def build_projection(self, input_shape: Any) -> None:
        """Make and build the projection of the shortcut."""
        size, strides = self.projection_size, self.strides
        self.projection = conv(self.filters, size, strides, use_bias=self.use_bias)
        self.projection.build(input_shape)
        self.projection_norm = self.norm()
        self.projection_norm.build(self.after)

    def made_second_norm(self) -> Any:
        """The normalization after the second convolution, built."""
        norm = self.norm()
        norm.build(self.after)
        return norm

    def shortcut(self, inputs: Any, training: bool | None) -> Any:
        """What is added to the output of the convolutions."""
        if not self.is_projected(inputs.shape[-1]):
            return inputs
        return self.projection_norm(self.projection(inputs), training=training)

    def inner(self, inputs: Any, training: bool | None) -> Any:
        """The two convolutions, each with its normalization."""
        hidden = ops.relu(self.first_norm(self.first_conv(inputs), training=training))
        return self.second_norm(self.second_conv(hidden), training=training)

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The output of the block."""
        return ops.relu(self.inner(inputs, training) + self.shortcut(inputs, training))


def _case(draw: Draw, channels: int, filters: int, **config: int) -> Case:
    batch, height, width = draw.size(2, 2), *height_and_width(draw, **config)
    return Case({"filters": filters, **config}, draw.normal(batch, height, width, channels))


def _projected(draw: Draw) -> Case:
    """More filters than channels, or fewer."""
    channels, filters = draw.choice([(3, 4), (4, 3)])
    return _case(draw, channels, filters)


def _plain(draw: Draw) -> Case:
    channels = draw.choice([3, 4])
    case = _case(draw, channels, channels)
    return case.then(zeroed(case)).with_known_batch()


def _smaller(draw: Draw) -> Case:
    """As many filters as channels, so that the stride alone makes the projection necessary."""
    channels = draw.choice([3, 4])
    case = _case(draw, channels, channels, strides=2)
    return case.then(enlarged(case, 30)).with_known_batch()


def _tiny(draw: Draw) -> Case:
    """One row, one channel, one filter, and a stride that is as large as the kernel."""
    inputs = draw.normal(2, 1, draw.size(5, 6), 1)
    return Case({"filters": 1, "strides": 3}, inputs).with_known_batch()


class _ActivatedBefore(ResidualBlock):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return ops.relu(self.inner(inputs, training)) + self.shortcut(inputs, training)


class _ActivatedTwice(ResidualBlock):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return ops.relu(ops.relu(self.inner(inputs, training)) + self.shortcut(inputs, training))


class _NotActivated(ResidualBlock):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return self.inner(inputs, training) + self.shortcut(inputs, training)


class _NothingBetween(ResidualBlock):
    def inner(self, inputs: Any, training: bool | None) -> Any:
        hidden = self.first_norm(self.first_conv(inputs), training=training)
        return self.second_norm(self.second_conv(hidden), training=training)


class _ActivatedFirst(ResidualBlock):
    def inner(self, inputs: Any, training: bool | None) -> Any:
        hidden = self.first_norm(ops.relu(self.first_conv(inputs)), training=training)
        return self.second_norm(self.second_conv(hidden), training=training)


class _Plain(ResidualBlock):
    def is_projected(self, channels: int) -> bool:
        return False

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return ops.relu(self.inner(inputs, training))


class _AlwaysProjected(ResidualBlock):
    def is_projected(self, channels: int) -> bool:
        return True


class _ProjectedNotNormalized(ResidualBlock):
    def build_projection(self, input_shape: Any) -> None:
        self.projection = conv(self.filters, 1, self.strides)
        self.projection.build(input_shape)

    def shortcut(self, inputs: Any, training: bool | None) -> Any:
        return self.projection(inputs) if self.is_projected(inputs.shape[-1]) else inputs


class _PixelsLeftOut(ResidualBlock):
    """Where the size alone changes, the shortcut takes every second pixel as it is."""

    def is_projected(self, channels: int) -> bool:
        return channels != self.filters

    def shortcut(self, inputs: Any, training: bool | None) -> Any:
        if self.is_projected(inputs.shape[-1]):
            return super().shortcut(inputs, training)
        return inputs[:, :: self.strides, :: self.strides]


class _ProjectionWithoutStride(ResidualBlock):
    """The two sides of the sum have different sizes."""

    def build_projection(self, input_shape: Any) -> None:
        self.projection = conv(self.filters, 1)
        self.projection.build(input_shape)
        self.projection_norm = self.norm()
        self.projection_norm.build((*input_shape[:-1], self.filters))


class _StrideInTheSecond(ResidualBlock):
    strides_of = (False, True)


class _WideProjection(ResidualBlock):
    projection_size = 3


class _Biases(ResidualBlock):
    use_bias = True


class _OneNorm(ResidualBlock):
    def made_second_norm(self) -> Any:
        return self.first_norm


class _NotNormalized(ResidualBlock):
    norm = keras.layers.Identity


class _AddedBeforeTheNorm(ResidualBlock):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        hidden = ops.relu(self.first_norm(self.first_conv(inputs), training=training))
        total = self.second_conv(hidden) + self.shortcut(inputs, training)
        return ops.relu(self.second_norm(total, training=training))


class _SmallEpsilon(ResidualBlock):
    @staticmethod
    def norm() -> Any:
        return keras.layers.BatchNormalization(epsilon=1e-5)


class _Training(ResidualBlock):
    norm = AlwaysTraining


class _Inference(ResidualBlock):
    norm = NeverTraining


residual_block = Exercise(
    name="ResidualBlock",
    unit=UNIT,
    layer="ResidualBlock",
    reference=ResidualBlock,
    weight=weight,
    weight_shapes=False,
    kinds=(
        Kind("another number of channels", _projected, also=("training",)),
        Kind("the same shape", _plain),
        Kind("strides of 2", _smaller),
        Kind("one row, one channel, strides of 3", _tiny, edge=True, hidden=True),
    ),
    aspects=BLOCK,
    edges=BLOCK_EDGES,
    misconceptions=(
        Misconception(
            "activation before the sum",
            "Your block applies relu to the output of its convolutions, and then adds the "
            "shortcut.",
            "Can the block take anything away from its inputs, if only numbers from 0 on are "
            "added to them?",
            _ActivatedBefore,
        ),
        Misconception(
            "activation before and after the sum",
            "Your block applies relu twice: before the sum and after it.",
            "How many times does relu stand in the formula?",
            _ActivatedTwice,
        ),
        Misconception(
            "no activation after the sum",
            "Your block gives out the sum as it is.",
            "What is the last thing in the picture of the block?",
            _NotActivated,
        ),
        Misconception(
            "no activation between the convolutions",
            "There is no relu between your two convolutions.",
            "Two convolutions in a row, with nothing but products and sums between them: could "
            "one convolution do the same?",
            _NothingBetween,
        ),
        Misconception(
            "activation before the normalization",
            "Your first normalization comes after relu.",
            "Which of the three does the convolution meet first: relu, normalization or sum?",
            _ActivatedFirst,
        ),
        Misconception(
            "nothing added",
            "Your block has no shortcut: it is a plain stack of two convolutions.",
            "If both convolutions gave 0, what should the block give?",
            _Plain,
        ),
        Misconception(
            "projection always",
            "Your shortcut has a projection even if the shape stays as it is.",
            "If input and output have the same shape, what stops you from adding them?",
            _AlwaysProjected,
        ),
        Misconception(
            "no normalization in the shortcut",
            "Your projection has no BatchNormalization after it.",
            "What follows each convolution of the block?",
            _ProjectedNotNormalized,
        ),
        Misconception(
            "pixels left out in place of a projection",
            "With strides and as many filters as channels, your shortcut takes some of the pixels "
            "as they are. It should have a projection there.",
            "When is there a projection: if the channels change, or if the shape changes?",
            _PixelsLeftOut,
        ),
        Misconception(
            "projection without strides",
            "Your projection has no strides, so the two sides of the sum have different sizes.",
            "Print the shapes of both sides. Which argument makes a convolution's output smaller?",
            _ProjectionWithoutStride,
        ),
        Misconception(
            "strides in the second convolution",
            "Your second convolution has the strides. The first one should.",
            "Which convolution should the picture be made smaller by?",
            _StrideInTheSecond,
        ),
        Misconception(
            "projection of 3 × 3",
            "The kernel of your projection is not 1 × 1.",
            "How many pixels should a pixel of the shortcut come from?",
            _WideProjection,
        ),
        Misconception(
            "biases",
            "Your convolutions have biases.",
            "A normalization follows: what does it do to a number that is added everywhere?",
            _Biases,
        ),
        Misconception(
            "one normalization for both convolutions",
            "Your block uses one BatchNormalization in two places.",
            "How many means are to be remembered, if there are two outputs to normalize?",
            _OneNorm,
        ),
        Misconception(
            "no normalization",
            "Your block has no BatchNormalization.",
            "What follows each convolution of the block?",
            _NotNormalized,
        ),
        Misconception(
            "shortcut added before the normalization",
            "Your block normalizes the sum. It should normalize the output of the second "
            "convolution.",
            "Follow the line of the shortcut: what does it pass after the sum?",
            _AddedBeforeTheNorm,
        ),
        Misconception(
            "epsilon of 1e-5",
            "The epsilon of your normalization is 1e-5, as in PyTorch.",
            "What is the default of Keras's BatchNormalization?",
            _SmallEpsilon,
        ),
        *modes(_Training, _Inference),
    ),
)


def _count(channels: int, filters: int, strides: int) -> int:
    """The trainable parameters of a live block."""
    block = ResidualBlock(filters, strides)
    block.build((None, 8, 8, channels))
    return sum(int(weight.value.shape.num_elements()) for weight in block.trainable_weights)


def _sizes(draw: Draw, *, same: bool, strides: int) -> Case:
    channels, filters = draw.sizes(2, 5, 40)
    config = {"channels": channels, "filters": channels if same else filters, "strides": strides}
    return Case(config)


def _formula(
    channels: int,
    filters: int,
    strides: int,
    *,
    norm: int = 2,
    biases: int = 0,
    projected: bool | None = None,
    window: int = 1,
    projection_norm: int = 1,
) -> int:
    """A count with something changed, for the wrong ideas below."""
    if projected is None:
        projected = channels != filters or strides != 1
    total = 9 * filters * (channels + filters) + 2 * (norm + biases) * filters
    more = (window * channels + norm * projection_norm + biases) * filters
    return total + (more if projected else 0)


block_params = Exercise(
    name="block_params",
    unit=UNIT,
    layer="ResidualBlock",
    reference=_count,
    kinds=(
        Kind("another number of channels", lambda d: _sizes(d, same=False, strides=1)),
        Kind("the same shape", lambda d: _sizes(d, same=True, strides=1)),
        Kind("the same channels, strides of 2", lambda d: _sizes(d, same=True, strides=2)),
        Kind("other channels, strides of 2", lambda d: _sizes(d, same=False, strides=2)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "projection forgotten",
            "Your count has no projection.",
            "Which convolution stands in the shortcut when the shape changes?",
            lambda c, f, s: _formula(c, f, s, projected=False),
        ),
        Misconception(
            "projection always",
            "Your count has a projection even if the shape stays as it is.",
            "If input and output have the same shape, what is added?",
            lambda c, f, s: _formula(c, f, s, projected=True),
        ),
        Misconception(
            "projection for other channels only",
            "Your count has no projection where strides alone change the shape.",
            "Can a picture of 8 × 8 be added to one of 4 × 4?",
            lambda c, f, s: _formula(c, f, s, projected=c != f),
        ),
        Misconception(
            "moving statistics counted",
            "Your count has four numbers for each channel of a BatchNormalization.",
            "Which of the four does the optimizer change?",
            lambda c, f, s: _formula(c, f, s, norm=4),
        ),
        Misconception(
            "normalizations forgotten",
            "Your count has the convolutions only.",
            "What does a BatchNormalization learn for each channel?",
            lambda c, f, s: _formula(c, f, s, norm=0),
        ),
        Misconception(
            "normalization of the projection forgotten",
            "Your count has no normalization in the shortcut.",
            "What follows each convolution of the block?",
            lambda c, f, s: _formula(c, f, s, projection_norm=0),
        ),
        Misconception(
            "biases counted",
            "Your count has a bias in each convolution.",
            "Which argument of Conv2D does the text name?",
            lambda c, f, s: _formula(c, f, s, biases=1),
        ),
        Misconception(
            "projection of 3 × 3",
            "Your count has a projection with a kernel of 3 × 3.",
            "How large is the window of the projection?",
            lambda c, f, s: _formula(c, f, s, window=9),
        ),
    ),
)
