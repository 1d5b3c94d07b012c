"""What a student's cell has set for the whole process changes no verdict, and is left as it was."""

from __future__ import annotations

import contextlib
import importlib
import random
import warnings
from typing import ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

from grader.bench.probe import Script, Step
from grader.bench.settings import SETTINGS, own_settings
from grader.bench.subject import LocalSubject
from grader.card.finding import Evidence, describe
from grader.examination.attempt import Key, expect
from grader.examination.diagnose import try_idea
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from tests.variants import RIGHT

STATE = importlib.import_module("keras.src.backend.common.global_state")
CONTEXT = importlib.import_module("tensorflow.python.eager.context")
CONFIG = importlib.import_module("tensorflow.python.framework.config")
VERSION = importlib.import_module("tensorflow.python.tf2")
OPS = importlib.import_module("tensorflow.python.framework.ops")
RECURRENT = importlib.import_module("keras.src.backend.tensorflow.rnn")


def eager(on):
    CONTEXT.default_execution_mode = CONTEXT.EAGER_MODE if on else CONTEXT.GRAPH_MODE
    CONTEXT.context()._thread_local_data.is_eager = on


def v2_again():
    eager(True)
    VERSION.enable()
    tf.compat.v1.enable_v2_tensorshape()
    tf.compat.v1.enable_resource_variables()
    tf.compat.v1.enable_tensor_equality()
    tf.compat.v1.enable_control_flow_v2()


def state(name, value):
    return lambda: STATE.set_global_attribute(name, value)


def options(on):
    return lambda: tf.config.optimizer.set_experimental_options({"auto_mixed_precision": on})


def like_numpy(mode):
    return lambda: tf.experimental.numpy.experimental_enable_numpy_behavior(
        prefer_float32=True, dtype_conversion_mode=mode
    )


METHODS = dict(vars(tf.Tensor))


def like_tensorflow():
    """As before, without the methods that came: with them `np.reshape` gives a tensor."""
    for name in set(vars(tf.Tensor)) - set(METHODS):
        delattr(tf.Tensor, name)
    for name, method in METHODS.items():
        if vars(tf.Tensor)[name] is not method:
            setattr(tf.Tensor, name, method)
    OPS.set_dtype_conversion_mode("off")
    OPS._numpy_style_slicing = False
    importlib.import_module("tensorflow.python.ops.numpy_ops.np_dtypes").set_prefer_float32(False)


def strategy():
    tf.distribute.experimental_set_strategy(tf.distribute.MirroredStrategy(["CPU:0"]))


LEFT_ON = {
    "mixed_float16": (
        lambda: keras.config.set_dtype_policy("mixed_float16"),
        state("dtype_policy", None),
    ),
    "mixed_bfloat16": (
        lambda: keras.config.set_dtype_policy("mixed_bfloat16"),
        state("dtype_policy", None),
    ),
    "policy float64": (
        lambda: keras.config.set_dtype_policy("float64"),
        state("dtype_policy", None),
    ),
    "floatx": (
        lambda: keras.config.set_floatx("float64"),
        lambda: keras.config.set_floatx("float32"),
    ),
    "epsilon": (lambda: keras.config.set_epsilon(0.1), lambda: keras.config.set_epsilon(1e-7)),
    "channels_first": (
        lambda: keras.config.set_image_data_format("channels_first"),
        lambda: keras.config.set_image_data_format("channels_last"),
    ),
    "unsafe deserialization": (
        keras.config.enable_unsafe_deserialization,
        state("safe_mode_saving", None),
    ),
    "no flash attention": (keras.config.disable_flash_attention, state("flash_attention", None)),
    "whole tracebacks": (
        keras.config.disable_traceback_filtering,
        keras.config.enable_traceback_filtering,
    ),
    "max_epochs": (
        lambda: keras.config.set_max_epochs(1),
        lambda: keras.config.set_max_epochs(None),
    ),
    "functions run eagerly": (
        lambda: tf.config.run_functions_eagerly(True),
        lambda: tf.config.run_functions_eagerly(False),
    ),
    "no eager execution": (tf.compat.v1.disable_eager_execution, lambda: eager(True)),
    "no v2 behavior": (tf.compat.v1.disable_v2_behavior, v2_again),
    "determinism": (
        tf.config.experimental.enable_op_determinism,
        CONFIG.disable_op_determinism,
    ),
    "jit": (lambda: tf.config.optimizer.set_jit(True), lambda: tf.config.optimizer.set_jit(False)),
    "auto mixed precision": (options(True), options(False)),
    "hard device placement": (
        lambda: tf.config.set_soft_device_placement(False),
        lambda: tf.config.set_soft_device_placement(True),
    ),
    "explicit copies": (
        lambda: tf.config.experimental.set_device_policy("explicit"),
        lambda: tf.config.experimental.set_device_policy("silent"),
    ),
    "seed": (lambda: keras.utils.set_random_seed(1), lambda: None),
    "numbers are checked": (
        tf.debugging.enable_check_numerics,
        tf.debugging.disable_check_numerics,
    ),
    "NumPy raises": (
        lambda: np.seterr(all="raise"),
        lambda: np.seterr(divide="warn", over="warn", under="ignore", invalid="warn"),
    ),
    "types as in NumPy": (like_numpy("all"), like_tensorflow),
    "types nearly as in NumPy": (like_numpy("safe"), like_tensorflow),
    "strategy": (strategy, lambda: tf.distribute.experimental_set_strategy(None)),
    "cuDNN": (  # as on a machine with a GPU; here its kernels do not even exist
        lambda: setattr(RECURRENT, "_is_gpu_available", lambda: True),
        lambda: setattr(RECURRENT, "_is_gpu_available", lambda: False),
    ),
}
TOGETHER = (
    "mixed_float16",
    "floatx",
    "epsilon",
    "channels_first",
    "unsafe deserialization",
    "functions run eagerly",
    "determinism",
    "jit",
    "seed",
    "NumPy raises",
    "no eager execution",
)


@contextlib.contextmanager
def left_on(*names):
    """These settings on, and nothing known that was asked before."""
    expect.cache_clear()
    try_idea.cache_clear()
    with contextlib.ExitStack() as stack:
        for name in names:
            switch_on, switch_off = LEFT_ON[name]
            stack.callback(switch_off)
            switch_on()
        yield
    expect.cache_clear()
    try_idea.cache_clear()


def all_settings():
    """What can be read of the process's settings."""
    generator = np.random.get_bit_generator()
    return {
        **{setting.name: setting.get() for setting in SETTINGS},
        "policy": STATE.get_global_attribute("dtype_policy"),
        "safe mode": STATE.get_global_attribute("safe_mode_saving"),
        "names": STATE.get_global_attribute("object_name_uids"),
        "eager": tf.executing_eagerly(),
        "errors": np.geterr(),
        "printed": np.get_printoptions(),
        "seeds": (random.getstate(), repr(generator.state), CONTEXT.context()._seed),
    }


def judge(name):
    """Scores of all right answers to the exercise, and of its first wrong idea."""
    exercise = CATALOGUE[name]
    right = [examine(answer, name).score for answer in RIGHT[name][:2]]
    wrong = LocalSubject(exercise.misconceptions[0].wrong)
    return right, examine(wrong, name).score


COMMON = ("mixed_float16", "channels_first", "seed")
"""Tried by `make test` one by one; the others there only together."""
ODD = ("types as in NumPy", "no eager execution", "strategy", "cuDNN")
"""Tried by CI besides, for they are not among `TOGETHER`; `make test-all` tries all of them."""


def _mark(name):
    if name in COMMON:
        return ()
    return pytest.mark.slow if name in ODD else pytest.mark.long


@pytest.mark.parametrize(
    "setting",
    [pytest.param(name, marks=_mark(name)) for name in LEFT_ON],
)
def test_a_setting_changes_no_verdict_and_is_found_as_it_was(setting):
    with left_on(setting):
        before = all_settings()
        for name in ("Dense", "LSTM" if setting == "cuDNN" else "MaxPool2D"):
            right, wrong = judge(name)
            assert set(right) == {1}, name
            assert wrong < 1, name
        assert all_settings() == before


@pytest.mark.parametrize(
    "name",
    [
        "Dense",
        "conv_shape",
        "BatchNormalization",
        "Dropout",
        "can_load",
        "SimpleRNN",
        "first_model",
    ],
)
def test_nor_do_several_together(name):
    with left_on(*TOGETHER):
        before = all_settings()
        right, wrong = judge(name)
        assert set(right) == {1}
        assert wrong < 1
        assert all_settings() == before


def test_what_the_reference_says_is_the_same_under_all_of_them():
    ask = expect.__wrapped__
    key = Key(seed=3, kind=0, draw=0)
    plain = ask(CATALOGUE["Conv2D"], key)
    with left_on(*TOGETHER):
        found = ask(CATALOGUE["Conv2D"], key)
    for one, other in zip(plain.answers["output"], found.answers["output"], strict=True):
        np.testing.assert_array_equal(one.value, other.value)


class Looks(keras.layers.Layer):
    """Notes the settings under which it is built and called."""

    seen: ClassVar[list] = []

    def build(self, input_shape):
        self.look()

    def call(self, inputs):
        self.look()
        return inputs

    def look(self):
        self.seen.append(
            (
                keras.config.dtype_policy().name,
                keras.config.floatx(),
                keras.config.image_data_format(),
                tf.config.functions_run_eagerly(),
                tf.config.experimental.tensor_float_32_execution_enabled(),
                tf.constant(1.0).device[-5:],
            )
        )


def test_a_layer_is_built_and_called_under_settings_of_ours():
    Looks.seen.clear()
    steps = (Step("call", {"inputs": np.ones((2, 3), "float32"), "call": {}}),)
    with left_on(*TOGETHER):
        (answer,) = LocalSubject(Looks).run(Script({}, steps))
    assert answer.fault is None
    ours = ("float32", "float32", "channels_last", False, False, "CPU:0")
    assert set(Looks.seen) == {ours}


class Meddles(Looks):
    """Sets what it can."""

    def call(self, inputs):
        keras.config.set_dtype_policy("mixed_float16")
        keras.config.set_floatx("float16")
        tf.config.run_functions_eagerly(True)
        np.seterr(all="raise")
        keras.utils.set_random_seed(9)
        raise KeyboardInterrupt


def test_all_is_put_back_where_a_layer_sets_it_or_the_user_interrupts():
    before = all_settings()
    steps = (Step("call", {"inputs": np.ones((2, 3), "float32"), "call": {}}),)
    with pytest.raises(KeyboardInterrupt):
        LocalSubject(Meddles).run(Script({}, steps))
    assert all_settings() == before


def test_random_numbers_are_decided_by_the_case_and_go_on_afterwards_as_before():
    def drawn():
        return random.random(), np.random.rand(), float(keras.random.uniform(()))

    keras.utils.set_random_seed(4)
    with own_settings(7):
        once = drawn()
    with own_settings(7):
        assert drawn() == once
    after = drawn()
    keras.utils.set_random_seed(4)
    assert drawn() == after


def test_numbers_on_a_card_are_written_as_ever():
    evidence = Evidence("Dense", np.array([1234.5678, 1e-9]), np.array([0.5, -2.0]))
    plain = describe(evidence)
    with np.printoptions(suppress=True, sign="+", formatter={"float": lambda _: "?"}):
        assert describe(evidence) == plain


def test_a_warning_that_is_an_error_is_none_of_the_answers():
    with left_on(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert examine(RIGHT["Dense"][0], "Dense").score == 1


def test_the_tests_leave_no_tensor_with_methods_of_numpy():
    with left_on("types as in NumPy"):
        assert hasattr(tf.constant([1.0]), "reshape")
    assert not hasattr(tf.constant([1.0]), "reshape")
    assert isinstance(np.reshape(tf.constant([1.0]), (1, 1)), np.ndarray)
