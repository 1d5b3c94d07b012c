"""`built`: false when the layer is made, true after `build`, and true after the first call."""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, ask
from grader.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    for moment, says in (
        ("made", "The layer says that it is built as soon as it is made."),
        ("build", "After build() the layer does not say that it is built."),
        ("call", "After a call the layer does not say that it is built."),
    ):
        if want[moment] != got[moment]:
            return Verdict(says, want[moment], got[moment])
    if want["weights"] != got["weights"]:
        return Verdict(
            "build() alone does not make all the weights.",
            f"{want['weights']} weights",
            f"{got['weights']} weights",
        )
    return None


built = Aspect("built", lambda case: (ask(case, "built"),), _judge, dear=True)
