"""Frames: what goes in comes out, and a frame that is broken in any way raises `WireError`."""

import io
import json
from typing import Any

import numpy as np
import pytest

from grader.bench.probe import Made, Ref
from grader.sandbox.wire import MOST_HEADER, MOST_TABLE, Read, WireError, decode, encode

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64",
]  # fmt: skip
VALUES = {
    "nothing": None,
    "numbers": [0, -1, 2**70, 0.5, True, False],
    "text": "weights: β γ \0 \n",
    "empty containers": [[], {}, ()],
    "a tuple in a list in a tuple": (1, [(2, 3), []], ((),)),
    "a dict": {"units": 3, "nested": {"": None, "shape": (None, 4)}},
    "references": {"activation": Ref("keras.activations.silu"), "more": [Ref("keras.ops.tanh")]},
    "a layer in a layer": [Made("keras.layers.RNN", {"cell": Made("a.b", {"f": Ref("keras.x")})})],
    "arrays in all of them": ({"a": [np.arange(3)]}, (np.eye(2, dtype="float32"), np.int64(4))),
    "an empty array": np.zeros((0, 3), "float32"),
    "an array without axes": np.array(2.5),
    "a transposed array": np.arange(6).reshape(2, 3).T,
    "every third entry": np.arange(9.0)[::3],
    "words": np.array([["a", "", "Straße"], ["層", "🧱🧱", "x y"]]),
    "words without axes": np.array("alone"),
    "no words": np.zeros((2, 0), "<U3"),
    "every second word": np.array(["one", "two", "three"])[::2],
    "words from another machine": np.array(["one", "two"], ">U3"),
    "not a number and infinities": np.array([np.nan, np.inf, -np.inf]),
}
"""What may stand in a script or an answer."""


def reader(data: bytes) -> Read:
    """Reads from these bytes as from a socket: all that was asked for, or `EOFError`."""
    stream = io.BytesIO(data)

    def read(size: int) -> bytes:
        part = stream.read(size)
        if len(part) < size:
            raise EOFError
        return part

    return read


def again(value: Any) -> Any:
    """The value after a journey over the wire."""
    return decode(reader(encode(value)))


def frame(body: Any, arrays: Any = (), data: bytes = b"", **more: Any) -> bytes:
    """A frame with this header, well formed or not."""
    return framed(json.dumps({"body": body, "arrays": arrays, **more}).encode(), data)


def framed(header: bytes, data: bytes = b"") -> bytes:
    """A frame with these bytes for a header."""
    return len(header).to_bytes(4, "big") + header + data


def assert_same(one: Any, other: Any) -> None:
    """The same values, of the same types."""
    if isinstance(one, np.generic):
        one = one.item()
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        assert one.dtype.newbyteorder("=") == other.dtype
        assert one.shape == other.shape
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        assert_same(list(one.values()), list(other.values()))
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for item, its_twin in zip(one, other, strict=True):
            assert_same(item, its_twin)
    else:
        assert one == other


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_what_goes_in_comes_out(value: Any) -> None:
    assert_same(value, again(value))


@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_every_dtype(dtype: str) -> None:
    values = np.random.default_rng(0).integers(0, 2, (3, 2, 4)).astype(dtype)
    assert_same(values, again(values))


def test_frames_one_after_the_other() -> None:
    read = reader(encode([1, np.arange(3)]) + encode("second"))
    assert_same([1, np.arange(3)], decode(read))
    assert decode(read) == "second"
    with pytest.raises(EOFError):
        decode(read)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.array([object()]), "an array of object cannot be sent"),
        (np.array([b"a"]), r"an array of \|S1 cannot be sent"),
        (np.array(["x" * 1001]), "words of 1001 letters cannot be sent"),
        (np.zeros(2, "complex64"), "an array of complex64 cannot be sent"),
        (np.zeros(2, ">f4"), "an array of >f4 cannot be sent"),
        ({1, 2}, "a set cannot be sent"),
        ([b"bytes"], "a bytes cannot be sent"),
        ({"a": lambda: 0}, "a function cannot be sent"),
        ({3: "a"}, "a key cannot be sent"),
        ({"$array": 0}, "a key cannot be sent"),
    ],
)
def test_what_cannot_be_sent(value: Any, says: str) -> None:
    with pytest.raises(WireError, match=f"^{says}$"):
        encode(value)


def test_the_limit_on_arrays_counts_all_of_them() -> None:
    halves = [np.zeros(50, "uint8"), np.zeros(51, "uint8")]
    with pytest.raises(WireError, match="the answer is too large"):
        encode(halves, most=100)
    assert len(decode(reader(encode(halves)), most=101)) == 2
    with pytest.raises(WireError, match="the arrays are too large"):
        decode(reader(encode(halves)), most=100)


def test_the_table_of_arrays_is_limited() -> None:
    many = [np.zeros(0, "int8")] * MOST_TABLE
    assert len(decode(reader(encode(many)))) == MOST_TABLE
    with pytest.raises(WireError, match="the answer is too large: more than 10000 arrays"):
        encode([*many, many[0]])
    with pytest.raises(WireError, match="the header cannot be read: ValueError"):
        decode(reader(frame(1, [["int8", [0]]] * (MOST_TABLE + 1))))


HUGE = 2**26
BROKEN = {
    "a header that is too long": (MOST_HEADER + 1).to_bytes(4, "big"),
    "the longest of all headers": b"\xff" * 4,
    "no JSON": framed(b"{'body': 1}"),
    "no UTF-8": framed(b'{"body": "\xff\xfe", "arrays": []}'),
    "an empty header": framed(b""),
    "a list for a header": framed(b"[1, 2]"),
    "nothing for a header": framed(b"null"),
    "no body": framed(b'{"arrays": []}'),
    "no table of arrays": framed(b'{"body": 1}'),
    "a number for the table": frame(1, 7),
    "a row that is too short": frame(1, [["int8"]]),
    "a row that is no list": frame(1, [3]),
    "objects": frame({"$array": 0}, [["object", [1]]], bytes(8)),
    "a short name for objects": frame({"$array": 0}, [["O", [1]]], bytes(8)),
    "text": frame({"$array": 0}, [["<U4", [1]]], bytes(16)),
    "records": frame({"$array": 0}, [["i4,O", [1]]], bytes(12)),
    "a dtype that is a list": frame({"$array": 0}, [[["int8"], [1]]], bytes(1)),
    "a negative size": frame({"$array": 0}, [["int8", [-1]]], bytes(4)),
    "two negative sizes": frame({"$array": 0}, [["int8", [-2, -2]]], bytes(4)),
    "a size that is no whole number": frame({"$array": 0}, [["int8", [1.0]]], bytes(1)),
    "a size that is a truth value": frame({"$array": 0}, [["int8", [True]]], bytes(1)),
    "a size that is null": frame({"$array": 0}, [["int8", [None]]], bytes(1)),
    "a huge size": frame({"$array": 0}, [["int8", [2**62]]]),
    "a huge product of sizes": frame({"$array": 0}, [["int8", [HUGE, HUGE, HUGE]]]),
    "huge sizes beside a zero": frame({"$array": 0}, [["int8", [0, HUGE, HUGE, HUGE]]]),
    "too many axes": frame({"$array": 0}, [["int8", [1] * 65]], bytes(1)),
    "a shape that is a number": frame({"$array": 0}, [["int8", 3]], bytes(3)),
    "an index past the end": frame({"$array": 1}, [["int8", [1]]], bytes(1)),
    "a negative index": frame({"$array": -1}, [["int8", [1]]], bytes(1)),
    "an index that is a truth value": frame({"$array": False}, [["int8", [1]]], bytes(1)),
    "an index that is text": frame({"$array": "0"}, [["int8", [1]]], bytes(1)),
    "words of bytes": frame({"$words": 0}, [["uint8", [4]]], bytes(4)),
    "words without a place for letters": frame({"$words": 0}, [["uint32", []]], bytes(4)),
    "words of no letters": frame({"$words": 0}, [["uint32", [2, 0]]]),
    "words of too many letters": frame({"$words": 0}, [["uint32", [1001]]], bytes(4004)),
    "half a letter": frame({"$words": 0}, [["uint32", [1]]], (0xD800).to_bytes(4, "little")),
    "a letter past the last": frame({"$words": 0}, [["uint32", [1]]], b"\0\0\x11\0"),
    "an index of words past the end": frame({"$words": 1}, [["uint32", [1]]], bytes(4)),
    "a tuple of a number": frame({"$tuple": 3}),
    "a layer without a config": frame({"$made": ["keras.layers.Dense"]}),
    "a layer with a list for a config": frame({"$made": ["keras.layers.Dense", []]}),
    "a layer whose name is a number": frame({"$made": [3, {}]}),
    "lists nested without end": framed(b'{"arrays": [], "body": ' + b"[" * 100_000),
    "lists nested deeply": framed(b'{"arrays": [], "body": ' + b"[" * 3000 + b"]" * 3000 + b"}"),
    "tuples nested deeply": framed(
        b'{"arrays": [], "body": ' + b'{"$tuple": [' * 800 + b"]}" * 800 + b"}"
    ),
    "a number with too many digits": framed(b'{"arrays": [], "body": ' + b"9" * 5000 + b"}"),
}
"""Frames as a student's process might send them."""


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_frame_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(reader(data))


def test_a_frame_cut_off_anywhere_is_the_end() -> None:
    whole = encode({"a": np.arange(4, dtype="int16"), "b": ("text", [Ref("keras.ops.tanh")])})
    for end in range(len(whole)):
        with pytest.raises(EOFError):
            decode(reader(whole[:end]))


def test_no_array_is_read_before_all_sizes_are_known_to_be_right() -> None:
    asked = []

    def read(size: int) -> bytes:
        asked.append(size)
        return stream(size)

    stream = reader(frame(None, [["int8", [1 << 20]], ["int8", [-1]]], bytes(1 << 20)))
    with pytest.raises(WireError):
        decode(read)
    assert max(asked) < 1000


def survives(data: bytes) -> bool:
    """Whether the frame can be read; any exception but the two that are promised goes on."""
    try:
        decode(reader(data), most=1 << 16)
    except (WireError, EOFError):
        return False
    return True


def test_a_few_thousand_mutations_of_a_frame() -> None:
    random = np.random.default_rng(2021)
    whole = encode({"a": np.arange(6).reshape(2, 3), "b": (1, [Ref("x"), np.array(["ab"])])})
    read = 0
    for _ in range(4000):
        data = bytearray(whole)
        for _ in range(random.integers(1, 4)):
            place = int(random.integers(len(data)))
            cut = int(random.integers(0, 3))
            data[place : place + cut] = random.bytes(int(random.integers(0, 4)))
        read += survives(bytes(data))
    assert read > 40  # not all of them were broken in the first four bytes


PIECES = [
    None, True, -1, 0, 1, 3, HUGE, 2**63, 1e999, "", "int8", "object", "float64", [], [1],
    [0, HUGE], [HUGE] * 4, [0, HUGE, HUGE, HUGE], {}, {"$array": 0}, {"$array": 1}, {"$tuple": [1]},
    {"$words": 0}, ["uint32", [2, 2]], ["uint32", [2, 0]], {"$tuple": {"$tuple": 2}}, {"$ref": 1},
    {"$ref": []}, {"$made": ["a", {}]}, {"$made": {}}, ["int8", [2]], ["uint64", [1, 2]],
]  # fmt: skip


def test_a_few_thousand_headers_put_together_at_random() -> None:
    random = np.random.default_rng(2022)

    def piece() -> Any:
        return PIECES[random.integers(len(PIECES))]

    def row() -> Any:
        return piece() if random.random() < 0.3 else [piece(), piece()]

    read = sum(
        survives(frame([piece(), piece()], [row() for _ in range(random.integers(3))], bytes(99)))
        for _ in range(4000)
    )
    assert 100 < read < 3900
