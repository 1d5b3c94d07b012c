"""A configuration that names the old places of things goes on working, and says what to change."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest
from traitlets.utils.importstring import import_item

from grader import pipeline
from grader.batch.autograde import autograde_app

OLD = """
c = get_config()
load_subconfig("nbgrader_config.py", path={root!r})
c.Autograde.exporter_class = "grader.pipeline.submission.SubmissionExporter"
c.Autograde.sanitize_preprocessors = ["grader.pipeline.mend.MendMetadata"]
c.Autograde.autograde_preprocessors = [
    "grader.pipeline.execute.Execute",
    "grader.pipeline.save.SaveAllGrades",
]
c.ZipCollectApp.collector_plugin = "grader.pipeline.collect.LmsCollector"
c.AssignLatePenalties.plugin_class = "grader.pipeline.late.DailyPenalty"
c.ExchangeFactory.release_feedback = "grader.pipeline.give_back.ReleaseFeedback"
"""


@pytest.fixture(autouse=True)
def _unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process: no old name was used before."""
    for path in pipeline.MOVED:
        name = f"grader.pipeline.{path.partition('.')[0]}"
        monkeypatch.setitem(sys.modules, name, pipeline._OldModule(name))


@pytest.mark.parametrize("old", pipeline.MOVED)
def test_an_old_place_gives_the_thing_and_says_once_where_it_is(
    old: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "get_logger", lambda: logging.getLogger("old"))
    path, new = f"grader.pipeline.{old}", pipeline.MOVED[old]
    assert import_item(path) is import_item(new)
    assert import_item(path) is import_item(new)
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        f"{path} is now {new}"
    ]


def test_what_was_never_there_is_still_not_there() -> None:
    with pytest.raises(ImportError, match=r"No module named 'grader\.pipeline\.nothing'"):
        import_item("grader.pipeline.nothing.Thing")
    with pytest.raises(ImportError):
        import_item("grader.pipeline.execute.Thing")


def test_a_course_with_the_old_names_is_one_that_grades_as_ours(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text(OLD.format(root=str(root)))
    assert (
        autograde_app("01-first-layers", force=False).coursedir.assignment_id == "01-first-layers"
    )
