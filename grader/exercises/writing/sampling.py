"""temperature, top_k and top_p: from logits to the probabilities of each sign."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.writing.parts import UNIT

Probabilities = np.ndarray


def softmax(logits: Any) -> Probabilities:
    """Keras's own, of one row."""
    return np.asarray(ops.softmax(ops.convert_to_tensor(np.asarray(logits, "float32"))))


def _with(logits: Any, stays: Any) -> Probabilities:
    """Softmax over the logits that stay."""
    return softmax(np.where(stays, logits, -np.inf))


def _temperature(logits: Any, temperature: float) -> Probabilities:
    """Keras's softmax with its logits divided, as in `keras_hub.samplers.Sampler`."""
    return softmax(np.asarray(logits) / temperature)


def _top_k(logits: Any, k: int) -> Probabilities:
    """The k-th largest by `keras.ops.top_k`; what equals it stays too."""
    values, _ = ops.top_k(ops.convert_to_tensor(logits), min(k, len(logits)))
    return _with(logits, logits >= np.asarray(values)[-1])


def _top_p(logits: Any, p: float) -> Probabilities:
    """A. Holtzman and others, "The Curious Case of Neural Text Degeneration" (2019): the smallest
    set of signs whose probabilities sum up to p at least."""
    probabilities = softmax(logits)
    order = np.argsort(-probabilities)
    before = np.cumsum(probabilities[order]) - probabilities[order]
    stays = np.zeros(len(probabilities), bool)
    stays[order] = before < p
    return _with(logits, stays)


def _logits(draw: Draw, least: int = 8, most: int = 12, scale: float = 2.0) -> np.ndarray:
    """Logits, no two of which are near each other, in any order."""
    count = draw.size(least, most)
    steps = draw.random.uniform(0.2, 1.0, size=count)
    mixed = draw.random.permutation(np.cumsum(steps))
    return ((mixed - mixed.mean()) * scale / mixed.std()).astype("float32")


def _row(low: float, high: float, scale: float = 2.0) -> Any:
    def draw_it(draw: Draw) -> Case:
        logits = _logits(draw, scale=scale)
        return Case({"logits": logits, "temperature": float(draw.random.uniform(low, high))})

    return draw_it


def _one(draw: Draw) -> Case:
    return Case({"logits": _logits(draw), "temperature": 1.0})


temperature = Exercise(
    name="temperature",
    unit=UNIT,
    layer="Softmax",
    reference=_temperature,
    kinds=(
        Kind("a low temperature", _row(0.3, 0.7)),
        Kind("a high temperature", _row(1.5, 4.0)),
        Kind("temperature 1", _one, edge=True),
        Kind("large logits", _row(0.5, 0.8, scale=300.0), edge=True),
    ),
    aspects={"distribution": 3},
    misconceptions=(
        Misconception(
            "multiplied",
            "Your logits are multiplied by the temperature.",
            "A high temperature makes the choice more random. Do larger differences of logits do "
            "that, or smaller ones?",
            lambda logits, temperature: softmax(np.asarray(logits) * temperature),
        ),
        Misconception(
            "softmax before the temperature",
            "You divide probabilities by the temperature, and apply softmax once more.",
            "What is divided in the formula: logits, or probabilities?",
            lambda logits, temperature: softmax(softmax(logits) / temperature),
        ),
        Misconception(
            "temperature without effect",
            "Your probabilities do not depend on the temperature.",
            "If all probabilities are divided by one number and then brought to the sum 1 again, "
            "what has changed?",
            lambda logits, temperature: softmax(logits),
        ),
        Misconception(
            "sum is not 1",
            "Your probabilities do not sum up to 1.",
            "Which operation makes probabilities of any numbers, and must be the last one?",
            lambda logits, temperature: softmax(logits) ** (1 / temperature),
        ),
        Misconception(
            "overflows",
            "With large logits your probabilities are NaN: exp overflows.",
            "What happens to all probabilities if you subtract the same number from all logits?",
            lambda logits, temperature: _plain_softmax(np.asarray(logits) / temperature),
        ),
        Misconception(
            "root of the temperature",
            "Your logits are divided by the root of the temperature.",
            "In attention, scores are divided by a root. Is there one in this formula?",
            lambda logits, temperature: softmax(np.asarray(logits) / np.sqrt(temperature)),
        ),
    ),
)


def _plain_softmax(logits: Any) -> Probabilities:
    with np.errstate(all="ignore"):
        large = np.exp(np.asarray(logits, "float32"))
        return large / large.sum()


def _some(draw: Draw) -> Case:
    """At least three stay and three go."""
    logits = _logits(draw)
    return Case({"logits": logits, "k": int(draw.random.integers(3, len(logits) - 2))})


def _single(draw: Draw) -> Case:
    return Case({"logits": _logits(draw), "k": 1})


def _all(draw: Draw) -> Case:
    logits = _logits(draw)
    return Case({"logits": logits, "k": len(logits)})


def _more(draw: Draw) -> Case:
    """A k for a larger vocabulary."""
    return Case({"logits": _logits(draw), "k": 40})


def _ties(draw: Draw) -> Case:
    """The k-th and the next one are equal."""
    logits, k = _logits(draw), int(draw.random.integers(2, 5))
    order = np.argsort(-logits)
    logits[order[k]] = logits[order[k - 1]]
    return Case({"logits": logits, "k": k})


def _kept_most(logits: Any, k: int) -> Any:
    """Which are the k largest, all of them where k is larger."""
    return logits >= np.sort(logits)[-min(k, len(logits))]


def _exactly_k(logits: Any, k: int) -> Probabilities:
    stays = np.zeros(len(logits), bool)
    stays[np.argsort(-logits, kind="stable")[:k]] = True
    return _with(logits, stays)


def _one_less(logits: Any, k: int) -> Probabilities:
    least = np.sort(logits)[-min(k, len(logits))]
    return _with(logits, logits > least) if (logits > least).any() else np.zeros_like(logits)


def _zeroed(logits: Any, k: int) -> Probabilities:
    return softmax(np.where(_kept_most(logits, k), logits, 0.0))


top_k = Exercise(
    name="top_k",
    unit=UNIT,
    layer="Softmax",
    reference=_top_k,
    kinds=(
        Kind("some signs", _some),
        Kind("other signs", _some),
        Kind("one sign", _single, edge=True),
        Kind("all signs", _all, edge=True),
        Kind("more than there are", _more, edge=True),
        Kind("two equal logits", _ties, edge=True),
    ),
    aspects={"distribution": 3},
    misconceptions=(
        Misconception(
            "k counted from the wrong end",
            "Your function keeps the k least likely signs.",
            "`np.sort` puts the largest number last. From which end do you count?",
            lambda logits, k: _with(logits, logits <= np.sort(logits)[min(k, len(logits)) - 1]),
        ),
        Misconception(
            "renormalization forgotten",
            "The signs that stay have the probabilities of before: they do not sum up to 1.",
            "What has become of the probabilities of those that went?",
            lambda logits, k: np.where(_kept_most(logits, k), softmax(logits), 0.0),
        ),
        Misconception(
            "logits set to 0",
            "You set the logits of the others to 0, and 0 is a logit like others.",
            "For which logit is the probability 0?",
            _zeroed,
        ),
        Misconception(
            "k counted from 0",
            "Your function keeps one sign more than k.",
            "In a list sorted from the largest on, which index does the k-th one have?",
            lambda logits, k: _with(logits, _kept_most(logits, k + 1)),
        ),
        Misconception(
            "one sign too few",
            "Your function drops the k-th sign as well.",
            "Is a logit larger than itself?",
            _one_less,
        ),
        Misconception(
            "equals dropped",
            "Of two equal logits your function keeps one and drops the other.",
            "What does the text say about logits that equal the k-th?",
            _exactly_k,
        ),
        Misconception(
            "k ignored",
            "Your function keeps all signs.",
            "What is the probability of the least likely sign to be?",
            lambda logits, k: softmax(logits),
        ),
    ),
)


def _between(draw: Draw, low: int, high: int) -> Case:
    """The number p lies in the middle of a step of the sum: rounding cannot decide."""
    logits = _logits(draw, scale=1.2)
    sums = np.cumsum(np.sort(softmax(logits).astype("float64"))[::-1])
    step = int(draw.random.integers(low, high))
    return Case({"logits": logits, "p": float((sums[step - 1] + sums[step]) / 2)})


def _nearly_none(draw: Draw) -> Case:
    return Case({"logits": _logits(draw), "p": 0.01})


def _whole(draw: Draw) -> Case:
    return Case({"logits": _logits(draw, scale=1.2), "p": 1.0})


def _crossing_dropped(logits: Any, p: float) -> Probabilities:
    probabilities = softmax(logits)
    order = np.argsort(-probabilities)
    stays = np.zeros(len(probabilities), bool)
    stays[order] = np.cumsum(probabilities[order].astype("float64")) <= p + 1e-6
    return _with(logits, stays) if stays.any() else np.zeros_like(probabilities)


def _least_first(logits: Any, p: float) -> Probabilities:
    probabilities = softmax(logits)
    order = np.argsort(probabilities)
    stays = np.zeros(len(probabilities), bool)
    stays[order] = np.cumsum(probabilities[order]) - probabilities[order] < p
    return _with(logits, stays)


def _unsorted(logits: Any, p: float) -> Probabilities:
    probabilities = softmax(logits)
    return _with(logits, np.cumsum(probabilities) - probabilities < p)


def _not_renormalized(logits: Any, p: float) -> Probabilities:
    return np.where(_top_p(logits, p) > 0, softmax(logits), 0.0)


def _of_the_largest(logits: Any, p: float) -> Probabilities:
    probabilities = softmax(logits)
    return _with(logits, probabilities >= p * probabilities.max())


def _least_chance(logits: Any, p: float) -> Probabilities:
    probabilities = softmax(logits)
    stays = probabilities >= p
    return _with(logits, stays) if stays.any() else np.zeros_like(probabilities)


def _not_sorted_back(logits: Any, p: float) -> Probabilities:
    return np.sort(_top_p(logits, p))[::-1]


top_p = Exercise(
    name="top_p",
    unit=UNIT,
    layer="Softmax",
    reference=_top_p,
    kinds=(
        Kind("two or three signs", lambda d: _between(d, 1, 3)),
        Kind("more signs", lambda d: _between(d, 3, 6)),
        Kind("a very small p", _nearly_none, edge=True),
        Kind("p is 1", _whole, edge=True),
    ),
    aspects={"distribution": 3},
    misconceptions=(
        Misconception(
            "without the sign that crosses p",
            "Your function drops the sign with which the sum reaches p.",
            "The likeliest sign has a probability of 0.6, and p is 0.5. Which signs stay?",
            _crossing_dropped,
        ),
        Misconception(
            "counted from the least likely",
            "Your sum begins with the least likely sign.",
            "Which sign is the last that may be dropped?",
            _least_first,
        ),
        Misconception(
            "sum in the order of the vocabulary",
            "Your sum runs through the signs as they come, and not from the likeliest on.",
            "Would other signs stay if the alphabet had another order?",
            _unsorted,
        ),
        Misconception(
            "renormalization forgotten",
            "The signs that stay have the probabilities of before: they do not sum up to 1.",
            "What has become of the probabilities of those that went?",
            _not_renormalized,
        ),
        Misconception(
            "p as a share of the largest",
            "Your function keeps what has at least p times the largest probability.",
            "That is another method (min-p). What is compared with p here?",
            _of_the_largest,
        ),
        Misconception(
            "p as the least probability",
            "Your function keeps the signs whose own probability is at least p.",
            "With p = 0.9, may the most likely sign have a probability of 0.3?",
            _least_chance,
        ),
        Misconception(
            "left in sorted order",
            "Your probabilities are right, but sorted: they stand at other signs.",
            "To which sign does the first of your probabilities belong?",
            _not_sorted_back,
        ),
        Misconception(
            "p ignored",
            "Your function keeps all signs.",
            "What is the probability of the least likely sign to be?",
            lambda logits, p: softmax(logits),
        ),
    ),
)
