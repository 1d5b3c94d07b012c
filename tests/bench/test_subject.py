"""What can be asked of one layer, and the plain answers."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from grader.bench.probe import Made, Ref, Script, Step
from grader.bench.subject import LocalSubject
from tests.variants.dense import WithOps

INPUTS = np.array([[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]], "float32")
KERNEL = np.array([[1.0, -2.0, 0.5], [3.0, 1.0, -1.0]], "float32")
BIAS = np.array([0.1, 0.2, 0.3], "float32")


def asked(candidate, *steps, config=None, inputs=INPUTS):
    """Values (or faults) of the steps; a step is a name, or a name and its arguments."""
    wants = ("call", "gradient", "symbolic", "reload", "dtypes", "model", "built")
    made = []
    for step in steps:
        name, more = (step, {}) if isinstance(step, str) else step
        about = {"inputs": inputs, "call": {}} if name in wants else {}
        made.append(Step(name, about | more))
    answers = LocalSubject(candidate).run(Script(config or {"units": 3}, tuple(made)))
    return [answer.fault or answer.value for answer in answers]


ASSIGNED = ("call", ("assign", {"values": [KERNEL, BIAS]}))


def test_a_call_is_answered_with_the_weights_that_were_assigned():
    *_, values, output = asked(WithOps, *ASSIGNED, "values", "call")
    np.testing.assert_array_equal(values[0], KERNEL)
    np.testing.assert_allclose(output, INPUTS @ KERNEL + BIAS, rtol=1e-6)


def test_none_leaves_a_weight_as_it_is():
    before, _, after = asked(WithOps, "call", ("assign", {"values": [KERNEL, None]}), "values")
    assert before.shape == (3, 3)
    np.testing.assert_array_equal(after[1], np.zeros(3))


def test_weights_that_keras_tracks_and_those_that_it_does_not():
    class Half(WithOps):
        def build(self, input_shape):
            super().build(input_shape)
            self.secret = tf.Variable([1.0])
            self.bias.trainable = False

    _, weights = asked(Half, "call", "weights")
    assert weights == {
        "tracked": [["kernel", [2, 3], True], ["bias", [3], False]],
        "untracked": ["secret"],
    }


def test_gradients_are_those_of_a_fixed_weighted_sum():
    *_, gradient = asked(WithOps, *ASSIGNED, "gradient")
    pattern = np.cos(np.arange(9, dtype="float32")).reshape(3, 3)
    np.testing.assert_allclose(gradient["inputs"][0], pattern @ KERNEL.T, rtol=1e-5)
    np.testing.assert_allclose(gradient["weights"][0], INPUTS.T @ pattern, rtol=1e-5)
    np.testing.assert_allclose(gradient["weights"][1], pattern.sum(axis=0), rtol=1e-5)


def test_a_gradient_that_does_not_arrive_is_none():
    class Cut(WithOps):
        def call(self, inputs):
            return super().call(tf.stop_gradient(inputs))

    _, gradient = asked(Cut, "call", "gradient")
    assert gradient["inputs"] == [None]
    assert all(part is not None for part in gradient["weights"])


def test_shapes_without_a_batch_size():
    assert asked(WithOps, "symbolic") == [{"shape": [None, 3]}]
    flatten = keras.layers.Flatten
    shapes = [("output_shape", {"shape": shape}) for shape in ((4, 2, 3), (None, 2, 3))]
    assert asked(flatten, *shapes, config={"name": "f"}) == [[4, 6], [None, 6]]


def test_shapes_of_several_inputs_and_outputs():
    one, two = (2, 3, 5), (2, 3, 7)
    join = [("output_shape", {"shape": [one, two]})]
    assert asked(keras.layers.Concatenate, *join, config={"axis": -1}) == [[2, 3, 12]]
    steps = [("output_shape", {"shape": one})]
    config = {"units": 4, "return_state": True}
    assert asked(keras.layers.SimpleRNN, *steps, config=config) == [[[2, 4], [2, 4]]]


def test_a_reloaded_layer_has_the_same_weights():
    *_, output, reload = asked(WithOps, *ASSIGNED, "call", "reload")
    np.testing.assert_allclose(reload["output"], output)
    assert {"units", "use_bias", "activation"} <= set(reload["keys"])


def test_a_dtype_policy_holds_for_one_question_only():
    _, dtypes, output = asked(WithOps, "call", ("dtypes", {"policy": "mixed_float16"}), "call")
    assert dtypes["output"] == ["float16"]
    assert dtypes["weights"] == ["float32", "float32"]
    assert output.dtype == "float32"


def test_a_dtype_policy_does_not_outlive_a_crash():
    class Crashes(WithOps):
        def call(self, inputs):
            if inputs.dtype == "float16":
                raise ValueError
            return super().call(inputs)

    _, fault = asked(Crashes, "call", ("dtypes", {"policy": "mixed_float16"}))
    assert fault.type == "ValueError"
    assert keras.config.dtype_policy().name == "float32"


def test_models_give_the_layers_own_output_and_learn():
    *_, output, model = asked(WithOps, *ASSIGNED, "call", "model")
    np.testing.assert_allclose(model["functional"], output, rtol=1e-5)
    np.testing.assert_allclose(model["sequential"], output, rtol=1e-5)
    assert not np.allclose(model["after"][0], KERNEL)


def test_a_function_gets_its_arguments_by_position():
    assert asked(lambda a, b: [a - b, (a,)], "apply", config={"b": 5, "a": 3}) == [[2, [5]]]


def test_numbers_of_every_kind_come_back_plain():
    def answer():
        return {"n": np.int64(3), "t": (tf.constant(2.0), None, "x"), 4: True}

    (value,) = LocalSubject(answer).run(Script({}, (Step("apply"),)))
    assert value.value == {"n": 3, "t": [2.0, None, "x"], "4": True}
    assert isinstance(value.value["t"][0], np.ndarray)


@pytest.mark.parametrize("answer", [{1, 2}, object(), 1j, np.array(["x"]), tf.constant("x")])
def test_what_holds_no_numbers_is_a_fault(answer):
    (answer,) = LocalSubject(lambda: answer).run(Script({}, (Step("apply"),)))
    assert answer.fault.type == "TypeError"


def test_after_a_fault_the_next_question_is_still_asked():
    class NoConfig(WithOps):
        def get_config(self):
            raise KeyError("units")

    output, fault, symbolic = asked(NoConfig, "call", "reload", "symbolic")
    assert output.shape == (3, 3)
    assert fault.type == "KeyError"
    assert symbolic == {"shape": [None, 3]}


@pytest.mark.parametrize("question", ["no_such_question", "candidate", "__class__"])
def test_what_is_no_question_is_a_fault(question):
    (fault,) = asked(WithOps, question)
    assert fault.type == "KeyError"  # only what stands in the table


def test_functions_come_by_name_and_from_keras_only():
    config = {"units": 3, "activation": Ref("keras.activations.relu")}
    (output,) = asked(WithOps, "call", config=config)
    assert output.min() >= 0
    with pytest.raises(ValueError, match=r"os\.system is not a part of keras"):
        asked(WithOps, "call", config={"units": 3, "activation": Ref("os.system")})


def test_a_layer_inside_a_layer_is_made_anew_for_each():
    seen = []

    class Around(keras.layers.Layer):
        def __init__(self, layer):
            super().__init__()
            self.layer = layer
            seen.append(layer)

        def call(self, inputs):
            return self.layer(inputs)

    dense = Made("keras.layers.Dense", {"units": 3, "activation": Ref("keras.activations.relu")})
    around = Made("keras.layers.TimeDistributed", {"layer": dense})
    output, symbolic = asked(Around, "call", "symbolic", config={"layer": dense})
    assert output.shape == (3, 3)
    assert output.min() >= 0
    assert symbolic == {"shape": [None, 3]}
    assert len({id(layer) for layer in seen}) == 2
    (output,) = asked(
        Around, "call", config={"layer": around}, inputs=np.ones((3, 5, 2), "float32")
    )
    assert output.shape == (3, 5, 3)


def test_layers_inside_come_from_keras_and_from_grader_inside_only():
    cells = [Made("grader.bench.inside.RunningSum", {"units": 2})] * 2
    inputs = np.array([[[1.0, 2.0], [3.0, 4.0]]], "float32")
    (output,) = asked(keras.layers.RNN, "call", config={"cell": cells}, inputs=inputs)
    np.testing.assert_allclose(output, [[1 + 4.0, 2 + 6.0]])
    mean = Made("grader.bench.inside.RunningMean", {"units": 2})
    (output,) = asked(keras.layers.RNN, "call", config={"cell": mean}, inputs=inputs)
    np.testing.assert_allclose(output, [[2.0, 3.0]])
    with pytest.raises(ValueError, match=r"subprocess\.Popen is not a part of keras"):
        asked(WithOps, "call", config={"units": Made("subprocess.Popen", {"args": "ls"})})


def test_the_questions_arguments_stay_as_they_were():
    widths = [1, 2, 3]

    def eats(values):
        values.clear()
        return 0

    asked(eats, "apply", config={"values": widths})
    assert widths == [1, 2, 3]


def test_a_layer_that_fails_while_it_is_built_spoils_no_other():
    class Halfway(keras.layers.Layer):
        def build(self, input_shape):
            self.first = self.add_weight(shape=(2,), initializer="zeros")
            self.second = self.add_weight(shape=(), initializer="orthogonal")

        def call(self, inputs):
            return inputs + self.first

    class Around(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Halfway()

        def call(self, inputs):
            return self.inner(inputs)

    class AroundDense(Around):
        def __init__(self):
            super().__init__()
            self.inner = WithOps(3)

    (fault,) = asked(lambda units: Around(), "symbolic")
    assert fault.type == "ValueError"
    for _ in range(2):
        assert asked(lambda units: AroundDense(), "symbolic") == [{"shape": [None, 3]}]


def test_asking_leaves_the_numbers_of_layers_as_they_were():
    def made():
        return keras.layers.Dense(3).name

    def number(name):
        return int(name.rpartition("_")[2])

    made()
    before = made()
    inside = []
    asked(lambda units: inside.append(made()) or WithOps(units), "call", "symbolic")
    assert inside == ["dense", "dense_1"]
    assert number(made()) == number(before) + 1


def test_an_interrupt_of_the_user_is_not_swallowed():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        LocalSubject(interrupted).run(Script({}, (Step("apply"),)))
