"""Layers with states and masks: several arguments, several answers, each judged by itself."""

from __future__ import annotations

import io

import keras
import numpy as np
import pytest
from keras import ops

from grader.aspects import ASPECTS, Trial
from grader.aspects.aspect import leaves
from grader.bench.probe import Answer, Script, Step, Weight
from grader.bench.subject import LocalSubject
from grader.bench.weight_matching import Part
from grader.examination.examine import examine
from grader.exercises.exercise import Case
from grader.sandbox.wire import decode, encode
from tests.examination.test_examine import LIES
from tests.liar import Liar, Remembering
from tests.variants.attention import Attend
from tests.variants.cells import Lstm, Memory, Take

X = np.array([[1.0, -2.0], [0.5, 0.25], [2.0, 1.0]], "float32")
H = np.full((3, 4), 0.5, "float32")
C = np.full((3, 4), -0.5, "float32")
STEP = (X, [H, C])


def asked(candidate, config, *steps):
    """What each step answers; a step is a name and its arguments."""
    answers = LocalSubject(candidate).run(
        Script(config, tuple(Step(name, args) for name, args in steps))
    )
    assert [answer.fault for answer in answers] == [None] * len(answers)
    return [answer.value for answer in answers]


def on(inputs):
    return {"inputs": inputs, "call": {}}


def test_a_tuple_holds_arguments_by_position():
    output, (h, c) = asked(Lstm, {"units": 4}, ("call", on(STEP)))[0]
    np.testing.assert_array_equal(output, h)
    assert (h.shape, c.shape) == ((3, 4), (3, 4))
    assert not np.allclose(h, c)


def test_every_question_takes_them():
    names = ("symbolic", "gradient", "built", "compiled", "start", "model")
    answers = asked(Lstm, {"units": 4}, ("call", on(STEP)), *((n, on(STEP)) for n in names))
    symbolic, gradient, built, compiled, start, model = answers[1:]
    assert symbolic == [{"shape": [None, 4]}, [{"shape": [None, 4]}, {"shape": [None, 4]}]]
    assert [g.shape for g in gradient["inputs"]] == [(3, 2), (3, 4), (3, 4)]
    assert built["weights"] == [3, 3]
    assert leaves(compiled)[0].shape == leaves(model["functional"])[0].shape == (3, 4)
    assert [part.shape for part in start] == [(2, 16), (4, 16), (16,)]


def test_they_cross_the_wire_as_they_are():
    (x, (h, _)) = decode(io.BytesIO(encode(STEP)).read)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(h, H)


def test_a_mask_among_the_keywords_is_a_symbol_too():
    query, value = np.ones((3, 4, 2), "float32"), np.ones((3, 5, 2), "float32")
    mask = [None, np.ones((3, 5), bool)]
    given = {"inputs": [query, value], "call": {"mask": mask}}
    assert asked(Attend, {}, ("symbolic", given)) == [{"shape": [None, 4, 2]}]


NOISE = [np.full(2, 3e-6, "float32"), np.full(2, -2e-6, "float32")]


@pytest.mark.parametrize(
    ("got", "right"), [(NOISE[1], True), (None, True), (np.full(2, 1e-2, "float32"), False)]
)
def test_a_gradient_that_is_rounding_and_no_more_counts_as_zero(got, right):
    """A key's bias moves all scores of a query alike, and softmax does not mind."""
    weights = tuple(Weight(name, (2,), True) for name in ("kernel", "bias"))
    parts = (Part(np.array([0, 1])), Part(np.array([2, 3])))
    trial = Trial(Case(), 1e-4, weights, weights, assignment=parts)
    large = np.array([1.0, -2.0], "float32")
    want = Answer({"inputs": [], "weights": [large, NOISE[0]]})
    given = Answer({"inputs": [], "weights": [large, got]})
    assert (ASPECTS["gradient"].judge(trial, [want], [given]) is None) == right


def test_a_mask_is_what_the_output_carries_on():
    words = np.array([[3, 0, 1], [0, 2, 0]])
    sizes = {"input_dim": 4, "output_dim": 2}
    assert asked(Take, sizes, ("mask", on(words))) == [None]
    (mask,) = asked(Take, sizes | {"mask_zero": True}, ("mask", on(words)))
    np.testing.assert_array_equal(mask, words != 0)


def test_a_cell_is_taken_along_a_sequence():
    sequence = np.cos(np.arange(24, dtype="float32")).reshape(3, 4, 2)
    config = {"units": 4, "slots": 5, "start": 0.5}
    begin = [np.zeros((3, 4), "float32"), np.full((3, 5), 0.5, "float32")]
    weights = [np.sin(np.arange(n)).reshape(s) for n, s in SHAPES]
    given = ("call", on((sequence[:, 0], begin))), ("assign", {"values": weights})
    found = asked(Memory, config, *given, ("in_rnn", {"sequence": sequence}))[-1]
    states = begin
    for step in range(4):
        output, states = asked(Memory, config, *given, ("call", on((sequence[:, step], states))))[
            -1
        ]
        np.testing.assert_allclose(found["output"][0][:, step], output, rtol=1e-5)
    for mine, theirs in zip(states, found["output"][1:], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)
    assert found["shapes"] == [[None, 4, 4], [None, 4], [None, 5]]


SHAPES = ((8, (2, 4)), (16, (4, 4)), (20, (5, 4)), (20, (4, 5)), (4, (4,)))


class WrongCarry(Lstm):
    """Right in h, wrong in c, and in no way that has a name."""

    def call(self, inputs, states):
        h, (_, c) = super().call(inputs, states)
        return h, [h, c + 0.1]


def test_the_state_that_is_wrong_is_named():
    (output,) = (f for f in examine(WrongCarry, "LSTMCell").findings if f.aspect == "output")
    assert "Wrong: state c. Right: output and state h." in output.message
    assert output.evidence.expected.shape == output.evidence.actual.shape


class ShyForgetGate(Lstm):
    """Its forget gate sees only half of the recurrent term."""

    def call(self, inputs, states):
        h, c = states
        past = ops.matmul(h, self.recurrent_kernel)
        u = self.units
        past = ops.concatenate([past[:, :u], 0.5 * past[:, u : 2 * u], past[:, 2 * u :]], axis=-1)
        total = ops.matmul(inputs, self.kernel) + past + self.bias
        i, f, g, o = ops.split(total, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]


def test_the_gate_and_the_term_that_are_wrong_are_named():
    report = examine(ShyForgetGate, "LSTMCell")
    assert report.diagnosis is None
    assert "Without `recurrent_kernel` (set to zero)" in str(report)
    assert "without gate `f`" in str(report)


class SharpInputGate(Lstm):
    """Its input gate is steeper than it should be."""

    def call(self, inputs, states):
        h, c = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, g, o = ops.split(total, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(2 * i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]


def test_a_gate_is_named_where_no_single_term_is_wrong():
    assert "Without gate `i` (its columns set to zero) they agree" in str(
        examine(SharpInputGate, "LSTMCell")
    )


@pytest.mark.parametrize("about", ["call", "in_rnn", "start"])
def test_a_liar_about_states_gets_a_report(about):
    honest = Remembering(LocalSubject(Lstm))
    for lie in LIES:
        report = examine(Liar(honest, about, lie), "LSTMCell")
        assert report.failed
        assert report.headline in report._repr_html_()


def test_the_students_own_cell_is_the_one_of_tf_keras():
    tf_keras = pytest.importorskip("tf_keras")

    class Cell(tf_keras.layers.AbstractRNNCell):
        """The formulas of `grader.exercises.recurrent.memory_cell`, as TensorFlow 2 wrote cells."""

        @property
        def state_size(self):
            return [4, 5]

        @property
        def output_size(self):
            return 4

        def build(self, input_shape):
            self.kernels = [self.add_weight(f"w{i}", shape) for i, (_, shape) in enumerate(SHAPES)]
            self.built = True

        def call(self, inputs, states):
            w, u, r, v, b = self.kernels
            h = tf_keras.backend.tanh(inputs @ w + states[0] @ u + states[1] @ r + b)
            return h, [h, 0.75 * states[1] + 0.25 * (h @ v)]

    from grader.exercises.recurrent.memory_cell import MemoryCell

    sequence = np.cos(np.arange(24, dtype="float32")).reshape(3, 4, 2)
    theirs = tf_keras.layers.RNN(Cell(), return_sequences=True, return_state=True)
    ours = keras.layers.RNN(MemoryCell(4, 5, keep=0.75), return_sequences=True, return_state=True)
    theirs(sequence)
    ours(sequence)
    values = [np.sin(np.arange(n, dtype="float32")).reshape(shape) for n, shape in SHAPES]
    theirs.set_weights(values)
    ours.set_weights(values)
    for mine, yours in zip(ours(sequence), theirs(sequence), strict=True):
        np.testing.assert_allclose(mine, yours, rtol=1e-5)
