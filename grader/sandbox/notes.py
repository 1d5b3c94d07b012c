"""What a submission met while it ran: for the instructor, not for students."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from grader.bench.probe import Answer, Fault
from grader.sandbox.limit_errors import DROPPED, met
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.outputs import TRUNCATED

_MOST = 20
"""Different things that are kept of a submission: a flood of notes says no more than these."""
_LOST = ("TimeLimit", "MemoryLimit", "ProcessLost")


class Notes:
    """Limits that were met and processes that were lost, each once, in the order of time.

    All words are the trusted side's own: what a student's process says of itself is not kept, as it
    may hold a value of a hidden case.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits: Mapping[str, float] = asdict(limits)
        self._said: dict[str, None] = {}
        self.tampered = False
        """Whether the submission replaced a part of the grader in its own process."""

    @property
    def said(self) -> tuple[str, ...]:
        """What was met, in words."""
        return tuple(self._said)

    def lost(self, fault: Fault) -> None:
        """A request had no answer, for this reason."""
        if fault.type == "Tampered":
            self.tampered = True
        elif fault.type == "TooLarge":
            self._say(f"an answer was larger than {self._limits['array'] / MIB:g} MiB")
        elif fault.type in _LOST:
            self._say(fault.message)

    def answers(self, answers: Iterable[Answer]) -> None:
        """A layer gave these answers."""
        for answer in answers:
            if answer.fault:
                self._say(met(answer.fault.type, answer.fault.message, self._limits))

    def outputs(self, outputs: Iterable[Mapping[str, Any]]) -> None:
        """A cell gave these outputs."""
        for output in outputs:
            if output["output_type"] == "error":
                self._say(met(output["ename"], output["evalue"], self._limits))
            elif output.get("text", "").endswith((TRUNCATED, DROPPED)):
                self._say(f"a cell showed more than {self._limits['output']:,.0f} characters")

    def _say(self, words: str) -> None:
        if words and len(self._said) < _MOST:
            self._said.setdefault(words)
