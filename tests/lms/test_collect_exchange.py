"""`nbgrader collect` with what people, and programs, leave in the exchange's inbound folder."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from nbgrader.exchange import ExchangeError, ExchangeFactory, abc
from nbgrader.utils import get_username

from grader.cli import main
from grader.gradebook.course import application
from grader.lms import arrival, take
from grader.lms.collect_exchange import Collect
from tests.gradebooks import FIRST, fill

NOTEBOOK = f"{FIRST}.ipynb"
EARLY, LATE = "2026-10-01 10:00:00 UTC", "2026-11-02 10:00:00 UTC"
LOG = logging.getLogger(__name__)
Course = Path
HandIn = Callable[..., Path]


@pytest.fixture
def course(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course with an exchange in which nothing was handed in."""
    folder = tmp_path / "course"
    folder.mkdir()
    fill(folder)
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
        f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    )
    (tmp_path / "exchange" / "layer-by-layer" / "inbound").mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o777)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def hand_in(course: Course) -> HandIn:
    """Hand something in; the folder in the exchange."""

    def made(student: str, text: str = "work", when: str = EARLY) -> Path:
        inbound = course.parent / "exchange" / "layer-by-layer" / "inbound"
        folder = inbound / f"{student}+{FIRST}+{when}"
        folder.mkdir()
        (folder / NOTEBOOK).write_text(text)
        (folder / "timestamp.txt").write_text(when)
        (folder / "submission_secret.txt").write_text(f"{student} {when}")
        return folder

    return made


def collect(
    course: Course, caplog: pytest.LogCaptureFixture, whole: bool = True, **options: object
) -> list[str]:
    """Collect, all or (if not `whole`) with something left out; the warnings and the error."""
    caplog.clear()
    app = application(course)
    app.coursedir.assignment_id = FIRST
    app.exchange = ExchangeFactory(parent=app)
    options = {"update": True, "check_owner": False, **options}
    made = app.exchange.Collect(coursedir=app.coursedir, parent=app, log=LOG, **options)
    ended = nullcontext() if whole else pytest.raises(ExchangeError, match="left out")
    with ended:
        made.start()
    return caplog.messages


def there(course: Course, student: str) -> dict[str, str]:
    """What is in submitted/ of a student's."""
    folder = course / "submitted" / student / FIRST
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.is_dir() else {}


def test_each_students_newest_one(
    course: Course, hand_in: HandIn, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in("ada", "first")
    hand_in("zoe")
    assert collect(course, caplog) == []
    hand_in("ada", "second", LATE)
    assert collect(course, caplog, update=False) == []
    assert there(course, "ada")[NOTEBOOK] == "first"
    assert collect(course, caplog, before_duedate=True, update=False) == []
    assert there(course, "ada")[NOTEBOOK] == "first"
    assert collect(course, caplog) == []
    assert there(course, "ada") == {
        NOTEBOOK: "second",
        "timestamp.txt": LATE,
        "submission_secret.txt": f"ada {LATE}",
    }
    assert collect(course, caplog, before_duedate=True) == []
    assert there(course, "ada")[NOTEBOOK] == "first"
    assert there(course, "zoe")[NOTEBOOK] == "work"
    assert not (course / "downloaded").exists()


def test_names_that_are_none_stop_nobody(
    course: Course, hand_in: HandIn, caplog: pytest.LogCaptureFixture
) -> None:
    inbound = hand_in("ada").parent
    names = (
        *(f"eve+{FIRST}+", f"eve+{FIRST}+yesterday", f"eve+{FIRST}+99999-01-01 10:00:00 UTC"),
        *(f"..+{FIRST}+{EARLY}", f"*+{FIRST}+{EARLY}", f"+{FIRST}+{EARLY}"),
        f"e\nve+{FIRST}+{EARLY}",
    )
    for name in names:
        (inbound / name).mkdir()
    *lines, last = collect(course, caplog, whole=False)
    assert len(lines) == len(names)
    assert all("is no submission: left alone" in line and "\n" not in line for line in lines)
    assert last == "7 things were left out: the lines above say why"
    assert there(course, "ada")[NOTEBOOK] == "work"
    assert [path.name for path in (course / "submitted").iterdir()] == ["ada"]


def test_a_link_to_a_file_of_the_instructors_is_not_followed(
    course: Course, hand_in: HandIn, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in("ada")
    secret = hand_in("eve") / "my-notes.txt"
    secret.symlink_to(course / "gradebook.db")
    said = collect(course, caplog, whole=False)
    assert said[0] == "eve was not collected: my-notes.txt is a link to another place."
    assert there(course, "eve") == {}
    assert there(course, "ada")[NOTEBOOK] == "work"


def test_nobody_hands_in_for_somebody_who_has(
    course: Course,
    hand_in: HandIn,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """nbgrader warns, and gives ada what eve wrote."""
    real = {hand_in("ada", "ada's").name: "ada"}
    read = arrival._read

    def with_owner(entry: os.DirEntry[str], match: object) -> object:
        found = read(entry, match)
        return found and replace(found, owner=real.get(entry.name, "eve"))

    monkeypatch.setattr(arrival, "_read", with_owner)
    hand_in("ada", "eve's", LATE)
    said = collect(course, caplog, whole=False, check_owner=True)
    assert "was written by the account eve: left alone" in said[0]
    assert there(course, "ada")[NOTEBOOK] == "ada's"


def test_where_accounts_are_called_otherwise_it_is_said_and_collected(
    course: Course, hand_in: HandIn, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in("ada")
    [line] = collect(course, caplog, check_owner=True)
    assert f"ada: the account {get_username()} wrote this submission" in line
    assert there(course, "ada")[NOTEBOOK] == "work"


@pytest.mark.parametrize("stamp", ["2026-09-01 10:00:00 UTC", "2027-01-01 10:00:00 UTC", "soon"])
def test_a_time_that_a_person_wrote_stays_until_something_new_comes(
    course: Course, hand_in: HandIn, caplog: pytest.LogCaptureFixture, stamp: str
) -> None:
    """An earlier one would have been taken for an older submission, a later one for a newer."""
    hand_in("ada", "first")
    collect(course, caplog)
    (course / "submitted" / "ada" / FIRST / "timestamp.txt").write_text(stamp)
    assert collect(course, caplog) == []
    assert there(course, "ada")["timestamp.txt"] == stamp
    hand_in("ada", "second", LATE)
    assert collect(course, caplog) == []
    assert there(course, "ada")[NOTEBOOK] == "second"
    assert there(course, "ada")["timestamp.txt"] == LATE


def test_what_a_person_changed_or_brought_is_moved_not_lost(
    course: Course, hand_in: HandIn, caplog: pytest.LogCaptureFixture
) -> None:
    hand_in("ada", "first")
    collect(course, caplog)
    (course / "submitted" / "ada" / FIRST / NOTEBOOK).write_text("mended by hand")
    by_mail = course / "submitted" / "zoe" / FIRST
    by_mail.mkdir(parents=True)
    (by_mail / NOTEBOOK).write_text("by mail")
    for student in ("ada", "zoe"):
        hand_in(student, "newer", LATE)
    assert len(collect(course, caplog)) == 2
    aside = course / "downloaded" / FIRST / "replaced"
    for student, text in (("ada", "mended by hand"), ("zoe", "by mail")):
        assert there(course, student)[NOTEBOOK] == "newer"
        assert (aside / student / NOTEBOOK).read_text() == text


def test_a_full_disk_takes_nothing_away(
    course: Course,
    hand_in: HandIn,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for student in ("ada", "zoe"):
        hand_in(student, "first")
    collect(course, caplog)
    for student in ("ada", "zoe"):
        hand_in(student, "second", LATE)
    copy = take._Copy.copy

    def full(self: take._Copy, source: Path, target: Path) -> None:
        if source.name.startswith("ada"):
            raise OSError(28, "No space left on device", str(target))
        copy(self, source, target)

    monkeypatch.setattr(take._Copy, "copy", full)
    said = collect(course, caplog, whole=False)
    assert "ada was not collected: " in said[0]
    assert "No space left on device" in said[0]
    assert there(course, "ada")[NOTEBOOK] == "first"
    assert there(course, "zoe")[NOTEBOOK] == "second"
    assert [path.name for path in (course / "submitted" / "ada").iterdir()] == [FIRST]


def test_ctrl_c_leaves_each_student_whole(
    course: Course,
    hand_in: HandIn,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hand_in("ada", "first")
    collect(course, caplog)
    hand_in("ada", "second", LATE)
    with monkeypatch.context() as patched:

        def stopped(self: take._Copy, source: Path, target: Path) -> None:
            (target / "half").write_text("half")
            raise KeyboardInterrupt

        patched.setattr(take._Copy, "copy", stopped)
        with pytest.raises(KeyboardInterrupt):
            collect(course, caplog)
    assert there(course, "ada")[NOTEBOOK] == "first"
    assert collect(course, caplog) == []
    assert there(course, "ada")[NOTEBOOK] == "second"
    assert [path.name for path in (course / "submitted" / "ada").iterdir()] == [FIRST]


def test_the_commands_of_nbgrader_and_ours(
    course: Course, hand_in: HandIn, capfd: pytest.CaptureFixture[str]
) -> None:
    hand_in("ada").parent.joinpath(f"eve+{FIRST}+").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "collect", FIRST],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "nbgrader collect failed" in done.stderr
    assert there(course, "ada")[NOTEBOOK] == "work"
    hand_in("ada", "second", LATE)
    assert main(["collect", FIRST]) == 1
    said = capfd.readouterr()
    assert f"{FIRST}: 0 new, 1 changed, 0 unchanged" in said.out
    assert "is no submission: left alone" in said.err


def test_another_exchange_has_a_class_of_its_own(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = type("OtherExchange", (abc.Exchange,), {"__module__": "other"})
    own = type("OtherExchangeCollect", (abc.ExchangeCollect,), {"__module__": "other"})
    module = type(sys)("other")
    module.OtherExchange, module.OtherExchangeCollect = exchange, own
    monkeypatch.setitem(sys.modules, "other", module)
    app = application(course)
    app.exchange = ExchangeFactory(parent=app, exchange=exchange)
    assert type(Collect.__new__(Collect, parent=app)) is own
    del module.OtherExchangeCollect
    app.coursedir.assignment_id = FIRST
    made = Collect(coursedir=app.coursedir, parent=app, log=app.log)
    with pytest.raises(ExchangeError, match=r"nothing was collected: other\.OtherExchange"):
        made.start()
