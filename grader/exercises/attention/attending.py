"""What the attention layers share: how queries, values, keys and masks are drawn, what goes wrong.

A wrong idea changes one hook of `attending(base)`, which is Keras's layer with its steps laid open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import all_shut, large, size_one
from grader.exercises.exercise import Case, Kind, Misconception
from grader.exercises.further import enlarged, other

UNIT = "12-attention"
ASPECTS: Mapping[str, float] = {
    "shape": 1,
    "parameters": 1,
    "output": 6,
    "gradient": 1,
    "model": 1,
}


def case(
    draw: Draw,
    *,
    key: bool = True,
    wide: bool = True,
    masks: tuple[str, ...] = (),
    config: Mapping[str, Any] | None = None,
    **call: Any,
) -> Case:
    """Query, value and key of different lengths; a key of the query's width, a value of its own.

    Without `wide` the value is as wide as the key: then the two can be mistaken for each other.
    """
    batch, queries, places, width = draw.sizes(4, 3, 8)
    other = draw.size(2, 9) if key and wide else width
    query, value = draw.normal(batch, queries, width), draw.normal(batch, places, other)
    inputs = [query, value, *([draw.normal(batch, places, width)] if key else [])]
    if masks:
        call["mask"] = [
            _holes(draw, batch, queries) if "query" in masks else None,
            _holes(draw, batch, places) if "value" in masks else None,
        ]
    facts = {"parts": ["output", "attention scores"]} if len(call) and scores(call) else {}
    return Case(config or {}, inputs, call=call, facts=facts)


def scores(call: Mapping[str, Any]) -> bool:
    """Whether the scores are asked for too."""
    return bool(call.get("return_attention_scores"))


def _holes(draw: Draw, batch: int, length: int) -> np.ndarray:
    """A mask with a hole inside; the first place is always open, so that no row is all shut."""
    mask = draw.random.random((batch, length)) < 0.6
    mask[:, 0], mask[:, 1], mask[0, -1] = True, False, True
    return mask


def _plain(draw: Draw) -> Case:
    """Called again with other switches on, and with what has a length of 1."""
    first = case(draw)
    query, value, key = first.inputs
    asked, places = _holes(draw, *query.shape[:2]), _holes(draw, *value.shape[:2])
    switches: dict[str, Any] = {
        "mask": [asked, None],
        "use_causal_mask": True,
        "return_attention_scores": True,
    }
    closed = places.copy()
    closed[0] = False
    return first.then(
        other(first, "no key, a mask of the query and a causal mask", [query, key], **switches),
        other(first, "no key and no mask", [query, key], return_attention_scores=True),
        other(first, "one query and one place", [part[:, :1] for part in first.inputs]),
        other(
            first, "all places masked for a sample", first.inputs, finite=True, mask=[None, closed]
        ),
    )


def switched(draw: Draw, **config: Any) -> Case:
    """Called again with what `KINDS` leave out of the switches, and with large scores."""
    first = case(draw, config=config)
    query, value, _ = first.inputs
    asked, places = _holes(draw, *query.shape[:2]), _holes(draw, *value.shape[:2])
    causal: dict[str, Any] = {
        "use_causal_mask": True,
        "return_attention_scores": True,
        "mask": [None, places],
    }
    return first.then(
        other(first, "a key, a mask of the value and a causal mask", first.inputs, **causal),
        other(first, "masks of query and value", first.inputs, mask=[asked, places]),
        enlarged(first, 10, finite=True),
    )


EDGES = {
    "inputs: one query and place": size_one(1),
    "inputs: large": large(15),
    "mask: everything masked": all_shut,
}
KINDS = (
    Kind("query, value and key", _plain, also=("model",)),
    Kind(
        "masks of query and value, with scores",
        lambda d: case(d, wide=False, masks=("query", "value"), return_attention_scores=True),
    ),
    Kind(
        "no key, causal, with a mask of the value",
        lambda d: case(d, key=False, masks=("value",), use_causal_mask=True).with_known_batch(),
    ),
)


def attending(base: type) -> type:
    """Keras's layer with its steps laid open."""

    class Attending(base):
        def parts(self, inputs: Any) -> tuple[Any, Any, Any]:
            return inputs[0], inputs[1], inputs[-1]

        def scores(self, query: Any, key: Any) -> Any:
            return self._calculate_scores(query, key)

        def causal(self, scores: Any) -> Any:
            rows, columns = np.indices(tuple(scores.shape[1:]))
            return (rows >= columns)[None]

        def open(self, scores: Any, mask: Any, causal: bool) -> Any:
            """Where a query may look: (batch or 1, queries or 1, places); None for everywhere."""
            free = None if mask is None or mask[1] is None else mask[1][:, None, :]
            if causal:
                own = ops.convert_to_tensor(self.causal(scores))
                free = own if free is None else ops.logical_and(free, own)
            return free

        def weigh(self, scores: Any, free: Any) -> Any:
            if free is not None:
                scores = ops.where(free, scores, -1e9)
            return ops.softmax(scores, axis=-1)

        def finish(self, output: Any, mask: Any) -> Any:
            if mask is None or mask[0] is None:
                return output
            return ops.where(mask[0][..., None], output, 0.0)

        def call(
            self,
            inputs: Any,
            mask: Any = None,
            training: bool = False,
            return_attention_scores: bool = False,
            use_causal_mask: bool = False,
        ) -> Any:
            query, value, key = self.parts(inputs)
            scores = self.scores(query, key)
            weights = self.weigh(scores, self.open(scores, mask, use_causal_mask))
            output = self.finish(ops.matmul(weights, value), mask)
            return (output, weights) if return_attention_scores else output

    return Attending


def with_hooks(base: type, **hooks: Callable[..., Any]) -> type:
    """The layer with some of its steps replaced."""
    return type("Wrong", (base,), hooks)


def _over_queries(layer: Any, scores: Any, free: Any) -> Any:
    if free is not None:
        scores = ops.where(free, scores, -1e9)
    return ops.softmax(scores, axis=-2)


def _inverted(layer: Any, scores: Any, free: Any) -> Any:
    if free is not None:
        scores = ops.where(free, -1e9, scores)
    return ops.softmax(scores, axis=-1)


def _multiplied(layer: Any, scores: Any, free: Any) -> Any:
    if free is not None:
        scores = scores * ops.cast(free, scores.dtype)
    return ops.softmax(scores, axis=-1)


def _afterwards(layer: Any, scores: Any, free: Any) -> Any:
    weights = ops.softmax(scores, axis=-1)
    return weights if free is None else weights * ops.cast(free, weights.dtype)


def _one_less(layer: Any, scores: Any, free: Any) -> Any:
    if free is not None:
        scores = scores - 1.0 + ops.cast(free, scores.dtype)
    return ops.softmax(scores, axis=-1)


def _no_softmax(layer: Any, scores: Any, free: Any) -> Any:
    return scores if free is None else ops.where(free, scores, 0.0)


def _future(layer: Any, scores: Any) -> Any:
    rows, columns = np.indices(tuple(scores.shape[1:]))
    return (rows <= columns)[None]


def _past_only(layer: Any, scores: Any) -> Any:
    rows, columns = np.indices(tuple(scores.shape[1:]))
    return (rows > columns)[None]


def _aligned_to_the_end(layer: Any, scores: Any) -> Any:
    queries, places = scores.shape[1:]
    rows, columns = np.indices((queries, places))
    return (rows + places - queries >= columns)[None]


def usual_ideas(base: type) -> tuple[Misconception, ...]:
    """What goes wrong whatever the scores are."""

    def only_causal(layer: Any, scores: Any, mask: Any, causal: bool) -> Any:
        return base.open(layer, scores, None if causal else mask, causal)  # type: ignore[attr-defined]

    return (
        Misconception(
            "softmax over the queries",
            "Your softmax runs over the queries: at each place the weights of all queries sum to "
            "1.",
            "A query divides its attention. Among what?",
            with_hooks(base, weigh=_over_queries),
        ),
        Misconception(
            "no softmax",
            "Your scores are used as they are, without softmax.",
            "Must a query's weights be positive, and what is their sum?",
            with_hooks(base, weigh=_no_softmax),
        ),
        Misconception(
            "mask inverted",
            "Your layer looks where the mask is False, and only there.",
            "Does True in a mask mean look, or skip?",
            with_hooks(base, weigh=_inverted),
        ),
        Misconception(
            "mask multiplied into the scores",
            "Your layer sets the scores of masked places to 0 before softmax.",
            "What is e to the power of 0? Which score would become a weight of zero?",
            with_hooks(base, weigh=_multiplied),
        ),
        Misconception(
            "mask after softmax",
            "Your layer removes the masked weights after softmax: the rest no longer sum to 1.",
            "Where should the weight of a masked place go?",
            with_hooks(base, weigh=_afterwards),
        ),
        Misconception(
            "masked scores one lower",
            "Your layer lowers the scores of masked places by only 1.",
            "How far below the others must a score be for its weight to vanish?",
            with_hooks(base, weigh=_one_less),
        ),
        Misconception(
            "query mask ignored",
            "Your layer gives an output for masked queries too.",
            "The mask is a list of two. What is the first one for?",
            with_hooks(base, finish=lambda layer, output, mask: output),
        ),
        Misconception(
            "value and key exchanged",
            "Your layer takes its inputs as [query, key, value].",
            "In which order does Keras expect the three?",
            with_hooks(base, parts=lambda layer, i: (i[0], i[-1], i[1])),
        ),
        Misconception(
            "key ignored",
            "Your layer compares the query with the value, even when there is a key.",
            "What is the third input for?",
            with_hooks(base, parts=lambda layer, i: (i[0], i[1], i[1])),
        ),
        Misconception(
            "looks into the future",
            "Your causal mask is the opposite triangle: each query sees itself and what comes "
            "later.",
            "A reader has reached the third word. Which words are known: the first three, or the "
            "rest?",
            with_hooks(base, causal=_future),
        ),
        Misconception(
            "does not see itself",
            "Your causal mask hides the query's own place.",
            "May the third query look at the third place?",
            with_hooks(base, causal=_past_only),
        ),
        Misconception(
            "causal mask aligned to the end",
            "Your causal mask puts the last query beside the last place.",
            "Does Keras count the queries and the places from their beginning, or from their end?",
            with_hooks(base, causal=_aligned_to_the_end),
        ),
        Misconception(
            "causal or mask, not both",
            "With use_causal_mask your layer ignores the mask of the value.",
            "A query may look at a place only if both masks allow it: how do you combine two "
            "masks?",
            with_hooks(base, open=only_causal),
        ),
    )
