"""Softmax with cross-entropy: the loss of a batch, and its gradient with respect to the logits."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.bench.backend import keras, tf
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.gradients.deriving import UNIT

Array = Any


def _live(logits: Array, labels: Array) -> dict[str, Array]:
    source = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(source)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, source)
    return {"loss": loss, "d_logits": tape.gradient(loss, source)}


def _case(draw: Draw, samples: int, classes: int, scale: float = 1.5) -> Case:
    logits = draw.normal(samples, classes, scale=scale)
    return Case({"logits": logits, "labels": draw.random.integers(classes, size=samples)})


def _large(draw: Draw) -> Case:
    """Scores around a thousand, of which several matter: their exponentials have no number."""
    samples, classes = draw.sizes(2, 3, 7)
    case = _case(draw, samples, classes)
    sign = draw.choice((-1.0, 1.0))
    logits = (case.config["logits"] + sign * 1000).astype("float32")
    return Case({**case.config, "logits": logits})


def _surely_wrong(draw: Draw) -> Case:
    """A right class whose probability is as small as 1e-11, and samples far apart: the largest
    logit of the batch is not that of the sample."""
    samples, classes = draw.sizes(2, 3, 7)
    case = _case(draw, samples, classes, scale=1.0)
    logits, labels = case.config["logits"].copy(), case.config["labels"]
    logits[0, labels[0]] -= 25
    logits += np.where(np.arange(len(logits)) % 2, 500, -500)[:, None].astype("float32")
    return Case({"logits": logits, "labels": labels})


class _Backward:
    """A right way in small steps, so that each wrong one can go astray in one of them."""

    axis = -1

    def __call__(self, logits: Array, labels: Array) -> dict[str, Array]:
        own = (np.arange(len(labels)), labels)
        probabilities = self.softmax(logits)
        return {
            "loss": self.loss(logits, probabilities, own),
            "d_logits": self.d_logits(probabilities, own),
        }

    def softmax(self, logits: Array) -> Array:
        powers = np.exp(logits - logits.max(axis=self.axis, keepdims=True))
        return powers / powers.sum(axis=self.axis, keepdims=True)

    def loss(self, logits: Array, probabilities: Array, own: Any) -> Array:
        return -np.log(probabilities[own]).mean()

    def d_logits(self, probabilities: Array, own: Any) -> Array:
        return self.differences(probabilities, own) / len(probabilities)

    def differences(self, probabilities: Array, own: Any) -> Array:
        found = probabilities.copy()
        found[own] -= 1
        return found


class _GradientOfTheSum(_Backward):
    def d_logits(self, probabilities: Array, own: Any) -> Array:
        return self.differences(probabilities, own)


class _SumForMean(_GradientOfTheSum):
    def loss(self, logits: Array, probabilities: Array, own: Any) -> Array:
        return -np.log(probabilities[own]).sum()


class _LabelForgotten(_Backward):
    def differences(self, probabilities: Array, own: Any) -> Array:
        return probabilities


class _SignTurned(_Backward):
    def differences(self, probabilities: Array, own: Any) -> Array:
        return -super().differences(probabilities, own)


class _SoftmaxOnItsOwn(_Backward):
    """As if each probability depended on its own logit only."""

    def differences(self, probabilities: Array, own: Any) -> Array:
        found = np.zeros_like(probabilities)
        found[own] = probabilities[own] - 1
        return found


class _TooLarge(_Backward):
    def softmax(self, logits: Array) -> Array:
        powers = np.exp(logits)
        return powers / powers.sum(axis=self.axis, keepdims=True)


class _OverTheBatch(_Backward):
    axis = 0


class _EachNumber(_Backward):
    def d_logits(self, probabilities: Array, own: Any) -> Array:
        return self.differences(probabilities, own) / probabilities.size


class _ProbabilityForItsLogarithm(_Backward):
    def loss(self, logits: Array, probabilities: Array, own: Any) -> Array:
        return (1 - probabilities[own]).mean()


softmax_backward = Exercise(
    name="softmax_backward",
    unit=UNIT,
    layer="Softmax",
    reference=_live,
    forbid=("autodiff", "cross-entropy"),
    kinds=(
        Kind("a batch", lambda d: _case(d, *d.sizes(2, 3, 7))),
        Kind("more classes", lambda d: _case(d, d.size(2, 4), d.size(8, 12))),
        Kind("logits around a thousand", _large),
        Kind("surely wrong, samples far apart", _surely_wrong, edge=True),
        Kind("one sample", lambda d: _case(d, 1, d.size(2, 5)), edge=True),
        Kind("two classes", lambda d: _case(d, d.size(3, 6), 2), edge=True),
    ),
    aspects={"loss": 2, "d_logits": 4},
    misconceptions=(
        Misconception(
            "gradient of the sum",
            "Your d_logits is not divided by the size of the batch, while the loss is a mean.",
            "If the batch is twice as large, how much does one logit matter for the mean?",
            _GradientOfTheSum(),
        ),
        Misconception(
            "sum for mean",
            "Your loss is the sum over the batch, and your d_logits is the gradient of that.",
            "What does Keras print as the loss: does it grow with the size of the batch?",
            _SumForMean(),
        ),
        Misconception(
            "label forgotten",
            "Your d_logits is the probabilities alone: the label does not matter to it.",
            "Should the logit of the right class grow or become smaller?",
            _LabelForgotten(),
        ),
        Misconception(
            "sign turned",
            "Your d_logits has the opposite sign.",
            "The loss becomes smaller where the logit of the right class grows. Which sign has its "
            "gradient?",
            _SignTurned(),
        ),
        Misconception(
            "other classes left out",
            "Your d_logits is zero for all classes but the right one.",
            "If the logit of a wrong class grows, what becomes of the probability of the right "
            "one?",
            _SoftmaxOnItsOwn(),
        ),
        Misconception(
            "exponential too large",
            "Your softmax takes the exponential of the logits as they are: large ones give "
            "infinity or NaN.",
            "Softmax does not change if the same number is taken away from all logits of a sample. "
            "Which number helps?",
            _TooLarge(),
        ),
        Misconception(
            "softmax over the batch",
            "Your softmax runs over the samples, not over the classes.",
            "Which probabilities must have the sum 1?",
            _OverTheBatch(),
        ),
        Misconception(
            "divided by samples and classes",
            "Your d_logits is divided by the number of all logits.",
            "Over what is the mean of the loss taken: over samples, or over samples and classes?",
            _EachNumber(),
        ),
        Misconception(
            "no logarithm",
            "Your loss is the mean of 1 − p, without a logarithm.",
            "How large is the cross-entropy if the right class has the probability 0?",
            _ProbabilityForItsLogarithm(),
        ),
    ),
)
