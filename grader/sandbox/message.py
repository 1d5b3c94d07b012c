"""Scripts and answers as plain data for the wire. What comes from a student is checked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.probe import Answer, Fault, Script, Step
from grader.sandbox.wire import WireError


def pack_script(script: Script) -> dict[str, Any]:
    """The script as plain data."""
    steps = [[step.ask, dict(step.args)] for step in script.steps]
    return {"config": dict(script.config), "steps": steps}


def unpack_script(data: Mapping[str, Any]) -> Script:
    """The script again."""
    return Script(data["config"], tuple(Step(ask, args) for ask, args in data["steps"]))


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
