"""More time for a student: kept by nbgrader, counted from the due date, and no submission."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.cli import main
from tests.gradebooks import FIRST, SECOND, fill, url


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a course with a gradebook."""
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def late(course: Path, student: str) -> float:
    """Days late, by nbgrader's account."""
    with Gradebook(url(course), "books") as book:
        return book.find_submission(FIRST, student).total_seconds_late / 86400


def test_more_time_makes_what_came_late_less_late(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert late(course, "zoe") == 1
    assert main(["extend", "--student", "zoe", "--days", "0.5", FIRST]) == 0
    said = f"{FIRST}: zoe has 0.5 days more, until 2026-11-02 00:00 UTC"
    assert capsys.readouterr().out.splitlines()[0] == said
    assert late(course, "zoe") == 0.5
    assert main(["extend", "--student", "zoe", "--days", "3", FIRST]) == 0  # in its place
    assert late(course, "zoe") == 0
    assert main(["extend", "--student", "zoe", "--days", "0", FIRST]) == 0
    assert late(course, "zoe") == 1


def test_who_was_only_given_time_has_handed_in_nothing(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--output", "before.csv"]) == 0
    before = capsys.readouterr()
    assert main(["extend", "--student", "bob", "--days", "7"]) == 0
    capsys.readouterr()
    assert main(["export", "--output", "after.csv"]) == 0
    assert capsys.readouterr().err == before.err
    assert (course / "after.csv").read_bytes() == (course / "before.csv").read_bytes()


def test_it_stays_when_the_work_comes_and_is_graded(course: Path) -> None:
    assert main(["extend", "--student", "bob", "--days", "2", FIRST]) == 0
    with Gradebook(url(course), "books") as book:  # as nbgrader's autograde does
        book.update_or_create_submission(FIRST, "bob", timestamp="2026-11-04 12:00:00 UTC")
        grade = book.find_grade("check-dense", FIRST, FIRST, "bob")
        grade.auto_score = 5.0
        book.db.commit()
    assert late(course, "bob") == 1


def test_the_list(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extend"]) == 0
    assert capsys.readouterr().out == "Nobody has more time.\n"
    assert main(["extend", "--student", "ada", "--days", "1"]) == 0
    capsys.readouterr()
    assert main(["extend", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [
        {"unit": unit, "student": "ada", "days": 1.0} for unit in (FIRST, SECOND)
    ]


def test_a_mistake_is_told_in_one_line_and_changes_nothing(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words, says in (
        (["--student", "ada"], "--student and --days go together: who, and how many days"),
        (["--student", "ada", "--days", "1", "99-none"], "there is no unit 99-none in the"),
        (["--student", "nobody", "--days", "1"], "there is no student nobody in the gradebook"),
    ):
        assert main(["extend", *words]) == 1
        err = capsys.readouterr().err
        assert err.startswith(f"grader: {says}")
        assert err.count("\n") == 1
    with pytest.raises(SystemExit):
        main(["extend", "--student", "ada", "--days", "-1"])
    with Gradebook(url(course), "books") as book:
        assert all(one.extension is None for one in book.find_assignment(FIRST).submissions)
        assert book.find_submission(FIRST, "zoe").timestamp == datetime(2026, 11, 2, 12)
