"""One submission's run: its cells in order, its layers as subjects, and life after a lost process.

When a cell or a probe ends the process (it looped for ever, or killed it), a new process runs the
earlier cells again without the guilty one, so that what stood before it keeps its points.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from grader.probe import Answer, Fault, Script, Subject
from grader.sandbox.child import Child, ChildLost, MemoryLimit, TimeLimit, WarmLost
from grader.sandbox.limits import Limits
from grader.sandbox.message import pack_script, unpack_answers
from grader.sandbox.outputs import clean
from grader.sandbox.wire import WireError

_TRIES = 3
"""Times that a request is put, if the warm process is lost meanwhile."""


class Session:
    """Runs a submission's cells in a child process that is started when first needed."""

    def __init__(self, start: Callable[[], Child], limits: Limits) -> None:
        self._start = start
        self._limits = limits
        self._left = limits.notebook
        self._child: Child | None = None
        self._done: list[str] = []
        self._loss = ""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self._drop()

    def run(self, source: str) -> list[dict[str, Any]]:
        """Run a cell; its outputs. A cell that loses the process gets an error output instead."""
        try:
            outputs = self._ask({"do": "run", "source": source}, self._limits.cell)
        except (ChildLost, WireError) as lost:
            fault = _fault(lost)
            self._loss = f"; an earlier cell was stopped: {fault.message}"
            return [_error(fault)]
        self._done.append(source)
        return clean(outputs, self._limits.output)

    def subject(self, name: str, forbid: Sequence[str] = ()) -> RemoteSubject:
        """The class or function of this name, as a `Subject` that may not use what is forbidden."""
        return RemoteSubject(self, name, forbid)

    def probe(self, name: str, script: Script, forbid: Sequence[str] = ()) -> list[Answer]:
        """Put a script to the class or function of this name; raises `ChildLost`, `WireError`."""
        packed = pack_script(script)
        request = {"do": "probe", "name": name, "script": packed, "forbid": list(forbid)}
        answers = unpack_answers(self._ask(request, self._limits.probe), len(script.steps))
        return [self._explained(answer) for answer in answers] if self._loss else answers

    def _explained(self, answer: Answer) -> Answer:
        """Where a name is missing, say which cell was stopped: its process took that with it."""
        if answer.fault is None or answer.fault.type != "Missing":
            return answer
        return Answer(fault=replace(answer.fault, message=answer.fault.message + self._loss))

    def _ask(self, request: dict[str, Any], seconds: float) -> Any:
        if self._left <= 0:
            raise TimeLimit(f"the notebook has used up its {self._limits.notebook:g} seconds")
        for _ in range(_TRIES):
            child = self._alive()
            began = time.monotonic()
            try:
                return child.ask(request, min(seconds, self._left))
            except WarmLost:  # not this submission's doing: its cells are run again
                self._drop()
            except ChildLost:
                self._drop()
                raise
            finally:
                self._left -= time.monotonic() - began
        raise ChildLost(f"the warm process was lost {_TRIES} times")

    def _alive(self) -> Child:
        """The process, or a new one in which the earlier cells have been run again."""
        while self._child is None:
            self._child = self._start()
            for source in list(self._done):
                try:
                    self._child.ask({"do": "run", "source": source}, self._limits.cell)
                except WarmLost:
                    self._drop()
                    break
                except ChildLost:  # it went well the first time: it cannot be relied on
                    self._done.remove(source)
                    self._drop()
                    break
        return self._child

    def _drop(self) -> None:
        if self._child is not None:
            with contextlib.suppress(WarmLost):
                self._child.close()
            self._child = None


class RemoteSubject(Subject):
    """A student's class in the session's process. Having lost the process, it is asked no more."""

    def __init__(self, session: Session, name: str, forbid: Sequence[str] = ()) -> None:
        self._session = session
        self._name = name
        self._forbid = tuple(forbid)
        self._lost: Fault | None = None

    def run(self, script: Script) -> list[Answer]:
        """Answer each step; a lost process is a fault on every step."""
        if self._lost is None:
            try:
                return self._session.probe(self._name, script, self._forbid)
            except ChildLost as lost:
                self._lost = _fault(lost)
            except WireError as error:
                return [Answer(fault=Fault("WireError", str(error)))] * len(script.steps)
        return [Answer(fault=self._lost)] * len(script.steps)


def _fault(lost: Exception) -> Fault:
    kind = type(lost).__name__ if isinstance(lost, TimeLimit | MemoryLimit) else "ProcessLost"
    return Fault(kind, str(lost))


def _error(fault: Fault) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": fault.type,
        "evalue": fault.message,
        "traceback": [f"{fault.type}: {fault.message}"],
    }
