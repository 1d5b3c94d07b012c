"""The references of the unit on a model that writes, and what a model gets that has not learned."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.writing.decoder import SHIPPED, Decoder, stage_names, weight_shapes
from grader.exercises.writing.rotary_attention import RotaryAttention
from grader.exercises.writing.sampling import _top_k, _top_p
from tests.variants.writing import Counts


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


class Unturned(RotaryAttention):
    def turned(self, query, key, value, start):
        return query, key, value


def test_without_the_turns_the_reference_is_the_layer_of_keras():
    layer, tokens = Unturned(6, 2, 4), normal(3, 5, 7)
    outputs, _ = layer(tokens)
    want = layer.inner(tokens, tokens, use_causal_mask=True)
    np.testing.assert_allclose(outputs, want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sizes", [(5,), (1,) * 5, (2, 3), (1, 3, 1)])
def test_in_pieces_the_reference_gives_what_it_gives_for_the_whole(sizes):
    model, tokens = Decoder(11, 8, 4, 2, 4, 9, 2), np.array([[3, 0, 7, 10, 2], [1, 1, 9, 4, 0]])
    whole, outputs, cache, start = model(tokens), [], None, 0
    for size in sizes:
        logits, cache = model.proceed(tokens[:, start : start + size], cache)
        outputs.append(logits)
        start += size
    np.testing.assert_allclose(np.concatenate(outputs, 1), whole, rtol=1e-4, atol=1e-5)


def test_there_are_as_many_stages_as_names_and_as_many_weights_as_the_text_says():
    model = Decoder(**SHIPPED)
    assert len(model.stages(np.zeros((1, 3), "int32"))) == len(stage_names(SHIPPED["blocks"]))
    assert len(weight_shapes(SHIPPED)) == len(model.weights) == 2 + 9 * SHIPPED["blocks"]


def test_chances_on_paper():
    logits = np.log(np.array([0.5, 0.1, 0.4], "float32"))
    np.testing.assert_allclose(_top_k(logits, 2), [5 / 9, 0, 4 / 9], rtol=1e-5)
    np.testing.assert_allclose(_top_p(logits, 0.45), [1, 0, 0], rtol=1e-5)
    np.testing.assert_allclose(_top_p(logits, 0.6), [5 / 9, 0, 4 / 9], rtol=1e-5)


class ByHeart(Counts):
    """Counted names, in no weights."""

    def build(self, shape):
        self.known = [ops.convert_to_tensor(table, "float32") for table in self.tables()]


class WithAWeight(ByHeart):
    """A weight that is there, and changes nothing."""

    def build(self, shape):
        super().build(shape)
        self.w = self.add_weight(shape=(27,), initializer="ones")

    def call(self, inputs):
        return super().call(inputs) + 0 * self.w


class WithALittle(WithAWeight):
    """A weight that changes the logits a little."""

    def call(self, inputs):
        return ByHeart.call(self, inputs) * (1 + 1e-2 * self.w)


@pytest.mark.parametrize("model", [ByHeart, WithAWeight, WithALittle])
def test_what_is_known_by_heart_is_worth_nothing(model):
    report = examine(model, "name_writer")
    assert report.score == 0
    [finding] = report.findings
    assert "The model tells the next letters, but" in finding.message


def test_a_check_leaves_the_weights_as_they_were():
    model = keras.Sequential([keras.Input((14,), dtype="int32"), Counts()])
    before = [np.array(weight) for weight in model.weights]
    assert examine(lambda: model, "name_writer").passed
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(np.array(weight), value)


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param("load", marks=pytest.mark.long),
        pytest.param("stages", marks=pytest.mark.slow),
        pytest.param("proceed", marks=pytest.mark.long),
    ],
)
def test_a_model_without_one_of_its_methods_keeps_the_rest(missing):
    """`load` is asked for by everything; the other two cost their own row."""
    aspects = {"stages": {"stages"}, "proceed": {"in_pieces"}}
    crippled = type("Crippled", (Decoder,), {missing: None})
    if missing == "stages":
        crippled.call = lambda self, tokens: self.run(tokens)[0][-1]
    report = examine(crippled, "Decoder")
    failed = {finding.aspect for finding in report.failed}
    if missing == "load":
        assert "loading" in failed
        assert not failed & {"shape", "parameters"}
    else:
        assert failed == aspects[missing]
    assert f"has no method {missing}" in str(report)
