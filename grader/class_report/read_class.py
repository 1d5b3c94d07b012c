"""Reads how a class did from the gradebook and the graded notebooks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grader.class_report.class_report import ClassReport, Held, Question, Submission
from grader.class_report.graded_notebook import GradedNotebook, read_graded
from grader.class_report.item_statistics import difficulty, discrimination
from grader.gradebook.course import students_with
from grader.gradebook.not_graded import read as not_graded_reasons
from grader.gradebook.scores import Score, Scores, read_scores


@dataclass(frozen=True)
class _Graded:
    """One student's graded notebooks and scores, by the name of the notebook."""

    student: str
    notebooks: Mapping[str, GradedNotebook]
    scores: Mapping[tuple[str, str], Score]


def graded_units(book: Gradebook) -> list[str]:
    """The units of which the gradebook has submissions."""
    return sorted(unit.name for unit in book.assignments if unit.submissions)


def read_class(
    course: CourseDirectory,
    book: Gradebook,
    unit: str,
    through: Callable[[Sequence[str]], Iterable[str]] = lambda students: students,
) -> ClassReport:
    """The report of a unit. `through` hears of each student, to show how far it is.

    Raises `MissingEntry` where the gradebook does not know the unit.
    """
    scores = read_scores(book, unit)
    class_ = [
        one
        for student in through(sorted(scores.by_student))
        if (one := _graded(course, unit, student, scores))
    ]
    there = {one.student for one in class_}
    handed_in = set(students_with(course, unit))
    order = _in_order(class_, scores)
    not_graded = sorted((handed_in | set(scores.by_student)) - there)
    why = not_graded_reasons(Path(course.root), unit)
    return ClassReport(
        unit,
        sum(scores.most.values()),
        tuple(_submission(course, unit, one, scores, order) for one in class_),
        tuple(_question(cell, class_, scores) for cell in order),
        _ideas(class_),
        _met(class_),
        tuple(not_graded),
        tuple(sorted(set(scores.names) - handed_in - set(scores.by_student))),
        {student: why[student] for student in not_graded if student in why},
    )


def _graded(course: CourseDirectory, unit: str, student: str, scores: Scores) -> _Graded | None:
    folder = Path(course.format_path(course.autograded_directory, student, unit))
    found = {name: read_graded(folder / f"{name}.ipynb") for name in scores.notebooks}
    notebooks = {name: notebook for name, notebook in found.items() if notebook}
    return _Graded(student, notebooks, scores.by_student[student]) if notebooks else None


def _submission(
    course: CourseDirectory,
    unit: str,
    one: _Graded,
    scores: Scores,
    order: Sequence[tuple[str, str]],
) -> Submission:
    folder = Path(course.format_path(course.feedback_directory, one.student, unit))
    pages = [folder / f"{name}.html" for name in one.notebooks]
    reports = [report for notebook in one.notebooks.values() for report in _reports(notebook)]
    kept = one.notebooks.values()
    return Submission(
        one.student,
        scores.names.get(one.student, ""),
        sum(score.points or 0.0 for score in one.scores.values()),
        scores.penalty.get(one.student, 0.0),
        sum(score.waiting for score in one.scores.values()),
        sum(not report["attempted"] for report in reports),
        tuple(words for notebook in kept for words in notebook.noticed),
        tuple(words for notebook in kept for words in notebook.trouble),
        tuple(os.path.relpath(page, course.root) for page in pages if page.is_file()),
        tuple(one.scores[key].points if key in one.scores else None for key in order),
    )


def _reports(notebook: GradedNotebook) -> list[Mapping[str, Any]]:
    return [report for reports in notebook.reports.values() for report in reports]


def _in_order(class_: Sequence[_Graded], scores: Scores) -> list[tuple[str, str]]:
    """The graded cells as they stand in the notebooks; a gradebook need not keep their order."""
    stand = dict.fromkeys(
        (name, cell)
        for one in class_
        for name in scores.notebooks
        if name in one.notebooks
        for cell in one.notebooks[name].cells
    )
    order = {key: place for place, key in enumerate(stand)}
    return sorted(scores.most, key=lambda key: order.get(key, len(order)))


def _question(key: tuple[str, str], class_: Sequence[_Graded], scores: Scores) -> Question:
    name, cell = key
    most = scores.most[key]
    there = [one for one in class_ if name in one.notebooks and key in one.scores]
    scored = [one for one in there if one.scores[key].points is not None]
    shares = [(one.scores[key].points or 0.0) / most if most else 0.0 for one in scored]
    rest = _rests(scored, key)
    reports = [one.notebooks[name].reports.get(cell, ()) for one in scored]
    untouched = [
        _is_untouched(given, one.scores[key]) for given, one in zip(reports, scored, strict=True)
    ]
    touched = [share for share, blank in zip(shares, untouched, strict=True) if not blank]
    return Question(
        cell,
        tuple(dict.fromkeys(report["exercise"] for given in reports for report in given)),
        _judged(cell, [one.notebooks[name] for one in there]),
        most,
        full=sum(share >= 1 for share in touched),
        partial=sum(0 < share < 1 for share in touched),
        none=sum(share <= 0 for share in touched),
        untouched=sum(untouched),
        ungraded=len(there) - len(scored),
        unexplained=sum(any(_is_unexplained(report) for report in given) for given in reports),
        difficulty=difficulty(shares) if len(scored) == len(there) else None,
        discrimination=discrimination(shares, rest) if len(scored) == len(there) else None,
    )


def _rests(class_: Sequence[_Graded], key: tuple[str, str]) -> list[float]:
    """What each student has in the other cells. A cell that is not graded for somebody is left
    out for all: else it would tell who is graded, not who is strong."""
    known = {other for one in class_ for other in one.scores if other != key}
    graded = {
        other
        for other in known
        if all(one.scores[other].points is not None for one in class_ if other in one.scores)
    }
    return [
        sum(score.points or 0.0 for other, score in one.scores.items() if other in graded)
        for one in class_
    ]


def _is_untouched(reports: Sequence[Mapping[str, Any]], score: Score) -> bool:
    """No report says that it was attempted; or nbgrader found a written answer unchanged."""
    if reports:
        return not any(report["attempted"] for report in reports)
    return score.unchanged


def _is_unexplained(report: Mapping[str, Any]) -> bool:
    wrong = report["attempted"] and report["score"] < 1
    return bool(wrong and not report["diagnosis"] and not report["crash"])


def _judged(cell: str, notebooks: Sequence[GradedNotebook]) -> str:
    if any(cell in notebook.reports for notebook in notebooks):
        return "checked"
    return "beside" if any(cell in notebook.beside for notebook in notebooks) else "by hand"


def _ideas(class_: Sequence[_Graded]) -> tuple[Held, ...]:
    """Each wrong idea of the class and who holds it, the most frequent first."""
    holders: dict[tuple[str, str], dict[str, None]] = {}
    says: dict[tuple[str, str], str] = {}
    for one in class_:
        for notebook in one.notebooks.values():
            for report in _reports(notebook):
                for idea in _named(report["diagnosis"]):
                    key = (report["exercise"], idea["name"])
                    says[key] = idea["says"]
                    holders.setdefault(key, {})[one.student] = None
    found = [Held(key[1], tuple(who), key[0], says[key]) for key, who in holders.items()]
    return tuple(sorted(found, key=lambda idea: -len(idea.students)))


def _named(diagnosis: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    """The wrong ideas that a diagnosis names: one, or two together."""
    if diagnosis is None:
        return ()
    parts: Sequence[Mapping[str, Any]] = diagnosis.get("parts", ())
    return parts or (diagnosis,)


def _met(class_: Sequence[_Graded]) -> tuple[Held, ...]:
    holders: dict[str, dict[str, None]] = {}
    for one in class_:
        for notebook in one.notebooks.values():
            for words in notebook.met:
                holders.setdefault(words, {})[one.student] = None
    found = [Held(words, tuple(students)) for words, students in holders.items()]
    return tuple(sorted(found, key=lambda held: -len(held.students)))
