"""A layer with a cache is given a sequence in pieces: it must give what the reference gives for the
whole sequence at once, without a cache.

The facts `pieces` (how many tokens come in each call), `cache` (what it holds before the first one)
and `padding_mask` (for all of its places) say how.
"""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, same, shapes
from grader.bench.probe import Answer, Fault, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    """The whole and its pieces, without a mask and with one."""
    facts, tokens = case.facts, case.inputs
    pieces = {"sequence": tokens, "cache": facts["cache"], "sizes": list(facts["pieces"])}
    mask = facts["padding_mask"]
    return (
        Step("call", {"inputs": tokens, "call": {}}),
        Step("in_pieces", {**pieces, "call": {}}),
        Step("call", {"inputs": tokens, "call": {"padding_mask": mask[:, : tokens.shape[1]]}}),
        Step("in_pieces", {**pieces, "call": {"padding_mask": mask}}),
    )


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    for at, when in (0, ""), (2, " and a mask"):
        whole, got = expected[at].value[0], actual[at + 1].value
        if shapes(whole) != shapes(got):
            return Verdict(f"With a cache{when}, the outputs have another shape.", whole, got)
        if not same(whole, got, trial.tolerance):
            return Verdict(
                f"With a cache{when}, the outputs are not those of the whole sequence.",
                whole,
                got,
                by_weights=True,
            )
    return None


def _fault(trial: Trial, actual: list[Answer]) -> Fault | None:
    """Of the calls in pieces alone: the whole is judged by other aspects."""
    return next((answer.fault for answer in actual[1::2] if answer.fault), None)


in_pieces = Aspect("in_pieces", _steps, _judge, dear=True, fault=_fault)
