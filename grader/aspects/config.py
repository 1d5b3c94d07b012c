"""The config round trip: a layer made again from `get_config()` must be the same layer."""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    before, after = actual[0].value, actual[1].value["output"]
    if same(before, after, trial.tolerance):
        if actual[1].value["name"]:
            return None
        return Verdict(
            "A layer made again from get_config() has another name: does __init__ hand its "
            "**kwargs on to super().__init__?"
        )
    return Verdict(
        "A layer made again from get_config() gives another output: the config forgets something.",
        before,
        after,
    )


config = Aspect("config", lambda case: (ask(case, "call"), ask(case, "reload")), _judge, dear=True)
