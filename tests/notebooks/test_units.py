"""Every unit, as its instructor sees it: it runs to its end, and its own answers are right."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbclient
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.authoring.source import instructor_notebook
from grader.exercises.catalogue import CATALOGUE
from grader.grading.check_calls import check_calls
from grader.grading.code_cells import EXPERIMENT
from grader.grading.judge import Judgement
from grader.grading.zoo_session import ZooSession
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

ROOT = Path(__file__).parents[2]
UNITS = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9]*.py"))
every_unit = pytest.mark.parametrize("unit", UNITS)
every_run = pytest.mark.parametrize(
    "unit",
    [
        UNITS[0],
        *(pytest.param(unit, marks=pytest.mark.long) for unit in UNITS[1:]),
    ],
)
"""A kernel takes as long to load TensorFlow as the rest of a unit: CI runs one of them."""
ALSO_HIDDEN = {"19-capstone-see"}
"""A unit with exercises that are graded in other ways: a model is trained, one is loaded."""
every_hidden_answer = pytest.mark.parametrize(
    "unit",
    [
        *UNITS[:2],
        *(
            pytest.param(unit, marks=pytest.mark.slow if unit in ALSO_HIDDEN else pytest.mark.long)
            for unit in UNITS[2:]
        ),
    ],
)
every_answer = pytest.mark.parametrize(
    "unit",
    [pytest.param(one, marks=pytest.mark.slow) for one in UNITS[2:] if one not in ALSO_HIDDEN],
)
MOST_SECONDS = 60


def notebook(unit: str) -> NotebookNode:
    """The unit's instructor notebook, made from its text."""
    return instructor_notebook(ROOT / "solutions" / f"{unit}.py", frozenset(CATALOGUE))


@cache
def executed(unit: str, folder: Path) -> NotebookNode:
    """The notebook with all outputs. An exception in a cell stays in the cell."""
    made = notebook(unit)
    clock = "import time as _time\n_time.process_time()"
    made.cells.append(new_code_cell(clock))
    nbclient.NotebookClient(
        made,
        timeout=10 * MOST_SECONDS,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    return made


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the kernels run: not in the project, which a unit must not need."""
    return tmp_path_factory.mktemp("kernel")


@pytest.fixture
def ran(unit: str, folder: Path) -> NotebookNode:
    """The unit after it was run."""
    return executed(unit, folder)


def outputs(ran: NotebookNode) -> list[tuple[str, NotebookNode]]:
    """All outputs, with the id of their cell."""
    return [(cell.id, output) for cell in ran.cells for output in cell.get("outputs", [])]


@every_unit
def test_each_cell_has_a_lasting_id_of_its_own(unit: str) -> None:
    headers = re.findall(r"^# %%.*$", (ROOT / "solutions" / f"{unit}.py").read_text(), re.MULTILINE)
    assert len(headers) > 20
    assert [h for h in headers if ' id="' not in h and '"grade_id": "' not in h] == []


@every_unit
def test_each_exercise_is_a_heading_that_begins_a_cell(unit: str) -> None:
    """So JupyterLab's table of contents lists it."""
    texts = [cell.source for cell in notebook(unit).cells if cell.cell_type == "markdown"]
    exercises = [text for text in texts if "Exercise:" in text]
    assert exercises
    assert [text for text in exercises if not text.startswith("### Exercise: ")] == []


@every_run
def test_it_runs_from_top_to_bottom(unit: str, ran: NotebookNode) -> None:
    errors = [(where, o.ename, o.evalue) for where, o in outputs(ran) if o.output_type == "error"]
    assert errors == []
    assert len(outputs(ran)) > 5


@every_run
def test_nothing_is_written_to_stderr(unit: str, ran: NotebookNode) -> None:
    """Stock nbgrader gives zero for it, and students take fright at red lines."""
    assert [(where, o.text) for where, o in outputs(ran) if o.get("name") == "stderr"] == []


@every_run
def test_no_printed_line_is_longer_than_the_page(unit: str, ran: NotebookNode) -> None:
    """JupyterLab breaks it in the middle of a word. Of Keras's own messages nothing is asked."""
    lines = [(where, line) for where, o in outputs(ran) for line in o.get("text", "").splitlines()]
    assert [(w, line) for w, line in lines if len(line) > 100 and "Error: " not in line] == []


@every_run
def test_it_takes_less_than_a_minute(unit: str, ran: NotebookNode) -> None:
    seconds = float(ran.cells[-1].outputs[0].data["text/plain"])
    assert 0.5 < seconds < MOST_SECONDS


@every_run
def test_every_check_is_all_right(unit: str, ran: NotebookNode) -> None:
    checks = 0
    for cell in ran.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            calls = check_calls(cell.source) or []
            cards = [o.data["text/plain"] for o in cell.outputs if "text/html" in o.get("data", {})]
            assert len(cards) == len(calls)
            assert all(card.split("\n")[0].split(": ")[1].startswith("all right") for card in cards)
            checks += len(calls)
    assert checks > 3


class Pictures(HTMLParser):
    """Collects what a page shows as pictures, and whether it says what they show."""

    def __init__(self) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at an <img> or an <svg>."""
        given: dict[str, Any] = dict(attrs)
        if tag in ("img", "svg", "canvas", "video"):
            self.count += 1
            said = given.get("alt" if tag == "img" else "aria-label") or ""
            if len(said.split()) < 3:
                self.silent.append(f"{tag}: {said!r}")


@every_run
def test_every_picture_has_an_alternative_text(unit: str, ran: NotebookNode) -> None:
    count = 0
    for where, output in outputs(ran):
        data = output.get("data", {})
        bare = [kind for kind in data if kind.startswith(("image/", "video/", "audio/"))]
        assert bare == [], f"{where}: an output of type {bare} has no place for an alt text"
        pictures = Pictures()
        pictures.feed("".join(data.get("text/html", "")))
        assert pictures.silent == [], where
        count += pictures.count
    for cell in ran.cells:
        if cell.cell_type == "markdown":
            assert "![](" not in cell.source
    assert count > 0


@every_hidden_answer
def test_the_answers_pass_without_the_experiments(unit: str, warm: Warm) -> None:
    """As they are graded: in a confined process, with cases that are not the visible ones."""
    judged = judged_in_a_box(unit, warm, hidden=True)
    # What hidden cases find wrong would be left open, for a second process.
    assert [cell for cell, one in enumerate(judged) if one.is_open] == []
    reports = [report for one in judged for report in one.reports]
    assert any(report.hidden for report in reports)
    assert [str(report) for report in reports if not report.passed] == []


@every_answer
def test_the_answers_pass_the_visible_cases(unit: str, warm: Warm) -> None:
    """The same with the visible cases only, for all other units."""
    reports = [
        report for one in judged_in_a_box(unit, warm, hidden=False) for report in one.reports
    ]
    assert reports
    assert not any(report.hidden for report in reports)
    assert [str(report) for report in reports if not report.passed] == []


def judged_in_a_box(unit: str, warm: Warm, *, hidden: bool) -> list[Judgement]:
    """All test cells of a unit, judged in a confined process without its experiments."""
    judged = []
    trains = any(one.kind == "train" and one.unit == unit for one in CATALOGUE.values())
    limits = warm.limits.in_training() if trains else warm.limits
    with ZooSession(warm.start, limits) as zoo, Session(warm.start, limits) as session:
        session.answers = zoo.answers
        for cell in notebook(unit).cells:
            if cell.cell_type != "code" or EXPERIMENT in cell.metadata.get("tags", []):
                continue
            if not cell.metadata.get("nbgrader", {}).get("grade"):
                errors = [o for o in session.run(cell.source) if o["output_type"] == "error"]
                assert errors == []
                continue
            calls = [c for c in check_calls(cell.source) or [] if hidden or not c.hidden]
            judged.append(Judgement(calls, session, 2021))
        session.be_unseen()
        for one in judged:
            one.ask_again()
    return judged
