"""docs/glossary.md: a row for each word of the trade: what it means, and where it is explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"
NOTEBOOKS = PAGE.parents[1] / "notebooks"
LEAST = 80


class Row(NamedTuple):
    """A row of the table."""

    term: str
    chinese: str
    sentence: str
    number: str
    link: str


def rows() -> list[Row]:
    """Every row that is not the table's head."""
    found = re.findall(
        r"^\| (.+?) \| (.+?) \| (.+?) \| \[(\d\d)\]\((.+?)\) \|$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    return [Row(*row) for row in found]


every_row = pytest.mark.parametrize("row", rows(), ids=lambda row: row.term)


def test_there_are_enough_words_in_order_and_none_twice() -> None:
    terms = [row.term.casefold() for row in rows()]
    assert len(terms) >= LEAST
    assert terms == sorted(terms)
    assert len(set(terms)) == len(terms)


def test_every_line_of_the_table_is_a_row() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    assert len(lines) == len(rows()) + 2


@every_row
def test_a_term_has_one_sentence(row: Row) -> None:
    words = re.sub(r"`[^`]*`", "code", row.sentence)
    assert re.fullmatch(r"[A-Z][^.!?]{15,}\.", words), row.sentence


@every_row
def test_a_term_has_a_chinese_name(row: Row) -> None:
    assert re.search(r"[\u4e00-\u9fff]", row.chinese)


@every_row
def test_a_term_leads_to_its_unit(row: Row) -> None:
    notebook = (PAGE.parent / row.link).resolve()
    assert notebook.exists()
    assert notebook.name.startswith(f"{row.number}-")


@every_row
def test_a_term_stands_in_bold_where_its_unit_explains_it(row: Row) -> None:
    cells = nbformat.read((PAGE.parent / row.link).resolve(), as_version=4).cells
    text = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    bold = " / ".join(re.findall(r"\*\*([^*]+)\*\*", text)).casefold()
    assert re.sub(r" \(.*\)", "", row.term).casefold() in " ".join(bold.split())


@pytest.mark.parametrize("unit", sorted(NOTEBOOKS.glob("*/*.ipynb")), ids=lambda path: path.stem)
def test_the_first_text_of_a_unit_leads_to_it(unit: Path) -> None:
    cells = nbformat.read(unit, as_version=4).cells
    first = next(cell.source for cell in cells if cell.cell_type == "markdown")
    assert first.split("\n\n")[-1].startswith("The [glossary](../glossary.md) ")
    assert (unit.parent / "../glossary.md").exists()
