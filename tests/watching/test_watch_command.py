"""The command `grader watch`: mistakes in a line, one watch for a unit, and a clean end."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest

from grader.cli import main
from grader.sandbox.confine import CannotConfine, bwrap
from tests.batch.test_interrupted import start
from tests.gradebooks import FIRST, fill
from tests.lms.test_exchange import folder, students
from tests.small_course import UNIT, Course

__all__ = ["folder"]
COMMAND = [sys.executable, "-m", "grader.cli"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["no-unit"], f"there is no unit no-unit in the gradebook: {FIRST}"),
        ([FIRST, "--folder", "nowhere"], "there is no folder nowhere"),
        ([FIRST, "--folder", "."], f"{FIRST} is left out: there is no "),
    ],
)
def test_a_mistake_is_told_in_a_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    told: str,
) -> None:
    fill(tmp_path)
    (tmp_path / "inbound").mkdir()
    monkeypatch.chdir(tmp_path)
    folder = [] if "--folder" in words else ["--folder", "."]
    assert main(["watch", *words, *folder]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert all(line.startswith("grader: ") for line in said.splitlines())


def test_without_an_exchange_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path)
    with (tmp_path / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(tmp_path / 'exchange')!r}\n")
    monkeypatch.chdir(tmp_path)
    assert main(["watch"]) == 1
    assert "inbound: release a unit first (nbgrader release_assignment" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--per-day", "0"], ["--every", "x"], ["--before-due", "all"]])
def test_an_option_that_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["watch", *words])
    assert ended.value.code == 2


@pytest.mark.slow
def test_a_student_submits_and_fetches_while_one_watch_runs(folder: Path) -> None:
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    course = Course.make(folder / "course", {})
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)
    with (course.path / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(folder / 'exchange')!r}\n")
    course.nbgrader("release_assignment", UNIT, check=True)
    watching = ["watch", UNIT, "--every", "0.2", "--json"]
    first = start([*COMMAND, *watching], course)
    assert first.stdout

    student = students(folder)[0]
    student.nbgrader("fetch_assignment", UNIT)
    student.nbgrader("submit", UNIT)
    event = json.loads(first.stdout.readline())
    assert event["student"] == student.name
    assert (event["event"], event["failed"]) == ("looked at", False)
    student.nbgrader("fetch_feedback", UNIT)
    [page] = student.feedback
    assert "a first look" in page
    assert "Not attempted yet." in page

    second = start([*COMMAND, *watching, "--once"], course)
    said, _ = second.communicate(timeout=120)
    assert second.returncode == 1
    assert f"grader: {UNIT} is left out: another grader watch has it" in said

    first.send_signal(signal.SIGTERM)
    said, _ = first.communicate(timeout=120)
    assert (first.returncode, said) == (130, "grader: stopped\n")

    third = start([*COMMAND, *watching, "--once"], course)
    said, _ = third.communicate(timeout=120)
    assert (third.returncode, said) == (0, "")  # it goes on where the first one was
