"""CachedAttention: causal self-attention that keeps keys and values for the tokens to come."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.decoder.parts import UNIT
from grader.exercises.draw import Draw
from grader.exercises.edges import all_shut, given, large, size_one
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, other

PARTS = ("outputs", "cached keys", "cached values")


class _Steps(keras.layers.Layer):
    """Keras's layer, without biases, with its steps laid open and a cache between them."""

    biases = False

    def __init__(self, num_heads: int, key_dim: int, value_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key_dim = key_dim
        self.inner = keras.layers.MultiHeadAttention(
            num_heads, key_dim, value_dim, use_bias=self.biases
        )

    def build(self, input_shape: Any) -> None:
        """Make the four projections: three of them read the inputs."""
        self.inner.build(input_shape, input_shape)

    def project(self, inputs: Any) -> list[Any]:
        """Query, keys and values of new tokens, (batch, steps, heads, size)."""
        inner = self.inner
        return [
            layer(inputs) for layer in (inner._query_dense, inner._key_dense, inner._value_dense)
        ]

    def divisor(self) -> float:
        return float(self.key_dim) ** 0.5

    def place(self, old: Any, new: Any, start: int) -> Any:
        """What was cached, with the new keys (or values) at the places from `start` on."""
        return _placed(old, new, start)

    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        """Which places each new token may look at, (steps, places)."""
        return np.arange(places) <= start + np.arange(steps)[:, None]

    def free(self, seen: np.ndarray, padding_mask: Any) -> Any:
        seen = ops.convert_to_tensor(seen)[None]
        return seen if padding_mask is None else ops.logical_and(seen, padding_mask[:, None])

    def returned(self, old: Any, keys: Any, values: Any, new: Any) -> Any:
        """The cache that is given back."""
        return [keys, values]

    def attend(self, query: Any, keys: Any, values: Any, free: Any) -> Any:
        scores = ops.einsum("bqhd,bphd->bhqp", query, keys) / self.divisor()
        weights = ops.softmax(ops.where(free[:, None], scores, -1e9), axis=-1)
        return self.inner._output_dense(ops.einsum("bhqp,bphd->bqhd", weights, values))

    def call(self, inputs: Any, cache: Any = None, start: int = 0, padding_mask: Any = None) -> Any:
        query, *new = self.project(inputs)
        if cache is None:
            keys, values = new
        else:
            keys, values = (self.place(o, n, start) for o, n in zip(cache, new, strict=True))
        seen = self.seen(inputs.shape[1], keys.shape[1], start)
        output = self.attend(query, keys, values, self.free(seen, padding_mask))
        return output, self.returned(cache, keys, values, new)


def _placed(old: Any, new: Any, start: int) -> Any:
    """Any `start` at all: what lies outside the cache is dropped."""
    source = np.arange(old.shape[1]) - start
    fits = ((source >= 0) & (source < new.shape[1]))[None, :, None, None]
    return ops.where(fits, ops.take(new, np.clip(source, 0, new.shape[1] - 1), axis=1), old)


class CachedAttention(_Steps):
    """`keras.layers.MultiHeadAttention`, without biases and causal, and with a cache.

    Without a cache the outputs are those of Keras's own call. With one, new keys and values go to
    the places from `start` on, and new tokens look at them and at what is before them: the decoder
    of A. Vaswani and others, "Attention Is All You Need" (2017), token by token.
    """

    def call(self, inputs: Any, cache: Any = None, start: int = 0, padding_mask: Any = None) -> Any:
        """The outputs, and the cache: a list of keys and values (batch, places, heads, size)."""
        if cache is not None:
            return super().call(inputs, cache, start, padding_mask)
        free = None if padding_mask is None else padding_mask[:, None]
        whole = self.inner(inputs, inputs, attention_mask=free, use_causal_mask=True)
        return whole, self.project(inputs)[1:]


def _config(draw: Draw) -> dict[str, int]:
    return {
        "num_heads": draw.size(2, 3),
        "key_dim": draw.size(4, 6),
        "value_dim": draw.size(4, 6),
    }


def _cache(draw: Draw, batch: int, places: int, config: dict[str, int]) -> list[np.ndarray]:
    """Keys and values with something in every place, also in those that come later."""
    sizes = (config["key_dim"], config["value_dim"])
    return [draw.normal(batch, places, config["num_heads"], size) for size in sizes]


def _holes(draw: Draw, batch: int, places: int) -> np.ndarray:
    """A mask with holes; the first place is open, so that no token sees nothing."""
    mask = draw.random.random((batch, places)) < 0.6
    mask[:, 0], mask[:, 1], mask[0, -1] = True, False, True
    return mask


def _whole(draw: Draw) -> Case:
    """No cache; called again with a mask, and in pieces."""
    config = _config(draw)
    batch, steps, width, places = draw.size(2, 4), 7, draw.size(8, 10), draw.size(11, 13)
    mask = _holes(draw, batch, places)
    facts = {
        "parts": PARTS,
        "pieces": (3, 1, 2, 1),
        "cache": _cache(draw, batch, places, config),
        "padding_mask": mask,
    }
    case = Case(config, draw.normal(batch, steps, width), facts=facts)
    shut = np.zeros((batch, steps), bool)
    return case.then(
        other(case, "a padding mask", case.inputs, padding_mask=mask[:, :steps]),
        other(case, "one token", case.inputs[:, :1]),
        other(case, "all places masked", case.inputs, finite=True, padding_mask=shut),
        enlarged(case, 10, finite=True),
    )


def _middle(draw: Draw, *, mask: bool = False, end: bool = False) -> Case:
    """Some tokens, and a cache in which others come before them, and places after them."""
    config = _config(draw)
    batch, steps = draw.size(2, 4), draw.size(4, 7)
    width, places = draw.size(8, 10), draw.size(11, 13)
    start = places - steps if end else int(draw.random.integers(2, 4))
    call: dict[str, Any] = {"start": start}
    if mask:
        call["padding_mask"] = _holes(draw, batch, places)
    inputs = (draw.normal(batch, steps, width), _cache(draw, batch, places, config))
    case = Case(config, inputs, call, facts={"parts": PARTS, "no_gradient": True})
    tokens, cache = inputs
    return case.then(
        Again("a single token", (tokens[:, :1], cache), {"start": start + 1}),
        Again("a start at 0", inputs, {**call, "start": 0}),
        Again("no cache", tokens, {}),
    )


def _single(draw: Draw) -> Case:
    """One head with keys of one number, and one token for a cache of one place."""
    batch, width = draw.sizes(2, 3, 9)
    config = {"num_heads": 1, "key_dim": 1, "value_dim": 1}
    inputs = (draw.normal(batch, 1, width), _cache(draw, batch, 1, config))
    facts = {"parts": PARTS, "no_gradient": True}
    return Case(config, inputs, {"start": 0}, facts=facts).with_known_batch()


class _OneOff(_Steps):
    def place(self, old: Any, new: Any, start: int) -> Any:
        return _placed(old, new, start + 1)


class _AtTheBeginning(_Steps):
    def place(self, old: Any, new: Any, start: int) -> Any:
        return _placed(old, new, 0)


class _Added(_Steps):
    def place(self, old: Any, new: Any, start: int) -> Any:
        return old + _placed(ops.zeros_like(old), new, start)


class _Shared(_Steps):
    def place(self, old: Any, new: Any, start: int) -> Any:
        return _placed(ops.zeros_like(old) + old[:1], new, start)


class _Emptied(_Steps):
    def place(self, old: Any, new: Any, start: int) -> Any:
        return _placed(ops.zeros_like(old), new, start)


class _RestartsAtZero(_Steps):
    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        return super().seen(steps, places, 0)


class _Unwritten(_Steps):
    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        return np.ones((steps, places), bool)


class _Future(_Steps):
    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        return np.broadcast_to(np.arange(places) < start + steps, (steps, places))


class _NotItself(_Steps):
    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        return super().seen(steps, places, start - 1)


class _OldOnly(_Steps):
    """A first token sees nothing at all, and gets any mean."""

    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        return np.broadcast_to(np.arange(places) < start, (steps, places))


class _NewOnly(_Steps):
    def seen(self, steps: int, places: int, start: int) -> np.ndarray:
        return super().seen(steps, places, start) & (np.arange(places) >= start)


class _OldReturned(_Steps):
    def returned(self, old: Any, keys: Any, values: Any, new: Any) -> Any:
        return [keys, values] if old is None else list(old)


class _NewReturned(_Steps):
    def returned(self, old: Any, keys: Any, values: Any, new: Any) -> Any:
        return new


class _Exchanged(_Steps):
    def returned(self, old: Any, keys: Any, values: Any, new: Any) -> Any:
        return [values, keys]


class _NoMask(_Steps):
    def free(self, seen: np.ndarray, padding_mask: Any) -> Any:
        return super().free(seen, None)


class _MaskAlone(_Steps):
    def free(self, seen: np.ndarray, padding_mask: Any) -> Any:
        if padding_mask is None:
            return super().free(seen, None)
        return super().free(np.ones_like(seen), padding_mask)


class _Unscaled(_Steps):
    def divisor(self) -> float:
        return 1.0


class _Biases(_Steps):
    biases = True


cached_attention = Exercise(
    name="CachedAttention",
    unit=UNIT,
    layer="MultiHeadAttention",
    reference=CachedAttention,
    forbid=("MultiHeadAttention",),
    weight_shapes=False,
    kinds=(
        Kind("the whole sequence, no cache", _whole, also=("in_pieces",)),
        Kind("a start in the middle", _middle),
        Kind("a start in the middle, with a mask", lambda d: _middle(d, mask=True)),
        Kind("up to the last place", lambda d: _middle(d, end=True).with_known_batch()),
        Kind("one place, one head, one number", _single, edge=True, hidden=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 4, "in_pieces": 3, "gradient": 1},
    edges={
        "num_heads: 1": given("num_heads", 1),
        "key_dim: 1": given("key_dim", 1),
        "value_dim: 1": given("value_dim", 1),
        "inputs: one token": size_one(1),
        "inputs: large": large(15),
        "mask: everything masked": all_shut,
    },
    misconceptions=(
        Misconception(
            "written one place off",
            "Your layer writes new keys and values one place too late.",
            "The token at place 5 is the sixth one. At which index of the cache does its key "
            "belong?",
            _OneOff,
        ),
        Misconception(
            "always written at the beginning",
            "Your layer writes to the beginning of the cache, whatever `start` is.",
            "What has happened to the key of the first token after the second call?",
            _AtTheBeginning,
        ),
        Misconception(
            "added to the cache",
            "Your layer adds the new keys and values to what the cache holds there.",
            "What if a place that is written now held something before?",
            _Added,
        ),
        Misconception(
            "cache shared between samples",
            "Your layer uses the cache of the first sample for all samples.",
            "Which axis of the cache belongs to the samples?",
            _Shared,
        ),
        Misconception(
            "cache emptied",
            "Your layer forgets what the cache held at the other places.",
            "What does a new token look back at?",
            _Emptied,
        ),
        Misconception(
            "position restarts at 0",
            "The causal mask of your layer counts new tokens from 0, whatever `start` is.",
            "The first new token stands at place `start`. How many places may it look at?",
            _RestartsAtZero,
        ),
        Misconception(
            "unwritten places seen",
            "Your layer looks at all places of the cache, also at those not written yet.",
            "What do the places after the last token hold?",
            _Unwritten,
        ),
        Misconception(
            "future seen inside a piece",
            "When several tokens come at once, each of them sees those after it.",
            "Would the first of the new tokens see the others if they came one at a time?",
            _Future,
        ),
        Misconception(
            "does not see itself",
            "Your tokens do not look at their own place.",
            "May the token at place 3 look at place 3?",
            _NotItself,
        ),
        Misconception(
            "sees only what was cached",
            "Your tokens look only at what was in the cache before the call.",
            "Of two new tokens, may the second look at the first?",
            _OldOnly,
        ),
        Misconception(
            "cache not read",
            "Your tokens look only at those that came in the same call.",
            "What are the keys of the earlier tokens kept for?",
            _NewOnly,
        ),
        Misconception(
            "old cache returned",
            "Your layer returns the cache as it came.",
            "How will the next token find the key of this one?",
            _OldReturned,
        ),
        Misconception(
            "only the new keys returned",
            "Your layer returns the keys and values of the new tokens alone.",
            "The next call gets the cache that this one returns: what must be in it?",
            _NewReturned,
        ),
        Misconception(
            "values before keys",
            "Your layer returns the cache as [values, keys].",
            "In which order does your next call read them from the list?",
            _Exchanged,
        ),
        Misconception(
            "padding mask ignored",
            "Your layer does not use the padding mask.",
            "What weight must a masked place get?",
            _NoMask,
        ),
        Misconception(
            "padding mask alone",
            "With a padding mask your layer is not causal any more.",
            "A place may be looked at if nothing speaks against it: how are two masks joined?",
            _MaskAlone,
        ),
        Misconception(
            "not scaled",
            "Your scores are not divided by anything.",
            "What does MultiHeadAttention divide its scores by?",
            _Unscaled,
        ),
        Misconception(
            "biases",
            "Your projections have biases.",
            "How many numbers does each of the four matrices have? Is there anything else?",
            _Biases,
        ),
    ),
)


def _passed(prompt: int, new: int, cached: bool) -> int:
    """How many tokens a live layer is given while a text grows: they are counted call by call."""
    layer, text, passed = CachedAttention(1, 1, 1), np.zeros((1, prompt + new, 1), "float32"), 0
    cache = [np.zeros((1, prompt + new, 1, 1), "float32")] * 2 if cached else None
    known = 0
    for length in range(prompt, prompt + new):
        tokens = text[:, known:length]
        _, left = layer(tokens, cache, start=known)
        passed += tokens.shape[1]
        if cached:
            cache, known = left, length
    return passed


def _writing(draw: Draw, cached: bool) -> Case:
    prompt, new = draw.sizes(2, 4, 12)
    return Case({"prompt": prompt, "new": new, "cached": cached})


tokens_passed = Exercise(
    name="tokens_passed",
    unit=UNIT,
    layer="MultiHeadAttention",
    reference=_passed,
    kinds=(
        Kind("without a cache", lambda d: _writing(d, False)),
        Kind("with a cache", lambda d: _writing(d, True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "the last token passes too",
            "Your count has one call too many: it passes the last new token through the layer.",
            "After the prompt has passed, the first new token is known. After how many calls is "
            "the last one known?",
            lambda prompt, new, cached: (
                prompt + new if cached else sum(range(prompt, prompt + new + 1))
            ),
        ),
        Misconception(
            "cached ignored",
            "Your count is the same without a cache: each token passes once.",
            "Without a cache, what must pass through the layer to find the next token?",
            lambda prompt, new, cached: prompt + new - 1,
        ),
        Misconception(
            "all again although cached",
            "Your count is the same with a cache: the whole text passes each time.",
            "With a cache, which tokens are new in a call?",
            lambda prompt, new, cached: sum(range(prompt, prompt + new)),
        ),
        Misconception(
            "prompt forgotten",
            "Your count with a cache has the new tokens only.",
            "Who computes the keys and values of the prompt?",
            lambda prompt, new, cached: new - 1 if cached else sum(range(prompt, prompt + new)),
        ),
        Misconception(
            "the same length each time",
            "Your count without a cache passes the prompt alone, again and again.",
            "The text grows: how long is it in the second call?",
            lambda prompt, new, cached: prompt + new - 1 if cached else prompt * new,
        ),
    ),
)
