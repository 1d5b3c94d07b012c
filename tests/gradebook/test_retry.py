"""What is waited for, and for how long: without a disk that is full."""

import errno
import logging
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg
import pytest
from nbgrader.api import InvalidEntry
from sqlalchemy.exc import OperationalError

from grader.gradebook import retry
from grader.gradebook.one_line import Refused
from grader.gradebook.retry import Patience

FULL = OSError(errno.ENOSPC, "No space left on device")
QUOTA = OSError(errno.EDQUOT, "Disk quota exceeded")


def database_error(name: str) -> OperationalError:
    """What SQLAlchemy raises for SQLite's error of this name."""
    error = sqlite3.OperationalError(name)
    error.sqlite_errorname = name
    return OperationalError("UPDATE grade", {}, error)


def server_error(name: str) -> OperationalError:
    """What SQLAlchemy raises for PostgreSQL's error of this name."""
    return OperationalError("UPDATE grade", {}, getattr(psycopg.errors, name)(name))


def gone() -> OperationalError:
    """The same for a server that is not there: such an error has no code."""
    return OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused"))


def wrapped(error: Exception) -> InvalidEntry:
    """What nbgrader makes of an error when it commits."""
    entry = InvalidEntry(*error.args)
    entry.__context__ = error
    return entry


def work(*troubles: Exception) -> Callable[[], str]:
    """Something that meets these troubles first, each once, and then goes well."""
    left = list(troubles)

    def do() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return do


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patience:
    """Looks again at once."""
    monkeypatch.setattr(retry, "_LOOK_SECONDS", 0)
    return Patience(tmp_path, logging.getLogger("test-patience"))


def said(records: Iterable[logging.LogRecord]) -> list[str]:
    """The messages of a log."""
    return [record.getMessage() for record in records]


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (FULL, "is full"),
        (QUOTA, "is full"),
        (database_error("SQLITE_FULL"), "is full"),
        (database_error("SQLITE_BUSY"), "The gradebook is locked by another program"),
        (database_error("SQLITE_BUSY_SNAPSHOT"), "The gradebook is locked by another program"),
        (wrapped(database_error("SQLITE_BUSY")), "The gradebook is locked by another program"),
        (server_error("DeadlockDetected"), "The gradebook is locked by another program"),
        (server_error("LockNotAvailable"), "The gradebook is locked by another program"),
        (server_error("DiskFull"), "The disk of the gradebook's server is full"),
        (server_error("TooManyConnections"), "The gradebook's server does not answer"),
        (server_error("AdminShutdown"), "The gradebook's server does not answer"),
        (gone(), "The gradebook's server does not answer"),
    ],
)
def test_what_passes_is_waited_for_and_told_once(
    patient: Patience, caplog: pytest.LogCaptureFixture, trouble: Exception, words: str
) -> None:
    assert patient.do(work(*[trouble] * 5)) == "done"
    told, over = said(caplog.records)
    assert words in told
    assert over == "Grading continues."


@pytest.mark.parametrize(
    "trouble",
    [
        OSError(errno.EIO, "x"),
        database_error("SQLITE_ERROR"),
        server_error("QueryCanceled"),
        wrapped(ValueError("x")),
        ValueError("x"),
        Refused("x"),
    ],
)
def test_what_does_not_pass_is_raised_at_once(
    patient: Patience, caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    with pytest.raises(type(trouble)) as raised:
        patient.do(work(trouble))
    assert raised.value is trouble
    assert said(caplog.records) == []


@pytest.mark.parametrize(
    ("trouble", "says"),
    [(OSError(errno.EACCES, "x"), "cannot be used"), (OSError(errno.EROFS, "x"), "is read-only")],
)
def test_what_may_not_be_written_is_refused_at_once(
    patient: Patience, trouble: Exception, says: str
) -> None:
    with pytest.raises(Refused, match=says):
        patient.do(work(trouble))


def test_it_gives_up_once_for_all(
    patient: Patience, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "_MOST_SECONDS", 0)
    with pytest.raises(Refused, match="continues where it was"):
        patient.do(work(FULL, FULL))
    with pytest.raises(Refused, match="is full"):
        patient.do(work())
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_a_folder_that_may_not_be_written_to_is_no_trouble(tmp_path: Path) -> None:
    elsewhere = Patience(tmp_path / "not-there", logging.getLogger("test-patience"))
    assert elsewhere.do(work()) == "done"


def test_nothing_is_left_in_the_folder(patient: Patience, tmp_path: Path) -> None:
    assert patient.do(work(FULL)) == "done"
    assert list(tmp_path.iterdir()) == []
