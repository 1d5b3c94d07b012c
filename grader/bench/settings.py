"""The settings that a layer is judged under: the same at home and in grading.

Keras, TensorFlow, NumPy and Python keep settings for the whole process. What a cell switched on for
an experiment (mixed precision, another data format, a seed, eager functions) would change what a
layer answers, and what the reference does. So each script runs under settings of its own, and what
was found is put back, also after an exception.

Layers are judged on the CPU. A GPU may round what it multiplies to 10 bits (TF32), adds up in
another order each time, and has kernels for LSTM and GRU (cuDNN) that refuse a mask with holes: a
right answer would pass on one machine and fail on another.

Most of these settings can be read only in private parts of Keras and TensorFlow. Both are pinned,
and a test tries each row of the table.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import random
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.bench.backend import keras, tf
from grader.bench.numerics import NUMPY

_CPU = "/CPU:0"

_state: Any = importlib.import_module("keras.src.backend.common.global_state")
_recurrent = importlib.import_module("keras.src.backend.tensorflow.rnn")
_eager = importlib.import_module("tensorflow.python.eager.context")
_config = importlib.import_module("tensorflow.python.framework.config")
_ops = importlib.import_module("tensorflow.python.framework.ops")
_shapes = importlib.import_module("tensorflow.python.framework.tensor_shape")
_like_numpy = importlib.import_module("tensorflow.python.ops.numpy_ops.np_dtypes")
_random: Any = np.random  # its stubs leave out what is read and set here
_version = importlib.import_module("tensorflow.python.tf2")


@dataclass(frozen=True)
class Setting:
    """A setting of the process: its value while layers are judged, and how it is read and set."""

    name: str
    ours: Any
    get: Callable[[], Any]
    put: Callable[[Any], object]


def _switch(
    name: str, ours: bool, get: Callable[[], bool], on: Callable[[], Any], off: Callable[[], Any]
) -> Setting:
    return Setting(name, ours, get, lambda value: on() if value else off())


def _attribute(name: str, ours: Any, owner: Any) -> Setting:
    return Setting(
        name, ours, lambda: getattr(owner, name), lambda value: setattr(owner, name, value)
    )


def _of_context(name: str, ours: Any) -> Setting:
    """A private attribute of TensorFlow's context, which keeps what it made of them all."""

    def put(value: Any) -> None:
        context = _eager.context()
        setattr(context, name, value)
        context._thread_local_data.function_call_options = None

    return Setting(name, ours, lambda: getattr(_eager.context(), name), put)


def _of_graph(name: str) -> Setting:
    """What a `tf.distribute` strategy leaves on the default graph: we have none."""
    return Setting(
        name,
        [],
        lambda: getattr(_ops.get_default_graph(), name),
        lambda value: setattr(_ops.get_default_graph(), name, value),
    )


def _put_callbacks(value: Any) -> None:
    _eager.context()._thread_local_data.op_callbacks = value


def _no_gpu() -> bool:
    return False


SETTINGS = (
    Setting("floatx", "float32", keras.config.floatx, keras.config.set_floatx),
    Setting("epsilon", 1e-7, keras.config.epsilon, keras.config.set_epsilon),
    Setting(
        "image_data_format",
        "channels_last",
        keras.config.image_data_format,
        keras.config.set_image_data_format,
    ),
    Setting("max_epochs", None, keras.config.max_epochs, keras.config.set_max_epochs),
    Setting(
        "max_steps_per_epoch",
        None,
        keras.config.max_steps_per_epoch,
        keras.config.set_max_steps_per_epoch,
    ),
    _attribute("_is_gpu_available", _no_gpu, _recurrent),  # Keras asks it whether to use cuDNN
    Setting(
        "tensor_float_32_execution",
        False,
        tf.config.experimental.tensor_float_32_execution_enabled,
        tf.config.experimental.enable_tensor_float_32_execution,
    ),
    Setting(
        "run_functions_eagerly",
        False,
        tf.config.functions_run_eagerly,
        tf.config.run_functions_eagerly,
    ),
    _switch(
        "op_determinism",
        False,
        _config.is_op_determinism_enabled,
        _config.enable_op_determinism,
        _config.disable_op_determinism,
    ),
    _of_context("_optimizer_jit", None),
    _of_context("_optimizer_experimental_options", {}),
    Setting(
        "soft_device_placement",
        True,
        lambda: _eager.context()._soft_device_placement is not False,
        tf.config.set_soft_device_placement,
    ),
    Setting(
        "device_policy",
        "silent",
        tf.config.experimental.get_device_policy,
        tf.config.experimental.set_device_policy,
    ),
    Setting(
        "synchronous_execution",
        True,
        tf.config.experimental.get_synchronous_execution,
        tf.config.experimental.set_synchronous_execution,
    ),
    # `tf.debugging.enable_check_numerics` looks at each result: minus infinity is not a fault.
    Setting("op_callbacks", [], lambda: _eager.context().op_callbacks, _put_callbacks),
    _of_graph("_distribution_strategy_stack"),
    _of_graph("_variable_creator_stack"),
    # What `tf.experimental.numpy.experimental_enable_numpy_behavior` switches on. The methods that
    # it gives to tensors stay: nothing that was there does anything else by them.
    _attribute("_dtype_conversion_mode", _ops.PromoMode.OFF, _ops),
    _attribute("_numpy_style_slicing", False, _ops),
    _attribute("_prefer_float32", False, _like_numpy),
    # What `tf.compat.v1.disable_v2_behavior` switches off, eager execution apart.
    _switch("v2", True, _version.enabled, _version.enable, _version.disable),
    _attribute("_TENSORSHAPE_V2_OVERRIDE", True, _shapes),
    _attribute("_USE_EQUALITY", True, tf.Tensor),
    _switch(
        "resource_variables",
        True,
        tf.compat.v1.resource_variables_enabled,
        tf.compat.v1.enable_resource_variables,
        tf.compat.v1.disable_resource_variables,
    ),
    _switch(
        "control_flow_v2",
        True,
        tf.compat.v1.control_flow_v2_enabled,
        tf.compat.v1.enable_control_flow_v2,
        tf.compat.v1.disable_control_flow_v2,
    ),
)


@contextlib.contextmanager
def own_settings(seed: int = 0) -> Iterator[None]:
    """Run what stands below under our settings, with random numbers from `seed`."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        stack.enter_context(np.errstate(all="ignore"))
        stack.enter_context(np.printoptions(**NUMPY))
        stack.enter_context(_chance(seed))
        stack.enter_context(_keras_state())
        stack.enter_context(_eager.eager_mode())
        for setting in SETTINGS:
            _put(setting, stack)
        stack.enter_context(tf.device(_CPU))
        yield


def _put(setting: Setting, stack: contextlib.ExitStack) -> None:
    """Set what is another than ours; the stack puts back what the code in between has changed."""
    found = setting.get()
    if found != setting.ours:
        setting.put(setting.ours)
    stack.callback(_put_back, setting, found)


def _put_back(setting: Setting, found: Any) -> None:
    if setting.get() != found:
        setting.put(found)


@contextlib.contextmanager
def _keras_state() -> Iterator[None]:
    """Begin with an empty state of Keras: dtype policy, safe mode, scopes, names of layers.

    Layers get the names that they would have as the first of the process: TensorFlow makes a
    kernel of its own for each new name of a variable, which takes as long as all the rest. Nor do
    the layers of a student's models get other numbers by a check.
    """
    found = _state.GLOBAL_STATE_TRACKER, _state.GLOBAL_SETTINGS_TRACKER
    _state.GLOBAL_STATE_TRACKER = threading.local()
    _state.GLOBAL_SETTINGS_TRACKER = threading.local()
    try:
        yield
    finally:
        _state.GLOBAL_STATE_TRACKER, _state.GLOBAL_SETTINGS_TRACKER = found


@functools.cache
def _numbers() -> Any:
    """Our own source of NumPy's random numbers: to make one takes longer than all the rest."""
    return np.random.MT19937(0)


@contextlib.contextmanager
def _chance(seed: int) -> Iterator[None]:
    """Random numbers of Python, NumPy and TensorFlow from a seed; afterwards they go on as before.

    Keras draws its seeds from Python's. `tf.random.set_seed` would throw away all kernels.
    """
    context = _eager.context()
    python, numpy = random.getstate(), _random.get_bit_generator()
    tensorflow = context._seed, getattr(context, "_rng", None)  # it has none until one sets a seed
    random.seed(seed)
    _random.set_bit_generator(_numbers())
    _numbers()._legacy_seeding(seed)
    context._seed, context._rng = seed, random.Random(seed)
    try:
        yield
    finally:
        context._seed, context._rng = tensorflow
        _random.set_bit_generator(numpy)
        random.setstate(python)
