"""Embedding: a row of a matrix for each whole number, and a mask where the number is zero."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import other, short
from grader.exercises.live import count_of
from grader.exercises.recurrent.cells import UNIT


def _case(draw: Draw, rank: int = 2, **config: Any) -> Case:
    """Zeros before the end, one number twice, and the largest that the vocabulary has."""
    width, words, *shape = draw.size(2, 8), draw.size(6, 12), *draw.sizes(rank, 3, 8)
    numbers = draw.random.integers(1, words, size=shape).astype("int32")
    numbers[0, ..., 1] = numbers[-1, ..., 0] = 0
    numbers[1, ..., 0] = numbers[0, ..., -1] = words - 1
    case = Case({"input_dim": words, "output_dim": width, **config}, numbers)
    padding = np.zeros_like(numbers)
    return case.then(other(case, "nothing but padding", padding), short(case, 1))


def _one_word(draw: Draw) -> Case:
    """A vocabulary of padding only, in one column."""
    config = {"input_dim": 1, "output_dim": 1, "mask_zero": True}
    return Case(config, np.zeros(draw.sizes(2), "int32")).with_known_batch()


class _Zeros(keras.layers.Embedding):
    def call(self, inputs: Any) -> Any:
        rows = super().call(inputs)
        if not self.mask_zero:
            return rows
        return rows * ops.cast(ops.not_equal(inputs, 0), rows.dtype)[..., None]


class _NoMask(keras.layers.Embedding):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


class _Inverted(keras.layers.Embedding):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.equal(inputs, 0) if self.mask_zero else None


class _Unasked(keras.layers.Embedding):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.not_equal(inputs, 0)


class _WideMask(keras.layers.Embedding):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if not self.mask_zero:
            return None
        return ops.repeat(ops.not_equal(inputs, 0)[..., None], self.output_dim, axis=-1)


class _Transposed(keras.layers.Embedding):
    def build(self, input_shape: Any = None) -> None:
        self._matrix = self.add_weight(name="embeddings", shape=(self.output_dim, self.input_dim))
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ops.take(ops.transpose(self._matrix), inputs, axis=0)


class _RowMore(keras.layers.Embedding):
    def build(self, input_shape: Any = None) -> None:
        rows = self.input_dim + 1
        self._matrix = self.add_weight(name="embeddings", shape=(rows, self.output_dim))
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ops.take(self._matrix, inputs, axis=0)


class _FromOne(keras.layers.Embedding):
    def call(self, inputs: Any) -> Any:
        return super().call((inputs - 1) % self.input_dim)


class _RowAfter(keras.layers.Embedding):
    def call(self, inputs: Any) -> Any:
        return super().call((inputs + 1) % self.input_dim)


class _Scaled(keras.layers.Embedding):
    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * self.output_dim**0.5


embedding = Exercise(
    name="Embedding",
    unit=UNIT,
    layer="Embedding",
    reference=keras.layers.Embedding,
    forbid=("Embedding",),
    kinds=(
        Kind("no mask", _case),
        Kind("mask_zero", lambda d: _case(d, mask_zero=True), also=("model",)),
        Kind("mask_zero, rank 3", lambda d: _case(d, 3, mask_zero=True)),
        Kind("one word, one column", _one_word, edge=True),
    ),
    edges={
        "input_dim: 1": given("input_dim", 1),
        "output_dim: 1": given("output_dim", 1),
        "inputs: one step": size_one(1),
        "inputs: nothing but padding": zeros,
    },
    aspects={"shape": 1, "parameters": 1, "output": 3, "mask": 3, "gradient": 1, "model": 1},
    misconceptions=(
        Misconception(
            "zeros for padding",
            "With mask_zero, your layer gives a vector of zeros for the number 0.",
            "A place that should be skipped is not the same as a place with zeros. Which layer "
            "skips it?",
            _Zeros,
        ),
        Misconception(
            "mask not passed on",
            "Your layer looks up the rows, but does not tell the next layer about the padding.",
            "Which method does Keras call to get the mask of your output?",
            _NoMask,
        ),
        Misconception(
            "mask inverted",
            "Your mask is True where the padding is.",
            "Does True in a mask mean keep, or skip?",
            _Inverted,
        ),
        Misconception(
            "mask without being asked",
            "Your layer gives a mask even when mask_zero is False.",
            "When mask_zero is False, is the number 0 special in any way?",
            _Unasked,
        ),
        Misconception(
            "mask with a feature axis",
            "Your mask has a value for each feature; it should have one for each place.",
            "If a word is skipped, can a part of its vector stay?",
            _WideMask,
        ),
        Misconception(
            "matrix transposed",
            "Your matrix is stored as (output_dim, input_dim): a column for each number.",
            "A number picks a row of the matrix: how many rows, and how long are they?",
            _Transposed,
        ),
        Misconception(
            "a row more than asked for",
            "Your matrix has a row more than input_dim.",
            "Who leaves room for the padding: the layer, or the person who chooses input_dim?",
            _RowMore,
        ),
        Misconception(
            "counts from one",
            "Your layer gives the row before the right one: it counts from 1.",
            "Which row belongs to the number 0?",
            _FromOne,
        ),
        Misconception(
            "one row too far",
            "Your layer gives the row below the right one, and the first row for the last number.",
            "Which row belongs to the number 0?",
            _RowAfter,
        ),
        Misconception(
            "scaled by the root of the width",
            "Your layer multiplies its rows by the square root of output_dim. Some models do "
            "that, but in a later step.",
            "Does looking up a row need any arithmetic?",
            _Scaled,
        ),
    ),
)


def _count(words: int, dim: int, padding: bool) -> int:
    layer = keras.layers.Embedding(words + 1 if padding else words, dim)
    return count_of(layer, (None, 3))


def _arguments(draw: Draw, padding: bool) -> Case:
    words, dim = draw.sizes(2, 3, 60)
    return Case({"words": words, "dim": dim, "padding": padding})


embedding_params = Exercise(
    name="embedding_params",
    unit=UNIT,
    layer="Embedding",
    reference=_count,
    kinds=(
        Kind("with padding", lambda d: _arguments(d, True)),
        Kind("without padding", lambda d: _arguments(d, False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "no row for the padding",
            "Your count has no row for the number 0.",
            "The words are 1, 2, ... and 0 is the padding: how many different numbers can come in?",
            lambda words, dim, padding: words * dim,
        ),
        Misconception(
            "always a row for padding",
            "Your count has a row for padding even when there is no padding.",
            "Without padding the words may begin at 0: how many numbers are there?",
            lambda words, dim, padding: (words + 1) * dim,
        ),
        Misconception(
            "a bias for each word",
            "Your count adds a bias for each row.",
            "A number comes in and a row goes out: is anything added to the row?",
            lambda words, dim, padding: (words + padding) * (dim + 1),
        ),
        Misconception(
            "padding as one number",
            "Your count has only one number for the padding.",
            "How long is the row of the number 0?",
            lambda words, dim, padding: words * dim + bool(padding),
        ),
        Misconception(
            "rows only",
            "Your count is the number of rows.",
            "How many numbers are in each row?",
            lambda words, dim, padding: words + bool(padding),
        ),
    ),
)
