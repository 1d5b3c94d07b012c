"""`grader new`: a course folder beside the installation, in which the commands work."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.authoring import new_course as making
from grader.cli import main
from grader.gradebook.course import NoGradebook, course_directory, gradebook

UNIT = "00-your-first-layer"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course on one unit, in a folder whose name has a blank."""
    folder = tmp_path_factory.mktemp("term") / "winter 2026"
    assert main(["new", str(folder), "--course-id", "layers-2026", UNIT]) == 0
    return folder


def test_it_has_units_settings_and_an_empty_gradebook(made: Path, root: Path) -> None:
    source = made / "solutions" / f"{UNIT}.py"
    assert source.read_text() == (root / "solutions" / f"{UNIT}.py").read_text()
    built = (made / "notebooks" / UNIT / f"{UNIT}.ipynb").read_text()
    assert built == (root / "notebooks" / UNIT / f"{UNIT}.ipynb").read_text()
    course = course_directory(made)
    assert (course.course_id, course.source_directory) == ("layers-2026", "solutions")
    with gradebook(course) as book:
        assert (book.assignments, book.students) == ([], [])


def test_it_is_this_course_also_where_another_one_is_at_home(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a hub, where ~/.jupyter tells formgrader which course it is."""
    other = tmp_path / "other"
    shutil.copytree(made, other)
    (tmp_path / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.root = {str(other)!r}\n"
    )
    monkeypatch.delenv("JUPYTER_NO_CONFIG", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    monkeypatch.chdir(made)
    assert course_directory(made).root == str(made)
    assert course_directory(other).root == str(other)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "db", "student", "add", "ada"], timeout=100
    )
    assert done.returncode == 0
    with gradebook(course_directory(made)) as book:
        assert [one.id for one in book.students] == ["ada"]
        book.remove_student("ada")
    own = tmp_path / "older"
    own.mkdir()
    lines = (made / "nbgrader_config.py").read_text().splitlines(True)
    older = [line for line in lines if "CourseDirectory.root" not in line]
    (own / "nbgrader_config.py").write_text("".join(older))
    monkeypatch.chdir(own)
    assert main(["extend"]) == 1
    said = capsys.readouterr().err
    assert f"nbgrader works in {other}" in said
    assert f"c.CourseDirectory.root = {str(own)!r}" in said


def test_it_is_for_its_owner_only(made: Path) -> None:
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert (made / "gradebook.db").stat().st_mode & 0o077 == 0


def test_git_leaves_names_and_grades_out(made: Path) -> None:
    subprocess.run(["git", "init", "-q", made], check=True)
    people = "roster.csv", "canvas.csv", "gradebook.db", "gradebook.seeds.json", "submitted/a/b"
    for name in people:
        asked = ["git", "-C", made, "check-ignore", "-q", name]
        assert subprocess.run(asked).returncode == 0, name
    kept = ["git", "-C", made, "check-ignore", "-q", f"solutions/{UNIT}.py"]
    assert subprocess.run(kept).returncode == 1


@pytest.mark.slow
def test_commands_work_in_it(
    made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(made)
    assert main(["build"]) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert main(["pack", "--output", "unit.zip"]) == 0
    names = zipfile.ZipFile("unit.zip").namelist()
    assert f"layer-by-layer/notebooks/{UNIT}/{UNIT}.ipynb" in names
    assert "layer-by-layer/LICENSE" in names
    steps = (
        ["nbgrader", "generate_assignment", UNIT, "--force"],
        ["grader.cli", "autograde", UNIT],
    )
    handed_in = made / "submitted" / "ada" / UNIT
    handed_in.mkdir(parents=True)
    for module, *words in steps:
        done = subprocess.run(
            [sys.executable, "-m", module, *words], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        (handed_in / f"{UNIT}.ipynb").write_text(
            (made / "notebooks" / UNIT / f"{UNIT}.ipynb").read_text()
        )
    assert f"{UNIT}: 1 graded, 0 not graded" in done.stdout
    capsys.readouterr()
    assert main(["report", UNIT, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert main(["release-solution", UNIT]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["full"], "full is there and not empty: name another folder"),
        (["file"], "file is there and not empty: name another folder"),
        (["fresh", "99-unknown"], "there is no unit 99-unknown: 00-your-first-layer, "),
        (["a b"], "'a b' is no course id: use letters, digits, '-', '_' and '.'"),
        (["fresh", "--course-id", "../x"], "'../x' is no course id: "),
    ],
)
def test_what_cannot_be_made_is_told_in_one_line_and_leaves_nothing(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "own.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    assert main(["new", *words]) == 1
    error = capsys.readouterr().err
    assert error.startswith("grader: ")
    assert said in error
    assert error.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_an_installation_without_texts_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PROJECT", tmp_path)
    with pytest.raises(making.NotMade, match=r"no texts of units .* git clone"):
        making.new_course(tmp_path / "course", "course")


def test_a_unit_that_cannot_be_built_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    (project / "solutions").mkdir(parents=True)
    (project / "solutions" / "00-bad.py").write_text("# %% nbgrader={\n")
    monkeypatch.setattr(making, "PROJECT", project)
    assert main(["new", str(tmp_path / "course")]) == 1
    assert "00-bad" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["project"]


def test_a_gradebook_that_cannot_be_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise NoGradebook("the gradebook cannot be read: disk I/O error")

    monkeypatch.setattr(making, "gradebook", broken)
    assert main(["new", str(tmp_path / "course"), UNIT]) == 1
    assert capsys.readouterr().err == "grader: the gradebook cannot be read: disk I/O error\n"
    assert list(tmp_path.iterdir()) == []
