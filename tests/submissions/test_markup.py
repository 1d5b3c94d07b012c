"""Text cells that a student wrote: nothing in them runs in a browser, and none stops grading."""

import nbformat
import pytest
from nbconvert import HTMLExporter

from grader.submissions.markup import is_active, make_harmless

LONG = "&#" + "1" * 5000
NUMBERS = {
    "a number that Python does not read": LONG,
    "the same, ended": f"{LONG};",
    "in a link": f"[look]({LONG};)",
    "in base 16": "&#x" + "f" * 5000,
    "nothing": "&#;",
    "a zero of many digits": "&#" + "0" * 5000,
}


@pytest.mark.parametrize("text", NUMBERS.values(), ids=NUMBERS.keys())
def test_a_character_that_does_not_exist_is_no_trouble(text: str) -> None:
    cell = nbformat.v4.new_markdown_cell(text)
    assert not make_harmless(cell)
    HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize("zeros", [0, 1, 50, 5000])
def test_a_script_is_found_however_its_letters_are_written(zeros: int) -> None:
    assert is_active(f"[look](&#{'0' * zeros}106;avascript:steal())")
    assert is_active(f"[look](&#{'0' * zeros}106avascript:steal())")
    assert is_active(f"[look](&#x{'0' * zeros}6a;avascript:steal())")
