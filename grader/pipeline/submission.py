"""Reading what a student handed in: a file that is no notebook gets one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import reader

from grader.pipeline.oneline import refuse
from grader.pipeline.resume import clear_half_written, wait_for_gradebook


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, but with a sentence instead of a traceback for a damaged file.

    It is made once, when a run begins: a former run that was killed is tidied up then.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wait_for_gradebook()
        for student in clear_half_written(self.parent) if self.parent else ():
            self.log.warning("%s was left half graded by a run that ended early", student)

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


def _refuse_links(path: Path) -> None:
    """A link could lead to the solutions, or to another student's work."""
    for part in (path.parent, path, *path.parent.rglob("*")):
        if part.is_symlink():
            raise ValueError(f"{part.name} is a link to another place")
