"""Where the answers of a class are: in the course, in another folder, in an archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from grader.gradebook.course import students_with
from grader.likeness.handed_in import (
    Files,
    Handout,
    NotRead,
    Work,
    files_of_archive,
    files_of_folder,
    notebooks_below,
    read_handout,
    read_works,
)


def read_class(
    course: CourseDirectory, unit: str, against: Sequence[Path] = ()
) -> tuple[list[Work], Handout]:
    """The works of this term and of earlier ones, and the unit. Raises `NotRead`."""
    now = _this_term(course, unit)
    earlier = [(_label(path), _earlier(path, unit)) for path in against]
    own = [*now.unit, *(data for _, files in earlier for data in files.unit)]
    try:
        handout = read_handout(own)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotRead(f"a notebook of {unit} cannot be read ({error}): grader build") from None
    works = read_works(now, handout, "")
    for term, files in earlier:
        works += read_works(files, handout, term)
    return works, handout


def _this_term(course: CourseDirectory, unit: str) -> Files:
    students = students_with(course, unit)
    if not students:
        raise NotRead(f"nobody has handed in {unit}: there is nothing of it in submitted/")
    steps = (course.release_directory, course.source_directory)
    folders = [Path(course.format_path(step, ".", unit)) for step in steps]
    own = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.ipynb"))]
    if not own:
        raise NotRead(f"there is no notebook of {unit}: grader build {unit}")
    submitted = course.submitted_directory
    found = {
        student: notebooks_below(Path(course.format_path(submitted, student, unit)))
        for student in students
    }
    return Files(found, tuple(own))


def _earlier(path: Path, unit: str) -> Files:
    """Of a course folder, of a folder like submitted/, or of a file of `grader archive`."""
    if not path.exists():
        raise NotRead(f"there is no {path}: name a folder, or a file of `grader archive`")
    if path.is_file():
        files = files_of_archive(path, unit)
    elif (path / "submitted").is_dir():
        own = [path / step / unit for step in ("notebooks", "solutions")]
        files = files_of_folder(path / "submitted", unit, own)
    else:
        files = files_of_folder(path, unit)
    if not files.submitted:
        there = f"; it has {', '.join(files.units)}" if files.units else ""
        raise NotRead(f"{path} has nobody's {unit}{there}")
    return files


def _label(path: Path) -> str:
    """How an earlier term is called on the page."""
    resolved = path.resolve()
    name = resolved.parent.name if resolved.name == "submitted" else resolved.name
    return name.removesuffix(".gz").removesuffix(".tar") or str(path)
