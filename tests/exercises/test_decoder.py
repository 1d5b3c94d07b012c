"""The references of the unit on the decoder block are what Keras gives, by another way."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.decoder.cached_attention import CachedAttention
from grader.exercises.decoder.decoder_block import DecoderBlock
from grader.exercises.decoder.soft_cap import SoftCap
from grader.exercises.decoder.swiglu import SwiGLU
from tests.variants.decoder import Cached


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def close(one, other):
    """Equal but for rounding, and of one shape."""
    same_shape = tuple(one.shape) == tuple(other.shape)
    return same_shape and np.allclose(one, other, rtol=1e-4, atol=1e-5)


def test_swiglu_is_three_dense_layers_of_keras():
    layer, inputs = SwiGLU(5), normal(2, 3, 4)
    outputs = layer(inputs)
    gate, value, out = (ops.convert_to_numpy(weight) for weight in layer.weights)
    assert close(outputs, keras.activations.silu(inputs @ gate) * (inputs @ value) @ out)


def test_the_soft_cap_is_that_of_keras():
    keras_layer = keras.layers.ReversibleEmbedding(6, 6, logit_soft_cap=3.0)
    keras_layer.build()
    keras_layer.embeddings.assign(np.eye(6))
    logits = 4 * normal(2, 3, 6)
    assert close(SoftCap(3.0)(logits), keras_layer(logits, reverse=True))


@pytest.mark.parametrize("sizes", [(7,), (1,) * 7, (3, 1, 2, 1), (1, 6)])
def test_in_pieces_the_reference_gives_what_keras_gives_for_the_whole(sizes):
    layer, tokens = CachedAttention(2, 5, 6), normal(3, 7, 4)
    mask = np.ones((3, 9), bool)
    mask[0, 1] = mask[2, 3:5] = False
    layer.build(tokens.shape)
    whole = layer.inner(tokens, tokens, use_causal_mask=True, attention_mask=mask[:, None, :7])
    assert close(layer(tokens, padding_mask=mask[:, :7])[0], whole)
    cache, start, outputs = [normal(3, 9, 2, 5), normal(3, 9, 2, 6)], 0, []
    for size in sizes:
        piece = tokens[:, start : start + size]
        output, cache = layer(piece, cache, start=start, padding_mask=mask)
        outputs.append(output)
        start += size
    assert close(ops.concatenate(outputs, axis=1), whole)


def test_a_block_adds_to_its_input():
    block, inputs = DecoderBlock(4, 2, 3, 5), normal(2, 3, 6)
    block(inputs)
    for weight in block.weights:
        if len(weight.shape) > 1:
            weight.assign(0 * weight)
    assert close(block(inputs), inputs)


class WrongAtSix(Cached):
    """It is right in each case that is called once, and goes wrong along the way."""

    def call(self, inputs, cache=None, start=0, padding_mask=None):
        output, cache = super().call(inputs, cache, start, padding_mask)
        return output + (start == 6), cache


class OutputsAlone(Cached):
    def call(self, inputs, cache=None, start=0, padding_mask=None):
        return super().call(inputs, cache, start, padding_mask)[0]


class Forgetful(Cached):
    """It keeps its own cache from call to call, and does not look at the one it is given."""

    kept = None

    def call(self, inputs, cache=None, start=0, padding_mask=None):
        if start and self.kept is not None:
            cache = self.kept
        output, new = super().call(inputs, cache, start, padding_mask)
        if cache is not None and not isinstance(new[0], keras.KerasTensor):
            self.kept = tuple(map(np.array, new))
        return output, new


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (WrongAtSix, "With a cache, the outputs are not those of the whole sequence."),
        (OutputsAlone, "two things: the outputs, and the cache"),
    ],
)
def test_what_goes_wrong_in_pieces_is_told(layer, said):
    report = examine(layer, "CachedAttention")
    findings = {finding.aspect: finding for finding in report.findings}
    assert not findings["in_pieces"].passed
    assert said in str(report)
    if layer is WrongAtSix:
        assert [finding.aspect for finding in report.failed] == ["in_pieces"]


def test_a_layer_that_keeps_the_cache_itself_is_found():
    report = examine(Forgetful, "CachedAttention")
    assert "output" in [finding.aspect for finding in report.failed]
