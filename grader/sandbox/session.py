"""One submission's run: its cells in order, its layers as subjects, and life after a lost process.

When a cell or a probe ends the process (it looped for ever, or killed it), a new process runs the
earlier cells again without the guilty one, so that what stood before it keeps its points.

Hidden cases are put to a session that nobody sees, or sees no more: a process that has seen a
hidden case could write it into the output of any later cell.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from grader.bench.probe import Answer, Asked, Fault, Script, Subject
from grader.sandbox.child import Child, ChildLost, Killed, MemoryLimit, Tampered, TimeLimit
from grader.sandbox.limits import Limits
from grader.sandbox.message import discreet, pack_script, unpack_answers
from grader.sandbox.notes import Notes
from grader.sandbox.outputs import clean, size
from grader.sandbox.wire import WireError

_TRIES = 3
_NAMED = (TimeLimit, MemoryLimit, Tampered, Killed)
_FULL_CELLS = 8
"""Cells that may show as much as a cell may: a notebook has to be written, and read by people."""
_LEAST_SHOWN = 1000
"""Characters that a cell may always show: nbgrader reads an error or points from its outputs."""
_MOST_LOSSES = 50
"""Processes that a notebook may lose before it is run no further."""


class Session:
    """Runs a submission's cells in a child process that is started when first needed.

    A `discreet` session is asked about hidden cases: what its process says of itself in words is
    passed on only where it could not hold a value of a case. `tries` is how often a request is put,
    if its process is killed from outside meanwhile.
    """

    def __init__(
        self,
        start: Callable[[], Child],
        limits: Limits,
        *,
        discreet: bool = False,
        tries: int = _TRIES,
    ) -> None:
        self._start = start
        self._limits = limits
        self._tries = tries
        self._discreet = discreet
        self._left = limits.notebook
        self._to_show = _FULL_CELLS * limits.output
        self._used_up = f"the notebook has used up its {limits.notebook:g} seconds"
        self.losses = 0
        """Processes that this submission has cost so far."""
        self.killed = False
        """Whether the machine has ended a process of it again and again."""
        self.answers: Callable[[Asked], Callable[[Any], Any]] | None = None
        """Gives what answers the questions that a subject asks back about a layer. It may raise
        `Killed`, too: then the subject is asked once more, and gets a new layer."""
        self.notes = Notes(limits)
        """What it met, for the instructor."""
        self._child: Child | None = None
        self._done: list[str] = []
        self._ran = 0  # so many of them in this child
        self._subjects = 0
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
            self.notes.lost(fault)
            self._loss = f"; an earlier cell was stopped: {fault.message}"
            return [_error(fault)]
        self.later(source)
        self._ran = len(self._done)
        cleaned = clean(outputs, min(self._limits.output, max(self._to_show, _LEAST_SHOWN)))
        self._to_show -= size(cleaned)
        self.notes.outputs(cleaned)
        return cleaned

    def be_unseen(self) -> None:
        """From here on nothing that the process says is shown: it may be asked about hidden cases,
        and it has the time of a notebook once more."""
        self._discreet = True
        self._left = self._limits.notebook

    def later(self, source: str) -> None:
        """Have a cell run before the next request; what it shows is dropped."""
        self._done.append(source)

    def subject(self, name: str, forbid: Sequence[str] = ()) -> RemoteSubject:
        """The class or function of this name, as a `Subject` that may not use what is forbidden.

        It is the one that has this name when it is first asked, also when it is asked later.
        """
        self._subjects += 1
        return RemoteSubject(self, name, forbid, self._subjects)

    def probe(self, name: str, script: Script, forbid: Sequence[str], subject: int) -> list[Answer]:
        """Put a script to the class or function that had this name when its `subject` number was
        first used; raises `ChildLost`, `WireError`."""
        request = {
            "do": "probe",
            "name": name,
            "script": pack_script(script),
            "forbid": list(forbid),
            "subject": subject,
        }
        back = partial(self.answers, script.asked) if self.answers and script.asked else None
        answers = unpack_answers(self._ask(request, self._limits.probe, back), script.steps)
        self.notes.answers(answers)
        if self._discreet:
            answers = [discreet(answer, self._done) for answer in answers]
        return [self._explained(answer) for answer in answers] if self._loss else answers

    def _explained(self, answer: Answer) -> Answer:
        """Where a name is missing, say which cell was stopped: its process took that with it."""
        if answer.fault is None or answer.fault.type != "Missing":
            return answer
        return Answer(fault=replace(answer.fault, message=answer.fault.message + self._loss))

    def _ask(
        self,
        request: dict[str, Any],
        seconds: float,
        back: Callable[[], Callable[[Any], Any]] | None = None,
    ) -> Any:
        for _ in range(self._tries):
            try:
                return self._put(self._ready(), request, seconds, back() if back else None)
            except Killed:  # not this submission's doing: its cells are run again
                self._drop()
            except ChildLost:
                self._drop()
                self.losses += 1
                raise
        self.losses += 1
        self.killed = True
        raise Killed(
            f"the process was killed from outside {self._tries} times: "
            "the machine may have run out of memory"
        )

    def _put(
        self,
        child: Child,
        request: dict[str, Any],
        seconds: float,
        back: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Ask the process, on the notebook's time."""
        try:
            return child.ask(request, min(seconds, self._left), back)
        except TimeLimit:
            what = "the cell" if request["do"] == "run" else "an answer"
            if seconds > self._left:
                raise TimeLimit(self._used_up) from None
            raise TimeLimit(f"{what} took longer than {seconds:g} seconds") from None
        finally:
            self._left -= child.spent

    def _ready(self) -> Child:
        """The process, or a new one, in which all earlier cells have been run."""
        while True:
            if self._left <= 0:
                raise TimeLimit(self._used_up)
            if self.losses >= _MOST_LOSSES:
                raise ChildLost(f"the notebook has lost its process {self.losses} times")
            if self._child is None:
                self._child, self._ran = self._start(), 0
            if self._ran == len(self._done):
                return self._child
            request = {"do": "run", "source": self._done[self._ran]}
            try:
                self._put(self._child, request, self._limits.cell)
            except Killed:
                raise
            except WireError:  # what it shows was refused, but it has run
                pass
            except ChildLost:  # it went well the first time: it cannot be relied on
                del self._done[self._ran]
                self.losses += 1
                self._drop()
                continue
            self._ran += 1

    def _drop(self) -> None:
        if self._child is not None:
            with contextlib.suppress(Killed):
                self._child.close()
            self._child = None


class RemoteSubject(Subject):
    """A student's class in the session's process. Having lost the process, it is asked no more."""

    def __init__(self, session: Session, name: str, forbid: Sequence[str], number: int) -> None:
        self._session = session
        self._name = name
        self._forbid = tuple(forbid)
        self._number = number
        self._lost: Fault | None = None

    def run(self, script: Script) -> list[Answer]:
        """Answer each step; a lost process is a fault on every step."""
        if self._lost is None:
            try:
                return self._session.probe(self._name, script, self._forbid, self._number)
            except ChildLost as lost:
                self._lost = _fault(lost)
                self._session.notes.lost(self._lost)
            except WireError as error:
                refused = _refused(error)
                self._session.notes.lost(refused)
                return [Answer(fault=refused)] * len(script.steps)
        return [Answer(fault=self._lost)] * len(script.steps)


def _fault(lost: Exception) -> Fault:
    kind = type(lost).__name__ if isinstance(lost, _NAMED) else "ProcessLost"
    return Fault(kind, str(lost))


def _refused(error: WireError) -> Fault:
    return Fault("TooLarge" if "too large" in str(error) else "WireError", str(error))


def _error(fault: Fault) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": fault.type,
        "evalue": fault.message,
        "traceback": [f"{fault.type}: {fault.message}"],
    }
