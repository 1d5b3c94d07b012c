"""A wrong idea is named where exactly one explains all that was seen, however it is written."""

from __future__ import annotations

import dataclasses

import keras
import pytest
from keras import ops

from grader.bench.subject import LocalSubject
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from tests.variants import activation, dense, flatten, reshape


class ForgetsTheBias(dense.RawTensorFlow):
    def build(self, input_shape):
        self.b = None
        self.w = self.add_weight(shape=(input_shape[-1], self.units), name="w")


class StoresUnitsFirst(dense.WithOps):
    def build(self, input_shape):
        self.w = self.add_weight(shape=(self.units, input_shape[-1]), name="w")
        self.c = self.add_weight(shape=(self.units,), name="c") if self.use_bias else 0.0

    def call(self, inputs):
        return self.activation(ops.einsum("...i,oi->...o", inputs, self.w) + self.c)


class BendsTooSoon(dense.Einsum):
    def call(self, inputs):
        outputs = ops.einsum("...i,io->...o", inputs, self.w)
        return keras.activations.get(self.bend)(outputs) + self.c


class RemembersNoActivation(dense.Decorated):
    def get_config(self):
        config = super().get_config()
        return {key: config[key] for key in ("units", "use_bias", "name")}


class SharesByColumn(activation.OtherFormulas):
    def bend_by_softmax(self, x):
        powers = ops.exp(x - ops.max(x, axis=0))
        return powers / ops.sum(powers, axis=0)


class LeaksUpwards(activation.OtherFormulas):
    def bend_by_leaky_relu(self, x):
        return ops.maximum(x, -x / 5)


class OneLongRow(flatten.WithOps):
    def compute_output_shape(self, input_shape):
        batch, length = super().compute_output_shape((input_shape[0] or 0, *input_shape[1:]))
        return (batch * length or None,)

    def call(self, inputs):
        return ops.ravel(inputs)


class ColumnsFirst(flatten.WithOps):
    def call(self, inputs):
        *_, last = range(len(inputs.shape))
        return super().call(ops.transpose(inputs, (0, *range(last, 0, -1))))


class TurnsTheSample(reshape.WithOps):
    def call(self, inputs):
        order = (0, *reversed(range(1, len(inputs.shape))))
        return super().call(ops.transpose(inputs, order))


WRONG = [
    ("Dense", ForgetsTheBias, "bias omitted"),
    ("Dense", StoresUnitsFirst, "kernel transposed"),
    ("Dense", BendsTooSoon, "activation before bias"),
    ("Dense", RemembersNoActivation, "activation not in config"),
    ("Activation", SharesByColumn, "softmax over axis 0"),
    ("Activation", LeaksUpwards, "leaky slope sign"),
    ("Flatten", OneLongRow, "batch flattened too"),
    ("Flatten", ColumnsFirst, "column-major"),
    ("Reshape", TurnsTheSample, "transposed first"),
    ("dense_params", lambda f, u, b=True: u * f, "bias not counted"),
    ("dense_params", lambda f, u, b=True: sum([u] * f) + (1 if b else 0), "a single bias"),
    ("stack_params", lambda f, widths: sum(f * w + w for w in widths), "every layer sees the"),
    ("flatten_shape", lambda s: [s[0], sum(s) - s[0] if s[0] else sum(s[1:])], "axes added"),
    ("reshape_shape", lambda s, t: s[:1] + t, "-1 left in the shape"),
]


@pytest.mark.parametrize(("name", "wrong", "idea"), WRONG, ids=[row[2] for row in WRONG])
def test_a_wrong_idea_is_known_however_it_is_written(name, wrong, idea):
    for hidden in (False, True):
        report = examine(wrong, name, hidden=hidden)
        assert report.failed
        assert report.diagnosis, str(report)
        assert report.diagnosis.name.startswith(idea)
        assert report.diagnosis.hint in str(report)


class BendsTooSoonAndForgets(BendsTooSoon):
    def get_config(self):
        return super().get_config() | {"use_bias": True}


class AddsOne(dense.WithOps):
    def call(self, inputs):
        return super().call(inputs) + 1


class RefusesRank3(dense.WithOps):
    def build(self, input_shape):
        if len(input_shape) > 2:
            raise ValueError("two axes, please")
        super().build(input_shape)


class CastsToFloat64(dense.WithOps):
    def call(self, inputs):
        return ops.cast(super().call(inputs), "float64")


NAMELESS = [AddsOne, RefusesRank3, CastsToFloat64]


@pytest.mark.parametrize("wrong", NAMELESS)
def test_what_no_single_idea_explains_gets_no_name(wrong):
    report = examine(wrong, "Dense")
    assert report.failed
    assert report.diagnosis is None


def test_two_ideas_that_fit_are_none():
    exercise = CATALOGUE["Flatten"]
    idea = exercise.misconceptions[1]
    twice = dataclasses.replace(exercise, misconceptions=(idea, idea))
    assert examine(LocalSubject(idea.wrong), exercise).diagnosis.name == idea.name
    assert examine(LocalSubject(idea.wrong), twice).diagnosis is None


class TwoFaults(activation.OtherFormulas):
    def bend_by_leaky_relu(self, x):
        return ops.maximum(x, -x / 5)

    def bend_by_sigmoid(self, x):
        return 1 / (1 + ops.exp(x))


@pytest.mark.parametrize(
    ("name", "wrong"), [("Dense", BendsTooSoonAndForgets), ("Activation", TwoFaults)]
)
def test_one_idea_is_never_named_for_two_faults(name, wrong):
    diagnosis = examine(wrong, name).diagnosis
    assert diagnosis is None or diagnosis.says.startswith("Two things are wrong.")
    assert diagnosis is None or diagnosis.name == ", and ".join(p.name for p in diagnosis.parts)


class ForgetsTheBiasAndMore(ForgetsTheBias):
    def get_config(self):
        return {"name": self.name}


def test_another_fault_besides_does_not_take_the_name_away():
    diagnosis = examine(ForgetsTheBiasAndMore, "Dense").diagnosis
    assert diagnosis.name.startswith("bias omitted")
    assert diagnosis.says.startswith("Two things are wrong.")


class JoinsAlongOne(keras.layers.Layer):
    """Axis 1, whatever was asked for: where axes differ it stops with the words of another idea."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs):
        return ops.concatenate(inputs, axis=1)

    def compute_output_shape(self, input_shape):
        joined = list(input_shape[0])
        joined[1] = sum(shape[1] for shape in input_shape)
        return tuple(joined)


def test_a_crash_is_not_taken_for_an_idea_that_crashes_elsewhere_too():
    for hidden in (False, True):
        diagnosis = examine(JoinsAlongOne, "Concatenate", hidden=hidden).diagnosis
        assert diagnosis is None or "joins along the batch" not in diagnosis.name


PLACES = [
    ("LSTMCell", "forget gate inverted", "f"),
    ("LSTMCell", "no input gate", "c"),  # which is what that gate is multiplied by
    ("LSTMCell", "tanh on the output forgotten", "o"),
    ("GRUCell", "update gate the other way", "z"),
    ("GRUCell", "tanh of the candidate forgotten", "h"),
    ("GRUCell", "recurrent bias outside the reset", "bias"),
    ("GRUCell", "everything reset", "h"),
    ("SimpleRNNCell", "state not used", "recurrent_kernel"),
    ("SimpleRNNCell", "recurrent kernel transposed", "recurrent_kernel"),
    ("MemoryCell", "written in full", "write_kernel"),
    ("MemoryCell", "memory not read", "read_kernel"),
    ("Dense", "activation before bias", "bias"),
    ("Dense", "activation forgotten", "no weight: without its kernel a layer is its bias"),
]


def without_names(name):
    """The exercise with no idea known: what is said then must be true of an idea all the same."""
    return dataclasses.replace(CATALOGUE[name], misconceptions=())


@pytest.mark.parametrize(("name", "idea", "place"), PLACES)
def test_a_clue_names_the_place_of_the_fault(name, idea, place):
    wrong = next(known.wrong for known in CATALOGUE[name].misconceptions if known.name == idea)
    report = examine(LocalSubject(wrong), without_names(name))
    (output,) = (finding for finding in report.findings if finding.aspect == "output")
    if "Without" in output.message:
        assert f"`{place}`" in output.message
