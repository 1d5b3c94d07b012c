"""What examine says of answers that are neither right nor one of the known wrong ideas."""

from __future__ import annotations

import html
import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from grader.aspects import ASPECTS
from grader.bench.subject import LocalSubject
from grader.examination.attempt import Key, expect
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.exercise import TERMS, Case, Exercise, Kind, Misconception
from tests.liar import Liar, Remembering
from tests.variants.attention import HeadsSideBySide
from tests.variants.cells import LstmOfDense
from tests.variants.dense import Product, WithOps


def dense(call, base=WithOps):
    """A Dense whose call is another function of the layer and its inputs."""
    return type("Dense", (base,), {"call": call})


def right(self, inputs):
    return WithOps.call(self, inputs)


def failed(report):
    return {finding.aspect for finding in report.failed}


def message(report, aspect):
    return next(finding.message for finding in report.findings if finding.aspect == aspect)


# Not attempted, or stopped


class Untouched(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        raise NotImplementedError()

    def build(self, input_shape):
        raise NotImplementedError()

    def call(self, inputs):
        raise NotImplementedError()


def untouched(features, units, use_bias=True):
    raise NotImplementedError()


@pytest.mark.parametrize("stub", [(Untouched, "Dense"), (untouched, "dense_params")])
def test_a_stub_is_not_attempted(stub):
    report = examine(*stub)
    assert (report.attempted, report.score, report.crash) == (False, 0, "")
    assert {finding.passed for finding in report.findings} == {None}


def test_an_init_without_a_call_is_still_not_attempted():
    report = examine(dense(lambda self, inputs: Untouched.call(self, inputs)), "Dense")
    assert not report.attempted


def test_half_a_function_is_attempted():
    def half(features, units, use_bias=True):
        if use_bias:
            return (features + 1) * units
        raise NotImplementedError

    report = examine(half, "dense_params")
    assert report.attempted
    assert report.score == 0
    assert report.crash.endswith("raise NotImplementedError — NotImplementedError")


def test_a_keras_layer_without_call_is_a_fault_and_no_stub():
    report = examine(type("Flatten", (keras.layers.Layer,), {}), "Flatten")
    assert report.attempted
    assert report.score == 0
    assert "Flatten" in report.crash


def test_a_crash_shows_the_students_own_line():
    def call(self, inputs):
        return inputs @ self.kernle

    report = examine(dense(call), "Dense")
    assert re.fullmatch(
        r"line \d+: return inputs @ self.kernle — "
        r"AttributeError: 'Dense' object has no attribute 'kernle'.*",
        report.crash,
    )
    assert report.score == 0
    assert message(report, "output") == "Your code raised AttributeError."
    assert all(finding.passed is None for finding in report.findings)


def test_a_crash_on_some_cases_leaves_the_aspects_that_never_saw_them():
    def build(self, input_shape):
        _, features = input_shape  # fails at rank 3
        WithOps.build(self, (None, features))

    report = examine(type("Dense", (WithOps,), {"build": build}), "Dense")
    assert failed(report) == {"shape", "parameters", "output", "gradient"}
    assert all(0 < finding.share < 1 for finding in report.failed)  # of the kinds of rank 2
    assert 0.3 < report.score < 1
    assert "line " in report.crash
    assert "_, features = input_shape" in report.crash
    assert report.diagnosis is None


def test_the_score_is_the_worth_of_what_passed():
    report = examine(dense(lambda self, inputs: 2 * right(self, inputs)), "Dense")
    assert failed(report) == {"output", "gradient"}
    worth = CATALOGUE["Dense"].aspects
    assert report.score == pytest.approx(1 - (worth["output"] + worth["gradient"]) / 10)


class Misspelt(keras.layers.Layer):
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def bulid(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units))

    def call(self, inputs):
        return ops.matmul(inputs, self.kernel)


def test_a_misspelt_method_is_asked_about():
    assert "You wrote bulid: did you mean build?" in examine(Misspelt, "Dense").crash


def test_a_prediction_says_what_keras_gives_and_only_where_it_may():
    wrong = lambda shape: [29]  # noqa: E731
    (shown,) = examine(wrong, "batch_shape").findings
    assert re.fullmatch(r"Keras gives \(None, [\d, ]+\), you give \(29,\)\.", shown.message)
    (hidden,) = examine(wrong, "batch_shape", hidden=True).findings
    assert hidden.message == "The prediction does not match the layer."


# Common faults


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda self, inputs: None, "call() returned None: it must return the output"),
        (lambda self, inputs: right(self, inputs).numpy(), "call() returned a ndarray, not a"),
        (lambda self, inputs: "hello", "call() returned a str, not a tensor"),
        (lambda self, inputs: tf.constant("hello"), "holds object values, not numbers"),
        (lambda self, inputs: tf.cast(right(self, inputs), "complex64"), "holds complex64 values"),
    ],
    ids=["None", "NumPy", "str", "a tensor of text", "complex"],
)
def test_what_is_no_tensor_of_numbers_is_called_so(call, says):
    report = examine(dense(call), "Dense")
    assert report.score == 0
    assert says in report.crash


def test_a_raw_variable_is_named_by_its_attribute():
    class Dense(WithOps):
        def build(self, input_shape):
            self.scale = tf.Variable(tf.ones((input_shape[-1], self.units)))
            self.kernel, self.bias = self.scale, 0.0

    report = examine(Dense, "Dense")
    assert "tf.Variable in self.scale, " in message(report, "parameters")
    assert "self.add_weight" in message(report, "parameters")
    assert "shape" not in failed(report)


def test_a_lazy_sublayer_frozen_into_a_tf_function_is_noticed():
    class Dense(keras.layers.Layer):
        def __init__(self, units, activation=None, use_bias=True, **kwargs):
            super().__init__(**kwargs)
            self.inner = Product(units, activation, use_bias)

        @tf.function
        def call(self, inputs):
            return self.inner(inputs)

    report = examine(Dense, "Dense")
    assert {"output", "gradient", "model"} <= failed(report)
    assert "parameters" not in failed(report)
    assert "@tf.function on call" in message(report, "gradient")


def test_numpy_inside_call_works_on_arrays_and_fails_in_models():
    report = examine(dense(lambda self, inputs: right(self, inputs.numpy())), "Dense")
    assert failed(report) == {"shape", "gradient", "model"}
    assert report.crash.endswith("AttributeError: 'SymbolicTensor' object has no attribute 'numpy'")


def test_a_batch_size_written_down_fits_one_case_only():
    report = examine(dense(lambda self, inputs: ops.reshape(right(self, inputs), (3, -1))), "Dense")
    assert {"shape", "output"} <= failed(report)


def test_a_python_loop_over_the_batch_fails_where_the_batch_is_unknown():
    def call(self, inputs):
        samples = [inputs[i : i + 1] for i in range(inputs.shape[0])]
        return ops.concatenate([right(self, sample) for sample in samples], axis=0)

    report = examine(dense(call), "Dense")
    assert failed(report) == {"shape", "model"}
    assert "range(inputs.shape[0])" in report.crash


def test_a_kernel_with_the_bias_as_its_last_row_costs_parameters_only():
    class Dense(WithOps):
        def build(self, input_shape):
            self.both = self.add_weight(shape=(input_shape[-1] + self.use_bias, self.units))

        def call(self, inputs):
            outputs = ops.matmul(inputs, self.both[: inputs.shape[-1]])
            return self.activation(outputs + self.both[-1] if self.use_bias else outputs)

    report = examine(Dense, "Dense")
    assert failed(report) == {"parameters"}
    assert "the shapes are not" in message(report, "parameters")
    assert "axes of length 1 do not count" in message(report, "parameters")


@pytest.mark.parametrize("name", ["aaa", "zzz", "bias"])
def test_a_constant_keeps_its_value_and_costs_parameters_only(name):
    class Dense(WithOps):
        def build(self, input_shape):
            self.halves = self.add_weight(
                name=name,
                shape=(self.units,),
                initializer=keras.initializers.Constant(0.5),
                trainable=False,
            )
            super().build(input_shape)

        def call(self, inputs):
            outputs = 2 * self.halves * ops.matmul(inputs, self.kernel)
            return self.activation(outputs + self.bias if self.use_bias else outputs)

    assert failed(examine(Dense, "Dense")) == {"parameters"}


def test_without_the_weights_values_are_not_judged_and_earn_nothing():
    class Dense(WithOps):
        def build(self, input_shape):
            self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
            self.bias = 0.0

    report = examine(Dense, "Dense")
    assert 0.4 < report.score < 0.7  # without a bias it is right, where none is asked for
    assert report.diagnosis.name == "bias omitted"
    for finding in report.findings:
        if finding.aspect in ("output", "gradient"):
            assert finding.passed is None
            assert finding.message.startswith(
                "Fix the weights first: those of Keras's layer do not"
            )


class EightOfOther(LstmOfDense):
    """Eight small Dense layers, and a formula that nobody has."""

    def call(self, inputs, states):
        output, (h, c) = super().call(inputs, states)
        return output + 0.1, [h, c]


def test_weights_of_another_form_without_a_fit_are_not_judged():
    report = examine(EightOfOther, "LSTMCell")
    assert failed(report) >= {"output", "gradient"}
    assert "parameters" not in failed(report)
    assert message(report, "output").startswith("Fix the weights first: yours have another form")
    assert "with the same weights" not in str(report)


class SmallerScores(HeadsSideBySide):
    """A formula that nobody has, in the form in which the layer to be mended is given."""

    def apart(self, inputs):
        return 0.9 * super().apart(inputs)


def test_a_layer_to_be_mended_is_not_blamed_for_the_form_of_its_weights():
    report = examine(SmallerScores, "MendedMultiHeadAttention")
    assert failed(report) == {"output", "gradient"}
    assert "Fix the weights" not in str(report)
    assert message(report, "output").startswith("The values differ from Keras's")


class ForgetsTheMask(HeadsSideBySide):
    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        return super().call(query, value, key, use_causal_mask=use_causal_mask)


@pytest.mark.slow
def test_weights_of_another_form_that_fit_elsewhere_are_judged():
    report = examine(ForgetsTheMask, "MultiHeadAttention")
    assert failed(report) == {"output", "gradient"}
    assert message(report, "output").startswith("The values differ from Keras's")


class NotScaled(HeadsSideBySide):
    def apart(self, inputs):
        return super().apart(inputs) * self.key_dim**0.25

    def together(self, mixed):
        return super().together(mixed) / self.key_dim**0.25


def test_a_wrong_idea_is_known_in_weights_of_another_form():
    assert examine(NotScaled, "MultiHeadAttention").diagnosis.name == "not scaled"


def test_another_number_of_outputs_is_another_shape():
    report = examine(dense(lambda self, inputs: [right(self, inputs), self.kernel * 1]), "Dense")
    assert {"shape", "output"} <= failed(report)
    assert "another shape" in message(report, "shape")


def test_a_weight_that_is_left_out_of_training():
    class Dense(WithOps):
        def build(self, input_shape):
            super().build(input_shape)
            self.kernel.trainable = False

    report = examine(Dense, "Dense")
    assert failed(report) == {"parameters", "gradient"}
    assert message(report, "parameters") == "The wrong parameters are trainable."


# A zoo of bad citizens: none of them may break the examiner


class TakesNoArguments(keras.layers.Layer):
    def __init__(self):
        super().__init__()


class RefusesAttributes(WithOps):
    def __getattribute__(self, name):
        raise RuntimeError(f"no {name}")


class Guarded(type):
    def __getattribute__(cls, name):
        raise RuntimeError(f"no {name} either")


class RefusesToBeKnown(metaclass=Guarded):
    pass


class ShowsOtherWeightsEachTime(WithOps):
    asked = 0

    @property
    def weights(self):
        type(self).asked += 1
        return super().weights[: self.asked % 3]


class HasNoWeightsButFive(WithOps):
    weights = 5


class GrowsAtEachCall(WithOps):
    def call(self, inputs):
        self.add_weight(name="one more", shape=(1,))
        return right(self, inputs)


class ConfigIsANumber(WithOps):
    def get_config(self):
        return 5


class ComesBackAsNone(WithOps):
    @classmethod
    def from_config(cls, config):
        return None


class NotAnException(BaseException):
    pass


class Unspeakable(PermissionError):
    def __str__(self):
        raise SystemExit("no words")


def raises(error):
    def call(self, inputs):
        raise error

    return dense(call)


def digs(self, inputs):
    return digs(self, inputs)


ZOO = {
    "takes no arguments": TakesNoArguments,
    "refuses attributes": RefusesAttributes,
    "refuses to be known": RefusesToBeKnown,
    "shows other weights each time": ShowsOtherWeightsEachTime,
    "has no weights but five": HasNoWeightsButFive,
    "grows at each call": GrowsAtEachCall,
    "config is a number": ConfigIsANumber,
    "comes back as None": ComesBackAsNone,
    "is no layer": type("Dense", (), {"__init__": lambda self, **config: None}),
    "is made already": WithOps(4),
    "is a number": 5,
    "is a word": "Dense",
    "is a function": lambda units, **config: keras.layers.Layer,
    "exits": raises(SystemExit(0)),
    "raises what is no exception": raises(NotAnException()),
    "raises GeneratorExit": raises(GeneratorExit()),
    "raises the unspeakable": raises(Unspeakable()),
    "digs a hole": dense(digs),
    "calls itself": dense(lambda self, inputs: self(inputs)),
    "returns objects": dense(lambda self, inputs: np.array([object()])),
    "returns a ragged tensor": dense(lambda self, inputs: tf.ragged.constant([[1.0, 2.0], [3.0]])),
    "returns a sparse tensor": dense(lambda self, x: tf.sparse.from_dense(right(self, x))),
    "returns a dict": dense(lambda self, inputs: {"outputs": right(self, inputs)}),
    "returns an empty list": dense(lambda self, inputs: []),
    "returns much": dense(lambda self, inputs: tf.zeros((1000, 1000))),
    "returns one number": dense(lambda self, inputs: tf.constant(1.0)),
    "returns truth": dense(lambda self, inputs: right(self, inputs) > 0),
    "returns NaN": dense(lambda self, inputs: right(self, inputs) * np.nan),
    "returns its kernel": dense(lambda self, inputs: self.kernel),
    "wants two inputs": dense(lambda self, inputs, more: inputs),
    "wants none": dense(lambda self: 1),
}


@pytest.mark.parametrize("name", ZOO)
def test_a_bad_citizen_gets_a_report(name):
    for hidden in (False, True):
        report = examine(ZOO[name], "Dense", hidden=hidden, draws=1)
        assert report.attempted
        assert report.failed
        assert report.score < 1
        assert report.headline in report._repr_html_()
        assert str(report).startswith(report.headline)


def test_a_function_that_answers_nonsense_gets_a_report():
    odd = [None, "12", {1: 2}, {1, 2}, [[1, 2], [3]], 1j, object(), float("nan"), dense, np.eye(2)]
    for answer in odd:
        report = examine(lambda *arguments, answer=answer: answer, "dense_params")
        assert report.attempted
        assert report.score == 0


def test_a_vandal_harms_no_case_but_his_own():
    def call(self, inputs):
        inputs.numpy()[...] = 0
        return right(self, inputs)

    before = examine(dense(right), "Dense")
    examine(dense(call), "Dense")
    assert examine(dense(right), "Dense") == before
    inputs = expect(CATALOGUE["Dense"], Key(0, 0, 0)).case.inputs
    assert np.all(inputs != 0)


# A process that was taken over may answer anything


NOT_OF_ONE_LAYER = {
    *("prediction", "in_rnn", "in_pieces", "distance", "lets_through", "catches", *TERMS),
    *("loading", "stages", "distribution", "text", "passes", "perplexity"),
}
"""They need facts of their exercise; junk for them is in `tests/sandbox/test_liars.py`."""
EVERYTHING = Exercise(
    name="Everything",
    unit="none",
    layer="BatchNormalization",
    reference=keras.layers.BatchNormalization,
    kinds=(Kind("one", lambda d: Case({}, d.normal(4, 5), facts={"rate": 0.3, "together": ()})),),
    aspects={name: 1 for name in ASPECTS if name not in NOT_OF_ONE_LAYER},
    misconceptions=(Misconception("none", "", "", keras.layers.BatchNormalization),),
)
ASKED = ("call", "symbolic", "weights", "values", "gradient", "output_shape", "reload")
ASKED += ("dtypes", "model", "built", "saved", "mask", "start")
HUGE = [["w", [10**9, 10**9], True]]
LIES = (
    *(None, True, -7, 2.5, "word", [], {}, [[1, 2], [3]], [None], np.zeros(0), np.eye(3)),
    *({"shape": "x"}, {"weights": 1}, {"tracked": 5, "untracked": 5}, {"tracked": [["w"]]}),
    *({"tracked": HUGE, "untracked": []}, {"tracked": HUGE * 2000, "untracked": []}),
    {"output": [[]], "weights": {}, "inputs": [], "functional": "x", "sequential": [], "after": 1},
)


@pytest.mark.parametrize("about", ASKED)
def test_a_liar_gets_a_report(about):
    honest = Remembering(LocalSubject(keras.layers.BatchNormalization))
    for lie in LIES:
        report = examine(Liar(honest, about, lie), EVERYTHING)
        assert report.failed
        assert report.headline in report._repr_html_()


# Hidden cases


class TimeLimit(Exception):
    """Bears the name of a fault that is none of the student's."""


def freezes(self, inputs):
    return ops.stop_gradient(right(self, inputs))


class NamesItsWeightByShape(WithOps):
    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(name=f"bias_for_{self.units}", shape=(self.units,))

    def call(self, inputs):
        return self.activation(ops.matmul(inputs, self.kernel) + ops.stop_gradient(self.bias))


def tells(kind):
    def call(self, inputs):
        raise kind(f"the inputs are {inputs} of shape {inputs.shape}")

    return dense(call)


TELLTALES = {
    "in a message": tells(ValueError),
    "under a false name": tells(TimeLimit),
    "in the name of a weight": NamesItsWeightByShape,
    "in its values": dense(lambda self, inputs: right(self, inputs) * 1.25),
    "in its shape": dense(lambda self, inputs: ops.sum(right(self, inputs), axis=0)),
    "by a wrong reshape": dense(lambda self, inputs: ops.reshape(inputs, self.kernel.shape)),
    "by freezing": dense(freezes),
    "by NaN": dense(lambda self, inputs: right(self, inputs) / ops.sum(inputs * 0)),
}


@pytest.mark.parametrize("name", TELLTALES)
def test_a_hidden_report_holds_no_value_of_its_cases(name):
    report = examine(TELLTALES[name], "Dense", hidden=True, seed=5, draws=1)
    assert report.failed
    assert all(finding.evidence is None for finding in report.findings)
    verdict = report.to_json()
    words = [report.crash, *(finding["message"] for finding in verdict["findings"])]
    shown = html.unescape(re.sub(r"<[^>]*>", " ", report._repr_html_()))
    own_line = re.compile(r"line \d+: .*")
    known = re.compile(r"\d of \d right|Keras 3|float16|float32")
    for text in [*words, str(report), shown, json.dumps(verdict["diagnosis"])]:
        left = known.sub("", own_line.sub("", text))
        assert not re.search(r"\d", left), left


def test_a_visible_report_shows_the_smallest_case_that_failed():
    report = examine(dense(lambda self, inputs: 2 * right(self, inputs)), "Dense")
    finding = next(finding for finding in report.findings if finding.aspect == "output")
    assert re.match(r"Dense\(units=\d.*\) on inputs of shape \(\d, \d\)", finding.evidence.case)
    np.testing.assert_allclose(finding.evidence.actual, 2 * finding.evidence.expected, rtol=1e-5)


# Seeds


def test_a_seed_gives_the_same_cases_again_and_another_seed_others():
    key = Key(seed=3, kind=0, draw=0)
    exercise = CATALOGUE["Dense"]
    again = expect.__wrapped__(exercise, key).case.inputs
    np.testing.assert_array_equal(expect(exercise, key).case.inputs, again)
    other = expect(exercise, Key(seed=4, kind=0, draw=0)).case.inputs
    assert other.shape != again.shape or not np.array_equal(other, again)


def test_more_draws_find_what_one_misses():
    def lucky(features, units, use_bias=True):
        return (features + use_bias) * units if units != seen else 0

    seen = expect(CATALOGUE["dense_params"], Key(0, 0, 2)).case.config["units"]
    assert examine(lucky, "dense_params", draws=1).passed
    assert not examine(lucky, "dense_params", draws=3).passed
    assert not examine(lucky, "dense_params", hidden=True).passed


# Layers of other kinds: two modes, several inputs


def channels(count):
    return lambda d: Case({"momentum": 0.7}, d.normal(4, *d.sizes(count, 5, 8), scale=0.05))


BATCH_NORM = Exercise(
    name="BatchNormalization",
    unit="none",
    layer="BatchNormalization",
    reference=keras.layers.BatchNormalization,
    kinds=(Kind("rank 2", channels(1)), Kind("rank 4", channels(3), also=("training",))),
    aspects={"shape": 1, "parameters": 1, "output": 2, "gradient": 1, "training": 4, "model": 1},
)


class BatchNorm(keras.layers.Layer):
    """Right, with other names in another order: four weights of one shape."""

    epsilon = 1e-3

    def __init__(self, momentum=0.99):
        super().__init__()
        self.momentum = momentum

    def build(self, input_shape):
        last = input_shape[-1:]
        self.spread = self.add_weight(name="d", shape=last, initializer="ones", trainable=False)
        self.shift = self.add_weight(name="b", shape=last, initializer="zeros")
        self.centre = self.add_weight(name="c", shape=last, initializer="zeros", trainable=False)
        self.scale = self.add_weight(name="a", shape=last, initializer="ones")

    def call(self, inputs, training=False):
        mean, variance = self.centre, self.spread
        if training:
            mean, variance = self.moments(inputs)
            self.centre.assign(self.moved(self.centre, mean))
            self.spread.assign(self.moved(self.spread, variance))
        return (inputs - mean) * ops.rsqrt(variance + self.epsilon) * self.scale + self.shift

    def moments(self, inputs):
        return ops.moments(inputs, axes=tuple(range(len(inputs.shape) - 1)))

    def moved(self, old, new):
        return self.momentum * old + (1 - self.momentum) * new


class MomentumTurnedRound(BatchNorm):
    def moved(self, old, new):
        return self.momentum * new + (1 - self.momentum) * old


class BatchStatisticsAlways(BatchNorm):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


def test_four_weights_of_one_shape_are_matched_by_trial():
    report = examine(BatchNorm, BATCH_NORM)
    assert report.score == 1, str(report)


@pytest.mark.parametrize(
    ("wrong", "costs", "says"),
    [
        (MomentumTurnedRound, {"training"}, "After a training call, moving_"),
        (BatchStatisticsAlways, {"output", "gradient", "training"}, "The output"),
    ],
)
def test_training_mode_is_judged_by_itself(wrong, costs, says):
    report = examine(wrong, BATCH_NORM)
    assert failed(report) == costs
    assert message(report, "training").startswith(says)


def two_of_one_shape(draw):
    shape = draw.sizes(3)
    return Case({}, [draw.normal(*shape), draw.normal(*shape)])


SUBTRACT = Exercise(
    name="Subtract",
    unit="none",
    layer="Subtract",
    reference=keras.layers.Subtract,
    kinds=(Kind("two", two_of_one_shape),),
    aspects=dict.fromkeys(
        ("shape", "compute_output_shape", "parameters", "output", "gradient", "config", "model"), 1
    ),
    misconceptions=(
        Misconception("b - a", "The other way round.", "Which?", lambda: Difference(-1)),
        Misconception("sum", "A sum.", "Which?", lambda: Difference(+1, +1)),
    ),
)


class Difference(keras.layers.Layer):
    """sign * (first + other * second)."""

    def __init__(self, sign=1, other=-1, **kwargs):
        super().__init__(**kwargs)
        self.sign, self.other = sign, other

    def call(self, inputs):
        first, second = inputs
        return self.sign * (first + self.other * second)

    def compute_output_shape(self, input_shape):
        return input_shape[0]


def test_a_layer_of_two_inputs_is_judged_like_any_other():
    assert examine(Difference, SUBTRACT).score == 1
    wrong = examine(lambda: Difference(-1), SUBTRACT)
    assert failed(wrong) == {"output", "gradient"}
    assert wrong.diagnosis.name == "b - a"
    assert re.search(r"inputs of shape \(.*\) and \(.*\)", str(wrong))


def product(draw):
    batch, rows, inner, columns = draw.sizes(4)
    parts = [draw.normal(batch, rows, inner), draw.normal(batch, inner, columns)]
    return Case({"axes": (2, 1)}, parts)


def test_two_inputs_of_different_shapes():
    aspects = dict.fromkeys(("shape", "compute_output_shape", "output", "gradient", "model"), 1)
    dot = Exercise("Dot", "none", "Dot", keras.layers.Dot, (Kind("rank 3", product),), aspects)
    assert examine(keras.layers.Dot, dot).score == 1
    turned = examine(lambda axes: keras.layers.Lambda(lambda x: x[0] @ x[1] + 1), dot)
    assert {"output"} <= failed(turned) <= {"output", "compute_output_shape"}


def test_several_outputs_are_judged_one_by_one():
    def sequence(draw):
        batch, steps, features, units = draw.sizes(4)
        config = {"units": units, "return_state": True}
        return Case(config, draw.normal(batch, steps, features))

    aspects = dict.fromkeys(("shape", "compute_output_shape", "output", "gradient"), 1)
    rnn = Exercise("RNN", "none", "RNN", keras.layers.SimpleRNN, (Kind("one", sequence),), aspects)
    assert examine(keras.layers.SimpleRNN, rnn).score == 1

    class NegativeState(keras.layers.SimpleRNN):
        def call(self, sequences, initial_state=None, mask=None, training=False):
            output, state = super().call(sequences, initial_state, mask, training)
            return output, -state

    assert failed(examine(NegativeState, rnn)) == {"output", "gradient"}
