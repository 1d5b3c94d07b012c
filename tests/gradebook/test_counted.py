"""One is singular."""

from __future__ import annotations

import pytest

from grader.gradebook.counted import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 units"), (1, "1 unit"), (1.0, "1 unit"), (0.5, "0.5 units"), (1770, "1,770 units")],
)
def test_one_is_singular(number: float, said: str) -> None:
    assert counted(number, "unit") == said
