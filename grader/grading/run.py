"""A task done in this process: the student's cells run outside of it, the judgement is here."""

from __future__ import annotations

import traceback
from pathlib import Path
from threading import Lock
from typing import Protocol

from grader.examination.attempt import ExerciseError
from grader.exercises.catalogue import CATALOGUE, UnknownExercise
from grader.grading.beside import Beside
from grader.grading.check_calls import UnreadableCall, check_calls
from grader.grading.judge import Judgement
from grader.grading.task import Cell, Graded, NotGraded, Outputs, Task
from grader.grading.zoo_session import ZooSession
from grader.sandbox.confine import CannotConfine
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session
from grader.sandbox.start import shared_warm

KILLED = (
    "its process was killed from outside several times, perhaps because this machine has too "
    "little memory; what it could not answer has no points: grade it again"
)
TAMPERED = (
    "tampering: its code replaced a part of the grader in its own process, which does not happen "
    "by accident; that process was not asked again"
)
_ONE = Lock()
"""A worker of a cluster may have threads; the warm process and TensorFlow serve one at a time."""


def run(task: Task) -> Graded:
    """The outputs of each cell; raises `NotGraded`, whatever goes wrong: the class goes on."""
    try:
        with _ONE:
            return _run(task)
    except NotGraded:
        raise
    except Exception as error:
        raise NotGraded(_unforeseen(error)) from error


def _unforeseen(error: Exception) -> str:
    """The error's kind and place, not its own words: they may be a student's."""
    if isinstance(error, ExerciseError):
        return f"the exercise itself is broken: {str(error).splitlines()[0]}"
    *_, last = traceback.extract_tb(error.__traceback__)
    return (
        f"grading it ended with {type(error).__name__} ({Path(last.filename).name}, line "
        f"{last.lineno}), which is not the notebook's fault: grade it again, and please report "
        "it if that does not help"
    )


def _run(task: Task) -> Graded:
    try:
        warm = shared_warm(task.limits, confined=task.confined)
        limits = _limits(task)
        zoo = ZooSession(warm.start, limits)
        with zoo, Session(warm.start, limits) as shown:
            shown.answers = zoo.answers
            parts = [_begin(task, cell, shown) for cell in task.cells]
            shown.be_unseen()
            for part in parts:
                part.ask_again()
        with zoo, Session(warm.start, limits, discreet=True) as unseen:
            unseen.answers = zoo.answers
            last = max((count for count, part in enumerate(parts, 1) if part.is_open), default=0)
            for part in parts[:last]:
                part.finish(unseen)
        made = (part.outputs(cell.points) for part, cell in zip(parts, task.cells, strict=True))
        return Graded(tuple(made), *_noted(shown, unseen))
    except CannotConfine as error:
        raise NotGraded(
            f"{error}. Nothing was graded. `grader doctor` tells more; to grade without "
            "confinement, set c.Execute.grade_unconfined = True in nbgrader_config.py."
        ) from None


def _limits(task: Task) -> Limits:
    """Those of the task, or those for training where one of its exercises asks for that."""
    graded = (cell.source for cell in task.cells if cell.grade_id)
    if any("train" in _kinds(source) for source in graded):
        return task.limits.in_training()
    return task.limits


def _kinds(source: str) -> list[str]:
    """The kinds of exercises that a test cell asks for, as far as it can be read."""
    try:
        calls = check_calls(source) or []
    except UnreadableCall:  # which is told where the cell is graded
        return []
    return [CATALOGUE[call.exercise].kind for call in calls if call.exercise in CATALOGUE]


def _noted(*sessions: Session) -> tuple[tuple[str, ...], ...]:
    """What was met, what was tampered with and what went wrong, in any of the sessions."""
    met = dict.fromkeys(words for session in sessions for words in session.notes.said)
    tampered = any(session.notes.tampered for session in sessions)
    killed = any(session.killed for session in sessions)
    return tuple(met), (TAMPERED,) if tampered else (), (KILLED,) if killed else ()


class Part(Protocol):
    """A cell on its way."""

    @property
    def is_open(self) -> bool:
        """Whether it has to do with the process that is not shown."""

    def ask_again(self) -> None:
        """All cells have run in the process that was shown: ask it what is left to ask."""

    def finish(self, unseen: Session) -> None:
        """Do in the process that is not shown what the cell has to do there."""

    def outputs(self, points: float) -> Outputs:
        """What the cell shows."""


class _Plain:
    """A cell that is not graded. Where it was stopped it is not run twice."""

    is_open = False

    def __init__(self, source: str, shown: Session) -> None:
        losses = shown.losses
        self._made = shown.run(source)
        self._sources = [source] if shown.losses == losses else []

    def ask_again(self) -> None:
        """Nothing."""

    def finish(self, unseen: Session) -> None:
        """Run before the next cell that is open."""
        for source in self._sources:
            unseen.later(source)

    def outputs(self, points: float) -> Outputs:
        """What it has shown, where no hidden case was seen."""
        return self._made


class _Skipped:
    """A cell that need not run."""

    is_open = False

    def ask_again(self) -> None:
        """Nothing."""

    def finish(self, unseen: Session) -> None:
        """Nothing."""

    def outputs(self, points: float) -> Outputs:
        """Nothing."""
        return []


def _begin(task: Task, cell: Cell, shown: Session) -> Part:
    if cell.skip:
        return _Skipped()
    if not cell.grade_id:
        return _Plain(cell.source, shown)
    try:
        calls = check_calls(cell.source)
        return Beside(cell.source, shown) if calls is None else Judgement(calls, shown, task.seed)
    except (UnreadableCall, UnknownExercise) as error:
        raise NotGraded(
            f"solutions/{task.unit}: the test cell {cell.grade_id} cannot be graded: {error}. "
            "Fix it there, release the unit again and grade again."
        ) from None
