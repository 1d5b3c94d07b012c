"""Reading what a student handed in: a file that is no notebook gets one clear line."""

from __future__ import annotations

from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter

from grader.pipeline.oneline import refuse


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, but with a sentence instead of a traceback for a damaged file."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Convert the notebook; raises `Refused` where the file is none."""
        try:
            nbformat.validate(nbformat.read(filename, as_version=4))
        except Exception as error:  # nbformat raises many kinds, and all mean the same here
            reason = (str(error) or type(error).__name__).splitlines()[0]
            raise refuse(
                self.log,
                f"{filename} is not a notebook ({reason}). "
                "It was not graded: ask the student for it again.",
            ) from None
        return super().from_filename(filename, resources, **kwargs)
