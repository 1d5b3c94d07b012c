"""ReversibleEmbedding: one matrix makes vectors of words, and scores for words of vectors."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.decoder.parts import ASPECTS, UNIT
from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import other, short, zeroed


def _words(draw: Draw, **config: Any) -> Case:
    """Numbers of words, with the first and the last of the vocabulary; called again with vectors,
    in reverse."""
    width, words, batch, steps = draw.size(2, 8), draw.size(9, 12), *draw.sizes(2, 3, 8)
    numbers = draw.random.integers(0, words, size=(batch, steps)).astype("int32")
    numbers[0, 0], numbers[-1, -1] = 0, words - 1
    case = Case({"input_dim": words, "output_dim": width, **config}, numbers)
    vectors = draw.normal(batch, steps, width)
    return case.then(other(case, "vectors, in reverse", vectors, reverse=True), short(case, 1))


def _vectors(draw: Draw, **config: Any) -> Case:
    """Vectors, in reverse; called again with numbers of words."""
    width, words, batch, steps = draw.size(2, 8), draw.size(9, 12), *draw.sizes(2, 3, 8)
    vectors = draw.normal(batch, steps, width)
    config = {"input_dim": words, "output_dim": width, **config}
    case = Case(config, vectors, {"reverse": True}).with_known_batch()
    numbers = draw.random.integers(0, words, size=(batch, steps)).astype("int32")
    return case.then(other(case, "numbers of words", numbers, reverse=False), zeroed(case))


def _one_word(draw: Draw) -> Case:
    """A vocabulary of one word, which has one number."""
    vectors = draw.normal(*draw.sizes(2), 1)
    return Case({"input_dim": 1, "output_dim": 1}, vectors, {"reverse": True})


class _Changed(keras.layers.ReversibleEmbedding):
    """Keras's layer with its two directions laid open."""

    def forward(self, rows: Any) -> Any:
        return rows

    def kernel(self) -> Any:
        return ops.transpose(self.embeddings) if self.tie_weights else self.reverse_embeddings

    def backward(self, vectors: Any) -> Any:
        return ops.matmul(vectors, self.kernel())

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        return self.backward(inputs) if reverse else self.forward(super().call(inputs))


class _TwoMatrices(_Changed):
    def __init__(self, *args: Any, tie_weights: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, tie_weights=False, **kwargs)


class _AlwaysTied(_Changed):
    def __init__(self, *args: Any, tie_weights: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, tie_weights=True, **kwargs)


class _Reshaped(_Changed):
    def kernel(self) -> Any:
        if not self.tie_weights:
            return self.reverse_embeddings
        return ops.reshape(self.embeddings, (self.output_dim, self.input_dim))


class _VectorsScaled(_Changed):
    def forward(self, rows: Any) -> Any:
        return rows * self.output_dim**0.5


class _LogitsScaled(_Changed):
    def backward(self, vectors: Any) -> Any:
        return super().backward(vectors) / self.output_dim**0.5


class _Probabilities(_Changed):
    def backward(self, vectors: Any) -> Any:
        return ops.softmax(super().backward(vectors), axis=-1)


class _OneSided(_Changed):
    def kernel(self) -> Any:
        return ops.stop_gradient(super().kernel())


class _Cosines(_Changed):
    def backward(self, vectors: Any) -> Any:
        return ops.matmul(vectors, ops.normalize(self.kernel(), axis=0))


class _Bias(_Changed):
    def build(self, input_shape: Any = None) -> None:
        super().build(input_shape)
        self.bias = self.add_weight(name="bias", shape=(self.input_dim,), initializer="zeros")

    def backward(self, vectors: Any) -> Any:
        return super().backward(vectors) + self.bias


reversible_embedding = Exercise(
    name="ReversibleEmbedding",
    unit=UNIT,
    layer="ReversibleEmbedding",
    reference=keras.layers.ReversibleEmbedding,
    forbid=("keras.layers.ReversibleEmbedding", "Embedding"),
    weight_shapes=False,
    kinds=(
        Kind("words to vectors", _words, also=("model",)),
        Kind("vectors to words", _vectors, also=("model",)),
        Kind("not tied, words to vectors", lambda d: _words(d, tie_weights=False)),
        Kind("not tied, vectors to words", lambda d: _vectors(d, tie_weights=False)),
        Kind("one word of one number", _one_word, edge=True, hidden=True),
    ),
    aspects=ASPECTS,
    edges={
        "input_dim: 1": given("input_dim", 1),
        "output_dim: 1": given("output_dim", 1),
        "inputs: one word": size_one(1),
        "inputs: zero": zeros,
    },
    misconceptions=(
        Misconception(
            "a second matrix",
            "Your layer has a second matrix for the way back, even where the weights are tied.",
            "What does it mean that two matrices are tied?",
            _TwoMatrices,
        ),
        Misconception(
            "always tied",
            "Your layer has only one matrix, even with tie_weights=False.",
            "Where does build() use the argument?",
            _AlwaysTied,
        ),
        Misconception(
            "reshaped, not transposed",
            "Your layer brings the matrix into the other shape by a reshape.",
            "Row 3 of the matrix is the vector of word 3. Which column of your second matrix holds "
            "these numbers?",
            _Reshaped,
        ),
        Misconception(
            "vectors scaled",
            "Your layer multiplies the vectors of the words by the root of their length.",
            "Some models do that. Does the formula of this exercise?",
            _VectorsScaled,
        ),
        Misconception(
            "logits scaled",
            "Your layer divides the logits by the root of the length of a vector.",
            "This is done in attention. Does the formula of this exercise do it?",
            _LogitsScaled,
        ),
        Misconception(
            "probabilities for logits",
            "Your layer gives probabilities, not logits.",
            "Logits are the numbers before softmax: what is their sum?",
            _Probabilities,
        ),
        Misconception(
            "learns on one side only",
            "No gradient reaches the matrix from the logits.",
            "If the matrix is used in two places, from how many places does its gradient come?",
            _OneSided,
        ),
        Misconception(
            "cosines for products",
            "Your layer divides the vector of each word by its length before it multiplies.",
            "A long vector gives larger products than a short one: does the formula prevent that?",
            _Cosines,
        ),
        Misconception(
            "a bias on the logits",
            "Your layer adds a bias to the logits.",
            "How many parameters does the layer have besides its matrix?",
            _Bias,
        ),
    ),
)


def _count(vocabulary: int, width: int, tied: bool) -> int:
    layer = keras.layers.ReversibleEmbedding(vocabulary, width, tie_weights=tied)
    layer(layer(keras.KerasTensor((None, 3), dtype="int32")), reverse=True)
    return int(layer.count_params())


def _asked(draw: Draw, tied: bool) -> Case:
    vocabulary, width = draw.sizes(2, 3, 90)
    return Case({"vocabulary": vocabulary, "width": width, "tied": tied})


tied_params = Exercise(
    name="tied_params",
    unit=UNIT,
    layer="ReversibleEmbedding",
    reference=_count,
    kinds=(
        Kind("tied", lambda d: _asked(d, True)),
        Kind("not tied", lambda d: _asked(d, False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "tied ignored",
            "Your count does not depend on `tied`: it has one matrix.",
            "Without tying, the way back has a matrix of its own. How large is it?",
            lambda vocabulary, width, tied: vocabulary * width,
        ),
        Misconception(
            "two matrices although tied",
            "Your count has two matrices where they are tied, too.",
            "A matrix that is used twice: how often does it have to be stored?",
            lambda vocabulary, width, tied: 2 * vocabulary * width,
        ),
        Misconception(
            "one word more",
            "Your count has a row for one word more than the vocabulary has.",
            "The numbers of the words are 0 to vocabulary - 1. How many are there?",
            lambda vocabulary, width, tied: (vocabulary + 1) * width * (1 if tied else 2),
        ),
        Misconception(
            "a bias on the logits",
            "Your count has a bias for each word.",
            "The formula of the way back is a product: is anything added to it?",
            lambda vocabulary, width, tied: vocabulary * (width * (1 if tied else 2) + 1),
        ),
    ),
)
