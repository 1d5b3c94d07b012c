"""What lies in a submission's folder besides the notebook: one line, and no traceback."""

import logging
import os
from pathlib import Path

import pytest

from grader.gradebook.one_line import Refused, shown, speak_plainly
from grader.submissions.admission import look_at_names
from grader.submissions.digest import fingerprint

UNIT = "01"


class Course:
    """As much of nbgrader's as is asked."""

    source_directory = "solutions"

    def __init__(self, root: Path) -> None:
        self.root = root

    def format_path(self, step: str, student: str, unit: str) -> str:
        """Where it is."""
        return str(self.root / step / student / unit)


class Converter:
    """Of one submission."""

    log = logging.getLogger("test_admission")

    def __init__(self, root: Path) -> None:
        self.coursedir = Course(root)
        self.folder = root / "submitted" / "ada" / UNIT
        self.folder.mkdir(parents=True)
        known = root / "solutions" / "." / UNIT
        known.mkdir(parents=True)
        (known / f"{UNIT}.ipynb").write_text("{}")
        (self.folder / f"{UNIT}.ipynb").write_text("{}")
        self.notebooks = [str(self.folder / f"{UNIT}.ipynb")]

    def _format_source(self, unit: str, student: str) -> str:
        return str(self.folder)


@pytest.fixture
def converter(tmp_path: Path) -> Converter:
    """With a right notebook."""
    return Converter(tmp_path)


def test_a_folder_that_is_called_like_a_notebook_is_none(converter: Converter) -> None:
    extra = converter.folder / "extra.ipynb"
    extra.mkdir()
    converter.notebooks.append(str(extra))
    before = fingerprint(converter.folder)
    look_at_names(converter, UNIT, "ada")
    assert converter.notebooks == [str(converter.folder / f"{UNIT}.ipynb")]
    extra.rmdir()
    assert fingerprint(converter.folder) == before


def test_the_units_notebook_as_a_folder(
    converter: Converter, caplog: pytest.LogCaptureFixture
) -> None:
    path = converter.folder / f"{UNIT}.ipynb"
    path.unlink()
    path.mkdir()
    with pytest.raises(Refused):
        look_at_names(converter, UNIT, "ada")
    assert "contains no notebook, and no 01.ipynb. It was not graded" in caplog.text


@pytest.mark.parametrize("name", ["loop", "loop.ipynb", "odd\x1b[31m\nname"])
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_file_is_told_in_a_line(
    converter: Converter, caplog: pytest.LogCaptureFixture, name: str, kind: str
) -> None:
    path = converter.folder / name
    if kind == "link":
        path.symlink_to(path.name)
    else:
        os.mkfifo(path)
    fingerprint(converter.folder)  # waits for nobody to write into it
    with pytest.raises(Refused):
        look_at_names(converter, UNIT, "ada")
    [record] = caplog.records
    assert f"contains {shown(name)}, which is " in record.getMessage()
    assert record.getMessage().isprintable()


def test_names_reach_no_terminal_as_they_are(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test_admission.names")
    speak_plainly(log)
    log.warning("Copying %s", "a\x1b[31m\nTraceback \ud800")
    log.warning("two\nlines \x07")
    assert caplog.messages == ["Copying a?[31m?Traceback ?", "two\nlines ?"]
