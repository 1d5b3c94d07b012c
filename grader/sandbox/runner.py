"""The student's process: runs the notebook's cells and answers scripts. Holds nothing secret."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, BinaryIO

from grader.bench.probe import Answer, Fault
from grader.sandbox import wire
from grader.sandbox.limit_errors import met
from grader.sandbox.message import pack_answers, unpack_script
from grader.sandbox.seal import seal
from grader.sandbox.shell import Shell

if TYPE_CHECKING:
    from grader.bench.subject import LocalSubject

_TRUSTED = (
    "aspects",
    "authoring",
    "batch",
    "card",
    "class_report",
    "commands",
    "demo",
    "examination",
    "exercises",
    "gradebook",
    "grading",
    "lms",
    "pipeline",
    "regrading",
    "submissions",
)
"""Parts of this package that stay outside: importing them here is refused."""


def prepare() -> Shell:
    """Load all that a cell may need, so that no cell pays for it. Runs no operation."""
    import matplotlib.pyplot  # noqa: F401

    import grader.bench.subject  # noqa: F401  loads Keras and TensorFlow

    _replace_check()
    return Shell()


def serve(shell: Shell, channel: int, limits: dict[str, Any]) -> None:
    """Answer requests on the channel, a socket, until the examiner hangs up."""
    _silence()
    _seed()
    requests, replies = os.fdopen(channel, "rb"), os.fdopen(os.dup(channel), "wb")
    shell.most_output, shell.limits = limits["output"], limits
    look, send, answer = seal(), _send, _answer  # by names that a student's code cannot reach
    subjects: dict[int, LocalSubject] = {}
    line = _Line(_reader(requests), replies, limits["array"])
    _send(replies, "ready", limits["array"])
    while True:
        try:
            request = wire.decode(_reader(requests), limits["array"])
        except EOFError:
            return
        line.request = request["id"]
        if request["do"] == "run":
            reply = shell.run(request["source"])
        else:
            answers = answer(shell, request, subjects, line.ask)
            reply = pack_answers([_explained(given, limits) for given in answers])
            look()
        send(replies, {"id": request["id"], "reply": reply}, limits["array"])


class _Line:
    """The way back: while a script runs, a test asks about the layer that it judges."""

    def __init__(self, read: wire.Read, replies: BinaryIO, most: int) -> None:
        self._read, self._replies, self._most = read, replies, most
        self.request = ""

    def ask(self, question: dict[str, Any]) -> Any:
        """The answer to a question; raises `LayerRaised` where the layer raises."""
        from grader.bench.black_box import LayerRaised  # loaded by `prepare`

        frame = wire.encode({"id": self.request, "asks": question}, self._most)
        self._replies.write(frame)
        self._replies.flush()
        answer = wire.decode(self._read, self._most)
        if "raised" in answer:
            raise LayerRaised(f"the layer raised {answer['raised']}")
        return answer["value"]


def _answer(
    shell: Shell,
    request: dict[str, Any],
    subjects: dict[int, LocalSubject],
    ask: Callable[[dict[str, Any]], Any],
) -> list[Answer]:
    script = unpack_script(request["script"])
    from grader.bench.subject import LocalSubject  # loaded by `prepare`

    subject = subjects.get(request["subject"])
    if subject is None:
        candidate = shell.user_ns.get(request["name"])
        if candidate is None:
            return [Answer(fault=_missing(request["name"], shell))] * len(script.steps)
        subject = LocalSubject(candidate, request["forbid"], ask)
        subjects[request["subject"]] = subject
    return subject.run(script)


def _explained(answer: Answer, limits: dict[str, Any]) -> Answer:
    """The answer; where it is a limit that was met, its message says so."""
    fault = answer.fault
    if fault is None or not (limit := met(fault.type, fault.message, limits)):
        return answer
    return Answer(fault=replace(fault, message=f"{fault.message} ({limit})"))


def _missing(name: str, shell: Shell) -> Fault:
    if name in shell.kept_back:
        return shell.kept_back[name]
    message = f"the notebook defines no {name}"
    if shell.last_error:
        message += f"; an earlier cell stopped with {shell.last_error}"
    return Fault("Missing", message)


def _send(replies: BinaryIO, value: Any, most: int) -> None:
    try:
        frame = wire.encode(value, most)
    except wire.WireError as error:
        frame = wire.encode({"id": value["id"], "reply": None, "refused": str(error)})
    replies.write(frame)
    replies.flush()


def _silence() -> None:
    """What the student's code writes to the descriptors 0 to 2 goes nowhere."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)


def _seed() -> None:
    """What is drawn at random without a seed is the same in each run: so are scores and reports."""
    import keras  # loaded by `prepare`

    keras.utils.set_random_seed(0)


def _reader(source: BinaryIO) -> wire.Read:
    def read(size: int) -> bytes:
        data = source.read(size)
        if len(data) < size:
            raise EOFError
        return data

    return read


def _replace_check() -> None:
    """Let `from grader import check` work, and do nothing: the examiner checks from outside."""
    import grader

    def check(*args: Any, **kwargs: Any) -> None:
        """Stands in for the real check while a submission is graded."""

    stand_in = types.ModuleType("grader.check")
    stand_in.check = check  # type: ignore[attr-defined]
    sys.modules["grader.check"] = stand_in
    for name in grader.__all__:
        setattr(grader, name, check)
    for name in ("CheckFailed", "UnknownExercise", "Report"):
        setattr(grader, name, type(name, (AssertionError,), {}))
    stand_in.CheckFailed = grader.CheckFailed  # type: ignore[attr-defined]
    sys.modules["tf_keras"] = None  # type: ignore[assignment]  # it has the forbidden layers again
    for name in _TRUSTED:
        sys.modules[f"grader.{name}"] = None  # type: ignore[assignment]
