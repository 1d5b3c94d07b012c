"""`sharing`: off unless it is turned on, and then what is sent is what is shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from grader import CheckFailed, check, hint, sharing
from grader.examination.examine import examine
from grader.hint import _given, kind, ladder
from grader.sharing import FILE, HEAD, KINDS, MOST_LINES
from tests.test_hint import NoBias
from tests.variants.dense import WithOps


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The notebook's folder."""
    _given.clear()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fail(candidate: object = NoBias, **options: object) -> None:
    """A check that fails."""
    with pytest.raises(CheckFailed):
        check(candidate, "Dense", **options)


def kept() -> list[str]:
    """The lines of the file below its head."""
    text = Path(FILE).read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    return text.removeprefix(HEAD).splitlines()


def test_nothing_is_kept_unless_it_is_turned_on(in_a_folder: Path) -> None:
    fail()
    hint(NoBias, "Dense")
    assert [*in_a_folder.iterdir()] == []
    sharing()
    assert [*in_a_folder.iterdir()] == []


def test_each_check_and_each_hint_is_a_line_of_words_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sharing("on")
    assert "Sharing is on" in capsys.readouterr().out
    fail()
    hint(NoBias, "Dense")
    hint(NoBias, "Dense")
    check(WithOps, "Dense")
    assert kept() == [
        "check\tDense: 4 of 7 right\tbias omitted",
        "hint\tDense\tparameters\twhere to look",
        "hint\tDense\tparameters\tthe case",
        "check\tDense: all right",
    ]
    capsys.readouterr()
    sharing()
    shown = capsys.readouterr().out
    assert Path(FILE).read_text() in shown  # what is sent is what is shown


def test_turning_it_off_deletes_all_of_it(in_a_folder: Path) -> None:
    sharing("on")
    fail()
    sharing("on")  # a second time keeps what is there
    assert len(kept()) == 1
    sharing("off")
    sharing("off")
    fail()
    assert [*in_a_folder.iterdir()] == []
    with pytest.raises(ValueError, match=r"sharing\(\"on\"\)"):
        sharing("yes")


def test_hidden_checks_and_validate_add_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    sharing("on")
    fail(hidden=True)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    fail()
    assert kept() == []


def test_the_file_ends_and_a_check_never_fails_for_it() -> None:
    sharing("on")
    with Path(FILE).open("a") as file:
        file.write("x\n" * MOST_LINES)
    before = Path(FILE).read_bytes()
    fail()
    assert Path(FILE).read_bytes() == before
    Path(FILE).unlink()
    Path(FILE).symlink_to("/dev/full")
    fail()


def test_each_rung_of_a_ladder_has_a_kind() -> None:
    report = examine(NoBias, "Dense")
    rungs = ladder(report, report.failed[0])
    assert [kind(report, step, len(rungs)) for step in range(len(rungs))] == [*KINDS]


def test_to_import_it_loads_no_tensorflow() -> None:
    code = "import sys; from grader import sharing; sharing(); print('tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")
