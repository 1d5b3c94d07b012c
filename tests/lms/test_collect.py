"""`nbgrader zip_collect` on archives as Canvas and Moodle write them."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, Student

from grader.lms.collect import ClassNames, Download, read_name, sort_out
from tests.gradebooks import FIRST, fill, url

NOTEBOOK = f"{FIRST}.ipynb"
STUDENTS = [
    Student(id="ada", first_name="Ada", last_name="Lovelace", lms_user_id="501"),
    Student(id="zoe", first_name="Zoë", last_name="O'Brien Smith_Jones", lms_user_id="502"),
    Student(id="kim1", first_name="Kim", last_name="Lee", lms_user_id="503"),
    Student(id="kim2", first_name="Kim", last_name="Lee"),
    Student(id="nameless"),
]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (f"lovelaceada_501_9001_{NOTEBOOK}", {"user": "501", "number": 9001}),
        (f"lovelaceada_LATE_501_9002_{NOTEBOOK}", {"user": "501", "number": 9002, "late": True}),
        (f"van_der_berg3jan_501_9_{NOTEBOOK}", {"user": "501", "number": 9}),
        (f"obrienzoë_502_9_{NOTEBOOK}", {"user": "502", "number": 9}),
        (f"501_9001_{NOTEBOOK}", {"user": "501", "number": 9001}),
        (f"lovelaceada_501_9001_hw/{NOTEBOOK}", {"user": "501", "number": 9001}),
        (f"Ada Lovelace_7001_assignsubmission_file_/{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"Ada Lovelace_7001_assignsubmission_file/{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"Ada Lovelace_7001_assignsubmission_file/my/{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"Ada Lovelace_7001_assignsubmission_file_{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"a_501_9_hw/Z B_7_assignsubmission_file_/{NOTEBOOK}", {"user": "501", "number": 9}),
        (f"Ada Lovelace_7_assignsubmission_file/a_502_9_hw/{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"anon_x7Yz_9001_{NOTEBOOK}", None),
        (NOTEBOOK, None),
    ],
)
@pytest.mark.parametrize("above", ["", "the-archive"])
def test_what_a_file_name_tells(name: str, told: dict[str, object] | None, above: str) -> None:
    root = Path("/course/extracted")
    path = root / above / name
    expected = None if told is None else Download(path, NOTEBOOK, **told)
    assert read_name(path, root, ["501"]) == expected


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (f"Ada Lovelace_7001_assignsubmission_file/{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"Ada Lovelace_7001_assignsubmission_file_{NOTEBOOK}", {"name": "Ada Lovelace"}),
        (f"lovelaceada_501_9001_{NOTEBOOK}", {"user": "501", "number": 9001}),
        (NOTEBOOK, {"user": "2024", "number": 25}),
    ],
)
def test_an_archive_with_a_name_like_a_file_of_canvas(inside: str, told: dict[str, object]) -> None:
    root = Path("/course/extracted")
    path = root / "WS_2024_25_DL-01-first-layers-4711" / inside
    assert read_name(path, root, ["501"]) == Download(path, NOTEBOOK, **told)


@pytest.mark.parametrize(
    ("download", "students"),
    [
        ({"user": "501"}, ("ada",)),
        ({"user": "599"}, ()),
        ({"name": "Ada Lovelace"}, ("ada",)),
        ({"name": "LOVELACE  Ada"}, ("ada",)),
        ({"name": "Zoe\u0308 OBrien Smith Jones"}, ("zoe",)),
        ({"name": "Kim Lee"}, ("kim1", "kim2")),
        ({"name": "Participant"}, ()),
    ],
)
def test_who_is_meant(download: dict[str, str], students: tuple[str, ...]) -> None:
    assert ClassNames(STUDENTS).of(Download(Path("x"), NOTEBOOK, **download)) == students


@pytest.mark.parametrize(
    ("own", "notebook"),
    [
        (NOTEBOOK, NOTEBOOK),
        (f"{FIRST}-1.ipynb", NOTEBOOK),
        (f"{FIRST}-12.ipynb", NOTEBOOK),
        (f"{FIRST} (1).ipynb", NOTEBOOK),
        (f"{FIRST.upper()}.ipynb", NOTEBOOK),
        ("homework.ipynb", "homework.ipynb"),
    ],
)
def test_the_notebook_of_the_unit_that_a_file_is(own: str, notebook: str) -> None:
    download = Download(Path("x"), own, user="501")
    collected = sort_out([download], ClassNames(STUDENTS), [NOTEBOOK])
    assert collected.files == {Path("x"): ("ada", notebook, download)}
    assert len(collected.notes) == (notebook != NOTEBOOK)


def test_other_files_that_an_instructor_collects_may_have_any_name() -> None:
    mine = [Download(Path(own), own, user="501") for own in (NOTEBOOK, "helper.py", "scrap.ipynb")]
    collected = sort_out(mine, ClassNames(STUDENTS), [NOTEBOOK])
    assert [path.name for path in collected.files] == [NOTEBOOK, "helper.py"]
    assert collected.notes == (
        "ada: scrap.ipynb is left out: it is not one of this unit's notebooks",
    )
    assert collected.left_out == 0


def test_the_newest_version_counts_and_the_others_are_told() -> None:
    def version(name: str, number: int) -> Download:
        return Download(Path(name), NOTEBOOK, user="501", number=number)

    versions = [version("second", 9002), version("third", 9003), version("first", 9001)]
    collected = sort_out(versions, ClassNames(STUDENTS), [NOTEBOOK])
    assert [path.name for path in collected.files] == ["third"]
    earlier = "it was handed in earlier"
    assert collected.notes == (
        f"ada handed in {NOTEBOOK} 3 times: third counts. second does not: {earlier}; "
        f"first does not: {earlier}",
    )
    again = [Download(Path(name), NOTEBOOK, name="Ada Lovelace") for name in ("old", "new")]
    assert [*sort_out(again, ClassNames(STUDENTS), [NOTEBOOK]).files] == [Path("new")]


@pytest.fixture(scope="module")
def course(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a unit, a due date and a class list; nothing is collected yet."""
    folder = tmp_path_factory.mktemp("collect")
    fill(folder)
    config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
    (folder / "nbgrader_config.py").write_text(config)
    (folder / "notebooks" / FIRST).mkdir(parents=True)
    (folder / "notebooks" / FIRST / NOTEBOOK).write_text("{}")
    with Gradebook(url(folder)) as book:
        for one in STUDENTS:
            known = {"first_name": one.first_name, "last_name": one.last_name}
            book.update_or_create_student(one.id, lms_user_id=one.lms_user_id, **known)
    return folder


def collect(course: Path, archives: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Put archives into the course, oldest first, and collect them; the lines of the log.

    In each of them something is left out.
    """
    folder = course / "downloaded" / FIRST / "archive"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for age, (name, files) in enumerate(archives.items()):
        with zipfile.ZipFile(folder / name, "w") as archive:
            for file, text in files.items():
                archive.writestr(file, text)
        os.utime(folder / name, (1000 + age, 1000 + age))
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "zip_collect", FIRST, "--force"],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return [line.split("] ", 1)[-1] for line in done.stderr.splitlines() if "INFO" not in line]


def collected(course: Path, student: str) -> dict[str, str]:
    """What is in a student's folder."""
    folder = course / "submitted" / student / FIRST
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_download_of_canvas(course: Path) -> None:
    told = collect(
        course,
        {
            "submissions.zip": {
                f"lovelaceada_501_9001_{NOTEBOOK}": "first",
                f"lovelaceada_501_9007_{FIRST}-1.ipynb": "second",
                f"obrienzoë_LATE_502_9002_{NOTEBOOK}": "late",
                f"stranger_599_9003_{NOTEBOOK}": "nobody's",
                "lovelaceada_501_9004_notes.txt": "no notebook",
            }
        },
    )
    assert collected(course, "ada") == {NOTEBOOK: "second"}
    assert collected(course, "zoe") == {NOTEBOOK: "late", "timestamp.txt": "2026-11-01 12:00:01"}
    newest = f"submissions.zip/lovelaceada_501_9007_{FIRST}-1.ipynb counts"
    first = f"submissions.zip/lovelaceada_501_9001_{NOTEBOOK} does not: it was handed in earlier"
    assert f"ada handed in {NOTEBOOK} 2 times: {newest}. {first}" in told
    assert any(line.startswith("zoe is late. Canvas does not say how late") for line in told)
    assert (
        f"submissions.zip/stranger_599_9003_{NOTEBOOK} was not collected: Canvas' user 599 is "
        "not in the gradebook: `grader roster` reads a class list"
    ) in told
    assert told[-1] == "1 thing was left out: the lines above say why"
    stamp = course / "submitted" / "zoe" / FIRST / "timestamp.txt"
    stamp.write_text("2026-11-03 00:10:00 Europe/Berlin")
    assert "zoe: timestamp.txt stays as you wrote it, 2026-11-03 00:10:00 Europe/Berlin" in collect(
        course, {"submissions.zip": {f"obrienzoë_LATE_502_9002_{NOTEBOOK}": "late", "a.zip": ""}}
    )
    stamp.unlink()


def test_two_downloads_of_moodle(course: Path) -> None:
    ada, kim = "Ada Lovelace_7001_assignsubmission_file", "Kim Lee_7003_assignsubmission_file"
    told = collect(
        course,
        {
            "later-in-the-alphabet.zip": {f"{ada}_/{NOTEBOOK}": "first", NOTEBOOK: "a stray one"},
            "WS_2024_25_DL-01-first-layers-4711.zip": {
                f"{ada}/{NOTEBOOK}": "second",
                f"Zoë OBrien Smith Jones_7002_assignsubmission_file_{FIRST} (1).ipynb": "flat",
                f"{kim}/{NOTEBOOK}": "whose?",
                "Ada Lovelace_7001_assignsubmission_onlinetext/onlinetext.html": "text",
            },
        },
    )
    assert collected(course, "ada") == {NOTEBOOK: "second"}
    assert collected(course, "zoe") == {NOTEBOOK: "flat"}
    moodle = "WS_2024_25_DL-01-first-layers-4711.zip"
    whose = "was not collected: Kim Lee can be kim1 or kim2"
    assert f"{moodle}/{kim}/{NOTEBOOK} {whose}" in told
    stray = "was not collected: it does not have a name as Canvas or Moodle give it"
    assert f"later-in-the-alphabet.zip/{NOTEBOOK} {stray}" in told
    assert told[-1] == "2 things were left out: the lines above say why"
