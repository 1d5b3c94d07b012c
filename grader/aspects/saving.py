"""Saving: a model with the layer, reloaded, must predict as before, in each form Keras 3 knows.

The reload happens in the student's process; the predictions before and after are compared here,
with each other: a slip elsewhere does not cost this aspect too.
A case's facts may say more: `forms` (fewer than all of them: a SavedModel takes long), `told`
(False: loaded without custom_objects, so that what is the student's own must be registered) and
`another` (the config of a layer that is made between saving and loading, so that no file can live
on what was made last).
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

FORMS = (".keras", ".h5", "SavedModel")


def _forms(case: Case) -> Sequence[str]:
    return tuple(case.facts.get("forms", FORMS))


def _steps(case: Case) -> tuple[Step, ...]:
    more = {name: case.facts[name] for name in ("told", "another") if name in case.facts}
    saved = (ask(case, "saved", form=form, **more) for form in _forms(case))
    return ask(case, "call"), *saved


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    own = actual[0].value
    for form, got in zip(_forms(trial.case), actual[1:], strict=True):
        before, after = got.value["before"], got.value["output"]
        if not same(own, before, trial.tolerance):
            return Verdict("In a model the output changes, even before saving.", own, before)
        if not same(before, after, trial.tolerance):
            message = f"Saved as {form} and loaded again, the model gives other predictions."
            return Verdict(message, before, after)
    return None


saving = Aspect("saving", _steps, _judge, dear=True)
