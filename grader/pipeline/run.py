"""A task done in this process: the student's cells run outside of it, the judgement is here."""

from __future__ import annotations

from threading import Lock

from grader.catalogue import UnknownExercise
from grader.pipeline.beside import run_beside
from grader.pipeline.checkcalls import UnreadableCall, check_calls
from grader.pipeline.judge import judge, outputs
from grader.pipeline.task import Cell, Graded, NotGraded, Outputs, Task
from grader.sandbox.confine import CannotConfine
from grader.sandbox.session import Session
from grader.sandbox.start import shared_warm

KILLED = (
    "its process was killed from outside again and again, perhaps for want of memory on this "
    "machine; what it could not answer has no points: grade it again"
)
TAMPERED = "its code replaced a part of the grader in its own process"
_ONE = Lock()
"""A worker of a cluster may have threads; the warm process and TensorFlow serve one at a time."""


def run(task: Task) -> Graded:
    """The outputs of each cell; raises `NotGraded`."""
    with _ONE:
        return _run(task)


def _run(task: Task) -> Graded:
    try:
        warm = shared_warm(task.limits, confined=task.confined)
        with (
            Session(warm.start, task.limits) as shown,
            Session(warm.start, task.limits, discreet=True) as unseen,
        ):
            made = tuple(_outputs(task, cell, shown, unseen) for cell in task.cells)
            return Graded(made, *_noted(shown, unseen))
    except CannotConfine as error:
        raise NotGraded(
            f"{error}. Nothing was graded. `grader doctor` tells more; to grade without "
            "confinement, set c.Execute.grade_unconfined = True in nbgrader_config.py."
        ) from None


def _noted(*sessions: Session) -> tuple[tuple[str, ...], ...]:
    """What was met, what was tampered with and what went wrong, in any of the sessions."""
    met = dict.fromkeys(words for session in sessions for words in session.notes.said)
    tampered = any(session.notes.tampered for session in sessions)
    killed = any(session.killed for session in sessions)
    return tuple(met), (TAMPERED,) if tampered else (), (KILLED,) if killed else ()


def _outputs(task: Task, cell: Cell, shown: Session, unseen: Session) -> Outputs:
    if cell.skip:
        return []
    if not cell.grade_id:
        return _run_in_both(cell.source, shown, unseen)
    try:
        calls = check_calls(cell.source)
        if calls is None:
            return run_beside(cell.source, cell.points, shown, unseen)
        return outputs(judge(calls, shown, unseen, task.seed), cell.points)
    except (UnreadableCall, UnknownExercise) as error:
        raise NotGraded(
            f"solutions/{task.unit}: the test cell {cell.grade_id} cannot be graded: {error}. "
            "Mend it there, release the unit again and grade again."
        ) from None


def _run_in_both(source: str, shown: Session, unseen: Session) -> Outputs:
    """What the cell shows where no hidden case was seen. A stopped cell is not run twice."""
    losses = shown.losses
    made = shown.run(source)
    if shown.losses == losses:
        unseen.later(source)
    return made
