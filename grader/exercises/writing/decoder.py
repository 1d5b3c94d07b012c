"""Decoder: a whole model, from tokens to logits. It takes given weights, and can go on writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.data import load
from grader.exercises.decoder.swiglu import SwiGLU
from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.writing.parts import PLACES, UNIT, rows_of
from grader.exercises.writing.rotary_attention import RotaryAttention

SHIPPED = {
    "vocabulary": 27,
    "width": 48,
    "num_query_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 12,
    "hidden": 96,
    "blocks": 2,
}
"""The sizes of the model whose weights are in `data/names_model.npz`."""


class Block(keras.layers.Layer):
    """A pre-norm block of Keras's RMSNormalization, our RotaryAttention and our SwiGLU."""

    def __init__(self, attention: Any, hidden: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm_1, self.norm_2 = (keras.layers.RMSNormalization() for _ in range(2))
        self.attention, self.feed_forward = attention, SwiGLU(hidden)

    def build(self, input_shape: Any) -> None:
        """Build all parts."""
        for part in (self.norm_1, self.attention, self.norm_2, self.feed_forward):
            part.build(input_shape)

    def named(self) -> dict[str, Any]:
        """The weights by their names."""
        own = {"norm_1": self.norm_1.scale, "norm_2": self.norm_2.scale}
        gate, up, down = self.feed_forward.weights
        return {**own, **self.attention.named(), "gate": gate, "up": up, "down": down}

    def call(self, inputs: Any, cache: Any = None) -> Any:
        """The stream after attention and after the feed-forward layer, and the cache."""
        looked, cache = self.attention(self.norm_1(inputs), cache)
        looked = inputs + looked
        return looked, looked + self.feed_forward(self.norm_2(looked)), cache


class Decoder(keras.layers.Layer):
    """`keras.layers.ReversibleEmbedding`, some blocks, and a last `keras.layers.RMSNormalization`.

    The order is that of H. Touvron and others, "LLaMA: Open and Efficient Foundation Language
    Models" (2023), with grouped heads and tied weights.
    """

    attention = RotaryAttention

    def __init__(
        self,
        vocabulary: int,
        width: int,
        num_query_heads: int,
        num_key_value_heads: int,
        head_dim: int,
        hidden: int,
        blocks: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.embedding = keras.layers.ReversibleEmbedding(vocabulary, width)
        heads = (num_query_heads, num_key_value_heads, head_dim)
        self.blocks = [Block(self.attention(*heads), hidden) for _ in range(blocks)]
        self.normalization = keras.layers.RMSNormalization()
        self.width = width

    def build(self, input_shape: Any) -> None:
        """Build all parts."""
        for part in (self.embedding, *dict.fromkeys(self.blocks), self.normalization):
            part.build((None, None, self.width))

    def named(self) -> dict[str, Any]:
        """All weights by their names, as in the file."""
        found = {"embedding": self.embedding.embeddings, "normalization": self.normalization.scale}
        for number, block in enumerate(self.blocks):
            found |= {f"block_{number}.{name}": w for name, w in block.named().items()}
        return found

    def load(self, weights: Mapping[str, Any]) -> None:
        """Give each weight the value of its name."""
        for name, variable in self.named().items():
            variable.assign(weights[name])

    def embedded(self, tokens: Any) -> Any:
        """The vectors of the tokens."""
        return self.embedding(tokens)

    def logits(self, stream: Any) -> Any:
        """What is made of the stream after the last normalization."""
        return self.embedding(stream, reverse=True)

    def caches(self, cache: Any) -> list[Any]:
        """A cache for each block."""
        return [None] * len(self.blocks) if cache is None else cache

    def run(self, tokens: Any, cache: Any = None) -> tuple[list[Any], list[Any]]:
        """What comes out of each part, and the caches."""
        stream = self.embedded(tokens)
        found, kept = [stream], []
        for block, own in zip(self.blocks, self.caches(cache), strict=True):
            looked, stream, own = block(stream, own)
            found += [looked, stream]
            kept.append(own)
        found.append(self.normalization(stream))
        return [*found, self.logits(found[-1])], kept

    def stages(self, tokens: Any) -> list[Any]:
        """What comes out of each part, the logits last."""
        return self.run(tokens)[0]

    def proceed(self, tokens: Any, cache: Any = None) -> tuple[Any, Any]:
        """Logits for tokens that follow on those in the cache, and the cache with them."""
        found, kept = self.run(tokens, cache)
        return found[-1], kept

    def call(self, tokens: Any) -> Any:
        """Logits for the next token, at every place."""
        return self.stages(tokens)[-1]


def stage_names(blocks: int) -> tuple[str, ...]:
    """What the stages are, in the words of the exercise."""
    halves = (
        f"block {number}, {half}"
        for number in range(blocks)
        for half in ("attention", "feed-forward")
    )
    return ("embedding", *halves, "last normalization", "logits")


def weight_shapes(config: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
    """The names in a file of weights, and their shapes."""
    model = Decoder(**config)
    model.build(None)
    return {name: tuple(variable.shape) for name, variable in model.named().items()}


def _with_weights(
    config: dict[str, int], tokens: np.ndarray, weights: Mapping[str, np.ndarray]
) -> Case:
    """Never put with symbols: a model of so many parts takes long to trace."""
    facts = {"weights": weights, "stages": stage_names(config["blocks"])}
    return Case(config, tokens, facts=facts).with_known_batch().once()


def _random(draw: Draw, blocks: int = 2, **sizes: int) -> Case:
    shared, times = draw.choice([(2, 2), (2, 3), (3, 2)])
    config = {
        "vocabulary": draw.size(9, 11),
        "width": draw.size(7, 8),
        "num_query_heads": shared * times,
        "num_key_value_heads": shared,
        "head_dim": draw.choice([4, 6]),
        "hidden": draw.size(12, 14),
        "blocks": blocks,
        **sizes,
    }
    batch, steps = draw.size(2, 3), draw.size(5, 6)
    tokens = draw.random.integers(0, config["vocabulary"], size=(batch, steps)).astype("int32")
    shapes = weight_shapes(config)
    weights = {name: draw.weight(name, shape) for name, shape in shapes.items()}
    case = _with_weights(config, tokens, weights)
    in_pieces = {"pieces": (3, 1, steps - 4), "grows": "proceed"}
    return replace(
        case,
        facts={**case.facts, **in_pieces},
        again=(Again("one token of one sample", tokens[-1:, :1]),),
    )


def _names(draw: Draw) -> Case:
    """Names of the course's data, with the weights that are shipped."""
    names = load("names")["last"]
    rows = rows_of(draw.random.choice(names, size=5, replace=False))[:, :PLACES]
    return _with_weights(SHIPPED, rows, load("names_model"))


class _NoLastNorm(Decoder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.normalization = keras.layers.Identity()

    def named(self) -> dict[str, Any]:
        self.normalization.scale = self.embedding.embeddings
        found = super().named()
        del found["normalization"]
        return found


class _NotTied(Decoder):
    def __init__(self, vocabulary: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(vocabulary, *args, **kwargs)
        self.back = keras.layers.Dense(vocabulary, use_bias=False)

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.back.build((None, None, self.width))

    def load(self, weights: Mapping[str, Any]) -> None:
        super().load(weights)
        self.back.kernel.assign(np.transpose(weights["embedding"]))

    def logits(self, stream: Any) -> Any:
        return self.back(stream)


class _Future(RotaryAttention):
    def seen(self, steps: int, start: int) -> np.ndarray:
        return np.ones((steps, start + steps), bool)


class _NotCausal(Decoder):
    attention = _Future


class _Unturned(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        return query, key, value


class _NotTurned(Decoder):
    attention = _Unturned


class _FromZero(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        return super().turned(query, key, value, 0)


class _RestartsAtZero(Decoder):
    attention = _FromZero


class _OneCache(Decoder):
    def caches(self, cache: Any) -> list[Any]:
        return super().caches(cache if cache is None else [cache[-1]] * len(self.blocks))


class _CacheForgotten(Decoder):
    def caches(self, cache: Any) -> list[Any]:
        return super().caches(None)


class _Renamed(Decoder):
    """Two weights of each block get each other's values."""

    exchanged = ("", "")

    def load(self, weights: Mapping[str, Any]) -> None:
        def source(name: str) -> str:
            block, point, part = name.partition(".")
            one, other = self.exchanged
            if point and part in self.exchanged:
                part = other if part == one else one
            return f"{block}{point}{part}"

        super().load({name: weights[source(name)] for name in weights})


class _GateUp(_Renamed):
    exchanged = ("gate", "up")


class _KeyValue(_Renamed):
    exchanged = ("key", "value")


class _Norms(_Renamed):
    exchanged = ("norm_1", "norm_2")


class _FirstBlockOnly(Decoder):
    def load(self, weights: Mapping[str, Any]) -> None:
        blocks = {
            name: weights[f"block_0.{name.partition('.')[2]}"] for name in weights if "." in name
        }
        super().load({**weights, **blocks})


class _NormsNotLoaded(Decoder):
    def load(self, weights: Mapping[str, Any]) -> None:
        scales = {name: np.ones_like(w) for name, w in weights.items() if "norm" in name}
        super().load({**weights, **scales})


class _OneBlock(Decoder):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blocks = [self.blocks[0]] * len(self.blocks)


class _Scaled(Decoder):
    def embedded(self, tokens: Any) -> Any:
        return super().embedded(tokens) * float(self.width) ** 0.5


class _Probabilities(Decoder):
    def logits(self, stream: Any) -> Any:
        return ops.softmax(super().logits(stream), axis=-1)


class _LastOnly(Decoder):
    def logits(self, stream: Any) -> Any:
        return super().logits(stream)[:, -1]


decoder = Exercise(
    name="Decoder",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=Decoder,
    weight_shapes=False,
    kinds=(
        Kind("random weights", _random, also=("in_pieces",)),
        Kind("the weights that were learned from names", _names),
        Kind(
            "one block, one head of keys, one gate",
            lambda d: _random(d, 1, num_key_value_heads=1, hidden=1, head_dim=2),
            edge=True,
            hidden=True,
        ),
    ),
    aspects={"shape": 1, "parameters": 1, "loading": 1, "output": 4, "stages": 3, "in_pieces": 2},
    edges={
        **{f"{name}: 1": given(name, 1) for name in ("blocks", "num_key_value_heads", "hidden")},
        "head_dim: 2": given("head_dim", 2),
        "inputs: one token": size_one(1),
    },
    misconceptions=(
        Misconception(
            "last normalization forgotten",
            "Your model has no normalization between the last block and the logits.",
            "What stands between the last block and the logits in the picture?",
            _NoLastNorm,
        ),
        Misconception(
            "not tied",
            "Your model makes the logits by a second matrix of its own.",
            "The file has one matrix for tokens. How often is it used?",
            _NotTied,
        ),
        Misconception(
            "not causal",
            "Your tokens look at those that come later.",
            "What would a model learn that is to guess a letter and can look at it?",
            _NotCausal,
        ),
        Misconception(
            "not turned",
            "Nothing in your model depends on positions: queries and keys are not turned.",
            "If you exchange the first two letters of a name, does its last stage change?",
            _NotTurned,
        ),
        Misconception(
            "position restarts at 0",
            "In proceed, the positions of new tokens start again at 0.",
            "From where does a block know how many tokens came before?",
            _RestartsAtZero,
        ),
        Misconception(
            "one cache for all blocks",
            "In proceed, all blocks read the cache of the last one.",
            "Are the keys of the first block those of the second?",
            _OneCache,
        ),
        Misconception(
            "cache not passed on",
            "In proceed, your blocks do not get the cache.",
            "How does the second call know what came in the first?",
            _CacheForgotten,
        ),
        Misconception(
            "gate and up exchanged",
            "Your gate has the values of `up`, and the other way round.",
            "Which of the two matrices goes through silu?",
            _GateUp,
        ),
        Misconception(
            "key and value exchanged",
            "Your keys have the weights of the values, and the other way round.",
            "Both have the same shape. What tells them apart?",
            _KeyValue,
        ),
        Misconception(
            "the two normalizations exchanged",
            "The two normalizations of your blocks have each other's weights.",
            "Which normalization stands before attention?",
            _Norms,
        ),
        Misconception(
            "every block loads block 0",
            "All your blocks have the weights of block 0.",
            "Which part of a name says to which block a weight belongs?",
            _FirstBlockOnly,
        ),
        Misconception(
            "normalizations not loaded",
            "The weights of your normalizations are still 1: they were not loaded.",
            "How many weights does the file have for each block?",
            _NormsNotLoaded,
        ),
        Misconception(
            "one block used several times",
            "Your model has one block, and uses it again and again.",
            "`[block] * 2` is a list of how many blocks?",
            _OneBlock,
        ),
        Misconception(
            "vectors scaled",
            "Your model multiplies the vectors of the tokens by the root of their length.",
            "Some models do that. Does this one?",
            _Scaled,
        ),
        Misconception(
            "probabilities for logits",
            "Your model gives probabilities, not logits.",
            "Logits are the numbers before softmax: what is their sum?",
            _Probabilities,
        ),
        Misconception(
            "logits of the last place only",
            "Your model gives logits for the last place only.",
            "In training, how many next letters does a name of six letters teach at once?",
            _LastOnly,
        ),
    ),
)
