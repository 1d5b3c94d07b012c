"""What the instructor is to know of a submission, kept in its graded notebook as data.

No student sees it: feedback shows sources, texts and pictures. None can write it either: what a
submission brings along of metadata and outputs is dropped before it is graded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat.notebooknode import NotebookNode

REPORT = "application/vnd.layer-by-layer.report+json"
"""MIME type under which a test cell keeps its reports."""
NOTICED = "layer_by_layer_noticed"
"""Key of the notebook's metadata for what the instructor should look at."""
MET = "layer_by_layer_met"
"""Key for the limits that were met, and the processes that were lost."""
TROUBLE = "layer_by_layer_trouble"
"""Key for what went wrong through no doing of the student's."""

_MOST, _LONGEST = 40, 400
"""Lines that are kept of each sort, and letters of a line."""


def keep(
    nb: NotebookNode, met: Sequence[str], noticed: Sequence[str], trouble: Sequence[str]
) -> None:
    """Add to what is kept."""
    for key, words in ((NOTICED, noticed), (MET, met), (TROUBLE, trouble)):
        nb.metadata[key] = within_bounds([*nb.metadata.get(key, []), *words])


def within_bounds(lines: Sequence[str]) -> list[str]:
    """The lines, of which a submission must not make too many or too long ones: that a notebook was
    graded is read in the last part of its file, where they stand too."""
    kept = [line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines[:_MOST]]
    more = len(lines) - _MOST
    return [*kept, f"and {more} more"] if more > 0 else kept
