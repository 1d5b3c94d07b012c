"""Feedback back into Canvas or Moodle: one zip with the pages of all students of a unit.

Whose a page is, each of them reads from its name (`upload_names`). The names are those of the
files that students handed in, which collecting has kept, or those of Moodle's grading worksheet.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Literal

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory

from grader.gradebook import json_file
from grader.gradebook.course import students_with
from grader.gradebook.modes import mask
from grader.lms.collect import ledger
from grader.lms.file_names import Download, read_name
from grader.lms.upload_names import canvas_name, moodle_name

System = Literal["canvas", "moodle"]
_SOME = 3
"""Students that are named of those whose page is old."""


class NothingToPack(Exception):
    """Why there is no zip; the message says what to do."""


@dataclass(frozen=True)
class Packed:
    """Who is in the zip, who is left out and why, and what else is to be said."""

    students: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def pack_feedback(
    app: NbGrader,
    unit: str,
    to: System,
    output: Path,
    worksheet: Mapping[str, tuple[str, str]] | None = None,
    through: Callable[[Sequence[str]], Iterable[str]] = lambda names: names,
) -> Packed:
    """Write the zip, whole or not at all. `worksheet` has Moodle's number and name by student.
    `through` hears of each page, to show how far it is.

    Raises `NothingToPack`, and `OSError` where the zip cannot be written.
    """
    course = app.coursedir
    pages = _pages(course, unit)
    if not any(pages.values()):
        raise NothingToPack(f"there is no feedback on {unit}: nbgrader generate_feedback {unit}")
    rows = json_file.read(ledger(app, unit))
    named: dict[str, Path] = {}
    left_out: dict[str, str] = {}
    inside: list[str] = []
    for student, own in pages.items():
        if not own:
            left_out[student] = f"no page of feedback: nbgrader generate_feedback {unit}"
            continue
        sent = _sent(rows.get(student, {}))
        names = _names(to, own, sent, (worksheet or {}).get(student))
        if len(names) < len(own):
            left_out[student] = _unknown(to, unit, student, rows, sent)
            continue
        named |= dict(zip(names, own, strict=True))
        inside.append(student)
    if not named:
        student, why = next(iter(left_out.items()))
        raise NothingToPack(f"nobody's feedback can be packed. {student}: {why}")
    _write(output, named, through)
    return Packed(tuple(inside), left_out, tuple(_old(course, unit, inside, pages)))


def _pages(course: CourseDirectory, unit: str) -> dict[str, list[Path]]:
    """The pages of everybody who handed in or has one."""
    handed_in = students_with(course, unit)
    with_pages = students_with(course, unit, course.feedback_directory)
    return {
        student: sorted(
            Path(course.format_path(course.feedback_directory, student, unit)).glob("*.html")
        )
        for student in sorted({*handed_in, *with_pages})
    }


def _sent(row: Mapping[str, Mapping[str, str]]) -> dict[str, Download]:
    """What the names of a student's files told, by the notebook in submitted/."""
    found = {
        name: read_name(Path(part), Path()) for name, part in row.get("sent", {}).items() if part
    }
    return {PurePath(name).stem: one for name, one in found.items() if one}


def _names(
    to: System,
    pages: Sequence[Path],
    sent: Mapping[str, Download],
    known: tuple[str, str] | None,
) -> list[str]:
    """The name of each page; fewer of them where one is not known."""
    names = []
    for page in pages:
        # A person may have renamed the notebook since; the student is the same.
        one = sent.get(page.stem) or next(iter(sent.values()), None)
        if to == "canvas" and one and one.user and one.number:
            names.append(canvas_name(one, page.name))
        elif to == "moodle" and known:
            names.append(moodle_name(*known, page.name))
        elif to == "moodle" and one and one.participant:
            names.append(moodle_name(one.participant, one.name, page.name))
    return names


def _unknown(
    to: System, unit: str, student: str, rows: Mapping[str, Any], sent: Mapping[str, Download]
) -> str:
    where = f"send feedback/{student}/{unit}/ by hand"
    otherwise = f"--worksheet FILE, or {where}" if to == "moodle" else where
    if by := rows.get(student, {}).get("by"):
        return f"{by} handed in for the group: {where}"
    if student in rows and not sent:
        return f"collected before names of files were kept: grader collect {unit}"
    return f"not handed in through {to.capitalize()}: {otherwise}"


def _old(
    course: CourseDirectory, unit: str, students: Sequence[str], pages: Mapping[str, Sequence[Path]]
) -> list[str]:
    """A line on pages that do not show what was graded last."""
    old = []
    for student in students:
        graded = Path(course.format_path(course.autograded_directory, student, unit))
        for page in pages[student]:
            notebook = graded / f"{page.stem}.ipynb"
            if notebook.is_file() and notebook.stat().st_mtime > page.stat().st_mtime:
                old.append(student)
                break
    if not old:
        return []
    some = ", ".join(old[:_SOME])
    more = f" and {len(old) - _SOME} more" if len(old) > _SOME else ""
    return [
        f"feedback is older than the graded notebook of {some}{more}: "
        f"nbgrader generate_feedback {unit} --force makes it again"
    ]


def _write(
    output: Path,
    named: Mapping[str, Path],
    through: Callable[[Sequence[str]], Iterable[str]],
) -> None:
    fresh = output.with_name(f"{output.name}.new")
    mode = 0o660 & ~mask(output.parent)
    try:
        with (
            os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode), "w+b") as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive,
        ):
            for name in through(list(named)):
                archive.write(named[name], name)
        os.replace(fresh, output)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
