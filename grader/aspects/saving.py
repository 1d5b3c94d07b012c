"""Saving: a model with the layer, reloaded, must predict as before, in each form Keras 3 knows.

The reload happens in the student's process; the predictions before and after are compared here.
"""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.exercise import Case
from grader.probe import Answer, Step

FORMS = (".keras", ".h5", "SavedModel")


def _steps(case: Case) -> tuple[Step, ...]:
    return tuple(ask(case, "saved", form=form) for form in FORMS)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    for form, want, got in zip(FORMS, expected, actual, strict=True):
        before, after = got.value["before"], got.value["after"]
        if not same(before, after, trial.tolerance):
            return Verdict(
                f"Saved as {form} and loaded again, the model predicts otherwise.", before, after
            )
        if not same(want.value["before"], before, trial.tolerance):
            return Verdict(
                "In a model the layer gives another output than Keras's.",
                want.value["before"],
                before,
            )
    return None


saving = Aspect("saving", _steps, _judge, dear=True)
