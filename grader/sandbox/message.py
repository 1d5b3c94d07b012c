"""Scripts and answers as plain data for the wire. What comes from a student is checked here."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.probe import SAID, Answer, Fault, Script, Step
from grader.sandbox.wire import WireError

_KNOWN = frozenset(
    name
    for name, thing in vars(builtins).items()
    if isinstance(thing, type) and issubclass(thing, BaseException)
) | {*SAID, "InvalidArgumentError", "OperatorNotAllowedInGraphError", "UnimplementedError"}
"""Exceptions that may be named for a hidden case: a student's own could be named after a value."""


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


def unpack_answers(data: Any, count: int) -> list[Answer]:
    """So many answers, from a side that is not trusted; raises `WireError` for anything else."""
    if not isinstance(data, list) or len(data) != count:
        raise WireError("the answers are not as many as the questions")
    return [_answer(item) for item in data]


def _answer(item: Any) -> Answer:
    if isinstance(item, dict) and item.keys() == {"value"}:
        return Answer(item["value"])
    if isinstance(item, dict) and item.keys() == {"fault"}:
        fault = item["fault"]
        if isinstance(fault, list) and len(fault) == 3 and all(isinstance(x, str) for x in fault):
            return Answer(fault=Fault(*(text[:500] for text in fault)))
    raise WireError("an answer is neither a value nor a fault")


def discreet(answer: Answer, sources: Sequence[str]) -> Answer:
    """The answer as it may be used of a hidden case: no words but known ones, and the sources'.

    The message of a fault stays, for the trusted side only, which compares it and tells nobody.
    """
    fault, value = answer.fault, answer.value
    if fault is not None:
        kind = fault.type if fault.type in _KNOWN else "an exception of its own"
        where = fault.where if _stands(fault.where, sources) else ""
        return Answer(fault=replace(fault, type=kind, where=where))
    if isinstance(value, dict) and isinstance(names := value.get("untracked"), list):
        words = set(re.findall(r"\w+", "\n".join(sources)))
        return Answer(
            {
                **value,
                "untracked": [name for name in names if isinstance(name, str) and name in words],
            }
        )
    return answer


def _stands(where: str, sources: Sequence[str]) -> bool:
    """Whether "line 7: x = y" is the seventh line of one of the sources."""
    found = re.fullmatch(r"line (\d{1,5}): (.*)", where)
    if not found:
        return False
    number, text = int(found[1]), found[2]
    lines = (source.splitlines()[number - 1 : number] for source in sources)
    return any(line.strip() == text for found_there in lines for line in found_there)
