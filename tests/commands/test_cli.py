"""The command `grader`: what it prints, how it ends, and mistakes told in one line."""

import argparse
import errno
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.bench import judged_with
from grader.cli import main
from grader.commands import ALL
from grader.commands.autograde import _has_new
from grader.commands.command import Command, next_step
from grader.sandbox import selftest
from grader.sandbox.selftest import Claim
from tests.gradebooks import FIRST, SECOND, fill, url

FIELDS = {
    "name", "unit", "layer", "kind", "reference", "aspects", "kinds", "forbid", "misconceptions",
}  # fmt: skip
KINDS = {"implement", "predict", "derive", "test", "use", "train", "mend"}


def test_exercises_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert rows
    for row in rows:
        assert set(row) >= FIELDS
        assert row["kind"] in KINDS
        assert [name for name in ("mends", "fault") if name in row] == (
            ["mends", "fault"] if row["kind"] == "mend" else []
        )
        assert all(worth > 0 for worth in row["aspects"].values())
        module, _, name = row["reference"].rpartition(".")
        assert hasattr(importlib.import_module(module), name)
    assert {"Dense", "dense_params"} <= {row["name"] for row in rows}


def test_exercises_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercises"]) == 0
    printed = capsys.readouterr().out
    assert "dense_params" in printed
    assert "predict" in printed


@pytest.fixture
def in_project(own_project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a built project."""
    monkeypatch.chdir(own_project)
    return own_project


def test_build_where_nothing_changed(in_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "--check"]) == 0
    assert capsys.readouterr().out == "nothing changed: the notebooks match solutions/\n"


def test_build_check_fails_where_a_notebook_had_to_change(
    in_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sorted((in_project / "notebooks").rglob("*.ipynb"))[0]
    right = path.read_text()
    path.write_text(right.replace("check(", "chec(", 1))
    assert main(["build", "--check"]) == 1
    printed = capsys.readouterr()
    assert printed.out == f"changed  {path.relative_to(in_project)}\n"
    assert printed.err == (
        "grader: notebooks/ did not match solutions/: commit the rebuilt notebooks\n"
    )
    assert path.read_text() == right
    assert main(["build", "--check"]) == 0


def test_build_names_the_next_step(in_project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", "01-first-layers"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Next: nbgrader generate_assignment 01-first-layers --force")


def test_build_of_a_unit_that_there_is_not(
    in_project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "99-none"]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("grader: there is no unit 99-none: 0")
    assert printed.err.count("\n") == 1


def test_build_of_a_broken_unit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "solutions").mkdir()
    unit = '# %% nbgrader={"grade_id": "t", "grade": true}\ncheck(Dense)\n'
    (tmp_path / "solutions" / "90-broken.py").write_text(unit)
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 1
    assert capsys.readouterr().err == "grader: 90-broken.py, cell 1: a graded cell needs points\n"
    assert not (tmp_path / "notebooks").exists()


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("build", "there is no folder solutions/ here: run this in the course's folder"),
        ("demo", "the sample class is not here: run this in the project's own folder"),
    ],
)
def test_a_wrong_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([command]) == 1
    assert capsys.readouterr().err == f"grader: {says}\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("course", [".", "mine", "tests"])
def test_the_demo_takes_no_folder_that_is_not_its_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    course: str,
) -> None:
    (tmp_path / "tests" / "sample_class").mkdir(parents=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "nbgrader_config.py").write_text("c = get_config()\n")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--course", course]) == 1
    assert capsys.readouterr().err == (
        f"grader: {course} exists and is not a demo course: choose another folder\n"
    )
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("words", [[], ["nosuchcommand"], ["build", "--nosuchoption"]])
def test_a_command_line_that_makes_no_sense(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage: grader" in capsys.readouterr().err


def test_a_word_with_a_slip_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["autgrade"])
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "grader: error: there is no command autgrade. Did you mean autograde?"


def help_of(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `grader WORDS --help` prints."""
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    printed = help_of(capsys)
    for command in ALL:
        assert re.search(rf"^  {command.name} +{re.escape(command.help)}$", printed, re.MULTILINE)


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_the_help_of_a_command_shows_how_it_is_used(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    printed = help_of(capsys, command.name)
    assert re.search(rf"^  grader {command.name}\b", printed, re.MULTILINE)
    assert len(command.about.splitlines()) >= 4


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.name)
def test_each_option_in_a_help_is_there(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = help_of(capsys, command.name).split("\n\n")[0]
    examples = re.findall(rf"^  grader {command.name} (.*)$", command.about, re.MULTILINE)
    named = {option for line in examples for option in re.findall(r"--\w+", line)}
    assert named <= set(re.findall(r"--\w+", usage))


def test_the_next_step_stands_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    next_step("nbgrader generate_feedback " + 30 * "long-", "says [what] it does.")
    printed = capsys.readouterr().out
    assert printed == f"Next: nbgrader generate_feedback {30 * 'long-'} says [what] it does.\n"


EMPTY = "the gradebook has no unit 01-none: nbgrader generate_assignment 01-none"


@pytest.mark.parametrize(
    "words",
    [
        ["essays", "01-none"],
        ["extend", "--student", "ada", "--days", "3", "01-none"],
        ["feedback", "01-none", "--to", "moodle"],
        ["watch", "01-none", "--folder", "."],
        ["export", "01-none"],
    ],
)
def test_an_empty_gradebook_is_told_with_what_fills_it(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fill(tmp_path)
    with Gradebook(url(tmp_path), "books") as book:
        for unit in FIRST, SECOND:
            book.remove_assignment(unit)
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    assert capsys.readouterr().err == f"grader: {EMPTY}\n"


def test_a_path_with_brackets_is_printed_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    name = "a[red]b.csv"
    assert main(["export", "--output", name]) == 0
    assert capsys.readouterr().out == f"Wrote {name}.\n"
    assert main(["export", "--json", "--output", name]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["file"] == name
    assert "1 submission not yet graded by hand" in told["notes"][0]


def test_doctor_says_what_holds(capsys: pytest.CaptureFixture[str], warm: object) -> None:
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "Submissions are confined on this machine." in printed
    assert "the Keras version that the course is judged with" in printed
    assert "Next: grader demo" in printed
    assert "NO" not in printed


def test_doctor_for_a_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    claims = [Claim("no network", True), Claim("no other process", False, "it forked")]
    monkeypatch.setattr(selftest, "self_test", lambda: claims)
    assert main(["doctor", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["confined"] is False
    assert told["claims"][1] == {"what": "no other process", "holds": False, "why": "it forked"}


def test_doctor_says_which_keras_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selftest, "self_test", lambda: [Claim("no network", True)])
    monkeypatch.setattr(judged_with, "keras_version", lambda: "3.16.0")
    assert main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert f"pip install keras=={judged_with.KERAS}" in said
    assert main(["doctor", "--json"]) == 1
    assert "3.16.0" in json.loads(capsys.readouterr().out)["trouble"]


def test_the_installed_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("grader"), "demo"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("grader: the sample class is not here")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("graded", "units", "loads"),
    [
        ((), (), True),
        (("ada/one",), (), True),
        (("ada/one",), ("one",), False),
        (("ada/one",), ("two",), True),
        (("ada/one", "bo/two"), (), False),
        ((), ("three",), False),
    ],
)
def test_workers_load_ahead_where_something_new_was_handed_in(
    tmp_path: Path, graded: tuple[str, ...], units: tuple[str, ...], loads: bool
) -> None:
    for name in "ada/one", "bo/two":
        (tmp_path / "submitted" / name).mkdir(parents=True)
    for name in graded:
        (tmp_path / "autograded" / name).mkdir(parents=True)
    assert _has_new(tmp_path, units) == loads


def _read_only(_: argparse.Namespace) -> int:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS), "/course/solutions")


def _broken(_: argparse.Namespace) -> int:
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


def test_a_disk_that_cannot_be_written_to_is_told_in_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("grader.cli.ALL", [Command("try", "try it", "Try it.", _read_only)])
    assert main(["try"]) == 1
    assert capsys.readouterr().err == "grader: /course/solutions: Read-only file system\n"
    monkeypatch.setattr("grader.cli.ALL", [Command("try", "try it", "Try it.", _broken)])
    with pytest.raises(OSError, match="Bad file"):  # a fault of ours is not made small
        main(["try"])
