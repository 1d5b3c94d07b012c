"""A class's ideas over time: what students send is read with care, counted, and put on a page."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser

from grader.class_report.class_report import ClassReport, Held, Submission
from grader.class_report.ideas import FEW, ClassIdeas, Helped, UnitIdeas, unit_ideas
from grader.class_report.ideas_page import ideas_page
from grader.class_report.shared_checks import (
    Entry,
    SharedCheck,
    SharedHint,
    read_shared,
)
from grader.cli import main
from grader.sharing import FILE, HEAD, MOST_BYTES, MOST_LINES
from tests import paper_class
from tests.paper_class import Pupil, idea, paper_course

UNIT = "01-first-layers"
BIAS, LAST = "bias omitted", "activation before bias"
KNOWN = {"Dense": {BIAS, LAST}, "Flatten": set[str]()}
NASTY = "<script>alert('&')</script>"
RIGHT = SharedCheck("Dense", True, True, ())
ASKED, TOLD = SharedHint("Dense", "a question"), SharedHint("Dense", "the idea")


def wrong(*ideas: str, exercise: str = "Dense") -> SharedCheck:
    """A check whose card names these ideas."""
    return SharedCheck(exercise, False, True, ideas)


# Reading


def sent(folder: Path, *lines: str) -> Path:
    """The file with these lines."""
    path = folder / FILE
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_what_a_notebook_writes_is_read(tmp_path: Path) -> None:
    path = sent(
        tmp_path,
        "check\tDense: not attempted yet",
        f"check\tDense: 4 of 7 right\t{BIAS}\t{LAST}",
        "hint\tDense\toutput\ta question",
        "check\tDense: all right",
    )
    assert read_shared(path, KNOWN) == (
        [SharedCheck("Dense", False, False, ()), wrong(BIAS, LAST), ASKED, RIGHT],
        0,
    )


@pytest.mark.parametrize(
    "line",
    [
        f"check\t{NASTY}: all right",
        f"check\tDense: all right\t{NASTY}",
        "check\tDense: 99999999 of 1 right",
        "check\tDropout: all right",
        "check",
        "check\tDense",
        "check\tDense: 1 of 7 right" + f"\t{BIAS}" * 9,
        f"hint\tDense\toutput\t{NASTY}",
        "hint\tDense\toutput",
        "points\tDense\t10",
        "\0\0\0",
    ],
)
def test_no_word_of_a_students_own_gets_in(tmp_path: Path, line: str) -> None:
    path = sent(tmp_path, line, "check\tDense: all right")
    assert read_shared(path, KNOWN) == ([RIGHT], 1)


def test_a_long_file_is_read_in_part(tmp_path: Path) -> None:
    path = sent(tmp_path, *["check\tDense: all right"] * 3 * MOST_LINES)
    found = read_shared(path, KNOWN)
    assert found
    assert len(found[0]) == MOST_LINES
    path.write_bytes(b"x" * 50 * MOST_BYTES)
    assert read_shared(path, KNOWN) == ([], 1)


def test_a_link_or_a_pipe_is_not_read(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_text("check\tDense: all right")
    (tmp_path / "link").symlink_to(private)
    os.mkfifo(tmp_path / "pipe")
    assert read_shared(tmp_path / "link", KNOWN) is None
    assert read_shared(tmp_path / "nothing", KNOWN) is None
    found = read_shared(tmp_path / "pipe", KNOWN)
    assert found in (None, ([], 0))


# Counting


def report(held: Sequence[Held] = (), graded: int = 10) -> ClassReport:
    """The report of a class of this size."""
    submissions = tuple(
        Submission(f"pupil-{i}", "", 1.0, 0.0, 0, 0, (), (), ()) for i in range(graded)
    )
    return ClassReport(UNIT, 10.0, submissions, (), tuple(held), (), (), ())


def counted(*ways: Sequence[Entry], held: Sequence[Held] = ()) -> UnitIdeas:
    """The ideas of those who sent these entries, and of others who met none."""
    others = [[RIGHT]] * max(0, FEW - len(ways))
    return unit_ideas(report(held), [*ways, *others], {("Dense", BIAS): "You add no bias."})


def test_how_long_an_idea_stays() -> None:
    found = counted(
        [wrong(BIAS), wrong(BIAS), wrong(), RIGHT],  # two checks
        [wrong(LAST), wrong(BIAS), RIGHT, wrong(BIAS)],  # one, and it comes back
        [wrong(), wrong(BIAS), wrong(BIAS), wrong(BIAS)],  # never left
    )
    [bias, last] = found.ideas
    assert (bias.idea, last.idea) == (BIAS, LAST)
    assert (bias.met, bias.first, bias.spent, bias.took) == (3, 2, 7, (1, 2))
    assert (bias.stayed, bias.back, bias.typical, bias.says) == (1, 1, 1.5, "You add no bias.")
    assert (last.met, last.first, last.took) == (1, 1, (1,))


def test_which_hint_helped() -> None:
    [bias] = counted(
        [wrong(BIAS), ASKED, wrong(BIAS), TOLD, RIGHT],
        [ASKED, wrong(BIAS), ASKED, TOLD, RIGHT],  # the last one that was read before the check
        [wrong(BIAS), ASKED],  # no check came after it
    ).ideas
    assert bias.hints == (Helped("a question", 1, 0), Helped("the idea", 2, 2))


def test_how_many_checks_an_exercise_takes() -> None:
    found = counted([wrong(BIAS), wrong(), RIGHT], [wrong(exercise="Flatten")])
    dense, flatten = found.exercises
    assert (dense.tried, dense.took, dense.not_yet) == (4, (1, 1, 1, 3), 0)
    assert (dense.wrong, dense.unnamed) == (2, 1)
    assert (flatten.tried, flatten.took, flatten.not_yet) == (1, (), 1)


def test_graded_work_counts_without_anybody_who_sends() -> None:
    held = Held(BIAS, ("pupil-1", "pupil-2"), "Dense", "You add no bias.")
    found = unit_ideas(report([held]), [], {})
    assert [(one.idea, one.held, one.met) for one in found.ideas] == [(BIAS, 2, 0)]
    assert (found.graded, found.with_idea, found.senders) == (10, 2, 0)


def test_nothing_of_a_few_is_shown() -> None:
    found = unit_ideas(report(), [[wrong(BIAS), RIGHT]] * (FEW - 1), {})
    assert found.senders == FEW - 1
    assert (found.ideas, found.exercises) == ((), ())
    page = ideas_page(ClassIdeas((found,)))
    assert BIAS not in page
    assert f"Fewer than {FEW} sent their checks: not shown." in page


def test_the_costliest_come_first() -> None:
    held = [Held(LAST, ("pupil-1",), "Dense")]
    ways = [[wrong(BIAS), wrong(BIAS), RIGHT]] * FEW
    found = ClassIdeas((unit_ideas(report(held), ways, {}), unit_ideas(report(), [], {})))
    assert [one.idea for _, one in found.costliest] == [BIAS, LAST]


# The page


CLASS = [
    ["check\tDense: 4 of 7 right\tbias omitted"] * (1 + number % 4)
    + ["hint\tDense\tparameters\ta question"]
    + (["check\tDense: 5 of 7 right\tactivation before bias"] * (number % 3))
    + (["check\tDense: all right"] if number % 5 else [])
    for number in range(12)
]
"""What a made-up class sends."""


@pytest.fixture(scope="module")
def course(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of which half sends its checks."""
    pupils = [
        Pupil(f"pupil-{i}", ideas={"check-dense": idea(BIAS)} if i % 3 == 0 else {})
        for i in range(24)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper_class, "UNIT", UNIT)
        made = paper_course(root, tmp_path_factory.mktemp("ideas") / "course", pupils)
    for number, lines in enumerate(CLASS):
        folder = made / "submitted" / f"pupil-{number}" / UNIT
        folder.mkdir(parents=True)
        extra = [f"check\t{NASTY}"] if number == 0 else []
        sent(folder, *lines, *extra)
    return made


def test_the_command_writes_a_page_without_names(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course)
    assert main(["report", "--ideas"]) == 0
    assert "reports/ideas.html  1 unit, without names" in capsys.readouterr().out
    page = (course / "reports" / "ideas.html").read_text()
    said = " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())
    assert "Dense: bias omitted (01-first-layers). The card says: Your layer never adds" in said
    assert "12 of 12 who send their checks met it, 12 of them as the first idea." in said
    assert "8 of 24 still have it in graded work." in said
    assert "1 line could not be read." in said
    assert "pupil" not in page
    assert NASTY not in page
    assert "<script" not in page


def test_the_same_as_data(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course)
    assert main(["report", "--ideas", "--json", UNIT]) == 0
    said = capsys.readouterr().out
    [unit] = json.loads(said)
    assert (unit["graded"], unit["senders"], unit["unread"]) == (24, 12, 1)
    assert unit["ideas"][0]["idea"] == BIAS
    assert "pupil" not in said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_window_and_prints_no_error(
    course: Path, monkeypatch: pytest.MonkeyPatch, chromium: Browser, scheme: str
) -> None:
    monkeypatch.chdir(course)
    assert main(["report", "--ideas"]) == 0
    context = chromium.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 1280, "height": 720},
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text))
    page.goto((course / "reports" / "ideas.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("h2").first.inner_text() == "Where the text fails"
    assert errors == []
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/ideas-{scheme}.png", full_page=True)
    context.close()
