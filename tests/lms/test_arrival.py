"""What lies in the exchange is read as what students may have written there."""

from __future__ import annotations

import os
import pwd
import time
from datetime import datetime
from pathlib import Path

import pytest

from grader.lms import arrival
from grader.lms.arrival import Exchange, Folder, by_student

UNIT = "01-first-layers"
ME = pwd.getpwuid(os.geteuid()).pw_name
TIME = "2026-11-03 08:00:00.000001 UTC"


def put(inbound: Path, name: str, *, secret: str = "s3cret", stamp: str = TIME) -> Path:
    """A submission as `nbgrader submit` leaves it."""
    folder = inbound / name
    folder.mkdir(parents=True)
    (folder / f"{UNIT}.ipynb").write_text("{}")
    if stamp:
        (folder / "timestamp.txt").write_text(stamp)
    if secret:
        (folder / "submission_secret.txt").write_text(secret)
    return folder


def test_what_nbgrader_submits_is_read(tmp_path: Path) -> None:
    put(tmp_path, f"{ME}+{UNIT}+{TIME}+Ab_-12345678")
    put(tmp_path, f"a+b@uni.example+{UNIT}+2026-11-03 09:00:00 CET")
    put(tmp_path, f"{ME}+other+{TIME}")
    found = {one.student: one for one in Exchange(tmp_path).look(UNIT).arrivals}
    assert set(found) == {ME, "a+b@uni.example"}
    mine = found[ME]
    assert mine.when == datetime(2026, 11, 3, 8, 0, 0, 1)
    assert found["a+b@uni.example"].when == datetime(2026, 11, 3, 8)
    assert (mine.secret, mine.owner) == ("s3cret", ME)


@pytest.mark.parametrize(
    "name",
    [
        f"..+{UNIT}+{TIME}",
        f".ssh+{UNIT}+{TIME}",
        f"a*+{UNIT}+{TIME}",
        f"a,b+{UNIT}+{TIME}",
        f"ada+{UNIT}+tomorrow",
        f"ada+{UNIT}+2026-99-99 08:00:00 UTC",
        f"ada\nben+{UNIT}+{TIME}",
        f"+{UNIT}+{TIME}",
    ],
)
def test_a_name_that_cannot_be_read_stops_nobody(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    put(tmp_path, f"ben+{UNIT}+{TIME}")
    found = Exchange(tmp_path).look(UNIT)
    assert [one.student for one in found.arrivals] == ["ben"]
    [line] = found.odd
    assert line.endswith("is no submission: left alone")
    assert line.isprintable()


def test_a_link_or_a_file_is_no_submission(tmp_path: Path) -> None:
    there = put(tmp_path / "elsewhere", "it")
    (tmp_path / f"ada+{UNIT}+{TIME}").symlink_to(there)
    (tmp_path / f"ben+{UNIT}+{TIME}").write_text("a file")
    found = Exchange(tmp_path).look(UNIT)
    assert found.arrivals == ()
    assert len(found.odd) == 2


@pytest.mark.parametrize("missing", ["secret", "stamp"])
def test_one_that_is_still_being_written_is_left_for_the_next_pass(
    tmp_path: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"ada+{UNIT}+{TIME}", **{missing: ""})
    assert Exchange(tmp_path).look(UNIT).arrivals == ()
    now = time.time()
    monkeypatch.setattr(arrival.time, "time", lambda: now + 120)
    assert len(Exchange(tmp_path).look(UNIT).arrivals) == 1


def test_a_secret_is_read_in_part_and_never_through_a_link_or_a_pipe(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_text("the instructor's")
    for student in ("link", "pipe", "long", "odd"):
        folder = put(tmp_path, f"{student}+{UNIT}+{TIME}", secret="")
        secret = folder / "submission_secret.txt"
        if student == "link":
            secret.symlink_to(private)
        elif student == "pipe":
            os.mkfifo(secret)
        else:
            secret.write_bytes(b"x" * 5000 if student == "long" else b"\xff\xfe")
    found = {one.student: one.secret for one in Exchange(tmp_path).look(UNIT).arrivals}
    assert found == {"long": "x" * 1000}


def test_where_one_wrote_their_own_what_others_wrote_for_them_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, f"ada+{UNIT}+{TIME}+mine")
    put(tmp_path, f"ada+{UNIT}+2026-11-03 09:00:00 UTC+forged")
    put(tmp_path, f"ben+{UNIT}+{TIME}+all")
    put(tmp_path, f"nobody+{UNIT}+{TIME}+made-up")
    owners = {"mine": "ada", "forged": "eve", "all": "jovyan", "made-up": "ada"}
    read = arrival._read

    def owned(entry: os.DirEntry[str], match: object) -> object:
        found = read(entry, match)
        return found and type(found)(**{**vars(found), "owner": owners[entry.name.split("+")[-1]]})

    monkeypatch.setattr(arrival, "_read", owned)
    found = Exchange(tmp_path).look(UNIT)
    newest = {one.student: one.owner for _, one in by_student(found.arrivals)}
    assert newest == {"ada": "ada", "ben": "jovyan"}
    forged, made_up = found.odd
    assert "was written by the account eve" in forged
    assert "was written by the account ada" in made_up


def test_a_folder_holds_one_submission_of_each_and_a_new_one_when_it_changes(
    tmp_path: Path,
) -> None:
    notebook = tmp_path / "ada" / UNIT / f"{UNIT}.ipynb"
    notebook.parent.mkdir(parents=True)
    notebook.write_text("first")
    (tmp_path / "ben" / UNIT).mkdir(parents=True)
    (tmp_path / "ben" / UNIT / "answers.pdf").write_text("")
    assert Folder(tmp_path).look(UNIT).arrivals == ()  # it may still be written
    settle(tmp_path)
    [first] = Folder(tmp_path).look(UNIT).arrivals
    notebook.write_text("second")
    settle(tmp_path)
    [second] = Folder(tmp_path).look(UNIT).arrivals
    assert (first.student, second.student) == ("ada", "ada")
    assert first.name != second.name


def settle(folder: Path) -> None:
    """Make everything in the folder a minute old."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (time.time() - 60, time.time() - 60))
