"""`glossary`: a student looks a word up where no file of the course lies beside the notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import glossary as package_level
from grader.glossary import glossary, read_terms


def said(capsys: pytest.CaptureFixture[str], word: str = "") -> list[str]:
    """The lines that it prints."""
    glossary(word)
    return capsys.readouterr().out.splitlines()


def test_it_is_there_for_a_notebook() -> None:
    assert package_level is glossary


def test_a_word_has_its_chinese_name_its_sentence_and_its_unit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [line] = said(capsys, "Bias")
    assert line.startswith("bias (偏置): A learned number ")
    assert line.endswith(" Unit 01.")


def test_a_part_of_a_word_or_its_chinese_name_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, "normaliz")
    assert len(found) > 2
    assert all("normaliz" in line.split("(")[0].casefold() for line in found)
    assert said(capsys, "偏置")[0].startswith("bias ")


def test_without_a_word_it_prints_every_row_of_the_page(
    capsys: pytest.CaptureFixture[str], root: Path
) -> None:
    page = (root / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")][1:]
    assert len(said(capsys)) == len(rows) == len(read_terms())


def test_a_word_that_is_not_there_is_told_with_its_neighbours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    [line] = said(capsys, "biass")
    assert line == "The glossary has no 'biass'. It has: bias."
    assert said(capsys, "xyzzy") == ["The glossary has no 'xyzzy'."]
