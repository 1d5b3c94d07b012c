"""Reading what a student handed in: a file that is no notebook gets one clear line."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import reader
from nbformat.notebooknode import NotebookNode
from nbgrader.api import InvalidEntry
from nbgrader.converters.base import BaseConverter
from sqlalchemy.exc import SAWarning

from grader.gradebook.gradebook import kept_open, reach
from grader.gradebook.lock import Claim, alone
from grader.gradebook.one_line import refuse
from grader.gradebook.resume import clear_half_written, wait_for_gradebook
from grader.gradebook.retry import Patience
from grader.submissions.admission import (
    can_be_dated,
    drop_outdated,
    leave_out_pages,
    look_at_names,
    refuse_links,
)


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, but with a sentence instead of a traceback for a damaged file.

    It is made once, when a run begins: a former run that was killed is tidied up then.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")  # not ours to mend
        wait_for_gradebook()
        if self.parent:
            for student in clear_half_written(self.parent):
                self.log.warning("%s was left half graded by a run that ended early", student)
            reach(self.parent)
            _prepare(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Convert the notebook; raises `Refused` where the file is none."""
        try:
            refuse_links(Path(filename))
            # nbformat.read would log what it finds wrong, besides the line below.
            found = reader.reads(Path(filename).read_text(encoding="utf-8"))
            self._found = _as_of_today(nbformat.convert(found, 4))
            nbformat.validate(self._found, relax_add_props=True)
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


def _as_of_today(nb: NotebookNode) -> NotebookNode:
    """The notebook in format 4.5, whose cells have ids; Colab writes 4.0. What its cells showed is
    dropped anyway, and need not be right."""
    nb.nbformat_minor = max(nb.nbformat_minor, 5)
    for index, cell in enumerate(nb.cells):
        cell.setdefault("id", f"cell-{index}")
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nb


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

    def claimed_and_wanted(unit: str, student: str) -> bool:
        folder = Path(converter._format_source(unit, student))
        if one_by_one:
            claim.drop_all()
        elif claim.holds(folder):  # the second step
            return bool(wanted(unit, student))
        if not claim.take(folder):
            converter.log.warning("%s is left to another run, which is grading it now", student)
            return False
        graded = Path(converter._format_dest(unit, student))
        return can_be_dated(converter, folder, graded) and (
            drop_outdated(converter, unit, student) or bool(wanted(unit, student))
        )

    def named_and_begun(unit: str, student: str) -> None:
        look_at_names(converter, unit, student)
        patience.do(partial(_begin, begin, unit, student, Path(course.root)))
        leave_out_pages(converter, Path(converter._format_dest(unit, student)))

    def with_one_gradebook() -> None:
        try:
            with kept_open():
                convert_all()
        finally:  # formgrader's server goes on after it
            claim.drop_all()

    converter.convert_notebooks = with_one_gradebook
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
