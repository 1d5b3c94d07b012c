"""A cell at work: `keras.layers.RNN` takes it along a sequence. Outputs and states are compared.

The fact `sequence` is what it is taken along.
"""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("in_rnn", {"sequence": case.facts["sequence"]}),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    (steps, *states), (their_steps, *their_states) = (
        answers[0].value["output"] for answers in (expected, actual)
    )
    if not same(steps, their_steps, trial.tolerance):
        return Verdict(
            "In keras.layers.RNN the outputs are not those of Keras's cell.",
            steps,
            their_steps,
            by_weights=True,
        )
    if not same(states, their_states, trial.tolerance):
        return Verdict(
            "In keras.layers.RNN the outputs are right, the last states are not.",
            states,
            their_states,
            by_weights=True,
        )
    want, got = expected[0].value["shapes"], actual[0].value["shapes"]
    if want != got:
        return Verdict("In keras.layers.RNN, a shape is wrong for an unknown batch.", want, got)
    return None


in_rnn = Aspect("in_rnn", _steps, _judge, dear=True)
