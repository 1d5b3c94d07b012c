"""Every test that docs/security.md names exists, and no section makes a claim without one."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[name for _, name in NAMED])
def test_a_named_test_exists(root: Path, file: str, test: str) -> None:
    assert re.search(rf"^def {test}\(", (root / "tests" / file).read_text(), re.MULTILINE)


def test_no_claim_is_without_a_test() -> None:
    kept_out = PAGE.split("## What is kept out")[1].split("## What is not kept out")[0]
    sections = re.split(r"^##+ ", kept_out, flags=re.MULTILINE)[1:]
    assert len(sections) > 5
    assert [section.splitlines()[0] for section in sections if "::test_" not in section] == []


def test_the_notices_it_quotes_are_those_that_are_given(root: Path) -> None:
    said = " ".join((root / "grader" / "submissions" / "notices.py").read_text().split())
    for words in (
        "missing: deleted by the student or lost by a program",
        "locked, but not as released",
        "nbgrader's metadata differs from the gradebook",
        "no cell has nbgrader's metadata",
        "which no exercise needs",
        "a text contains what a browser would run",
    ):
        assert words in said
        assert words in " ".join(PAGE.split())
