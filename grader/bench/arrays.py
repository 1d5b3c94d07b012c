"""Tensors, shapes and dtypes as plain NumPy and Python values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.bench.backend import keras, tf


def plain(value: Any) -> Any:
    """The value with every tensor as an array (16-bit floats as float32)."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    array = np.array(keras.ops.convert_to_numpy(value))
    if array.dtype.kind not in "biuf" and str(array.dtype) != "bfloat16":
        raise TypeError(f"the answer holds {array.dtype} values, not numbers")
    return array.astype("float32") if array.dtype.itemsize == 2 else array


def lengths(shape: Any) -> Any:
    """A shape, or several of them, as lists of plain numbers."""
    if isinstance(shape, Mapping):
        return {str(key): lengths(item) for key, item in shape.items()}
    if isinstance(shape, list | tuple | tf.TensorShape):
        return [lengths(item) for item in shape]
    return None if shape is None else int(shape)


def dtype_name(array: np.ndarray) -> str:
    """Keras's name for the dtype of an input; NumPy's own for words depends on their length."""
    return "string" if array.dtype.kind == "U" else str(array.dtype)


def pattern(shape: Sequence[int]) -> Any:
    """Fixed values of this shape, all different: a sum over them hides no exchanged entries."""
    count = int(np.prod(shape))
    return np.cos(np.arange(count, dtype="float32")).reshape(tuple(shape))
