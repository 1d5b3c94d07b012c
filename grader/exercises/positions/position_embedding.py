"""PositionEmbedding: a learned vector for each place."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import other, zeroed
from grader.exercises.positions.placed import UNIT, placed


class PositionEmbedding(keras.layers.Layer):
    """A table with a row for each place; the inputs say only how many rows are wanted.

    J. Devlin and others (2018), *BERT*, arXiv:1810.04805. A test holds it equal to
    `keras_hub.layers.PositionEmbedding`.
    """

    def __init__(self, sequence_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.sequence_length = sequence_length

    def build(self, input_shape: Any) -> None:
        """Make the table."""
        shape = (self.sequence_length, input_shape[-1])
        self.table = self.add_weight(name="embeddings", shape=shape)

    def rows(self, inputs: Any, start_index: Any) -> Any:
        """The rows of the places of the inputs, (length, features)."""
        places = start_index + ops.arange(ops.shape(inputs)[-2])
        return ops.take(self.table, places, axis=0)

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        """The rows, once for each sample."""
        return ops.broadcast_to(self.rows(inputs, start_index), ops.shape(inputs))


class _Added(PositionEmbedding):
    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        return inputs + super().call(inputs, start_index)


class _AlwaysFromTheStart(PositionEmbedding):
    def rows(self, inputs: Any, start_index: Any) -> Any:
        return super().rows(inputs, 0)


class _FromOne(PositionEmbedding):
    def rows(self, inputs: Any, start_index: Any) -> Any:
        return super().rows(inputs, start_index + 1)


class _LastRows(PositionEmbedding):
    def rows(self, inputs: Any, start_index: Any) -> Any:
        return super().rows(inputs, self.sequence_length - inputs.shape[-2])


class _OneRow(PositionEmbedding):
    """The row of the first place for all of them."""

    def rows(self, inputs: Any, start_index: Any) -> Any:
        return self.table[start_index] + ops.zeros_like(inputs[0])


class _Numbers(PositionEmbedding):
    def build(self, input_shape: Any) -> None:
        self.table = self.add_weight(name="embeddings", shape=(self.sequence_length, 1))


class _NoBatch(PositionEmbedding):
    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        return self.rows(inputs, start_index)


def _case(draw: Draw, start: bool) -> Case:
    """A text that is shorter than the table, and does not reach its end."""
    batch, features = draw.sizes(2, 2, 6)
    length = draw.size(4, 7)
    start_index = int(draw.random.integers(2, 4)) if start else 0
    rows = draw.size(length + start_index + 3, length + start_index + 9)
    inputs = draw.normal(batch, length, features)
    case = placed(inputs, {"sequence_length": rows}, start_index)
    late = other(case, "one place, later in the text", inputs[:, :1], start_index=length + 1)
    return case.then(late, zeroed(case))


def _whole(draw: Draw) -> Case:
    """A text as long as the table."""
    batch, length, features = draw.sizes(3, 3, 8)
    case = placed(draw.normal(batch, length, features), {"sequence_length": length})
    return case.with_known_batch()


def _single(draw: Draw) -> Case:
    """A table of one row, for texts of one place."""
    case = placed(draw.normal(draw.size(3, 5), 1, draw.size(2, 5)), {"sequence_length": 1})
    return case.with_known_batch()


def _reaches_the_end(case: Case) -> bool:
    return bool(case.inputs.shape[-2] == case.config["sequence_length"])


position_embedding = Exercise(
    name="PositionEmbedding",
    unit=UNIT,
    layer="PositionEmbedding",
    reference=PositionEmbedding,
    kinds=(
        Kind("from the first place", lambda d: _case(d, start=False), also=("model",)),
        Kind("from a later place", lambda d: _case(d, start=True)),
        Kind("a text as long as the table", _whole, edge=True),
        Kind("a single place", _single, edge=True, hidden=True),
    ),
    edges={
        "sequence_length: 1": given("sequence_length", 1),
        "sequence_length: the text's length": _reaches_the_end,
        "inputs: one place": size_one(1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1, "model": 1},
    misconceptions=(
        Misconception(
            "already added",
            "Your layer adds the inputs to the table's rows. The network adds them a second time.",
            "What does the text ask the layer to return: the rows, or a sum?",
            _Added,
        ),
        Misconception(
            "start_index ignored",
            "Your layer takes the first rows of the table, whatever start_index is.",
            "The text goes on at place 5. Which row of the table is the first one that you need?",
            _AlwaysFromTheStart,
        ),
        Misconception(
            "places counted from 1",
            "Your layer gives the second row of the table to the first place.",
            "Does Python count from 0 or from 1?",
            _FromOne,
        ),
        Misconception(
            "the last rows",
            "Your layer takes the last rows of the table, so that they end where the table ends.",
            "Which row belongs to the first place of a text that is shorter than the table?",
            _LastRows,
        ),
        Misconception(
            "one row for all places",
            "Your layer gives the same row to all places.",
            "What is a vector good for that all places have in common?",
            _OneRow,
        ),
        Misconception(
            "one number for each place",
            "Your table has one number for each place, which all features share.",
            "How long is the vector that is added to the vector of a word?",
            _Numbers,
        ),
        Misconception(
            "no batch axis",
            "Your layer returns the rows once, without the batch axis.",
            "How many texts are in the batch, and how many times do you return the rows?",
            _NoBatch,
        ),
    ),
)


def _count(sequence_length: int, length: int, features: int) -> int:
    layer = PositionEmbedding(sequence_length)
    layer(keras.KerasTensor((None, length, features)))
    return int(layer.count_params())


def _arguments(draw: Draw) -> Case:
    length, features = draw.sizes(2, 5, 30)
    rows = draw.size(length + 4, 90)
    return Case({"sequence_length": rows, "length": length, "features": features})


position_embedding_params = Exercise(
    name="position_embedding_params",
    unit=UNIT,
    layer="PositionEmbedding",
    reference=_count,
    kinds=(Kind("a table", _arguments), Kind("another table", _arguments)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "rows for this text only",
            "Your table is as long as this text.",
            "The table is made once. How long may a text be that comes later?",
            lambda sequence_length, length, features: length * features,
        ),
        Misconception(
            "one number for each place",
            "Your count has one number for each place.",
            "What is added to the vector of a word: a number, or a vector?",
            lambda sequence_length, length, features: sequence_length,
        ),
        Misconception(
            "a bias",
            "Your count has a bias.",
            "The layer looks up rows. Is there anything that a bias would be added to?",
            lambda sequence_length, length, features: (sequence_length + 1) * features,
        ),
        Misconception(
            "rows by places",
            "Your count multiplies the rows of the table by the length of the text.",
            "What are the two axes of the table?",
            lambda sequence_length, length, features: sequence_length * length,
        ),
    ),
)
