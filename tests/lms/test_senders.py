"""`nbgrader zip_collect` on a class in which everybody hands in something of another kind."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from senders import (
    CANVAS,
    FOLDERS,
    MOODLE,
    NAMES,
    NOTEBOOK,
    STUB,
    UNIT,
    WORK,
    Sender,
    canvas_zip,
    homework,
    moodle_names,
    moodle_zip,
)

from tests.gradebooks import fill, url

USER = 1000
Names = Mapping[str, tuple[str, str, str]]


@dataclass(frozen=True)
class Class:
    """A course folder with a class."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, root: Path, students: Names) -> Class:
        """A course with these students: id, and first name, last name, id in the system."""
        folder.mkdir()
        fill(folder)
        config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
        (folder / "nbgrader_config.py").write_text(config)
        released = folder / "notebooks" / UNIT / NOTEBOOK
        released.parent.mkdir(parents=True)
        released.write_text(STUB)
        with Gradebook(url(folder)) as book:
            for student, (first, last, user) in students.items():
                book.add_student(student, first_name=first, last_name=last, lms_user_id=user)
        return cls(folder)

    @property
    def archive(self) -> Path:
        """Where a download is put."""
        path = self.folder / "downloaded" / UNIT / "archive"
        path.mkdir(parents=True, exist_ok=True)
        return path

    def collect(self, downloads: Mapping[str, bytes] | None = None) -> tuple[int, list[str]]:
        """Collect these downloads; the exit status, and the warnings and errors of the log."""
        for name, content in (downloads or {}).items():
            (self.archive / name).parent.mkdir(parents=True, exist_ok=True)
            (self.archive / name).write_bytes(content)
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", "zip_collect", UNIT, "--force"],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert "Traceback" not in done.stderr
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stdout + done.stderr)
        lines = done.stderr.splitlines()
        assert all(line.startswith("[ZipCollectApp | ") for line in lines if line), lines
        told = [line for line in lines if "| WARNING]" in line or "| ERROR]" in line]
        return done.returncode, [line.split("] ", 1)[1] for line in told]

    def submitted(self, student: str) -> dict[str, str]:
        """What is in a student's folder."""
        folder = self.folder / "submitted" / student / UNIT
        return {path.name: path.read_text() for path in folder.glob("*")}


@dataclass(frozen=True)
class Run:
    """What came of a class."""

    course: Class
    status: int
    told: Sequence[str]
    untouched: bool
    """Whether nothing was written but into downloaded/ and submitted/."""


def run(folder: Path, root: Path, students: Names, download: bytes) -> Run:
    """Collect a download of the whole class."""
    made = Class.make(folder / "course", root, students)
    before = outside(folder)
    status, told = made.collect({"submissions.zip": download})
    return Run(made, status, told, outside(folder) == before)


def outside(folder: Path) -> dict[str, int]:
    """All files that no collection may touch."""
    return {
        str(path): path.stat().st_size
        for path in folder.rglob("*")
        if not {"downloaded", "submitted"} & set(path.relative_to(folder).parts)
    }


def look(sender: Sender, student: str, done: Run) -> None:
    """Whether a sender's work is where it should be, and what was said of it."""
    found = done.course.submitted(student)
    stamp = found.pop("timestamp.txt", "")
    assert found == ({} if sender.collected is None else {sender.named: sender.collected})
    assert bool(stamp) == sender.late
    lines = [line for line in done.told if re.match(rf"{student}\b", line)]
    assert bool(lines) == bool(sender.says), lines
    assert not sender.says or any(re.search(sender.says, line) for line in lines), lines


@pytest.fixture(scope="module")
def canvas(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The class of Canvas, collected."""
    students = {f"s{user}": ("", "", str(user)) for user in range(USER, USER + len(CANVAS))}
    return run(tmp_path_factory.mktemp("canvas"), root, students, canvas_zip(CANVAS, USER))


@pytest.mark.parametrize("number", range(len(CANVAS)), ids=[one.about for one in CANVAS])
def test_a_sender_of_canvas(canvas: Run, number: int) -> None:
    look(CANVAS[number], f"s{USER + number}", canvas)


def test_nothing_is_written_elsewhere_and_those_left_out_are_counted(canvas: Run) -> None:
    assert canvas.untouched
    assert canvas.status == 1
    left_out = sum(sender.is_left_out for sender in CANVAS)
    assert canvas.told[-1] == f"{left_out} things were left out: the lines above say why"


KINDS = [(kind, sender) for sender in MOODLE for kind in FOLDERS]
KINDS += [
    ([*FOLDERS][number % len(FOLDERS)], Sender(f"{name}", homework(WORK, NOTEBOOK), names=name))
    for number, name in enumerate(NAMES)
]


@pytest.fixture(scope="module")
def moodle(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The class of Moodle, with folders of each kind, collected."""
    senders = dict(enumerate(KINDS, 7001))
    students = {f"m{one}": (*moodle_names(sender, one), "") for one, (_, sender) in senders.items()}
    return run(tmp_path_factory.mktemp("moodle"), root, students, moodle_zip(senders))


@pytest.mark.parametrize(
    "number", range(len(KINDS)), ids=[f"{sender.about}, {kind}" for kind, sender in KINDS]
)
def test_a_sender_of_moodle(moodle: Run, number: int) -> None:
    look(KINDS[number][1], f"m{7001 + number}", moodle)
    assert moodle.untouched
