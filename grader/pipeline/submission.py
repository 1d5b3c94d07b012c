"""Reading what a student handed in: a file that is no notebook gets one clear line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import reader
from nbgrader.converters.base import BaseConverter

from grader.pipeline.oneline import refuse
from grader.pipeline.patience import Patience
from grader.pipeline.resume import clear_half_written, wait_for_gradebook


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, but with a sentence instead of a traceback for a damaged file.

    It is made once, when a run begins: a former run that was killed is tidied up then.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wait_for_gradebook()
        if self.parent:
            for student in clear_half_written(self.parent):
                self.log.warning("%s was left half graded by a run that ended early", student)
            _prepare(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Convert the notebook; raises `Refused` where the file is none."""
        try:
            _refuse_links(Path(filename))
            # nbformat.read would log what it finds wrong, besides the line below.
            found = reader.reads(Path(filename).read_text(encoding="utf-8"))
            nbformat.validate(nbformat.convert(found, 4))
        except Exception as error:  # nbformat raises many kinds, and all mean the same here
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise refuse(
                self.log,
                f"{filename} is not a notebook ({reason}). "
                "It was not graded: ask the student for it again.",
            ) from None
        return super().from_filename(filename, resources, **kwargs)


def _prepare(converter: BaseConverter) -> None:
    """Put patience, and a look at the files' names, around the two steps of a submission.

    nbgrader has no seat here: an exception in its pre_convert_hook is logged and forgotten.
    """
    course = converter.coursedir
    patience = Patience(Path(course.root), converter.log)
    begin, convert = converter.init_assignment, converter.convert_single_notebook

    def named_and_begun(unit: str, student: str) -> None:
        known = Path(course.format_path(course.source_directory, ".", unit))
        wanted = [path.name for path in known.glob("*.ipynb")]
        found = [Path(name).name for name in converter.notebooks]
        if wanted and not set(wanted) & set(found):
            raise refuse(
                converter.log,
                f"{converter._format_source(unit, student)} holds {', '.join(found)}, and no "
                f"{' or '.join(wanted)}. It was not graded: rename it, or ask the student for it.",
            )
        patience.do(partial(begin, unit, student))

    converter.init_assignment = named_and_begun
    converter.convert_single_notebook = lambda name: patience.do(partial(convert, name))


def _refuse_links(path: Path) -> None:
    """A link could lead to the solutions, or to another student's work."""
    for part in (path.parent, path, *path.parent.rglob("*")):
        if part.is_symlink():
            raise ValueError(f"{part.name} is a link to another place")
