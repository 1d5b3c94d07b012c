"""IPython without a kernel: runs a cell and gives its outputs as a notebook stores them."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from typing import Any

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from grader.bench.probe import Fault
from grader.sandbox.kept_back import kept_back
from grader.sandbox.limit_errors import DROPPED, met
from grader.sandbox.outputs import clean

_MOST_SAID = 10_000
"""Characters of an exception's message that are kept."""


class Shell(InteractiveShell):
    """An IPython shell that keeps the last exception instead of printing it."""

    most_output = 1 << 20
    """Characters of one stream that are kept."""
    limits: Mapping[str, float] | None = None
    """Of the submission, to say which of them an exception comes from."""

    def __init__(self, **kwargs: Any) -> None:
        config = Config()
        config.HistoryManager.enabled = False  # no database, no thread that writes it
        super().__init__(config=config, **kwargs)
        # get_ipython() and display() look for the shell here
        InteractiveShell._instance = self  # type: ignore[assignment]
        self.last_error = ""
        self.kept_back: dict[str, Fault] = {}
        self._error: dict[str, Any] | None = None

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self._error = {
            "output_type": "error",
            "ename": str(getattr(etype, "__name__", etype)),
            "evalue": _text(evalue)[:_MOST_SAID],
            "traceback": [str(line)[:_MOST_SAID] for line in stb],
        }
        if self.limits and (limit := met(self._error["ename"], self._error["evalue"], self.limits)):
            self._error["evalue"] += f" ({limit})"
            self._error["traceback"].append(f"Limit: {limit}")

    def enable_gui(self, gui: str | None = None) -> None:
        """`%matplotlib` asks for it: there is no window."""

    def system(self, cmd: str) -> None:
        """What `!pip install ...` calls: said, not done, so that the rest of the cell runs."""
        print(f"not run while grading: {cmd}")

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> list[str]:
        """What `x = !ls` calls."""
        self.system(cmd)
        return []

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run a cell; its outputs, in the format of a notebook."""
        self._error = None
        results: list[dict[str, Any]] = []
        self.display_trap.hook = CapturingDisplayHook(shell=self, outputs=results)
        self.display_pub = CapturingDisplayPublisher(shell=self)
        streams = {"stdout": _Bounded(self.most_output), "stderr": _Bounded(self.most_output)}
        with (
            contextlib.redirect_stdout(streams["stdout"]),
            contextlib.redirect_stderr(streams["stderr"]),
        ):
            ran = self.run_cell(source, store_history=True)
        fault = ran.error_in_exec or ran.error_before_exec
        if fault is not None and self._error is None:  # IPython could not show it
            self._showtraceback(type(fault), fault, [type(fault).__name__])
        if fault is not None:
            self.kept_back.update(kept_back(source, fault))
        outputs: list[dict[str, Any]] = [
            {"output_type": "stream", "name": name, "text": stream.getvalue()}
            for name, stream in streams.items()
            if stream.getvalue()
        ]
        outputs += [_display("display_data", shown["data"]) for shown in self.display_pub.outputs]
        outputs += [_display("execute_result", result["data"]) for result in results]
        if self._error:
            self.last_error = f"{self._error['ename']}: {self._error['evalue']}"[:300]
            outputs.append(self._error)
        return clean(outputs, self.most_output)


class _Bounded(io.StringIO):
    """A text stream that keeps the first so many characters and forgets the rest."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most
        self._said = False

    def write(self, text: str) -> int:
        """Keep what still fits; says once that more was written."""
        kept = text[: max(self._left, 0)]
        if len(kept) < len(text) and not self._said:
            self._said = True
            kept += DROPPED
        self._left -= len(text)
        super().write(kept)
        return len(text)


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # a student's exception whose __str__ raises
        return "(its message cannot be read)"


def _display(kind: str, data: Any) -> dict[str, Any]:
    texts = {str(name): value for name, value in data.items() if isinstance(value, str)}
    output: dict[str, Any] = {"output_type": kind, "data": texts, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = None
    return output
