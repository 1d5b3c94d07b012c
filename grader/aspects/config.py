"""The config round trip: a layer made again from `get_config()` must be the same layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    before, after = actual[0].value, actual[1].value["output"]
    if same(before, after, trial.tolerance):
        if actual[1].value["name"]:
            return None
        return Verdict(
            f"A layer made again from get_config() has another name: {_why(actual[1].value)}"
        )
    return Verdict(
        "A layer made again from get_config() gives another output: the config leaves something "
        "out.",
        before,
        after,
    )


def _why(answer: Mapping[str, Any]) -> str:
    """Why the name is lost."""
    keywords = str(answer.get("keywords", ""))[:30]
    if keywords in ("", "kwargs"):
        return "does __init__ pass its **kwargs on to super().__init__?"
    return (
        "where you write no get_config(), Keras keeps the name only if the ** argument of "
        f"__init__ is called kwargs. Yours is called {keywords}."
    )


config = Aspect("config", lambda case: (ask(case, "call"), ask(case, "reload")), _judge, dear=True)
