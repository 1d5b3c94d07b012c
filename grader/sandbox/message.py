"""Scripts and answers as plain data for the wire. What comes from a student is checked here."""

from __future__ import annotations

import builtins
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.bench.probe import SAID, Answer, Fault, Made, Script, Step
from grader.sandbox.wire import WireError

_KNOWN = frozenset(
    name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
) | {*SAID, "InvalidArgumentError", "OperatorNotAllowedInGraphError", "UnimplementedError"}
"""Exceptions that may be named for a hidden case: a student's own could be named after a value."""

_USUAL = frozenset(
    {
        *("alpha", "beta", "bias", "count", "depthwise_kernel", "embeddings", "gamma", "kernel"),
        *("mean", "moving_mean", "moving_variance", "pointwise_kernel", "recurrent_kernel"),
        *("scale", "seed_generator_state", "variable", "variance"),
        *("colony_embedding", "island_embedding", "nest_embedding", "points"),
        *("read_kernel", "reverse_embeddings", "write_kernel"),
    }
)
"""Names of weights that Keras gives or the exercises ask for: by these the weights are matched."""
_MOST_WEIGHTS, _MOST_AXES, _MOST_LENGTH, _MOST_NUMBERS = 100, 8, 1 << 26, 1 << 20
"""Of a layer's weights. The largest of this course has a few hundred numbers, in 5 axes at most;
the examiner tries many ways to fill them, and each way takes memory for all of them."""
_MOST_VALUES = 20_000
"""Numbers, texts and containers of one answer; an array is one of them."""


def pack_script(script: Script) -> dict[str, Any]:
    """The script as plain data."""
    steps = [[step.ask, dict(step.args), step.must] for step in script.steps]
    return {"config": dict(script.config), "steps": steps}


def unpack_script(data: Mapping[str, Any]) -> Script:
    """The script again."""
    return Script(data["config"], tuple(Step(*step) for step in data["steps"]))


def pack_answers(answers: list[Answer]) -> list[Any]:
    """The answers as plain data."""
    return [
        {"value": answer.value}
        if answer.fault is None
        else {"fault": [answer.fault.type, answer.fault.message, answer.fault.where]}
        for answer in answers
    ]


def unpack_answers(data: Any, steps: Sequence[Step]) -> list[Answer]:
    """The answers to these steps, from a side that is not trusted; raises `WireError` for anything
    else, and for what the examiner could not judge in little time and memory."""
    if not isinstance(data, list) or len(data) != len(steps):
        raise WireError("the number of answers differs from the number of questions")
    answers = [_answer(item) for item in data]
    for step, answer in zip(steps, answers, strict=True):
        if step.ask == "weights" and answer.fault is None:
            _check_weights(answer.value)
    return answers


def _answer(item: Any) -> Answer:
    if isinstance(item, dict) and item.keys() == {"value"}:
        _check_size(item["value"])
        return Answer(item["value"])
    if isinstance(item, dict) and item.keys() == {"fault"}:
        fault = item["fault"]
        if isinstance(fault, list) and len(fault) == 3 and all(isinstance(x, str) for x in fault):
            return Answer(fault=Fault(*(text[:500] for text in fault)))
    raise WireError("an answer is neither a value nor a fault")


def _check_size(value: Any) -> None:
    count, left = 0, [value]
    while left:
        item = left.pop()
        count += 1
        if count + len(left) > _MOST_VALUES:
            raise WireError(f"an answer holds more than {_MOST_VALUES} values")
        if isinstance(item, Made):
            left.append(item.config)
        elif isinstance(item, Mapping):
            left += item.values()
        elif isinstance(item, list | tuple):
            left += item


def _check_weights(value: Any) -> None:
    """A student's class may say anything of its weights, and the examiner makes arrays of it."""
    if not _lists_weights(value):
        raise WireError("an answer has another form than the question needs")
    rows = value["tracked"]
    if len(rows) > _MOST_WEIGHTS:
        raise WireError(f"the layer has more than {_MOST_WEIGHTS} weights")
    if sum(math.prod(shape) for _, shape, _ in rows) > _MOST_NUMBERS:
        raise WireError(f"the layer's weights hold more than {_MOST_NUMBERS} numbers")


def _lists_weights(value: Any) -> bool:
    """Whether it has the form of what the operation `weights` gives."""
    return (
        isinstance(value, dict)
        and value.keys() == {"tracked", "untracked"}
        and all(isinstance(part, list) for part in value.values())
        and all(_is_weight(row) for row in value["tracked"])
        and all(isinstance(name, str) for name in value["untracked"])
    )


def _is_weight(row: Any) -> bool:
    if not isinstance(row, list) or len(row) != 3:
        return False
    name, shape, trainable = row
    return (
        isinstance(name, str)
        and isinstance(shape, list)
        and len(shape) <= _MOST_AXES
        and all(type(length) is int and 0 <= length <= _MOST_LENGTH for length in shape)
        and isinstance(trainable, bool)
    )


def discreet(answer: Answer, sources: Sequence[str]) -> Answer:
    """The answer as it may be used of a hidden case: no words but known ones, and the sources'.

    The message of a fault stays, for the trusted side only, which compares it and tells nobody.
    """
    fault, value = answer.fault, answer.value
    if fault is not None:
        kind = fault.type if fault.type in _KNOWN else "an exception of its own"
        where = fault.where if _stands(fault.where, sources) else ""
        return Answer(fault=replace(fault, type=kind, where=where))
    if _lists_weights(value):
        words = set(re.findall(r"\w+", "\n".join(sources))) | _USUAL
        tracked = [
            [name if name in words else "a weight", *more] for name, *more in value["tracked"]
        ]
        untracked = [name for name in value["untracked"] if name in words]
        return Answer({"tracked": tracked, "untracked": untracked})
    return answer


def _stands(where: str, sources: Sequence[str]) -> bool:
    """Whether "line 7: x = y" is the seventh line of one of the sources."""
    found = re.fullmatch(r"line (\d{1,5}): (.*)", where)
    if not found:
        return False
    number, text = int(found[1]), found[2]
    lines = (source.splitlines()[number - 1 : number] for source in sources)
    return any(line.strip() == text for found_there in lines for line in found_there)
