"""What was collected before, and what a person changed in submitted/ since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.lms.submitted import Submitted, Work

NOTEBOOK, OTHER = "01-first-layers.ipynb", "homework.ipynb"
STAMP = "timestamp.txt"
LATE, TRUE = "2026-11-01 12:00:01", "2026-11-03 00:10:00 Europe/Berlin"


@dataclass
class Course:
    """A course with one student."""

    folder: Path
    told: list[str] = field(default_factory=list)

    @property
    def submitted(self) -> Path:
        """The student's folder."""
        return self.folder / "submitted" / "ada"

    def collect(self, text: str, name: str = NOTEBOOK, stamp: str = "", force: bool = True) -> bool:
        """Collect this notebook; whether it was not left out."""
        source = self.folder / "extracted.ipynb"
        source.write_text(text)
        self.told.clear()
        writer = Submitted(self.folder / "ledger.json", self.folder / "aside", self.told.append)
        work = Work("ada", self.submitted, {name: source}, stamp, "ada is late" if stamp else "")
        return not writer.put([work], force)

    @property
    def files(self) -> Mapping[str, str]:
        """What is there."""
        return {path.name: path.read_text() for path in self.submitted.iterdir()}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Nothing is collected yet."""
    return Course(tmp_path)


def test_a_new_version_takes_the_place_of_the_old_one(course: Course) -> None:
    course.collect("first", stamp=LATE)
    assert (course.files, course.told) == ({NOTEBOOK: "first", STAMP: LATE}, ["ada is late"])
    course.collect("second")
    assert (course.files, course.told) == ({NOTEBOOK: "second"}, [])
    course.collect("third", OTHER)
    assert (course.files, course.told) == ({OTHER: "third"}, [])


@pytest.mark.parametrize("again", ["first", "second"], ids=["the same", "a new version"])
@pytest.mark.parametrize("stamp", [LATE, ""], ids=["late", "in time"])
def test_a_time_that_a_person_wrote_stays(course: Course, again: str, stamp: str) -> None:
    course.collect("first", stamp=stamp)
    (course.submitted / STAMP).write_text(TRUE)
    for _ in range(2):
        course.collect(again, stamp=stamp)
        assert course.files == {NOTEBOOK: again, STAMP: TRUE}
        assert course.told == [f"ada: {STAMP} stays as you wrote it, {TRUE}"]


def test_a_time_that_a_person_took_away_stays_away(course: Course) -> None:
    course.collect("first", stamp=LATE)
    (course.submitted / STAMP).unlink()
    for again in "first", "second":
        course.collect(again, stamp=LATE)
        assert course.files == {NOTEBOOK: again}
        assert course.told == [f"ada: {STAMP} stays removed, because you removed it"]


@pytest.mark.parametrize("again", ["first", "second"], ids=["the same", "a new version"])
def test_a_name_that_a_person_gave_stays(course: Course, again: str) -> None:
    course.collect("first", OTHER)
    (course.submitted / OTHER).rename(course.submitted / NOTEBOOK)
    for _ in range(2):
        course.collect(again, OTHER)
        assert course.files == {NOTEBOOK: again}
        assert course.told == [f"ada: {NOTEBOOK} keeps the name that you gave it"]


def test_what_a_person_mended_stays_until_something_new_comes(course: Course) -> None:
    course.collect("first")
    (course.submitted / NOTEBOOK).write_text("mended")
    course.collect("first")
    assert course.files == {NOTEBOOK: "mended"}
    assert course.told == [f"ada: {NOTEBOOK} stays as you changed it"]
    course.collect("second")
    assert course.files == {NOTEBOOK: "second"}
    assert (course.folder / "aside/ada" / NOTEBOOK).read_text() == "mended"
    assert "is now in" in course.told[0]


def test_what_an_older_version_collected_or_a_person_put_there(course: Course) -> None:
    course.submitted.mkdir(parents=True)
    (course.submitted / NOTEBOOK).write_text("first")  # it was homework.ipynb in the download
    (course.submitted / STAMP).write_text(TRUE)
    (course.submitted / "data.csv").write_text("1,2")
    course.collect("first", OTHER)
    assert course.files == {NOTEBOOK: "first", STAMP: TRUE, "data.csv": "1,2"}
    course.collect("second", OTHER)
    assert course.files == {NOTEBOOK: "second", STAMP: TRUE, "data.csv": "1,2"}


def test_without_force_what_is_there_stays_and_is_told(course: Course) -> None:
    assert course.collect("first", force=False)
    assert course.collect("first", force=False)
    assert not course.collect("second", force=False)
    assert course.files == {NOTEBOOK: "first"}
    assert "is not empty, and stays as it is" in course.told[0]
