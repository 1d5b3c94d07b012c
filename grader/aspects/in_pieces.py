"""A layer with a cache is given a sequence in pieces: it must give what the reference gives for the
whole sequence at once, without a cache.

The facts `pieces` (how many tokens come in each call), `cache` (what it holds before the first one)
and `padding_mask` (for all of its places) say how. Where the cache grows with the text there is the
fact `grows` instead of these two: the name of the method that is called with tokens and a cache, or
nothing for the layer itself. What such a cache holds is the layer's own affair.
"""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, same, shapes
from grader.bench.probe import Answer, Fault, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    """The whole and its pieces, without a mask and with one."""
    facts, tokens = case.facts, case.inputs
    if "grows" in facts:
        growing = {"sequence": tokens, "sizes": list(facts["pieces"]), "method": facts["grows"]}
        return Step("call", {"inputs": tokens, "call": {}}), Step("go_on", growing)
    pieces = {"sequence": tokens, "cache": facts["cache"], "sizes": list(facts["pieces"])}
    mask = facts["padding_mask"]
    return (
        Step("call", {"inputs": tokens, "call": {}}),
        Step("in_pieces", {**pieces, "call": {}}),
        Step("call", {"inputs": tokens, "call": {"padding_mask": mask[:, : tokens.shape[1]]}}),
        Step("in_pieces", {**pieces, "call": {"padding_mask": mask}}),
    )


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    for at, when in tuple(zip((0, 2), ("", " and a mask"), strict=True))[: len(expected) // 2]:
        whole, got = expected[at].value, actual[at + 1].value
        if isinstance(whole, list):
            whole = whole[0]
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
