"""Our layers for positions beside those of KerasHub, on the same inputs: prints the differences.

`python -m tests.exercises.positions_of_keras_hub`, in a process of its own: to load KerasHub takes
seconds, and it is for developers only. `test_positions_like_hub` reads what is printed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from grader.exercises.positions.position_embedding import PositionEmbedding
from grader.exercises.positions.rotary_embedding import RotaryEmbedding
from grader.exercises.positions.sine_position_encoding import SinePositionEncoding

OURS = {
    layer.__name__: layer for layer in (PositionEmbedding, SinePositionEncoding, RotaryEmbedding)
}


def cases() -> Iterator[tuple[str, dict[str, Any], tuple[int, ...], int]]:
    """A layer's name, its arguments, the shape of its inputs, and where they start."""
    for shape, start in (((2, 5, 6), 0), ((3, 4, 8), 7), ((1, 1, 2), 3), ((2, 12, 64), 100)):
        yield "PositionEmbedding", {"sequence_length": 120}, shape, start
        for base in (10000, 77, 1):
            yield "SinePositionEncoding", {"max_wavelength": base}, shape, start
            yield "RotaryEmbedding", {"max_wavelength": base}, shape, start
            heads = (*shape[:2], 3, shape[2])
            yield "RotaryEmbedding", {"max_wavelength": base}, heads, start
        yield "SinePositionEncoding", {}, (*shape[:2], 7), start
        yield "RotaryEmbedding", {}, shape, start


def difference(name: str, config: dict[str, Any], shape: tuple[int, ...], start: int) -> float:
    """The largest one between the outputs of the two, with the same weights."""
    import keras_hub  # after the grader, which quietens the log of Keras

    inputs = np.random.default_rng(0).normal(size=shape).astype("float32")
    ours, theirs = OURS[name](**config), getattr(keras_hub.layers, name)(**config)
    theirs(inputs[:, :1])
    ours(inputs[:, :1])
    ours.set_weights(theirs.get_weights())
    one, other = (np.asarray(layer(inputs, start_index=start)) for layer in (ours, theirs))
    assert one.shape == other.shape
    return float(np.abs(one - other).max())


if __name__ == "__main__":
    print(json.dumps([[name, difference(name, *rest)] for name, *rest in cases()]))
