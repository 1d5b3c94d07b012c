"""Whose work a file is: nothing that a student wrote into an archive, or into a name, says so."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from nbgrader.api import Student
from senders import LATER, NOTEBOOK, WORK, Content, tarred, zipped

from grader.lms.class_names import ClassNames
from grader.lms.copies import Collected, sort_out
from grader.lms.unpack import Unpacker

ANN = Student(id="ann", first_name="Ann", last_name="Adams", lms_user_id="501")
MALLORY = Student(id="mallory", first_name="Mallory", last_name="Moss", lms_user_id="777")
HYPHEN = Student(id="mallory", first_name="Mallory-Moss", last_name="", lms_user_id="777")
INNER = {
    "as Canvas": f"adamsann_501_99999_{NOTEBOOK}",
    "as a folder of Canvas": f"adamsann_501_99999_hw/{NOTEBOOK}",
    "as Moodle": f"Ann Adams_7001_assignsubmission_file_{NOTEBOOK}",
    "as a folder of Moodle": f"Ann Adams_7001_assignsubmission_file_/{NOTEBOOK}",
    "from outside": f"../../adamsann_501_99999_{NOTEBOOK}",
    "of Windows": f"..\\adamsann_501_99999_hw\\{NOTEBOOK}",
}
OUTER = {
    "no name": "mossmallory_777_9009_.zip",
    "nothing": "mossmallory_777_9009_",
    "a new line": "mossmallory_777_9009_a\nb_c.zip",
    "a new line first": "mossmallory_777_9009_\n.zip",
    "a name": "mossmallory_777_9009_hw.zip",
    "a folder": "mossmallory_777_9009_a/b.zip",
    "late": "mossmallory_LATE_777_9009_.zip",
    "of Moodle": "Mallory Moss_7002_assignsubmission_file_/.zip",
    "a file of Moodle": "Mallory Moss_7002_assignsubmission_file_.zip",
    "numbers in Moodle": "Mallory-Moss_7002_assignsubmission_file_501_9_.zip",
    "of a team": "Team-Mallory Moss_7002_assignsubmission_file_/hw.zip",
}
ANNS = f"adamsann_501_9001_{NOTEBOOK}"


def collect(
    folder: Path, files: Mapping[str, Content], *students: Student, packed: bool = True
) -> Collected:
    """What is collected of a download that holds these files, or of them as they are."""
    archive = folder / "archive"
    archive.mkdir()
    if packed:
        (archive / "submissions.zip").write_bytes(zipped(files))
    for name, content in {} if packed else files.items():
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        text = content.encode() if isinstance(content, str) else content
        (archive / name).write_bytes(text)
    names = ClassNames(students or (ANN, MALLORY))
    taken = Unpacker(folder / "extracted", names.users).take(archive)
    return sort_out(taken.files, names, [NOTEBOOK], taken.unread, taken.others)


def given(collected: Collected) -> dict[str, set[str]]:
    """What each student is said to have handed in."""
    whose: dict[str, set[str]] = {}
    for path, (student, _, _) in collected.files.items():
        whose.setdefault(student, set()).add(path.read_text())
    return whose


@pytest.mark.parametrize("packed", [True, False], ids=["packed", "unpacked"])
@pytest.mark.parametrize("inner", INNER.values(), ids=INNER)
@pytest.mark.parametrize("outer", OUTER.values(), ids=OUTER)
def test_an_archive_of_a_student_speaks_for_nobody_else(
    tmp_path: Path, outer: str, inner: str, packed: bool
) -> None:
    sent = {ANNS: WORK, outer: zipped({inner: LATER})}
    people = ANN, (HYPHEN if "-Moss" in outer else MALLORY)
    assert given(collect(tmp_path, sent, *people, packed=packed)) == {
        "ann": {WORK},
        "mallory": {LATER},
    }


@pytest.mark.parametrize("inner", INNER.values(), ids=INNER)
@pytest.mark.parametrize(
    "outer",
    [
        "strange_599_9009_.zip",
        "strange_599_9009_a\n.tar.gz",
        "Some One_7009_assignsubmission_file_/.zip",
        "anon_x7Yz_9009_.zip",
        "LATE_anon_x7Yz_9009_hw.zip",
        "Participant_7009_assignsubmission_file_/hw.zip",
        "hw.zip",
        "é?_777_9009_.zip",
    ],
)
def test_nor_does_that_of_somebody_unknown(tmp_path: Path, outer: str, inner: str) -> None:
    for archive in zipped({inner: LATER}), tarred({inner: LATER}):
        folder = tmp_path / f"{len(archive)}"
        folder.mkdir()
        done = collect(folder, {ANNS: WORK, outer: archive})
        assert given(done) == {"ann": {WORK}}
        assert done.left_out == 1


def test_nor_does_it_where_the_download_was_unpacked(tmp_path: Path) -> None:
    sent = {"strange_599_9009_hw.zip": zipped({ANNS: LATER})}
    done = collect(tmp_path, sent, packed=False)
    assert given(done) == {}
    assert "Canvas' user 599 is not in the gradebook" in done.notes[0]


@pytest.mark.parametrize(
    "name",
    [
        f"moss_501_777_9009_{NOTEBOOK}",  # a student, or a team, whose name ends in _501
        f"moss_501_777_9009_501_9_{NOTEBOOK}",
        f"mossmallory_777_9009_501_9_{NOTEBOOK}",
    ],
)
def test_a_name_that_can_be_read_in_two_ways_is_told(tmp_path: Path, name: str) -> None:
    done = collect(tmp_path, {name: LATER})
    assert given(done) == {}
    assert "can be ann or mallory" in done.notes[0]


@pytest.mark.parametrize("own", ["501_9_a.ipynb", "2026_11_01_hw.ipynb", "9001_1_x.ipynb"])
def test_numbers_in_a_files_own_name_do_no_harm(tmp_path: Path, own: str) -> None:
    done = collect(tmp_path, {f"adamsann_501_9001_{own}": WORK})
    assert given(done) == {"ann": {WORK}}


def test_two_people_of_one_name_are_told_and_neither_gets_the_others_work(tmp_path: Path) -> None:
    sent: dict[str, Content] = {
        f"Ann Adams_7001_assignsubmission_file_/{NOTEBOOK}": WORK,
        f"Ann Adams_7009_assignsubmission_file_/{NOTEBOOK}": LATER,
        f"Mallory Moss_7002_assignsubmission_file_/{NOTEBOOK}": WORK,
    }
    done = collect(tmp_path, sent)
    assert given(done) == {"mallory": {WORK}}
    [note] = done.notes
    assert note == (
        "ann was not collected: Moodle has 7001 and 7009 for Ann Adams, who are two people. "
        "Put the work of each into submitted/"
    )
    twin = Student(id="ann2", first_name="Ann", last_name="Adams", lms_user_id="502")
    again = tmp_path / "again"
    again.mkdir()
    done = collect(again, sent, ANN, MALLORY, twin)
    assert given(done) == {"mallory": {WORK}}
    assert all("Ann Adams can be ann or ann2" in note for note in done.notes)


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("Jean-Luc Tour", {"jean"}),
        ("Group-Luc Tour", {"luc"}),
        ("A-B-Jean-Luc Tour", set()),  # can be both
    ],
)
def test_a_team_before_a_name_with_a_hyphen(tmp_path: Path, name: str, whose: set[str]) -> None:
    jean = Student(id="jean", first_name="Jean-Luc", last_name="Tour")
    luc = Student(id="luc", first_name="Luc", last_name="Tour")
    sent = {f"{name}_7001_assignsubmission_file_/{NOTEBOOK}": WORK}
    assert given(collect(tmp_path, sent, jean, luc)).keys() == whose


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("Ann", "Adams", "Adams, Ann"),
        ("伟", "王", "王伟"),
        ("Zoe\u0308", "O'Brien", "OBrien, Zoë"),
        ("Ann", "Smith_Jones", "Smith Jones, Ann"),
    ],
)
def test_a_name_as_moodle_writes_it_elsewhere(
    tmp_path: Path, first: str, last: str, written: str
) -> None:
    student = Student(id="one", first_name=first, last_name=last)
    sent = {f"{written}_7001_assignsubmission_file_/{NOTEBOOK}": WORK}
    assert given(collect(tmp_path, sent, student, MALLORY)) == {"one": {WORK}}


def test_a_name_without_a_blank_that_two_can_have(tmp_path: Path) -> None:
    people = Student(id="a", first_name="nn", last_name="A"), Student(id="b", first_name="Ann")
    sent = {f"Ann_7001_assignsubmission_file_/{NOTEBOOK}": WORK}
    done = collect(tmp_path, sent, *people)
    assert given(done) == {}
    assert "Ann can be a or b" in done.notes[0]


def test_students_without_a_name_in_moodle_are_told_as_such(tmp_path: Path) -> None:
    sent = {f"Participant 7001_7001_assignsubmission_file_/{NOTEBOOK}": WORK}
    done = collect(tmp_path, sent)
    assert given(done) == {}
    assert "show the names in Moodle, download again" in done.notes[0]
