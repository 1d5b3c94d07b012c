"""Whether a submission's folder can be graded: the names, time, links and pages in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbgrader.converters.base import BaseConverter
from nbgrader.utils import rmtree

from grader.gradebook.one_line import refuse, shown
from grader.submissions.digest import is_another
from grader.submissions.timestamps import unreadable
from grader.submissions.unit_notebook import Unit, read_unit

_HARMLESS = (".csv", ".ipynb", ".jpeg", ".jpg", ".json", ".npy", ".npz", ".png", ".txt")
"""Kinds of files that a browser shows, or stores, and never runs."""


def can_be_dated(converter: BaseConverter, submitted: Path, graded: Path) -> bool:
    """Whether nbgrader can read the time when it came. Raises `Refused` where not; but what was
    graded before stays as it is: nbgrader removes what it could not grade."""
    trouble = unreadable(submitted)
    if trouble and not graded.exists():
        raise refuse(converter.log, f"{trouble}. It was not graded.")
    if trouble:
        converter.log.error("%s. It was not graded again.", trouble)
    return not trouble


def drop_outdated(converter: BaseConverter, unit: str, student: str) -> bool:
    """Remove the graded version of what was handed in again, and its feedback; whether it was."""
    course = converter.coursedir
    submitted = Path(converter._format_source(unit, student))
    graded = Path(converter._format_dest(unit, student))
    if not graded.exists() or not is_another(submitted, graded):
        return False
    converter.log.warning("%s differs from what was graded: it is graded again", submitted)
    feedback = Path(course.format_path(course.feedback_directory, student, unit))
    for outdated in (graded, feedback):
        if outdated.exists():
            rmtree(str(outdated))
    return True


def leave_out_pages(converter: BaseConverter, graded: Path, student: str) -> None:
    """Of the files beside a notebook, formgrader serves those in this folder to the instructor's
    browser, as if they were its own: a page that was handed in could act as the instructor."""
    for path in graded.rglob("*"):
        known = path.suffix.lower() in _HARMLESS and path.name.isprintable()
        if path.is_file() and not known:
            path.unlink()
            name = shown(path.name)
            converter.log.warning("%s: %s stays in %s only", student, name, "submitted/")


def look_at_names(converter: BaseConverter, unit: str, student: str) -> None:
    """Where there is none of the unit's notebooks, but one whose cells are the unit's, it gets the
    right name. Raises `Refused` where there is none, or more than one."""
    course = converter.coursedir
    folder = Path(converter._format_source(unit, student))
    for path in folder.rglob("*"):
        if kind := _is_odd(path):
            raise refuse(
                converter.log,
                f"{folder} contains {shown(path.name)}, which is {kind}. "
                "It was not graded: remove that and grade again.",
            )
    converter.notebooks = [name for name in converter.notebooks if Path(name).is_file()]
    known = Path(course.format_path(course.source_directory, ".", unit))
    wanted = [path.name for path in known.glob("*.ipynb")]
    found = [Path(name) for name in converter.notebooks]
    if not wanted or {*wanted} & {path.name for path in found}:
        converter.notebooks = [*filter(_is_text, converter.notebooks)]
        return
    meant = _meant(read_unit(known), found)
    if not meant:
        held = ", ".join(shown(path.name) for path in found) or "no notebook"
        raise refuse(
            converter.log,
            f"{folder} contains {held}, and no {' or '.join(wanted)}. "
            "It was not graded: rename it, or ask the student for it.",
        )
    for path, name in meant.items():
        path.rename(path.with_name(name))
        converter.log.warning(
            "%s: %s is now called %s, as its cells are those of that notebook",
            student,
            shown(path.name),
            name,
        )
    names = (path.with_name(meant.get(path, path.name)) for path in found)
    converter.notebooks = sorted(filter(_is_text, map(str, names)))


def _is_text(name: str) -> bool:
    """Whether a gradebook can be asked for it: a name on a disk is any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def mend_suffixes(folder: Path) -> None:
    """Write `.ipynb` of a name in small letters: nbgrader sees no .IPYNB."""
    for path in sorted(folder.glob("*")):
        target = path.with_suffix(".ipynb")
        is_other = path.suffix.lower() == ".ipynb" != path.suffix
        if is_other and path.is_file() and not path.is_symlink() and not target.exists():
            path.rename(target)


def _meant(unit: Unit, found: Sequence[Path]) -> dict[Path, str]:
    """The files that are notebooks of the unit by their cells, each the only one for its name."""
    names = {path: unit.look(path)[0] for path in found if not path.is_symlink()}
    several = [name for name in names.values() if name]
    return {path: name for path, name in names.items() if name and several.count(name) == 1}


def _is_odd(path: Path) -> str:
    """What it is instead of a file or a folder, which is all that can be copied and graded."""
    if path.is_symlink():
        return "a link to another place"
    return "" if path.is_file() or path.is_dir() else "not an ordinary file"


def refuse_links(path: Path) -> None:
    """A link could lead to the solutions, or to another student's work."""
    for part in (path.parent, path, *path.parent.rglob("*")):
        if part.is_symlink():
            raise ValueError(f"{shown(part.name)} is a link to another place")
