"""A test cell of the instructor's own, with asserts: it runs beside the student's code.

The student's code can see such a test and may cheat it; it says so on the cell. What it cannot do
is to show it: the hidden part runs only in the session whose outputs nobody sees.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from grader.sandbox.session import Session

BESIDE = "These points were given by tests that ran beside the student's code.\n"
HIDDEN = "A hidden test failed."


def without_hidden(source: str) -> str:
    """The source as students get it."""
    # To load nbgrader takes a worker as long as a submission, and few units have such tests.
    from nbformat.notebooknode import NotebookNode
    from nbgrader.preprocessors import ClearHiddenTests

    cell = NotebookNode(cell_type="code", source=source, metadata={})
    ClearHiddenTests()._remove_hidden_test_region(cell)
    return str(cell.source)


class Beside:
    """One such cell on its way: its visible part has run, its hidden part has a later process."""

    def __init__(self, source: str, shown: Session) -> None:
        public = without_hidden(source)
        self._source = source
        self._seen = self._verdict = shown.run(public)
        self.is_open = public.strip() != source.strip()
        """Whether it has a hidden part."""

    def ask_again(self) -> None:
        """Nothing: what is hidden is never run in the process that is shown."""

    def finish(self, unseen: Session) -> None:
        """Run it in the process that is not shown."""
        if self.is_open:
            self._verdict = unseen.run(self._source)
        else:
            unseen.later(self._source)

    def outputs(self, points: float) -> list[dict[str, Any]]:
        """The outputs of the visible part, and the verdict of the whole."""
        judged = _for_nbgrader(self._verdict, self._seen, points)
        return [_text(BESIDE), *_for_the_eye(self._seen), *judged]


def is_beside(outputs: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a graded cell with these outputs was judged by tests beside the student's code."""
    return bool(outputs) and outputs[0].get("text") == BESIDE


def _for_the_eye(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was shown, in forms that decide nothing: a warning on stderr costs nobody a point."""
    seen = []
    for output in outputs:
        if output["output_type"] == "stream":
            seen.append({**output, "name": "stdout"})
        elif output["output_type"] == "execute_result":
            seen.append({"output_type": "display_data", "data": output["data"], "metadata": {}})
        elif output["output_type"] == "display_data":
            seen.append(output)
    return seen


def _for_nbgrader(
    verdict: list[dict[str, Any]], outputs: list[dict[str, Any]], points: float
) -> list[dict[str, Any]]:
    """The error or the points by which nbgrader judges; nothing where all is right."""
    for output in outputs:
        if output["output_type"] == "error":
            return [output]
    for output in verdict:
        if output["output_type"] == "error":
            return [_error()]
        if output["output_type"] == "execute_result":
            return _partial(output["data"].get("text/plain", ""), points)
    return []


def _partial(text: str, points: float) -> list[dict[str, Any]]:
    """Partial credit. More than there is would be an error in nbgrader, and lose the submission."""
    try:
        earned = float(text)
    except ValueError:
        return []
    if math.isnan(earned):
        return []
    data = {"text/plain": repr(round(min(max(earned, 0.0), points), 2))}
    return [
        {"output_type": "execute_result", "execution_count": None, "data": data, "metadata": {}}
    ]


def _text(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def _error() -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": "AssertionError",
        "evalue": HIDDEN,
        "traceback": [f"AssertionError: {HIDDEN}"],
    }
