"""Reading what a student handed in: a file that is not a notebook gets one clear line."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbformat.notebooknode import NotebookNode
from nbgrader.api import InvalidEntry
from nbgrader.converters.base import BaseConverter
from sqlalchemy.exc import SAWarning

from grader.gradebook.gradebook import kept_open, reach
from grader.gradebook.lock import Claim, alone
from grader.gradebook.modes import close, keep_private, mask
from grader.gradebook.one_line import refuse, speak_plainly
from grader.gradebook.resume import clear_half_written, wait_for_gradebook
from grader.gradebook.retry import Patience
from grader.submissions.admission import (
    can_be_dated,
    drop_outdated,
    leave_out_pages,
    look_at_names,
    refuse_links,
)
from grader.submissions.read_notebook import read_notebook


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, but with a sentence instead of a traceback for a damaged file.

    It is made once, when a run begins: a former run that was killed is tidied up then.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")  # not ours to mend
        wait_for_gradebook()
        speak_plainly(self.log)
        if self.parent:
            for student in clear_half_written(self.parent):
                self.log.warning("%s was left half graded by a run that ended early", student)
            reach(self.parent)
            _prepare(self.parent)
            keep_private(Path(self.parent.coursedir.root))

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Convert the notebook; raises `Refused` where the file is none."""
        try:
            refuse_links(Path(filename))
            # Sanitizing writes a sound notebook, which is read again to be graded.
            is_new = getattr(self.parent, "_sanitizing", True)
            self._found = (read_notebook if is_new else _read_own)(Path(filename))
        except Exception as error:  # nbformat raises many kinds, and all mean the same here
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise refuse(
                self.log,
                f"{filename} is not a notebook ({reason}). "
                "It was not graded: ask the student for it again.",
            ) from None
        return super().from_filename(filename, resources, **kwargs)

    def from_file(
        self, file_stream: Any, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Convert what `from_filename` has read: it need not be parsed again."""
        return self.from_notebook_node(self._found, resources, **kwargs)


def _read_own(path: Path) -> NotebookNode:
    return v4.reads(path.read_text(encoding="utf-8"))  # nbformat.read would validate: slow


def _prepare(converter: BaseConverter) -> None:
    """Put a claim, patience, and a look at the files' names around the steps of a submission.

    nbgrader has no seat here: an exception in its pre_convert_hook is logged and forgotten.
    """
    course = converter.coursedir
    patience = Patience(Path(course.root), converter.log)
    claim = getattr(converter, "claim", None) or Claim()
    one_by_one = not hasattr(converter, "claim")
    wanted, begin = converter.init_destination, converter.init_assignment
    convert, convert_all = converter.convert_single_notebook, converter.convert_notebooks
    set_permissions = converter.set_permissions

    def claimed_and_wanted(unit: str, student: str) -> bool:
        folder = Path(converter._format_source(unit, student))
        if one_by_one:
            claim.drop_all()
        elif claim.holds(folder):  # the second step
            return bool(wanted(unit, student))
        if not claim.take(folder):
            converter.log.warning("%s is skipped: another run is grading it now", student)
            return False
        graded = Path(converter._format_dest(unit, student))
        return can_be_dated(converter, folder, graded) and (
            drop_outdated(converter, unit, student) or bool(wanted(unit, student))
        )

    def named_and_begun(unit: str, student: str) -> None:
        if not getattr(converter, "_second", False):  # it goes by the names of before
            look_at_names(converter, unit, student)
        patience.do(partial(_begin, begin, unit, student, Path(course.root)))
        leave_out_pages(converter, Path(converter._format_dest(unit, student)), student)

    def closed_to_others(unit: str, student: str) -> None:
        set_permissions(unit, student)
        graded = Path(converter._format_dest(unit, student))
        for path in (graded, *graded.rglob("*"), graded.parent, graded.parent.parent):
            close(path, mask(Path(course.root)))

    def with_one_gradebook() -> None:
        try:
            with kept_open():
                convert_all()
        finally:  # formgrader's server goes on after it
            claim.drop_all()

    converter.convert_notebooks = with_one_gradebook
    converter.set_permissions = closed_to_others
    converter.init_destination = claimed_and_wanted
    converter.init_assignment = named_and_begun
    converter.convert_single_notebook = lambda name: patience.do(partial(convert, name))


def _begin(begin: Callable[[str, str], None], unit: str, student: str, course: Path) -> None:
    """Enter student and submission: two instructors must not enter the same student at once."""
    with alone(course):
        try:
            begin(unit, student)
        except InvalidEntry:  # from another machine, perhaps: now it is there
            begin(unit, student)
