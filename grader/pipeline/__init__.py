"""Old places of what a course names in `nbgrader_config.py`. Each still works, and one line says
where the thing is now.

    c.Autograde.exporter_class = "grader.pipeline.submission.SubmissionExporter"
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

from traitlets.log import get_logger

import grader.environment  # noqa: F401  before NumPy and nbformat

MOVED = {
    "collect.LmsCollector": "grader.lms.collect.LmsCollector",
    "execute.Execute": "grader.submissions.execute.Execute",
    "export.CanvasExporter": "grader.lms.export.CanvasExporter",
    "export.CsvExporter": "grader.lms.export.CsvExporter",
    "export.MoodleExporter": "grader.lms.export.MoodleExporter",
    "give_back.ReleaseFeedback": "grader.lms.release_feedback.ReleaseFeedback",
    "late.DailyPenalty": "grader.lms.late_policy.DailyPenalty",
    "mend.MendMetadata": "grader.submissions.sanitize_metadata.MendMetadata",
    "restore.RestoreCells": "grader.submissions.restore_cells.RestoreCells",
    "save.SaveAllGrades": "grader.gradebook.save.SaveAllGrades",
    "submission.SubmissionExporter": "grader.submissions.submission.SubmissionExporter",
}
"""Old place, without `grader.pipeline.`, and new place."""


def new_place(path: str) -> str:
    """Where the thing with this dotted path is today; the path itself where it did not move."""
    return MOVED.get(path.removeprefix(f"{__name__}."), path)


class _OldModule(types.ModuleType):
    """Finds a class in its new place, and says so."""

    def __getattr__(self, name: str) -> Any:
        old = f"{self.__name__}.{name}"
        if name.startswith("__") or (new := new_place(old)) == old:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        get_logger().warning(
            "%s is now %s: change it in nbgrader_config.py. The old name will go in 2028.", old, new
        )
        module, _, kind = new.rpartition(".")
        value = getattr(importlib.import_module(module), kind)
        setattr(self, name, value)  # said once
        return value


for _path in MOVED:
    _module = f"{__name__}.{_path.partition('.')[0]}"
    sys.modules.setdefault(_module, _OldModule(_module))
