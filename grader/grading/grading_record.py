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
"""Key of the notebook's metadata for what was tampered with, or is to be looked at."""
MET = "layer_by_layer_met"
"""Key for the limits that were met, and the processes that were lost."""
TROUBLE = "layer_by_layer_trouble"
"""Key for what went wrong through no doing of the student's."""


def keep(
    nb: NotebookNode, met: Sequence[str], noticed: Sequence[str], trouble: Sequence[str]
) -> None:
    """Add to what is kept."""
    for key, words in ((NOTICED, noticed), (MET, met), (TROUBLE, trouble)):
        nb.metadata[key] = [*nb.metadata.get(key, []), *words]
