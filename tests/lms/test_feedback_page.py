"""The page of feedback: exercises by their names, formulas without a network, its language."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.converters import generate_feedback
from playwright.sync_api import Browser
from traitlets.config import Config

from grader.lms.feedback_page import FeedbackExporter, exercise_names, mathml

ROOT = Path(__file__).resolve().parents[2]
UNIT = "01-first-layers"
FORMGRADER = Path(generate_feedback.__file__).parents[1] / "server_extensions" / "formgrader"
LOADED = re.compile(r'(?:src|href)="(?!#|data:)|<script|@import|url\((?!data:)')


def page(notebook: NotebookNode) -> str:
    """As `nbgrader generate_feedback` has it written, with a point for each graded cell."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.score = 1
    config = Config()
    config.HTMLExporter.template_name = "feedback"
    config.HTMLExporter.extra_template_basedirs = [str(FORMGRADER / "templates")]
    styles = FORMGRADER / "static" / "node_modules" / "bootstrap" / "dist" / "css"
    config.HTMLExporter.extra_template_paths = [str(styles)]
    known = {"notebook": UNIT, "score": 1, "max_score": 3, "late_penalty": 0}
    made, _ = FeedbackExporter(config=config).from_notebook_node(notebook, {"nbgrader": known})
    return made


def unit(name: str) -> NotebookNode:
    return nbformat.read(ROOT / "notebooks" / name / f"{name}.ipynb", as_version=4)


@pytest.fixture(scope="module")
def first() -> str:
    """The page of the first layers."""
    return page(unit(UNIT))


def test_each_exercise_by_its_name(first: str) -> None:
    for name in ("write Dense", "predict the parameters of Dense", "What do you see?"):
        assert (
            len(re.findall(rf'<a href="#[\w-]+">{re.escape(name)}</a> \(Score: 1\.0', first)) == 1
        )
    assert '<a href="#check-dense">write Dense</a>' in first
    assert "Exercise: write Dense" in first
    for name in ("Test cell", "Written response", "Grade cell"):
        assert name not in first


def test_nothing_is_loaded_from_anywhere(first: str) -> None:
    assert LOADED.search(re.sub(r"<style.*?</style>", "", first, flags=re.DOTALL)) is None
    assert "MathJax" not in first


def test_a_link_to_a_file_that_is_not_beside_the_page_is_its_text() -> None:
    text = "The [glossary](../glossary.md), [above](#sums), [Keras](https://keras.io)."
    shown = page(new_notebook(cells=[new_markdown_cell(text)]))
    links = '<a href="#sums">above</a>, <a href="https://keras.io">Keras</a>.'
    assert f"The glossary, {links}" in shown


@pytest.mark.browser
def test_the_cells_of_a_table_do_not_touch(chromium: Browser) -> None:
    shown = page(new_notebook(cells=[new_markdown_cell("| a | b |\n|---|---|\n| one | two |")]))
    view = chromium.new_page()
    view.set_content(shown)
    spaces = view.eval_on_selector_all("td", "all => all.map(one => getComputedStyle(one).padding)")
    assert len(spaces) == 2
    assert not any(space.startswith("0") for space in spaces)
    view.close()


def test_it_says_its_language(first: str) -> None:
    assert first.count('<html lang="en">') == first.count("<html") == 1


def test_formulas_are_written_into_it(first: str) -> None:
    assert first.count("<math") > 10
    assert "$$" not in re.sub(r"<(style|pre).*?</\1>", "", first, flags=re.DOTALL)


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*/*.ipynb")), ids=lambda p: p.stem)
def test_every_formula_of_the_course_can_be_read(path: Path) -> None:
    cells = json.loads(path.read_text())["cells"]
    texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    text = re.sub(r"`[^`]*`", "", "\n\n".join(texts))
    for block, inline in re.findall(r"\$\$(.+?)\$\$|\$([^$\n]+?)\$", text, re.DOTALL):
        assert mathml(block or inline).startswith("<math")


def test_every_graded_cell_of_a_unit_has_a_name_of_its_own() -> None:
    notebook = unit("09-embedding-and-cells")
    names = exercise_names(notebook)
    graded = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    own = [names[cell.metadata.nbgrader.grade_id] for cell in graded]
    assert len(own) > 8
    assert len(set(own)) == len(own)


@pytest.mark.parametrize("typed", ["x" * 6000, r"\begin{array}{", "{" * 3000])
def test_what_is_no_formula_stays_as_it_was_typed(typed: str) -> None:
    assert mathml(typed) == f"<code>{typed}</code>"


@pytest.mark.parametrize(
    "typed",
    [
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        "<img src=x onerror=a>",
    ],
)
def test_a_formula_brings_in_no_script(typed: str) -> None:
    made = mathml(typed)
    assert "<script" not in made
    assert "href" not in re.sub(r"<(mtext|code)>.*?</\1>", "", made)
    assert "<img" not in made


def test_a_notebook_without_headings_is_shown_as_nbgrader_does() -> None:
    mark = {"grade_id": "a", "grade": True, "points": 1, "solution": False, "locked": True}
    cells = [new_markdown_cell("words"), new_code_cell("1", metadata={"nbgrader": mark})]
    assert '<a href="#a">Test cell</a>' in page(new_notebook(cells=cells))
