"""Frames: a JSON header and the bytes of the arrays that it names. Never pickle.

    frame  = length of header (4 bytes, big-endian) | header | array bytes, one after the other
    header = {"body": ..., "arrays": [[dtype, shape], ...]}

In the body, an array is {"$array": index}, a tuple {"$tuple": [...]}, a `Ref` {"$ref": path},
a `Made` {"$made": [path, config]}.
An array of words is {"$words": index}: there lie their letters, as numbers along one more axis.
A frame that breaks these rules raises `WireError`; nothing in a frame is ever executed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.bench.probe import Made, Ref

MOST_HEADER = 16 << 20
MOST_ARRAYS = 64 << 20
"""Bytes of all arrays of a frame, where nothing else is said."""
MOST_TABLE = 10_000
"""Arrays of a frame, for each takes memory beside its own bytes."""
MOST_LETTERS = 1000
"""Letters of a word in an array of words."""
_DTYPES = frozenset(
    ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
) | {"float16", "float32", "float64"}

Read = Callable[[int], bytes]
"""Reads so many bytes, all of them, or raises `EOFError`."""


class WireError(Exception):
    """A frame that is not well formed, or is larger than allowed."""


def encode(value: Any, most: int = MOST_ARRAYS) -> bytes:
    """The frame that holds the value, with at most so many bytes of arrays."""
    arrays: list[np.ndarray] = []
    body = _pack(value, arrays)
    if len(arrays) > MOST_TABLE:
        raise WireError(f"the answer is too large: more than {MOST_TABLE} arrays")
    table = [[str(array.dtype), list(array.shape)] for array in arrays]
    header = json.dumps({"body": body, "arrays": table}).encode()
    if len(header) > MOST_HEADER or sum(array.nbytes for array in arrays) > most:
        raise WireError(f"the answer is too large: more than {most / 2**20:g} MiB")
    parts = [len(header).to_bytes(4, "big"), header]
    return b"".join([*parts, *(np.ascontiguousarray(array).tobytes() for array in arrays)])


def decode(read: Read, most: int = MOST_ARRAYS) -> Any:
    """The value of the next frame, with at most so many bytes of arrays."""
    length = int.from_bytes(read(4), "big")
    if length > MOST_HEADER:
        raise WireError("the header is too large")
    try:
        header = json.loads(read(length))
        body, table = header["body"], header["arrays"]
        if len(table) > MOST_TABLE:
            raise ValueError("too many arrays")
        sizes = [_size(dtype, shape) for dtype, shape in table]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError(f"the header cannot be read: {type(error).__name__}") from None
    if sum(sizes) > most:
        raise WireError("the arrays are too large")
    parts = [read(size) for size in sizes]
    try:
        arrays = [
            np.frombuffer(part, dtype=dtype).reshape(shape)
            for part, (dtype, shape) in zip(parts, table, strict=True)
        ]
        return _unpack(body, arrays)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise WireError(f"the body cannot be read: {type(error).__name__}") from None


def _size(dtype: Any, shape: Any) -> int:
    if dtype not in _DTYPES or not isinstance(shape, list) or len(shape) > 32:
        raise ValueError("no such array")
    if not all(type(length) is int and 0 <= length <= MOST_ARRAYS for length in shape):
        raise ValueError("no such shape")
    return math.prod(shape) * np.dtype(dtype).itemsize


def _pack(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()  # half a letter fits into no notebook
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "U":
            arrays.append(_letters(value))
            return {"$words": len(arrays) - 1}
        if str(value.dtype) not in _DTYPES:
            raise WireError(f"an array of {value.dtype} cannot be sent")
        arrays.append(value)
        return {"$array": len(arrays) - 1}
    if isinstance(value, Ref):
        return {"$ref": value.path}
    if isinstance(value, Made):
        return {"$made": [value.path, _pack(value.config, arrays)]}
    if isinstance(value, tuple):
        return {"$tuple": [_pack(item, arrays) for item in value]}
    if isinstance(value, list):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, Mapping):
        return {_key(key): _pack(item, arrays) for key, item in value.items()}
    raise WireError(f"a {type(value).__name__} cannot be sent")


def _key(key: Any) -> str:
    if not isinstance(key, str) or key.startswith("$"):
        raise WireError("a key cannot be sent")
    return key


def _unpack(body: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(body, list):
        return [_unpack(item, arrays) for item in body]
    if isinstance(body, str):
        body.encode()  # raises where it is no text
    if not isinstance(body, dict):
        return body
    if "$array" in body:
        return _at(body["$array"], arrays)
    if "$words" in body:
        return _words(_at(body["$words"], arrays))
    if "$ref" in body:
        return Ref(str(body["$ref"]))
    if "$made" in body:
        return _made(body["$made"], arrays)
    if "$tuple" in body:
        return tuple(_unpack(item, arrays) for item in body["$tuple"])
    return {_unpack(key, arrays): _unpack(item, arrays) for key, item in body.items()}


def _made(pair: Any, arrays: list[np.ndarray]) -> Made:
    path, config = pair
    if not isinstance(path, str) or not isinstance(config, dict):
        raise ValueError("no such thing")
    return Made(path, _unpack(config, arrays))


def _at(index: Any, arrays: list[np.ndarray]) -> np.ndarray:
    if type(index) is not int or index < 0:
        raise ValueError("no such array")
    return arrays[index]


def _letters(words: np.ndarray) -> np.ndarray:
    """The words' letters as numbers, along one more axis; a shorter word ends in zeros."""
    length = words.dtype.itemsize // 4
    if not 1 <= length <= MOST_LETTERS:
        raise WireError(f"words of {length} letters cannot be sent")
    native = np.ascontiguousarray(words, dtype=f"=U{length}")
    return native.reshape(-1, 1).view("uint32").reshape(*words.shape, length)


def _words(letters: np.ndarray) -> np.ndarray:
    """The words again: what are not letters that Python knows is refused, not passed on."""
    if letters.dtype != np.uint32 or not letters.ndim or not 1 <= letters.shape[-1] <= MOST_LETTERS:
        raise ValueError("no such words")
    if np.any((letters > 0x10FFFF) | ((letters >= 0xD800) & (letters <= 0xDFFF))):
        raise ValueError("no such letters")
    length = letters.shape[-1]
    return letters.reshape(-1, length).view(f"=U{length}").reshape(letters.shape[:-1])
