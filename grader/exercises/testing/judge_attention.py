"""A test for Attention."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.attention.attention import attention
from grader.exercises.exercise import Misconception
from grader.exercises.testing.zoo import Zoo, by_samples, judging

_QUERY = np.linspace(-1, 1, 2 * 3 * 4, dtype="float32").reshape(2, 3, 4)
_VALUE = np.cos(np.arange(2 * 5 * 6, dtype="float32")).reshape(2, 5, 6)
_KEY = _VALUE[..., :4]


class _ByEinsum(keras.layers.Attention):
    """Scores by letters."""

    def _calculate_scores(self, query: Any, key: Any) -> Any:
        scores = ops.einsum("bqd,bkd->bqk", query, key)
        return scores if self.scale is None else scores * self.scale


ZOO = Zoo(
    right=(
        keras.layers.Attention,
        _ByEinsum,
        by_samples(keras.layers.Attention),
    ),
    wrong=attention.misconceptions,
    takes=("use_scale",),
    calls=("mask", "use_causal_mask", "return_attention_scores"),
)


def _shape_only(layer: Any) -> bool:
    return tuple(layer()([_QUERY, _VALUE, _KEY]).shape) == (2, 3, 6)


def _sums_only(layer: Any) -> bool:
    _, scores = layer()([_QUERY, _KEY], return_attention_scores=True)
    return bool(np.allclose(np.asarray(scores).sum(-1), 1, atol=1e-3))


attention_is_right = judging(
    "attention_is_right",
    attention,
    __name__,
    ZOO,
    (
        Misconception(
            "looks at the shape alone",
            "Your test looks at the shape of the output, and not at its numbers.",
            "Which shape has the mean of all values?",
            _shape_only,
        ),
        Misconception(
            "looks at the sums of the weights alone",
            "Your test only looks whether the attention weights of each query have the sum 1.",
            "Which weights have the sum 1 and still look into the future?",
            _sums_only,
        ),
    ),
)
