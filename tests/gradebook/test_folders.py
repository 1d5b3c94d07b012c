"""A course in a folder whose name is a pattern to `glob`."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from grader.gradebook.folders import find
from tests.small_course import UNIT, Course

ODD = ["[WS 24] Kurs", "Kurs?", "a*b", "[ab]"]


@pytest.mark.parametrize("name", [*ODD, "plain"])
def test_a_folder_is_taken_letter_by_letter_and_what_is_below_it_is_a_pattern(
    tmp_path: Path, name: str
) -> None:
    for folder in name, "a", "WS", "aab":
        (tmp_path / folder / "submitted/ada").mkdir(parents=True, exist_ok=True)
    root = tmp_path / name
    assert find(str(root), f"{root}/submitted/*") == [f"{root}/submitted/ada"]


@pytest.mark.long
def test_nbgrader_finds_units_and_submissions_there(tmp_path: Path) -> None:
    course = Course.make(tmp_path / "[WS 24] Kurs", {})
    assert course.release.cells
    archive = course.path / "downloaded" / UNIT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as download:
        download.writestr(f"adamsann_501_9001_{UNIT}.ipynb", "{}")
    log = course.nbgrader("zip_collect", UNIT)
    assert "Canvas' user 501 is not in the gradebook" in log
    course.hand_in("ada", "no notebook")
    assert f"{UNIT}.ipynb is not a notebook" in course.nbgrader("autograde", UNIT)
