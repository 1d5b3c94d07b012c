"""What an exercise forbids stands in its text, in the words of the table, and nothing else does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.bench.forbidden import FORBIDDEN, not_allowed
from grader.exercises.catalogue import CATALOGUE

SOLUTIONS = Path(__file__).resolve().parents[2] / "solutions"


def text(name: str) -> str:
    """The exercise's own text: from its heading to its check, in one line."""
    source = (SOLUTIONS / f"{CATALOGUE[name].unit}.py").read_text(encoding="utf-8")
    before = source[: source.index(f"\ncheck({name})")]
    asked = before[before.rindex("### Exercise") :]
    return " ".join(re.sub(r"^# ?>? ?", "", asked, flags=re.MULTILINE).split())


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_text_forbids_what_the_exercise_forbids(name: str) -> None:
    forbid, asked = CATALOGUE[name].forbid, text(name)
    if forbid:
        assert not_allowed(forbid) in asked
    assert len(re.findall(r"[Nn]ot allowed", asked)) == bool(forbid)


def test_each_exercise_names_entries_of_the_table() -> None:
    named = {name for exercise in CATALOGUE.values() for name in exercise.forbid}
    dotted = {name for name in named if name.startswith(("keras.", "tensorflow."))}
    assert named - dotted == set(FORBIDDEN)
