"""The pages of docs/ do what they say: their commands are run, in order, in a course of its own.

A block ```sh is run line by line. A block ```sh machine changes the machine (it installs, or tests
everything): .ci/run itself does that from a clean clone, and here only its targets are looked up.
What cluster.md tells needs machines that a test does not have; that page says what was tried.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from grader.demo.sample import read_member, submission
from grader.exercises.catalogue import WRITTEN

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
UNIT = "01-first-layers"
ROSTER = f"""Student,ID,SIS User ID,SIS Login ID,Section,{UNIT} (77)
    Points Possible,,,,,43
"Lovelace, Ada",501,a1,ada,A,
"Hopper, Ben",502,b1,ben,A,
"Johnson, Cho",503,c1,cho,A,
"""
WORKSHEET = """Identifier,Full name,Email address,Status,Grade
Participant 7001,Ada Lovelace,ada@uni.example,Submitted,
Participant 7002,Ben Hopper,ben@uni.example,Submitted,
Participant 7003,Cho Johnson,cho@uni.example,Submitted,
"""
SPOKEN = {"Layer": "a layer of one's own", "AbstractRNNCell": "a cell of one's own"}
"""How the README says what is no name of a layer."""
every_page = pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])


def blocks(page: Path, kind: str) -> list[str]:
    """The contents of the page's blocks of this kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def lines(page: Path, kind: str) -> list[str]:
    """Its commands, without the remarks behind them."""
    text = "\n".join(blocks(page, kind))
    return [
        line for line in (re.sub(r"\s+# .*", "", row).strip() for row in text.split("\n")) if line
    ]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """A copy of this folder, as a clone would be, with an exchange and a class list."""
    place = tmp_path_factory.mktemp("docs")
    left_out = shutil.ignore_patterns(
        ".git", ".venv", ".*_cache", "__pycache__", "demo", "reports", "gradebook.db*", "submitted",
        "autograded", "feedback", "browser", "attacks", "faults",
    )  # fmt: skip
    copy = Path(shutil.copytree(root, place / "course", ignore=left_out))
    (copy / ".venv").symlink_to(sys.prefix)
    (place / "exchange").mkdir(mode=0o777)
    (place / "exchange").chmod(0o777)
    with (copy / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.Exchange.root = {str(place / 'exchange')!r}\n")
    (copy / "roster.csv").write_text(ROSTER)
    (copy / "worksheet.csv").write_text(WORKSHEET)
    return copy


def run(line: str, folder: Path) -> str:
    """Run a command as it stands on the page; all that it said."""
    done = subprocess.run(
        line, shell=True, cwd=folder, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.long
def test_an_instructor_comes_from_an_empty_machine_to_exported_grades(course: Path) -> None:
    meanwhile: dict[str, Callable[[Path], None]] = {
        "nbgrader collect": students_submit,
        "nbgrader zip_collect": one_hands_in_elsewhere,
        "grader regrade": a_test_is_worth_more,
    }
    said: dict[str, str] = {}
    for line in lines(DOCS / "instructor.md", "sh"):
        for words, happens in meanwhile.items():
            if words in line:
                happens(course)
        said[line] = run(line, course)
    assert len(said) > 12
    students = {path.name for path in (course / "autograded").iterdir()}
    assert students == {"ada", "ben", "cho"}
    for student in students:
        assert (course / "feedback" / student / UNIT / f"{UNIT}.html").exists()
    (released,) = (text for line, text in said.items() if "release_feedback" in line)
    assert "cho did not hand in through the exchange" in released
    assert len(list((course.parent / "exchange").rglob("feedback/*.html"))) == 2
    with zipfile.ZipFile(course / f"{UNIT}-feedback-moodle.zip") as packed:
        assert f"Cho Johnson_7003_assignsubmission_file_{UNIT}.html" in packed.namelist()
    assert (course / "reports" / f"{UNIT}.html").stat().st_size > 10_000
    canvas = (course / "canvas.csv").read_text()
    assert f"{UNIT} (77)" in canvas
    assert all(row in canvas for row in ("501", "502", "503"))
    assert "ada" in (course / "grades.csv").read_text()
    (regraded,) = (text for line, text in said.items() if "regrade" in line)
    assert "3 graded again" in regraded
    with zipfile.ZipFile(course / "first-layers.zip") as packed:
        assert any(name.endswith(f"{UNIT}.ipynb") for name in packed.namelist())


def handed_in(course: Path, student: str) -> str:
    """The notebook of a member of the sample class."""
    member = read_member(course / "tests" / "sample_class" / UNIT / f"{student}.py")
    release, solution = (
        nbformat.read(course / folder / UNIT / f"{UNIT}.ipynb", as_version=4)
        for folder in ("notebooks", "solutions")
    )
    return submission(member, release, solution)


def students_submit(course: Path) -> None:
    """Two come through the exchange, as `nbgrader submit` leaves them there."""
    inbound = course.parent / "exchange" / "layer-by-layer" / "inbound"
    for student in ("ada", "ben"):
        folder = inbound / f"{student}+{UNIT}+2026-10-01 10:00:00 UTC"
        folder.mkdir(parents=True)
        (folder / f"{UNIT}.ipynb").write_text(handed_in(course, student))
        (folder / "timestamp.txt").write_text("2026-10-01 10:00:00 UTC")
        (folder / "submission_secret.txt").write_text(f"{student}'s own")


def one_hands_in_elsewhere(course: Path) -> None:
    """The third one uses Canvas."""
    archive = course / "downloaded" / UNIT / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as download:
        name = f"johnsoncho_503_9001_{UNIT}.ipynb"
        download.writestr(name, handed_in(course, "cho"))


def a_test_is_worth_more(course: Path) -> None:
    """Mend the unit, and build it as the line before has it."""
    source = course / "solutions" / f"{UNIT}.py"
    text = source.read_text()
    old = '"check-dense-params", "grade": true, "points": 2'
    assert text.count(old) == 1
    source.write_text(text.replace(old, old.replace("2", "3")))
    run(f".venv/bin/grader build {UNIT}", course)


def test_what_an_author_reads_runs_as_it_stands() -> None:
    scope: dict[str, object] = {}
    code = blocks(DOCS / "author.md", "python")
    for block in code:
        exec(compile(block, "docs/author.md", "exec"), scope)
    assert len(code) == 7
    exercise = code[0].split("unit_normalization = ")[1]
    inside = [row for row in exercise.split("\n") if row.startswith("    ")]
    assert len(inside) <= 10, "an exercise in ten lines"


def test_what_a_student_reads_runs_as_it_stands(course: Path) -> None:
    made = "import keras\n\nclass Dense(keras.layers.Layer):\n    pass\n"
    code = made + "".join(blocks(DOCS / "student.md", "python"))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=course / "notebooks", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "hint 1" in done.stdout
    assert "written: question" in done.stdout


@pytest.mark.long
def test_the_commands_of_an_author_run(course: Path) -> None:
    for line in lines(DOCS / "author.md", "sh"):
        assert run(line, course)


def test_the_readme_names_every_layer_with_its_unit(root: Path) -> None:
    rows = re.findall(r"^\| \[(\d\d) .*?\]\(notebooks/([\w-]+)/.*?\) \| (.*?) \|", *readme(root))
    units = {unit: layers for _, unit, layers in rows}
    for exercise in WRITTEN.values():
        words = SPOKEN.get(exercise.layer, exercise.layer)
        assert words in units[exercise.unit], f"{exercise.layer} in {exercise.unit}"


def test_the_readme_counts_exercises_and_points(root: Path) -> None:
    rows = re.findall(
        r"notebooks/([\w-]+)/.*?\| (\d+) graded by `check`.*?\| (\d+) \|", *readme(root)
    )
    assert len(rows) == len(list((root / "solutions").glob("[0-9]*.py")))
    for unit, graded, points in rows:
        notebook = nbformat.read(root / "notebooks" / unit / f"{unit}.ipynb", as_version=4)
        cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
        assert sum(cell.cell_type == "code" for cell in cells) == int(graded), unit
        assert sum(cell.metadata["nbgrader"]["points"] for cell in cells) == int(points), unit


def readme(root: Path) -> tuple[str, re.RegexFlag]:
    """The page to look through, line by line."""
    return (root / "README.md").read_text(), re.MULTILINE


@every_page
def test_what_changes_the_machine_is_there(page: Path, root: Path) -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (root / "Makefile").read_text(), re.MULTILINE)
    for line in lines(page, "sh machine"):
        word = line.split()
        assert word[0] in ("make", "sudo", "python3", "conda", "jupyter", ".venv/bin/jupyter")
        assert word[0] != "make" or word[1] in targets


@every_page
def test_every_command_stands_in_a_block_that_is_run(page: Path) -> None:
    """No block of a kind that nobody runs: only plain pictures of text may stand beside them."""
    kinds = set(re.findall(r"^```([^\n]+)$", page.read_text(), re.MULTILINE))
    assert kinds <= {"sh", "sh machine", "python"}


@every_page
def test_its_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", page.read_text()):
        link = target[0] or target[1]
        if not link.startswith(("http", "#")):
            assert (page.parent / link.split("#")[0]).exists(), link
