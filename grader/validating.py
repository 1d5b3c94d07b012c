"""What **Validate** shows of a test cell that fails: the card's headline, not a traceback.

nbgrader runs the notebook in a kernel of its own, says so in an environment variable, and shows the
traceback of each test cell that failed. So the kernel makes that traceback one that can be read.
"""

from __future__ import annotations

import os
import re
import textwrap
from typing import Any

from grader.bench.fault import fault_of
from grader.bench.probe import Fault

_WIDTH = 80
"""`nbgrader validate` cuts lines that are longer than 87 characters, four of them its own."""
_CHECK = re.compile(r"line \d+: check\(")


def validating() -> bool:
    """Whether this kernel runs a notebook for nbgrader's Validate."""
    return os.environ.get("NBGRADER_EXECUTION") == "validate"


def tell_in_words(shell: Any) -> None:
    """Make the shell tell each exception in a few lines, without a traceback."""
    shell.set_custom_exc((Exception,), Teller())


class Teller:
    """Tells exceptions. It remembers which cells stopped: the tests below them fail for it."""

    def __init__(self) -> None:
        self._stopped: list[tuple[str, Fault]] = []

    def __call__(
        self, shell: Any, kind: type[BaseException], error: BaseException, _: Any, **__: Any
    ) -> None:
        """What IPython calls for an exception in a cell."""
        if hasattr(error, "_render_traceback_"):
            lines = error._render_traceback_()
        else:
            lines = self.lines(error, shell.user_ns.get("In", [""])[-1])
        shell._showtraceback(kind, error, _wrapped(lines))

    def lines(self, error: BaseException, source: str) -> list[str]:
        """What happened in the cell with this source."""
        fault = _fault(error)
        if isinstance(error, NameError) and error.name and _CHECK.match(fault.where):
            return [f"{error.name} is not defined here.", *self._why(error.name)]
        self._stopped.append((source, fault))
        return _told(fault)

    def _why(self, name: str) -> list[str]:
        """What stopped the cell that should have defined the name."""
        makes = re.compile(rf"\b(class|def) +{re.escape(name)}\b|\b{re.escape(name)} *=")
        faults = [fault for source, fault in self._stopped if makes.search(source)]
        if not faults:
            return ["Its cell was deleted, uses another name, or is further down."]
        return ["Its cell stopped:", *_told(faults[-1])]


def _fault(error: BaseException) -> Fault:
    """As on a card. A cell that is no Python has no frame, but a line."""
    if isinstance(error, SyntaxError) and error.lineno:
        where = f"line {error.lineno}: {(error.text or '').strip()}"
        return Fault(type(error).__name__, error.msg, where)
    return fault_of(error)


def _told(fault: Fault) -> list[str]:
    said = f"{fault.type}: {fault.message}" if fault.message else fault.type
    return [*([fault.where] if fault.where else []), said]


def _wrapped(lines: list[str]) -> list[str]:
    return [part for line in lines for part in textwrap.wrap(line, _WIDTH) or [""]]
