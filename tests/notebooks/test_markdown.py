"""What a page makes of a unit's text: a number that begins a line is an item of a list."""

import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "solutions").glob("[0-9]*.py"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_no_sentence_is_cut_so_that_its_number_becomes_an_item(unit: Path) -> None:
    """ "Both have strides of / 2. What may be wrong?" is shown as a list with an item B."""
    cells = [cell for cell in jupytext.read(unit).cells if cell.cell_type == "markdown"]
    for cell in cells:
        last = 0
        for indent, number in re.findall(r"^(?:> )?( *)(\d+)[.)] ", cell.source, re.MULTILINE):
            assert (indent, int(number)) in {("", 1), ("", last + 1)}, cell.source
            last = int(number)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_one_is_singular_and_units_have_the_number_of_their_files(unit: Path) -> None:
    for cell in jupytext.read(unit).cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\b1 (points|minutes|hours|cells|exercises)\b", cell.source)
            # A unit of a layer is counted from 0 and does something; one of the course is a place.
            assert not re.search(r"\b(?:in|from|of|since) unit \d\b", cell.source), cell.source
