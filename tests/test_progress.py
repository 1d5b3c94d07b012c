"""`progress`: read off the cards of saved notebooks, and off those of this process."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from grader import check, progress
from grader.card.finding import Diagnosis, Finding
from grader.card.report import Report
from grader.check import SHOWN
from grader.exercises.catalogue import CATALOGUE
from grader.progress import DONE, TRIED, UNTOUCHED, Progress, survey
from tests.variants.dense import WithOps

UNIT = "01-first-layers"
RIGHT = Report("Dense", (Finding("shape", True, 1, ""), Finding("output", True, 1, "")))
WRONG = Report("Dense", (Finding("shape", True, 1, ""), Finding("output", False, 1, "")))
STUB = Report("Dense", (Finding("shape", None, 1, ""),), attempted=False)
GIVEN = replace(WRONG, attempted=False, whole=True, given=Diagnosis("a fault", "says", "asks"))


@pytest.fixture(autouse=True)
def _nothing_shown_before():
    """As in a kernel that has just begun."""
    before = dict(SHOWN)
    SHOWN.clear()
    yield
    SHOWN.clear()
    SHOWN.update(before)


def card(report):
    return new_output("display_data", {"text/html": "<div></div>", "text/plain": str(report)})


def answer(text):
    meta = {"grade": True, "solution": True, "grade_id": "question"}
    return new_markdown_cell(text, metadata={"nbgrader": meta})


def save(folder, *cells):
    path = folder / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


@pytest.mark.parametrize(
    ("report", "state"), [(RIGHT, DONE), (WRONG, TRIED), (STUB, UNTOUCHED), (GIVEN, UNTOUCHED)]
)
def test_a_saved_card_gives_the_state(tmp_path, report, state):
    save(tmp_path, new_code_cell("check(Dense)", outputs=[card(report)]))
    found = survey([tmp_path], {})
    assert found.units[UNIT]["Dense"] == state
    assert found.count(UNTOUCHED) == len(CATALOGUE) - (state != UNTOUCHED)


def test_every_exercise_is_in_its_unit_whether_it_is_there_or_not(tmp_path):
    found = survey([tmp_path], {})
    assert {(u, name) for u, states in found.units.items() for name in states} == {
        (exercise.unit, name) for name, exercise in CATALOGUE.items()
    }
    assert list(found.units) == sorted(found.units)
    assert found.count(UNTOUCHED) == len(CATALOGUE)


def test_a_card_shown_since_is_newer_than_a_saved_one(tmp_path):
    save(tmp_path, new_code_cell("check(Dense)", outputs=[card(WRONG)]))
    assert survey([tmp_path], {"Dense": RIGHT.headline}).units[UNIT]["Dense"] == DONE


def test_a_written_answer_is_done_where_there_is_one(tmp_path):
    for folder, text, state in (
        ("a", "YOUR ANSWER HERE", UNTOUCHED),
        ("b", " \n", UNTOUCHED),
        ("c", "The blue line falls.", DONE),
    ):
        save(tmp_path / folder, answer(text))
        found = survey([tmp_path / folder], {})
        assert found.units[UNIT]["written: question"] == state


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"cells": [{}]}', '{"cells": [7]}', "{}"])
def test_a_damaged_notebook_is_named_and_loses_nothing_else(tmp_path, damage):
    path = save(tmp_path)
    path.write_text(damage)
    found = survey([tmp_path], {"Dense": RIGHT.headline})
    assert found.unread == (str(path),)
    assert f"{path} cannot be read" in str(found)
    assert found.units[UNIT]["Dense"] == DONE


def test_text_that_is_no_card_says_nothing(tmp_path):
    said = ["Dense: all wrong", "Nothing: all right", "x\nDense: all right"]
    outputs = [new_output("display_data", {"text/plain": text}) for text in said]
    save(tmp_path, new_code_cell("", outputs=[*outputs, new_output("stream", text=RIGHT.headline)]))
    assert survey([tmp_path], {}).units[UNIT]["Dense"] == UNTOUCHED


def test_it_runs_where_nothing_can_be_written_and_writes_nothing(tmp_path, monkeypatch, capsys):
    path = save(tmp_path, new_code_cell("check(Dense)", outputs=[card(RIGHT)]))
    before = path.read_bytes()
    path.parent.chmod(stat.S_IRUSR | stat.S_IXUSR)
    monkeypatch.chdir(path.parent)
    progress()
    path.parent.chmod(stat.S_IRWXU)
    assert capsys.readouterr().out.startswith(f"Progress: 1 of {len(CATALOGUE)} done, 0 tried, ")
    assert os.listdir(tmp_path) == [UNIT]
    assert os.listdir(path.parent) == [path.name]
    assert path.read_bytes() == before


def test_a_folder_can_be_named(tmp_path, capsys):
    save(tmp_path, new_code_cell("check(Dense)", outputs=[card(RIGHT)]))
    progress(tmp_path / "nowhere")
    progress(tmp_path)
    first, second = (out for out in capsys.readouterr().out.split("Progress: ") if out)
    assert first.startswith("0 of ")
    assert second.startswith("1 of ")


class Page(HTMLParser):
    """Tags of a page, what its images are called, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.images, self.text = set(), [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.images += [given["aria-label"]] if given.get("role") == "img" else []

    def handle_data(self, data):
        self.text += data


def test_the_picture_says_in_words_and_marks_what_it_says_in_colour():
    made = Progress({"01-a": {"Dense": DONE, "Flatten": TRIED}, "02-b": {"Add": UNTOUCHED}})
    page = Page(made._repr_html_())
    assert page.images == ["Dense: done", "Flatten: tried", "Add: untouched"]
    assert page.tags <= {"div", "b", "table", "tr", "td", "span"}
    for text in (page.text, str(made)):
        assert "Progress: 1 of 3 done, 1 tried, 1 untouched" in text
        assert "01 a" in text
    for chip in ("✓ Dense", "◐ Flatten", "○ Add", "1 of 2", "0 of 1"):
        assert chip in page.text
    assert "    ✓ done       Dense\n    ◐ tried      Flatten\n" in str(made)


def test_a_name_in_a_notebook_is_no_markup(tmp_path):
    cell = answer("My answer.")
    cell.metadata["nbgrader"]["grade_id"] = "<script>x</script>"
    save(tmp_path, cell)
    page = Page(survey([tmp_path], {})._repr_html_())
    assert "script" not in page.tags
    assert "written: <script>x</script>: done" in page.images


def test_check_leaves_its_headline_for_progress():
    check(WithOps, exercise="Dense")
    assert SHOWN == {"Dense": "Dense: all right"}  # plain words: no report, no value
