"""Examine a student's layer: draw cases, try it on each, say what is right, aspect by aspect."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects import Verdict
from grader.bench.backend import silenced
from grader.bench.judged_with import trouble
from grader.bench.probe import SAID, Fault, Made, Ref, Subject
from grader.bench.settings import own_settings
from grader.bench.subject import LocalSubject
from grader.bench.weight_matching import Sources
from grader.card.finding import Diagnosis, Evidence, Finding
from grader.card.report import Report
from grader.examination.attempt import Attempt, Key, attempt, expect, is_by_weights
from grader.examination.case_to_run import FailingCase, as_lines, as_value, smallest
from grader.examination.diagnose import as_diagnosis, diagnose, does_as
from grader.examination.idle import COMPUTED, SAYS, does_nothing
from grader.examination.shares import share
from grader.examination.term_ablation import wrong_term
from grader.examination.whole_numbers import in_whole_numbers
from grader.examination.zoo_findings import zoo_findings
from grader.exercises.catalogue import find
from grader.exercises.draw import Draw
from grader.exercises.exercise import Exercise, Kind

HIDDEN_DRAWS = {"implement": 2, "predict": 3, "derive": 3, "test": 1, "use": 2, "train": 2}
"""Draws of each kind of hidden case, by the kind of exercise. One must catch every wrong idea that
is known (`make soak` tries it); the others are for those that are not. A function costs nothing."""
_GUESSED = Verdict(
    "Fix the weights first: yours have another form than Keras's, and no way to fill them with "
    "its values made the outputs agree.",
    is_judged=False,
)


def examine(
    candidate: Any,
    exercise: str | Exercise | None = None,
    *,
    draws: int | None = None,
    seed: int = 0,
    hidden: bool = False,
    named: bool = False,
) -> Report:
    """Examine a layer or a function, and report what is right and what is not.

    `candidate` is a class, or anything that is called with the exercise's constructor arguments
    and gives a layer; for a *predict* exercise, a function; or a `Subject`. The exercise is
    found by the candidate's name unless it is given. Every kind of case is drawn `draws` times
    (1 by default, more for hidden cases) from `seed`; what is dear is tried on the first one only,
    and so is what stands at an edge.
    A hidden report holds no value of a case. `named` tells that the wrong idea has a name already:
    it is not looked for once more.

    Raises `UnknownExercise` where there is no such exercise; never for a fault of the student's.
    """
    with silenced(), own_settings():  # to look at its settings starts TensorFlow, which may log
        report = _examine(candidate, exercise, draws, seed, hidden, named)
    return replace(report, note=trouble())


def _examine(
    candidate: Any,
    exercise: str | Exercise | None,
    draws: int | None,
    seed: int,
    hidden: bool,
    named: bool,
) -> Report:
    chosen = exercise if isinstance(exercise, Exercise) else find(exercise or _name_of(candidate))
    remote = issubclass(type(candidate), Subject)  # isinstance would ask the student's metaclass
    subject = candidate if remote else LocalSubject(candidate, chosen.forbid)
    most = draws or (HIDDEN_DRAWS[chosen.base.kind] if hidden else 1)
    attempts = _try_all(subject, chosen.base, most, seed, hidden)
    return report_on(subject, chosen, attempts, hidden=hidden, named=named)


def failing_case(candidate: Any, exercise: str | Exercise | None = None) -> FailingCase | None:
    """The smallest visible case on which a layer or a function fails; None where it fails on none.

    Raises `UnknownExercise` where there is no such exercise.
    """
    chosen = exercise if isinstance(exercise, Exercise) else find(exercise or _name_of(candidate))
    subject = LocalSubject(candidate, chosen.forbid)
    with own_settings():
        found = smallest(_try_all(subject, chosen.base, draws=1, seed=0, hidden=False))
        if found is None:
            return None
        return as_value(chosen, in_whole_numbers(subject, chosen.base, found))


def report_on(
    subject: Subject,
    exercise: Exercise,
    attempts: list[Attempt],
    *,
    hidden: bool = False,
    named: bool = False,
    glance: bool = True,
) -> Report:
    """What the attempts of a subject show; for `named` see `examine`, for `glance` `diagnose`."""
    if all(a.stopped and a.stopped.untouched for a in attempts) or _untouched_function(attempts):
        blank = [Finding(name, None, worth) for name, worth in exercise.aspects.items()]
        return Report(exercise.name, tuple(blank), attempted=False, hidden=hidden)
    failed = [a for a in attempts if a.failed]
    given = _fault_given(exercise, attempts) if failed else None
    sought = failed and not named and given is None
    diagnosis = diagnose(exercise.base, attempts, glance=glance) if sought else None
    if diagnosis is None and exercise.mends is None:  # a layer to be mended came with its weights
        attempts = _without_guesses(attempts)
        failed = [a for a in attempts if a.failed]
    findings = tuple(
        _finding(name, worth, attempts, exercise, hidden)
        for name, worth in exercise.aspects.items()
    )
    if exercise.kind == "test":
        findings = zoo_findings(exercise, attempts, hidden=hidden)
    if exercise.kind == "implement":
        findings = tuple(_weighed(finding, attempts) for finding in findings)
    if sought and diagnosis is None:
        clue = wrong_term(subject, exercise, failed)
        findings = tuple(_with_clue(finding, clue) for finding in findings)
    found = None if hidden else smallest(attempts)
    shown = in_whole_numbers(subject, exercise.base, found) if found else None
    lines = as_lines(exercise, shown) if shown else ""
    return Report(
        exercise.name,
        findings,
        attempted=given is None,
        hidden=hidden,
        crash=_crash(failed, hidden),
        diagnosis=diagnosis,
        lines=lines,
        whole=exercise.mends is not None,
        given=given,
    )


def _fault_given(exercise: Exercise, attempts: list[Attempt]) -> Diagnosis | None:
    """The fault that a layer to be mended was given with, where it does as that fault does.

    It is known by what it does and not by its text, so that a student sees at home what grading
    will see.
    """
    fault = exercise.fault
    return as_diagnosis(fault) if fault and does_as(fault, exercise.base, attempts) else None


def _without_guesses(attempts: list[Attempt]) -> list[Attempt]:
    """Weights of another form were given by a guess: what follows from it is not judged, unless
    the same guess made an output right."""
    proved = {a.way for a in attempts if "output" in a.verdicts and a.fits}
    return [a if a.way in proved or not _is_guess(a) else _not_judged(a) for a in attempts]


def _is_guess(found: Attempt) -> bool:
    return any(part is not None and not part.plain for part in found.trial.assignment)


def _not_judged(found: Attempt) -> Attempt:
    verdicts = {
        name: _GUESSED if is_by_weights(verdict) else verdict
        for name, verdict in found.verdicts.items()
    }
    return replace(found, verdicts=verdicts)


def _weighed(finding: Finding, attempts: list[Attempt]) -> Finding:
    """The finding with what it earns, by the kinds of cases."""
    if finding.aspect not in COMPUTED and does_nothing(attempts):
        return replace(finding, passed=None, message=SAYS) if finding.passed else finding
    return replace(finding, share=share(finding.aspect, attempts))


def _with_clue(finding: Finding, clue: str) -> Finding:
    if finding.aspect != "output" or finding.passed is not False or not clue:
        return finding
    return replace(finding, message=f"{finding.message} {clue}")


def _name_of(candidate: Any) -> str:
    try:
        return str(getattr(candidate, "__name__", type(candidate).__name__))
    except Exception:  # a class that refuses to be asked for its name
        return "?"


def _try_all(
    subject: Subject, exercise: Exercise, draws: int, seed: int, hidden: bool
) -> list[Attempt]:
    attempts: list[Attempt] = []
    way = 0
    known: Sources = ()
    for kind, drawn in _in_order(exercise, seed):
        for draw in range(drawn.draws(draws, hidden=hidden)):
            key = Key(seed, kind, draw, hidden)
            attempts.append(attempt(subject, exercise, expect(exercise, key), way, known=known))
            way, known = attempts[-1].way, attempts[-1].sources or known
    return attempts


def _in_order(exercise: Exercise, seed: int) -> list[tuple[int, Kind]]:
    """The kinds with their numbers. What a student's test judges comes in an order that the seed
    decides: no test may go by how often it was called."""
    kinds = list(enumerate(exercise.kinds))
    if exercise.kind == "test":
        order = Draw(zlib.crc32(exercise.name.encode()), seed).random.permutation(len(kinds))
        return [kinds[number] for number in order]
    return kinds


def _untouched_function(attempts: list[Attempt]) -> bool:
    verdicts = [verdict for a in attempts for verdict in a.verdicts.values()]
    return all(isinstance(verdict, Fault) and verdict.untouched for verdict in verdicts)


def _finding(
    name: str, worth: float, attempts: list[Attempt], exercise: Exercise, hidden: bool
) -> Finding:
    """Fold what was seen of one aspect into one finding, on the smallest case that failed."""
    seen = [a for a in attempts if name in a.verdicts]
    failed = [a for a in seen if a.verdicts[name] is not None]
    if not failed:
        return Finding(name, True, worth)
    smallest = min(failed, key=lambda a: a.expected.case.size)
    verdict = smallest.verdicts[name]
    if isinstance(verdict, Fault):
        passed, message = (None if smallest.stopped else False), verdict.says
    else:
        assert isinstance(verdict, Verdict)
        passed = False if verdict.is_judged else None
        message = verdict.message if hidden else verdict.openly or verdict.message
    evidence = None if hidden else _evidence(smallest, verdict, exercise)
    return Finding(name, passed, worth, message, evidence)


def _evidence(found: Attempt, verdict: Verdict | Fault, exercise: Exercise) -> Evidence:
    case = found.expected.case
    arguments = ", ".join(
        (f"{key}={_show(value)}" if not exercise.base.is_function else _show(value))
        for key, value in case.config.items()
    )
    label = f"{exercise.name}({arguments})"
    if case.inputs is not None:
        label += f" on inputs of shape {_shape(case.inputs)}"
    label += f" ({found.expected.label})"
    if isinstance(verdict, Fault):
        return Evidence(label)
    return Evidence(label, verdict.expected, verdict.actual)


def _show(value: Any) -> str:
    """A value of a config, as one would write it."""
    if isinstance(value, Ref):
        return value.path
    if isinstance(value, Made):
        inner = ", ".join(f"{key}={_show(item)}" for key, item in value.config.items())
        return f"{value.path}({inner})"
    if isinstance(value, list):
        return f"[{', '.join(map(_show, value))}]"
    if isinstance(value, np.ndarray):
        return f"array of shape {_shape(value)}"
    return repr(value)


def _shape(inputs: Any) -> str:
    if isinstance(inputs, Mapping):
        return ", ".join(f"{key}: {_shape(value)}" for key, value in inputs.items())
    if isinstance(inputs, list | tuple):
        return " and ".join(_shape(value) for value in inputs)
    return str(tuple(inputs.shape))


def _crash(failed: list[Attempt], hidden: bool) -> str:
    """The student's own line where their code stopped, on the smallest such case; where no line of
    theirs is known, what was said."""
    ordered = sorted(failed, key=lambda a: a.expected.case.size)
    faults = [v for a in ordered for v in a.verdicts.values() if isinstance(v, Fault)]
    if not faults:
        return ""
    fault = next((fault for fault in faults if fault.where), faults[0])
    kind = "" if fault.type in SAID else fault.type
    # the message may hold a value of the case
    said = SAID.get(fault.type, "") if hidden else fault.message
    parts = (fault.where, ": ".join(part for part in (kind, said) if part))
    return " — ".join(part for part in parts if part)
