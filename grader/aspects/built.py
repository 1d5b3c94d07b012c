"""`built`: whether it is true when the layer is made, after `build`, and after the first call.

A model that knows its inputs is built as soon as it is made; a layer is not.
"""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, ask
from grader.bench.probe import Answer

_MOMENTS = {"made": "As soon as it is made", "build": "After build()", "call": "After a call"}


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    for moment, when in _MOMENTS.items():
        if want[moment] != got[moment]:
            says = "says already" if got[moment] else "does not say"
            return Verdict(f"{when} the layer {says} that it is built.", want[moment], got[moment])
    after_build, after_call = got["weights"]
    if after_build != after_call:
        return Verdict(
            "build() alone does not make all the weights.",
            f"{after_call} weights",
            f"{after_build} weights",
        )
    return None


built = Aspect("built", lambda case: (ask(case, "built"),), _judge, dear=True)
