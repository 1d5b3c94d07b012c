"""The property of a rotation, judged by the layer's own answers: no reference is asked."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from grader.aspects.aspect import Trial
from grader.aspects.distance import distance
from grader.bench.probe import Answer
from grader.exercises.exercise import Case

INPUTS = np.random.default_rng(0).normal(size=(2, 5, 3, 8)).astype("float32")


def turned(inputs, start_index=0, speeds=(1.0, 0.3, 0.1, 0.02)):
    """Neighbours turned by angles of one's own: the property asks for no certain ones."""
    places = start_index + np.arange(inputs.shape[1])
    angles = places[:, None, None] * np.array(speeds)
    one, other = inputs[..., ::2], inputs[..., 1::2]
    cos, sin = np.cos(angles), np.sin(angles)
    pairs = np.stack([one * cos - other * sin, other * cos + one * sin], axis=-1)
    return pairs.reshape(inputs.shape)


def says(layer):
    """What is said of a function of inputs and start_index; None where the property holds."""
    case = Case({}, INPUTS)
    answers = [
        Answer(layer(step.args["inputs"], **step.args["call"])) for step in distance.steps(case)
    ]
    verdict = distance.judge(Trial(case, 1e-4), [], answers)
    return verdict and verdict.message


def test_any_rotation_by_the_place_has_the_property():
    assert says(turned) is None
    assert says(lambda inputs, start_index: turned(inputs, -start_index - 4)[..., ::-1]) is None


def test_an_addition_makes_vectors_longer_or_shorter():
    assert "longer" in says(lambda inputs, start_index: inputs + np.cos(start_index))
    assert "longer" in says(lambda inputs, start_index: inputs[..., :4].repeat(2, axis=-1))


def test_scores_must_not_change_where_both_move_on():
    def slower_and_slower(inputs, start_index):
        places = np.sqrt(start_index + np.arange(inputs.shape[1]))
        return np.concatenate(
            [turned(inputs[:, [n]], place) for n, place in enumerate(places)], axis=1
        )

    assert "move on by the same number" in says(slower_and_slower)


def test_equal_distances_have_equal_scores():
    def in_jumps(inputs, start_index):
        places = np.array([0, 1, 3, 4, 7])
        return np.concatenate(
            [turned(inputs[:, [n]], place + start_index) for n, place in enumerate(places)], axis=1
        )

    assert "equally far apart" in says(in_jumps)


@pytest.mark.parametrize("speeds", [(0, 0, 0, 0), (2 * np.pi,) * 4])
def test_a_layer_that_leaves_all_as_it_was_has_not_the_property(speeds):
    assert "do not depend" in says(lambda x, start_index: turned(x, start_index, speeds))


@pytest.mark.parametrize("answer", [None, "word", np.zeros(3), [INPUTS], INPUTS.astype(str)])
def test_any_other_answer_is_wrong(answer):
    assert "not the inputs' shape" in says(lambda inputs, start_index: answer)


def test_it_is_judged_in_a_check():
    from grader.examination.examine import examine

    class Doubled(keras.layers.Layer):
        def call(self, inputs, start_index=0):
            return 2.0 * ops.sin(inputs)

    report = examine(Doubled, "RotaryEmbedding")
    assert "distance" in {finding.aspect for finding in report.failed}
