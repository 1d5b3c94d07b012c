"""One submission's run: its cells in order, its layers as subjects, and life after a lost process.

When a cell or a probe ends the process (it looped for ever, or killed it), a new process runs the
earlier cells again without the guilty one, so that what stood before it keeps its points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.probe import Answer, Fault, Script, Subject
from grader.sandbox.child import Child, ChildLost, TimeLimit
from grader.sandbox.message import pack_script, unpack_answers
from grader.sandbox.wire import WireError


@dataclass(frozen=True)
class Limits:
    """Wall seconds that a cell, and one script of questions, may take."""

    cell: float = 30.0
    probe: float = 20.0


class Session:
    """Runs a submission's cells in a child process that is started when first needed."""

    def __init__(self, start: Callable[[], Child], limits: Limits) -> None:
        self._start = start
        self._limits = limits
        self._child: Child | None = None
        self._done: list[str] = []

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self._drop()

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run a cell; its outputs. A cell that loses the process gets an error output instead."""
        try:
            outputs = self._alive().ask({"do": "run", "source": source}, self._limits.cell)
        except (ChildLost, WireError) as lost:
            self._drop()
            fault = _fault(lost)
            text = f"{fault.type}: {fault.message}"
            return [_error(fault, [text])]
        self._done.append(source)
        return outputs if isinstance(outputs, list) else []

    def subject(self, name: str) -> RemoteSubject:
        """The class or function of this name, as a `Subject`."""
        return RemoteSubject(self, name)

    def probe(self, name: str, script: Script) -> list[Answer]:
        """Put a script to the class or function of this name; raises `ChildLost`."""
        request = {"do": "probe", "name": name, "script": pack_script(script)}
        try:
            reply = self._alive().ask(request, self._limits.probe)
            return unpack_answers(reply, len(script.steps))
        except ChildLost:
            self._drop()
            raise

    def _alive(self) -> Child:
        if self._child is None:
            self._child = self._start()
            for source in list(self._done):
                try:
                    self._child.ask({"do": "run", "source": source}, self._limits.cell)
                except ChildLost:  # it went well the first time: it cannot be relied on
                    self._done.remove(source)
                    self._child = None
                    return self._alive()
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


class RemoteSubject(Subject):
    """A student's class in the session's process. Having lost the process, it is asked no more."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self._name = name
        self._lost: Fault | None = None

    def run(self, script: Script) -> list[Answer]:
        """Answer each step; a lost process is a fault on every step."""
        if self._lost is None:
            try:
                return self._session.probe(self._name, script)
            except ChildLost as lost:
                self._lost = _fault(lost)
            except WireError as error:
                return [Answer(fault=Fault("WireError", str(error)))] * len(script.steps)
        return [Answer(fault=self._lost)] * len(script.steps)


def _fault(lost: Exception) -> Fault:
    kind = "TimeLimit" if isinstance(lost, TimeLimit) else "ProcessLost"
    return Fault(kind, str(lost))


def _error(fault: Fault, lines: list[str]) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": fault.type,
        "evalue": fault.message,
        "traceback": lines,
    }
