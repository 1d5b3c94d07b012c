"""IPython without a kernel: runs a cell and gives its outputs as a notebook stores them."""

from __future__ import annotations

from typing import Any

from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

_MOST_TEXT = 100_000
"""Characters of one stream that are kept."""


class Shell(InteractiveShell):
    """An IPython shell that keeps the last exception instead of printing it."""

    def __init__(self, **kwargs: Any) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        super().__init__(config=config, **kwargs)
        InteractiveShell._instance = self  # type: ignore[assignment]  # so that get_ipython() and display() find it
        self.last_error = ""
        self._error: dict[str, Any] | None = None

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self._error = {
            "output_type": "error",
            "ename": str(getattr(etype, "__name__", etype)),
            "evalue": str(evalue),
            "traceback": [str(line) for line in stb],
        }

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run a cell; its outputs, in the format of a notebook."""
        self._error = None
        results: list[dict[str, Any]] = []
        self.display_trap.hook = CapturingDisplayHook(shell=self, outputs=results)
        with capture_output() as captured:
            self.run_cell(source, store_history=True)
        outputs = [
            {"output_type": "stream", "name": name, "text": text[:_MOST_TEXT]}
            for name, text in (("stdout", captured.stdout), ("stderr", captured.stderr))
            if text
        ]
        outputs += [_display("display_data", rich.data) for rich in captured.outputs]
        outputs += [_display("execute_result", result["data"]) for result in results]
        if self._error:
            self.last_error = f"{self._error['ename']}: {self._error['evalue']}"[:300]
            outputs.append(self._error)
        return outputs


def _display(kind: str, data: Any) -> dict[str, Any]:
    texts = {str(name): value for name, value in data.items() if isinstance(value, str)}
    output: dict[str, Any] = {"output_type": kind, "data": texts, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = None
    return output
