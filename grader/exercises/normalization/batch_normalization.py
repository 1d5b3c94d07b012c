"""BatchNormalization: each channel to mean 0 and variance 1, then a scale and a shift to learn.

The inputs are small (0.05 or so), and so are the variances that the weights hold: there an epsilon
in the wrong place, or of another size, shows. A batch is of 4 samples: there n - 1 is not n.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed
from grader.exercises.regularization.dropping import UNIT

_EPSILONS = (0.0005, 0.002, 0.004)


def _inputs(draw: Draw, rank: int) -> np.ndarray:
    """Each channel has a mean of its own."""
    shape = (draw.size(4, 4), *draw.sizes(rank - 2, 2, 3), draw.size(5, 8))
    means = 0.08 * draw.random.permutation(np.linspace(-1, 1, shape[-1]))
    return draw.normal(*shape, scale=0.05) + means.astype("float32")


def _case(draw: Draw, rank: int) -> Case:
    config = {"momentum": draw.choice((0.6, 0.7, 0.8)), "epsilon": draw.choice(_EPSILONS)}
    return Case(config, _inputs(draw, rank))


def _constant(draw: Draw) -> Case:
    """One channel that is zero everywhere, another one that is the same; nothing old is kept."""
    inputs = draw.normal(4, 1, draw.size(5, 8), scale=0.05)
    inputs[..., 0], inputs[..., 1] = 0.0, 0.25
    case = Case({"momentum": 0.0, "epsilon": draw.choice(_EPSILONS)}, inputs)
    return case.then(zeroed(case)).with_known_batch()


def _weight(draw: Draw, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """The moving statistics are of the size of the inputs'."""
    small = {"moving_mean": 0.1, "moving_variance": 0.003}.get(name, 1.0)
    return (small * draw.weight(name, shape)).astype("float32")


class _Batchnorm(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    starts = ("ones", "zeros", "zeros", "ones")
    moving_trained = False

    def __init__(self, momentum: float = 0.99, epsilon: float = 0.001, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        shape = self.weight_shape(input_shape)
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        made = [
            self.add_weight(
                name=name,
                shape=shape,
                initializer=start,
                trainable=self.moving_trained or not name.startswith("moving"),
            )
            for name, start in zip(names, self.starts, strict=True)
        ]
        self.gamma, self.beta, self.moving_mean, self.moving_variance = made

    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return (input_shape[-1],)

    def learns(self, training: bool | None) -> bool:
        return bool(training) and self.trainable

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if self.learns(training):
            mean, variance = self.statistics(inputs)
            self.update(inputs, mean, variance)
        else:
            mean, variance = self.moving_mean, self.moving_variance
        return self.scaled(self.normalized(inputs, mean, variance))

    def statistics(self, inputs: Any) -> tuple[Any, Any]:
        mean = ops.mean(inputs, axis=self.axes(inputs))
        return mean, ops.mean(ops.square(inputs - mean), axis=self.axes(inputs))

    def axes(self, inputs: Any) -> Any:
        return tuple(range(len(inputs.shape) - 1))

    def update(self, inputs: Any, mean: Any, variance: Any) -> None:
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(self.momentum * moving + (1 - self.momentum) * batch)

    def normalized(self, inputs: Any, mean: Any, variance: Any) -> Any:
        return (inputs - mean) / ops.sqrt(variance + self.epsilon)

    def scaled(self, normal: Any) -> Any:
        return self.gamma * normal + self.beta


class _AlwaysTraining(_Batchnorm):
    def learns(self, training: bool | None) -> bool:
        return self.trainable


class _TrainsByDefault(_Batchnorm):
    def call(self, inputs: Any, training: bool | None = True) -> Any:
        return super().call(inputs, training)


class _BatchAtInference(_Batchnorm):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        mean, variance = self.statistics(inputs)
        if self.learns(training):
            self.update(inputs, mean, variance)
        return self.scaled(self.normalized(inputs, mean, variance))


class _MovingInTraining(_Batchnorm):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        if self.learns(training):
            self.update(inputs, *self.statistics(inputs))
        normal = self.normalized(inputs, self.moving_mean, self.moving_variance)
        return self.scaled(normal)


class _MomentumTurned(_Batchnorm):
    def update(self, inputs: Any, mean: Any, variance: Any) -> None:
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign((1 - self.momentum) * moving + self.momentum * batch)


class _NeverMoves(_Batchnorm):
    def update(self, inputs: Any, mean: Any, variance: Any) -> None:
        pass


def _unbiased(inputs: Any, mean: Any, variance: Any) -> Any:
    count = ops.cast(ops.size(inputs) // ops.size(mean), variance.dtype)
    return variance * count / (count - 1)


class _Unbiased(_Batchnorm):
    def statistics(self, inputs: Any) -> tuple[Any, Any]:
        mean, variance = super().statistics(inputs)
        return mean, _unbiased(inputs, mean, variance)


class _UnbiasedMoving(_Batchnorm):
    def update(self, inputs: Any, mean: Any, variance: Any) -> None:
        super().update(inputs, mean, _unbiased(inputs, mean, variance))


class _EpsilonOutside(_Batchnorm):
    def normalized(self, inputs: Any, mean: Any, variance: Any) -> Any:
        return (inputs - mean) / (ops.sqrt(variance) + self.epsilon)


class _EpsilonFixed(_Batchnorm):
    def normalized(self, inputs: Any, mean: Any, variance: Any) -> Any:
        return (inputs - mean) / ops.sqrt(variance + 1e-5)


class _EpsilonOmitted(_Batchnorm):
    def normalized(self, inputs: Any, mean: Any, variance: Any) -> Any:
        return (inputs - mean) / ops.sqrt(variance)


class _RootOmitted(_Batchnorm):
    def normalized(self, inputs: Any, mean: Any, variance: Any) -> Any:
        return (inputs - mean) / (variance + self.epsilon)


class _PerPixel(_Batchnorm):
    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return tuple(input_shape[1:])

    def axes(self, inputs: Any) -> Any:
        return 0


class _OverSamples(_Batchnorm):
    """Its statistics of a picture have another shape than the weights that should hold them."""

    def axes(self, inputs: Any) -> Any:
        return 0


class _OneForAll(_Batchnorm):
    def axes(self, inputs: Any) -> Any:
        return None


class _NotApplied(_Batchnorm):
    def scaled(self, normal: Any) -> Any:
        return normal


class _LeftOut(_NotApplied):
    def build(self, input_shape: Any) -> None:
        shape = self.weight_shape(input_shape)
        for name, start in (("moving_mean", "zeros"), ("moving_variance", "ones")):
            made = self.add_weight(name=name, shape=shape, initializer=start, trainable=False)
            setattr(self, name, made)


class _CutOff(_Batchnorm):
    def statistics(self, inputs: Any) -> tuple[Any, Any]:
        mean, variance = super().statistics(inputs)
        return ops.stop_gradient(mean), ops.stop_gradient(variance)


class _IgnoresTrainable(_Batchnorm):
    def learns(self, training: bool | None) -> bool:
        return bool(training)


class _AllTrained(_Batchnorm):
    moving_trained = True


class _RandomStart(_Batchnorm):
    starts = ("glorot_uniform",) * 4


class _VarianceFromZero(_Batchnorm):
    starts = ("ones", "zeros", "zeros", "zeros")


batch_normalization = Exercise(
    name="BatchNormalization",
    unit=UNIT,
    layer="BatchNormalization",
    reference=keras.layers.BatchNormalization,
    forbid=("BatchNormalization",),
    weight=_weight,
    kinds=(
        Kind("rank 2", lambda d: _case(d, 2), also=("training", "frozen", "config")),
        Kind("rank 3", lambda d: _case(d, 3)),
        Kind(
            "rank 4, nothing given",
            lambda d: Case({}, _inputs(d, 4), facts={"thorough": True}),
            also=("training",),
        ),
        Kind("channels without variance, no momentum", _constant, also=("training",), edge=True),
    ),
    edges={
        "momentum: 0": given("momentum", 0.0),
        "inputs: an axis of length 1": size_one(1),
        "inputs: zero": zeros,
        "inputs: no variance": lambda case: bool(np.any(np.std(case.inputs, axis=(0, 1)) == 0)),
    },
    aspects={
        "shape": 1,
        "parameters": 2,
        "output": 2,
        "gradient": 1,
        "training": 4,
        "frozen": 1,
        "config": 1,
    },
    misconceptions=(
        Misconception(
            "always in training mode",
            "Your layer always works as in training: it does not look at `training`.",
            "May the moving statistics change at inference?",
            _AlwaysTraining,
        ),
        Misconception(
            "training by default",
            "When training is not given, your layer works as in training.",
            "A model is called by itself, outside of fit: which value should `training` have then?",
            _TrainsByDefault,
        ),
        Misconception(
            "batch statistics at inference",
            "At inference your layer uses the mean and variance of the batch.",
            "What if the batch is a single sample: what is its variance?",
            _BatchAtInference,
        ),
        Misconception(
            "moving statistics in training",
            "In training your layer already normalizes by its moving statistics.",
            "In training, which mean should be subtracted: that of this batch, or that of earlier "
            "ones?",
            _MovingInTraining,
        ),
        Misconception(
            "momentum the other way round",
            "Your moving statistics keep a share of 1 - momentum of the old value; the share "
            "should be momentum.",
            "With a momentum of 0.99, how far may one single batch move them?",
            _MomentumTurned,
        ),
        Misconception(
            "moving statistics never updated",
            "Your moving statistics never change.",
            "Which line of your layer changes the value of a weight, and when is it reached?",
            _NeverMoves,
        ),
        Misconception(
            "unbiased variance",
            "Your variance divides by n - 1; Keras divides by n.",
            "Is the variance here an estimate for more data, or simply the mean of the squared "
            "differences?",
            _Unbiased,
        ),
        Misconception(
            "unbiased moving variance",
            "Your moving variance uses the batch's variance times n / (n - 1), as PyTorch does "
            "and as TensorFlow 2 did for pictures; Keras 3 uses the batch's variance unchanged.",
            "Which variance did you normalize by, and is it the one that you assign?",
            _UnbiasedMoving,
        ),
        Misconception(
            "epsilon outside the root",
            "Your layer adds epsilon to the standard deviation, not to the variance.",
            "In the formula, what is under the square root?",
            _EpsilonOutside,
        ),
        Misconception(
            "epsilon of 1e-5",
            "Your layer always uses 1e-5 as epsilon.",
            "Where does your layer store the epsilon that __init__ gets?",
            _EpsilonFixed,
        ),
        Misconception(
            "epsilon omitted",
            "Your layer does not use epsilon.",
            "If all values of a channel are equal, what is its variance?",
            _EpsilonOmitted,
        ),
        Misconception(
            "root omitted",
            "Your layer divides by the variance, not by its square root.",
            "If the inputs are measured in metres, what is the unit of their variance?",
            _RootOmitted,
        ),
        Misconception(
            "statistics for each pixel",
            "Your layer has statistics and weights for each place of a picture, not for each "
            "channel.",
            "For a picture of 8 by 8 with 3 channels, how many means should there be?",
            _PerPixel,
        ),
        Misconception(
            "mean over the samples only",
            "In training your layer takes mean and variance over the samples only: of a picture it "
            "gets one for each pixel and channel, and they do not fit into the moving statistics.",
            "A picture of 8 by 8 with 3 channels: over which axes must the mean run so that three "
            "numbers are left?",
            _OverSamples,
        ),
        Misconception(
            "one mean for all channels",
            "Your layer uses one mean and one variance for all channels.",
            "Over which axis must the mean not run?",
            _OneForAll,
        ),
        Misconception(
            "gamma and beta left out",
            "Your layer has no gamma and no beta, so it has nothing to train.",
            "What if the next layer works better with a mean other than 0?",
            _LeftOut,
        ),
        Misconception(
            "gamma and beta not applied",
            "Your layer makes gamma and beta, but never uses them.",
            "After a number is normalized, what happens to it next?",
            _NotApplied,
        ),
        Misconception(
            "gradient cut off",
            "In training your gradients do not pass through the mean and the variance.",
            "If you change one input a little, what else changes besides its own output?",
            _CutOff,
        ),
        Misconception(
            "trainable = False ignored",
            "Your layer still updates its statistics when it is frozen (trainable = False).",
            "Keras passes training=True to a frozen layer too: how can the layer know that it is "
            "frozen?",
            _IgnoresTrainable,
        ),
        Misconception(
            "moving statistics trainable",
            "Your moving statistics are trainable weights: the optimizer would change them.",
            "Which of the four weights have a gradient in training?",
            _AllTrained,
        ),
        Misconception(
            "random start",
            "Your weights start from random values, so a new layer distorts its inputs.",
            "Which scale, and which shift, leave normalized values as they are?",
            _RandomStart,
        ),
        Misconception(
            "variance starts at zero",
            "Your moving variance starts at zero: before training, the outputs of a new layer are "
            "huge.",
            "By what should a layer divide if it has not seen any batch yet?",
            _VarianceFromZero,
        ),
    ),
)


def _counts(input_shape: Sequence[int | None]) -> tuple[int, int]:
    layer = keras.layers.BatchNormalization()
    layer.build(tuple(input_shape))
    groups = layer.trainable_weights, layer.non_trainable_weights
    trained, moving = (sum(int(np.prod(w.shape)) for w in group) for group in groups)
    return trained, moving


def _arguments(draw: Draw, rank: int) -> Case:
    return Case({"input_shape": (None, *draw.sizes(rank - 1, 3, 40))})


batchnorm_params = Exercise(
    name="batchnorm_params",
    unit=UNIT,
    layer="BatchNormalization",
    reference=_counts,
    kinds=(
        Kind("rank 2", lambda d: _arguments(d, 2)),
        Kind("pictures", lambda d: _arguments(d, 4)),
        Kind("sequences", lambda d: _arguments(d, 3)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "all four trained",
            "You count all four weights as trainable.",
            "Which of the four does the optimizer learn, and which does the layer update by "
            "itself?",
            lambda input_shape: (4 * input_shape[-1], 0),
        ),
        Misconception(
            "moving statistics not counted",
            "You count no non-trainable weights, but the moving statistics are non-trainable "
            "weights.",
            "What must the layer remember for inference?",
            lambda input_shape: (2 * input_shape[-1], 0),
        ),
        Misconception(
            "one of each",
            "You count one weight of each kind where there are two.",
            "Is there a scale without a shift? A mean without a variance?",
            lambda input_shape: (input_shape[-1], input_shape[-1]),
        ),
        Misconception(
            "counted for each pixel",
            "You count weights for each number of a sample, not for each channel.",
            "Over which axes does the mean run, and which axis is left?",
            lambda input_shape: (2 * int(np.prod(input_shape[1:])),) * 2,
        ),
        Misconception(
            "second axis for the channels",
            "You treat axis 1 as the channels.",
            "In (batch, rows, columns, channels), which axis holds the channels?",
            lambda input_shape: (2 * input_shape[1],) * 2,
        ),
    ),
)


def _moved(old: float, batch_mean: float, momentum: float) -> float:
    """Let the live layer see one batch with this mean."""
    layer = keras.layers.BatchNormalization(momentum=momentum)
    layer.build((None, 1))
    layer.moving_mean.assign([old])
    layer(np.full((2, 1), batch_mean, "float32"), training=True)
    return round(float(layer.moving_mean[0]), 5)


def _means(draw: Draw, momentum: float) -> Case:
    """Halves, and a momentum made of halves: every way of computing it is exact."""
    old, batch_mean = (0.5 * size * draw.choice((-1, 1)) for size in draw.sizes(2, 2, 40))
    return Case({"old": old, "batch_mean": batch_mean, "momentum": momentum})


moving_mean_after = Exercise(
    name="moving_mean_after",
    unit=UNIT,
    layer="BatchNormalization",
    reference=_moved,
    kinds=(
        Kind("momentum 0.75", lambda d: _means(d, 0.75)),
        Kind("momentum 0.875", lambda d: _means(d, 0.875)),
        Kind("momentum 0.9375", lambda d: _means(d, 0.9375)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "momentum the other way round",
            "Your moving mean keeps a share of 1 - momentum of the old value; the share should be "
            "momentum.",
            "With a momentum of 0.99, how far may one single batch move it?",
            lambda old, batch_mean, momentum: (1 - momentum) * old + momentum * batch_mean,
        ),
        Misconception(
            "plain mean",
            "You take the plain mean of the old and the new value, and ignore momentum.",
            "If momentum changes, does your answer change?",
            lambda old, batch_mean, momentum: (old + batch_mean) / 2,
        ),
        Misconception(
            "old value kept in full",
            "You add a part of the batch's mean, but keep all of the old value.",
            "If every batch had the mean 5, would your moving mean ever stop growing?",
            lambda old, batch_mean, momentum: old + (1 - momentum) * batch_mean,
        ),
        Misconception(
            "batch counted in full",
            "You add all of the batch's mean to a part of the old value.",
            "If every batch had the mean 5, where would your moving mean end up?",
            lambda old, batch_mean, momentum: momentum * old + batch_mean,
        ),
        Misconception(
            "last batch only",
            "Your moving mean is just the mean of the batch.",
            "What part of its old value should a moving mean keep?",
            lambda old, batch_mean, momentum: batch_mean,
        ),
    ),
)
