"""DecoderBlock: attention and a feed-forward layer, each after a normalization and with a residual
connection around it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.decoder.parts import UNIT
from grader.exercises.decoder.swiglu import SwiGLU
from grader.exercises.draw import Draw
from grader.exercises.edges import given, large, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, other, zeroed


class DecoderBlock(keras.layers.Layer):
    """A pre-norm block: x + attention(norm(x)), then the same with the feed-forward layer.

    The order is that of R. Xiong and others, "On Layer Normalization in the Transformer
    Architecture" (2020). All parts are Keras's: RMSNormalization, and GroupQueryAttention, causal
    and without biases; the feed-forward layer is made of Keras's Dense.
    """

    causal = True

    def __init__(
        self,
        num_query_heads: int,
        num_key_value_heads: int,
        head_dim: int,
        hidden: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.first = self.norm()
        self.attention = keras.layers.GroupQueryAttention(
            head_dim, num_query_heads, num_key_value_heads, use_bias=False
        )
        self.second = self.norm()
        self.feed_forward = SwiGLU(hidden)

    def norm(self) -> Any:
        """A normalization."""
        return keras.layers.RMSNormalization()

    def build(self, input_shape: Any) -> None:
        """Build all parts."""
        for norm in (self.first, self.second):
            if isinstance(norm, keras.layers.Layer):
                norm.build(input_shape)
        self.attention.build(input_shape, input_shape)
        self.feed_forward.build(input_shape)

    def look(self, query: Any, value: Any = None) -> Any:
        """The attention half, without its normalization."""
        value = query if value is None else value
        return self.attention(query, value, use_causal_mask=self.causal)

    def call(self, inputs: Any) -> Any:
        """The output, of the shape of the inputs."""
        looked = inputs + self.look(self.first(inputs))
        return looked + self.feed_forward(self.second(looked))


def _config(draw: Draw) -> dict[str, int]:
    shared, times = draw.choice([(2, 2), (2, 3), (3, 2)])
    return {
        "num_query_heads": shared * times,
        "num_key_value_heads": shared,
        "head_dim": draw.choice([5, 7]),
        "hidden": draw.size(10, 13),
    }


def _case(draw: Draw) -> Case:
    config = _config(draw)
    batch, width = draw.size(2, 3), draw.size(8, 9)
    return Case(config, draw.normal(batch, 4, width, scale=0.7))


def _plain(draw: Draw) -> Case:
    case = _case(draw)
    return case.then(
        other(case, "one token", case.inputs[:, :1]),
        enlarged(case, 30),
    )


def _small(draw: Draw) -> Case:
    """Inputs so small that the residual and the normalized inputs are far apart."""
    case = _case(draw)
    case = Case(case.config, 0.05 * case.inputs).with_known_batch()
    return case.then(zeroed(case))


def _single(draw: Draw) -> Case:
    """Heads of a single number. No projection is as large as another one by chance."""
    return _one(draw, head_dim=1, hidden=13)


def _one(draw: Draw, **config: int) -> Case:
    """One head that all queries share, or heads of a single number."""
    case = _case(draw)
    return Case({**case.config, **config}, case.inputs)


class _PostNorm(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        looked = self.first(inputs + self.look(inputs))
        return self.second(looked + self.feed_forward(looked))


class _ResidualAfter(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        normal = self.first(inputs)
        looked = self.second(normal + self.look(normal))
        return looked + self.feed_forward(looked)


class _NormAfterEach(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        looked = inputs + self.first(self.look(inputs))
        return looked + self.second(self.feed_forward(looked))


class _OneNorm(DecoderBlock):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.second = lambda inputs: self.first(inputs)


class _SecondNotNormalized(DecoderBlock):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.second = keras.layers.Identity()


class _ResidualFromInput(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        looked = inputs + self.look(self.first(inputs))
        return inputs + self.feed_forward(self.second(looked))


class _Parallel(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        return inputs + self.look(self.first(inputs)) + self.feed_forward(self.second(inputs))


class _FirstForgotten(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        looked = self.look(self.first(inputs))
        return looked + self.feed_forward(self.second(looked))


class _SecondForgotten(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        looked = inputs + self.look(self.first(inputs))
        return self.feed_forward(self.second(looked))


class _NotCausal(DecoderBlock):
    causal = False


class _FeedForwardFirst(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        fed = inputs + self.feed_forward(self.first(inputs))
        return fed + self.look(self.second(fed))


class _QueryAlone(DecoderBlock):
    def call(self, inputs: Any) -> Any:
        looked = inputs + self.look(self.first(inputs), inputs)
        return looked + self.feed_forward(self.second(looked))


class Centred(keras.layers.RMSNormalization):
    def call(self, inputs: Any) -> Any:
        return super().call(inputs - ops.mean(inputs, axis=-1, keepdims=True))


class _MeanTaken(DecoderBlock):
    def norm(self) -> Any:
        return Centred()


class _LargeEpsilon(DecoderBlock):
    def norm(self) -> Any:
        return keras.layers.RMSNormalization(epsilon=1e-3)


decoder_block = Exercise(
    name="DecoderBlock",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=DecoderBlock,
    weight_shapes=False,
    kinds=(
        Kind("some tokens", _plain),
        Kind("small numbers", _small),
        Kind("one head of keys", lambda d: _one(d, num_key_value_heads=1), edge=True, hidden=True),
        Kind("heads of one number", _single, edge=True, hidden=True),
    ),
    aspects={"shape": 1, "parameters": 2, "output": 6, "gradient": 1},
    edges={
        **{f"{name}: 1": given(name, 1) for name in ("num_key_value_heads", "head_dim")},
        "inputs: one token": size_one(1),
        "inputs: zero": zeros,
        "inputs: large": large(15),
    },
    misconceptions=(
        Misconception(
            "post-norm",
            "Your block normalizes after each sum, as the Transformer of 2017 did.",
            "In a pre-norm block, does a normalization stand on the path of the residual?",
            _PostNorm,
        ),
        Misconception(
            "residual after the normalization",
            "Your residual connections start after the normalization.",
            "Follow the line of the residual in the picture: what does it pass before the sum?",
            _ResidualAfter,
        ),
        Misconception(
            "normalized before the sum",
            "Your block normalizes what comes out of attention and of the feed-forward layer, and "
            "not what goes in.",
            "What is normalized: the input of each half, or its output?",
            _NormAfterEach,
        ),
        Misconception(
            "one normalization for both halves",
            "Your block uses one normalization layer in both halves.",
            "How many scales are learned in a block?",
            _OneNorm,
        ),
        Misconception(
            "second half not normalized",
            "Your feed-forward layer gets numbers that are not normalized.",
            "How many normalization layers does the picture show?",
            _SecondNotNormalized,
        ),
        Misconception(
            "second residual from the input",
            "Your second residual connection starts at the input of the block.",
            "To what is the output of the feed-forward layer added? Where is the result of "
            "attention otherwise?",
            _ResidualFromInput,
        ),
        Misconception(
            "halves in parallel",
            "Both halves of your block read the input of the block.",
            "Some models do that. What does the second half read in the formula?",
            _Parallel,
        ),
        Misconception(
            "first residual forgotten",
            "Your block has no residual connection around attention.",
            "If attention gave zeros, what should the second half read?",
            _FirstForgotten,
        ),
        Misconception(
            "second residual forgotten",
            "Your block has no residual connection around the feed-forward layer.",
            "If the feed-forward layer gave zeros, what should the block give?",
            _SecondForgotten,
        ),
        Misconception(
            "not causal",
            "Your tokens look at those that come later.",
            "Which argument of the call of attention hides the future?",
            _NotCausal,
        ),
        Misconception(
            "feed-forward layer first",
            "Your block has the feed-forward layer before attention.",
            "Which half comes first in the picture?",
            _FeedForwardFirst,
        ),
        Misconception(
            "only the query normalized",
            "Attention gets normalized queries, and keys and values that are not.",
            "Of what are the keys and values made in self-attention?",
            _QueryAlone,
        ),
        Misconception(
            "mean taken away",
            "Your normalization takes the mean away, as LayerNormalization does.",
            "What does RMSNormalization divide by, and does it subtract anything?",
            _MeanTaken,
        ),
        Misconception(
            "another epsilon",
            "The epsilon of your normalization is 0.001.",
            "What is the default of Keras's RMSNormalization?",
            _LargeEpsilon,
        ),
    ),
)


def _count(
    vocabulary: int,
    width: int,
    num_query_heads: int,
    num_key_value_heads: int,
    head_dim: int,
    hidden: int,
    blocks: int,
) -> int:
    """The parameters of the live layers of a stack."""
    block = (num_query_heads, num_key_value_heads, head_dim, hidden)
    layers = [
        keras.layers.ReversibleEmbedding(vocabulary, width),
        *(DecoderBlock(*block) for _ in range(blocks)),
        keras.layers.RMSNormalization(),
    ]
    for layer in layers:
        layer.build((None, 3, width))
    return sum(int(layer.count_params()) for layer in layers)


def _stack(draw: Draw) -> Case:
    sizes = {"vocabulary": draw.size(50, 90), "width": draw.size(20, 40)}
    shared = draw.size(2, 3)
    heads = {"num_query_heads": 2 * shared, "num_key_value_heads": shared}
    rest = {"head_dim": draw.size(7, 9), "hidden": draw.size(41, 49), "blocks": draw.size(2, 3)}
    return Case({**sizes, **heads, **rest})


def _formula(
    vocabulary: int,
    width: int,
    queries: int,
    shared: int,
    head: int,
    hidden: int,
    blocks: int,
    *,
    looking: int = 0,
    matrices: int = 3,
    norms: int = 2,
    outside: int = 0,
) -> int:
    """A count with something changed, for the wrong ideas below."""
    looking = looking or 2 * width * head * (queries + shared)
    block = looking + matrices * width * hidden + norms * width
    return vocabulary * width + blocks * block + width + outside


decoder_params = Exercise(
    name="decoder_params",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=_count,
    kinds=(Kind("a stack", _stack), Kind("another one", _stack)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "as many keys as queries",
            "Your count has as many heads of keys and values as of queries.",
            "Which of the four projections of attention have num_key_value_heads heads?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, b, looking=4 * w * d * q),
        ),
        Misconception(
            "output projection forgotten",
            "Your count leaves out the projection that leads out of the heads.",
            "Attention has four projections. What does the last one do?",
            lambda v, w, q, g, d, h, b: _formula(
                v, w, q, g, d, h, b, looking=w * d * q + 2 * w * d * g
            ),
        ),
        Misconception(
            "feed-forward layer of two matrices",
            "Your count has a feed-forward layer with two matrices.",
            "How many matrices does SwiGLU have?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, b, matrices=2),
        ),
        Misconception(
            "one normalization in a block",
            "Your count has one normalization in each block.",
            "How many halves does a block have?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, b, norms=1),
        ),
        Misconception(
            "two weights for each feature",
            "Your count has a gamma and a beta in each normalization.",
            "How many weights does RMSNormalization have for each feature?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, b, norms=4, outside=w),
        ),
        Misconception(
            "last normalization forgotten",
            "Your count leaves out the normalization after the last block.",
            "What stands between the last block and the logits?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, b, outside=-w),
        ),
        Misconception(
            "not tied",
            "Your count has a second matrix for the logits.",
            "By which matrix are the logits made here?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, b, outside=v * w),
        ),
        Misconception(
            "a single block",
            "Your count has one block only.",
            "Do the blocks share their weights?",
            lambda v, w, q, g, d, h, b: _formula(v, w, q, g, d, h, 1),
        ),
        Misconception(
            "biases counted",
            "Your count has biases.",
            "Is anything added in the formulas of this unit?",
            lambda v, w, q, g, d, h, b: _formula(
                v, w, q, g, d, h, b, outside=b * ((q + 2 * g) * d + w + 2 * h + w)
            ),
        ),
    ),
)
