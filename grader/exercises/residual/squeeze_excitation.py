"""SqueezeExcitation: each channel is multiplied by a number that is made of all channels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, large, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.forgetting import not_in_config
from grader.exercises.further import enlarged, zeroed
from grader.exercises.live import count_of
from grader.exercises.residual.parts import UNIT


class SqueezeExcitation(keras.layers.Layer):
    """The block of J. Hu and others, "Squeeze-and-Excitation Networks" (2017).

    inputs * sigmoid(Dense(relu(Dense(mean)))), where the mean runs over all pixels: two of Keras's
    Dense layers, with biases. The first has `channels // ratio` units.
    """

    use_bias = True
    between: Any = staticmethod(ops.relu)

    def __init__(self, ratio: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape: Any) -> None:
        """Make and build the two Dense layers."""
        channels = input_shape[-1]
        units = self.units(channels)
        self.narrow = keras.layers.Dense(units, use_bias=self.use_bias)
        self.widen = keras.layers.Dense(channels, use_bias=self.use_bias)
        self.narrow.build((None, self.squeezed_width(channels)))
        self.widen.build((None, units))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer again."""
        return {**super().get_config(), "ratio": self.ratio}

    def units(self, channels: int) -> int:
        """The units of the first Dense layer."""
        return channels // self.ratio

    def squeezed_width(self, channels: int) -> int:
        """How many numbers are left of a picture."""
        return channels

    def squeeze(self, inputs: Any) -> Any:
        """A number for each channel; the axes of the picture stay, with length 1."""
        return ops.mean(inputs, axis=(1, 2), keepdims=True)

    def activate(self, logits: Any) -> Any:
        """From any numbers to scales."""
        return ops.sigmoid(logits)

    def scales(self, inputs: Any) -> Any:
        """What each channel is multiplied by."""
        hidden = self.between(self.narrow(self.squeeze(inputs)))
        return self.activate(self.widen(hidden))

    def call(self, inputs: Any) -> Any:
        """The inputs, each channel scaled."""
        return inputs * self.scales(inputs)


def _case(draw: Draw, ratio: int, times: int) -> Case:
    batch, height, width = draw.size(2, 4), *draw.sizes(2, 3, 6)
    channels = ratio * times
    inputs = draw.normal(batch, height, width, channels, scale=2.0)
    return Case({"ratio": ratio}, inputs + draw.normal(batch, 1, 1, channels))


def _wide(draw: Draw) -> Case:
    """Inputs with a mean of their own in each channel."""
    case = _case(draw, *draw.choice([(2, 4), (3, 3)]))
    return case.then(zeroed(case), enlarged(case, 20))


def _rest(draw: Draw) -> Case:
    """A ratio that does not divide the channels."""
    channels, ratio = draw.choice([(7, 3), (8, 3), (9, 2)])
    case = _case(draw, 1, channels)
    return Case({"ratio": ratio}, case.inputs).with_known_batch()


def _default(draw: Draw) -> Case:
    """Channels of which a ratio of 3 or of 5 would leave another number of units than 4 does."""
    return Case({}, _case(draw, 1, 12).inputs).with_known_batch()


def _tiny(draw: Draw) -> Case:
    """A picture of one pixel, and a Dense layer of one unit."""
    return Case(
        {"ratio": 3}, draw.normal(draw.size(2, 3), 1, 1, draw.size(4, 5))
    ).with_known_batch()


def _single(draw: Draw) -> Case:
    inputs = draw.normal(draw.size(2, 3), *draw.sizes(2, 4, 6), 1)
    return Case({"ratio": 1}, inputs).with_known_batch()


class _Softmax(SqueezeExcitation):
    def activate(self, logits: Any) -> Any:
        return ops.softmax(logits, axis=-1)


class _Linear(SqueezeExcitation):
    def activate(self, logits: Any) -> Any:
        return logits


class _Relu(SqueezeExcitation):
    def activate(self, logits: Any) -> Any:
        return ops.relu(logits)


class _Added(SqueezeExcitation):
    def call(self, inputs: Any) -> Any:
        return inputs + self.scales(inputs)


class _Residual(SqueezeExcitation):
    def call(self, inputs: Any) -> Any:
        return inputs + inputs * self.scales(inputs)


class _ScalesAlone(SqueezeExcitation):
    def call(self, inputs: Any) -> Any:
        return self.scales(inputs)[:, 0, 0]


class _Maximum(SqueezeExcitation):
    def squeeze(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=(1, 2), keepdims=True)


class _Sum(SqueezeExcitation):
    def squeeze(self, inputs: Any) -> Any:
        return ops.sum(inputs, axis=(1, 2), keepdims=True)


class _NotSqueezed(SqueezeExcitation):
    def squeeze(self, inputs: Any) -> Any:
        return inputs


class _OverTheRows(SqueezeExcitation):
    def squeeze(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=1, keepdims=True)


class _OverTheBatch(SqueezeExcitation):
    def squeeze(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=(0, 1, 2), keepdims=True)


class _OverTheChannels(SqueezeExcitation):
    def squeezed_width(self, channels: int) -> int:
        return 1

    def squeeze(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=-1, keepdims=True)


class _NothingBetween(SqueezeExcitation):
    between = staticmethod(ops.convert_to_tensor)


class _RatioIsUnits(SqueezeExcitation):
    def units(self, channels: int) -> int:
        return self.ratio


class _RatioTurned(SqueezeExcitation):
    def units(self, channels: int) -> int:
        return channels * self.ratio


class _RatioIgnored(SqueezeExcitation):
    def units(self, channels: int) -> int:
        return channels


class _NoBiases(SqueezeExcitation):
    use_bias = False


squeeze_excitation = Exercise(
    name="SqueezeExcitation",
    unit=UNIT,
    layer="SqueezeExcitation",
    reference=SqueezeExcitation,
    weight_shapes=False,
    kinds=(
        Kind("a ratio that divides the channels", _wide),
        Kind("a ratio that leaves a rest", _rest),
        Kind("ratio left out", _default),
        Kind("one pixel, one unit", _tiny, edge=True),
        Kind("one channel", _single, edge=True, hidden=True),
    ),
    aspects={"shape": 1, "parameters": 2, "output": 4, "gradient": 1, "config": 1},
    edges={
        "ratio: 1": given("ratio", 1),
        "inputs: one pixel": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
        "inputs: large": large(15),
    },
    misconceptions=(
        Misconception(
            "softmax for sigmoid",
            "Your scales go through softmax, so that the channels compete.",
            "Can several channels be important at the same time?",
            _Softmax,
        ),
        Misconception(
            "no sigmoid",
            "Your scales are the outputs of the second Dense layer as they are.",
            "Between which numbers should a scale lie?",
            _Linear,
        ),
        Misconception(
            "relu for sigmoid",
            "Your scales go through relu.",
            "What happens to a channel whose scale is exactly 0, and to its gradient?",
            _Relu,
        ),
        Misconception(
            "scales added",
            "Your layer adds the scales to the inputs.",
            "Which operation makes a channel ten times weaker?",
            _Added,
        ),
        Misconception(
            "inputs added once more",
            "Your layer adds the inputs to the scaled inputs.",
            "If a scale is 0, what should be left of its channel?",
            _Residual,
        ),
        Misconception(
            "scales alone",
            "Your layer returns the scales.",
            "Which shape should the output have?",
            _ScalesAlone,
        ),
        Misconception(
            "maximum for mean",
            "Your layer squeezes by the maximum.",
            "Which of the two global pooling layers does the picture show?",
            _Maximum,
        ),
        Misconception(
            "sum for mean",
            "Your layer squeezes by the sum.",
            "What happens to the squeezed numbers if the picture is twice as large?",
            _Sum,
        ),
        Misconception(
            "not squeezed",
            "Your Dense layers work on each pixel by itself.",
            "How many scales does a channel have in a sample?",
            _NotSqueezed,
        ),
        Misconception(
            "squeezed along one axis",
            "Your mean runs over the rows only, so each column has scales of its own.",
            "Over how many axes must the mean run, if one number is to be left of a channel?",
            _OverTheRows,
        ),
        Misconception(
            "squeezed over the batch",
            "Your mean runs over the samples, too.",
            "May the output for one picture depend on another picture?",
            _OverTheBatch,
        ),
        Misconception(
            "squeezed over the channels",
            "Your mean runs over the channels, and a number is left for each pixel.",
            "Which numbers should be left: one for each pixel, or one for each channel?",
            _OverTheChannels,
        ),
        Misconception(
            "no activation between",
            "There is nothing between your two Dense layers.",
            "Which activation stands between the two matrices in the formula?",
            _NothingBetween,
        ),
        Misconception(
            "ratio taken for the units",
            "Your first Dense layer has `ratio` units.",
            "By what are the channels divided?",
            _RatioIsUnits,
        ),
        Misconception(
            "multiplied by the ratio",
            "Your first Dense layer is wider than the channels.",
            "The layer in the middle is a bottleneck: has it more numbers than the channels, or "
            "fewer?",
            _RatioTurned,
        ),
        Misconception(
            "ratio ignored",
            "Your first Dense layer has as many units as there are channels.",
            "What is `ratio` for?",
            _RatioIgnored,
        ),
        Misconception(
            "no biases",
            "Your Dense layers have no biases.",
            "What does the formula add to each product?",
            _NoBiases,
        ),
        *not_in_config(SqueezeExcitation, "ratio"),
    ),
)


def _count(channels: int, ratio: int) -> int:
    return count_of(SqueezeExcitation(ratio), (None, 4, 5, channels))


def _asked(draw: Draw) -> Case:
    ratio, times = draw.choice([(4, 9), (8, 5), (16, 3), (2, 7)])
    return Case({"channels": ratio * times, "ratio": ratio})


def _asked_with_rest(draw: Draw) -> Case:
    ratio, times = draw.choice([(4, 9), (8, 5), (16, 3), (5, 7)])
    return Case({"channels": ratio * times + draw.size(1, 3), "ratio": ratio})


squeeze_params = Exercise(
    name="squeeze_params",
    unit=UNIT,
    layer="SqueezeExcitation",
    reference=_count,
    kinds=(Kind("no rest", _asked), Kind("a rest", _asked_with_rest)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "biases forgotten",
            "Your count has the two matrices only.",
            "What else does a Dense layer have besides its matrix?",
            lambda channels, ratio: 2 * channels * (channels // ratio),
        ),
        Misconception(
            "one matrix",
            "Your count has one Dense layer.",
            "How does the layer come back to as many numbers as there are channels?",
            lambda channels, ratio: (channels + 1) * (channels // ratio),
        ),
        Misconception(
            "ratio ignored",
            "Your count has no bottleneck.",
            "How many units does the first Dense layer have?",
            lambda channels, ratio: 2 * channels * (channels + 1),
        ),
        Misconception(
            "ratio taken for the units",
            "Your count has `ratio` units in the first Dense layer.",
            "By what are the channels divided?",
            lambda channels, ratio: 2 * channels * ratio + ratio + channels,
        ),
        Misconception(
            "units rounded up",
            "Your count rounds the number of units up.",
            "What is 7 // 2?",
            lambda channels, ratio: (2 * channels + 1) * -(-channels // ratio) + channels,
        ),
    ),
)
