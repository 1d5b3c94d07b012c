"""What a student is given in the place of a solution, where it is not an empty stub.

An exercise to mend a layer shows both in one cell: the right lines, and behind a mark the faulty
ones, commented out.

    ### BEGIN SOLUTION
    return ops.matmul(inputs, self.kernel) + self.bias
    ### GIVEN
    # return ops.matmul(inputs, self.kernel)
    ### END SOLUTION
"""

from __future__ import annotations

import re
from typing import Any

from nbgrader.preprocessors import ClearSolutions
from nbgrader.utils import is_solution

MARK = "### GIVEN"
_REGION = re.compile(
    r"^[^\n]*BEGIN SOLUTION[^\n]*\n(.*?)^[^\n]*END SOLUTION[^\n]*(?:\n|\Z)", re.M | re.S
)
_MARK = re.compile(rf"^[ \t]*{MARK}[ \t]*\n", re.M)
_COMMENT = re.compile(r"^([ \t]*)#(?: |$)")


class GiveOrClear(ClearSolutions):
    """In the place of nbgrader's own: a solution with a given part becomes that part."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Give what is to be given; what else is a solution is nbgrader's to clear."""
        left = give(cell.source)
        if left == cell.source or not is_solution(cell):
            return super().preprocess_cell(cell, resources, index)
        cell.source = left
        if self.begin_solution_delimeter in left:
            return super().preprocess_cell(cell, resources, index)
        return cell, resources


def give(source: str) -> str:
    """The source as a student gets it, but for the solutions without a given part."""
    return _REGION.sub(_given, source).rstrip("\n") if MARK in source else source


def without_given(source: str) -> str:
    """The source without what is given: the answer alone."""
    return _REGION.sub(_kept, source)


def complaint(source: str) -> str:
    """What is wrong with the marks of what is given; nothing where they can be read."""
    regions = [_MARK.split(region[1]) for region in _REGION.finditer(source)]
    if sum(map(len, regions)) - len(regions) != len(re.findall(MARK, source)):
        return f"{MARK} stands outside of BEGIN SOLUTION and END SOLUTION"
    for right, *given in regions:
        if len(given) > 1:
            return f"{MARK} stands twice in one solution"
        lines = [line for line in "".join(given).split("\n") if line.strip()]
        if not all(map(_COMMENT.match, lines)):
            return f"what follows {MARK} must be comments: it becomes code for students"
        if given and _bare(_uncommented(given[0])) == _bare(right):
            return f"what follows {MARK} is the solution itself"
    return ""


def _given(region: re.Match[str]) -> str:
    _, *given = _MARK.split(region[1])
    return _uncommented(given[0]) if given else region[0]


def _kept(region: re.Match[str]) -> str:
    right, *given = _MARK.split(region[1])
    return region[0].replace(region[1], right) if given else region[0]


def _uncommented(lines: str) -> str:
    return "\n".join(_COMMENT.sub(r"\1", line).rstrip() for line in lines.split("\n"))


def _bare(source: str) -> str:
    return "".join(source.split())
