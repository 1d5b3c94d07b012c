"""The layers that a student's test judges, in a box of their own.

    the student's process          examiner             the zoo's process
    the test, a black box -- asks --> answers -- asks --> keeper, the layers
                          <- arrays -         <- arrays -

The student's process gets arrays and no code. The zoo's process runs our code and no student's, but
on sizes and numbers that a student chose: so it is a box too, and not the examiner.

Where the machine kills the zoo's process, the layers that a test has made are gone. So the test
is put once more from its beginning, as where the student's process is killed: `Killed` says it.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from grader.bench.probe import Made, Ref, Script, Step
from grader.exercises.testing.zoo import Member
from grader.sandbox.child import Child, Killed
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session

_HOME = "grader.exercises"
_SERVED = """
from grader.exercises.testing.zoo import Member

KEPT = {}


def answer_question(number, member, question):
    if number not in KEPT:
        KEPT.clear()
        KEPT[number] = Member(*member).kept()
    return KEPT[number](question)
"""
_LOADED = """
import sys, types
import grader

for name, is_package, text in {files!r}:
    module = types.ModuleType(name)
    if is_package:
        module.__path__ = []
    sys.modules[name] = module
    above, _, own = name.rpartition(".")
    setattr(sys.modules[above], own, module)
    exec(compile(text, name, "exec"), module.__dict__)
"""


class ZooLost(Exception):
    """A zoo cannot be loaded: nothing can be said of a test."""


class ZooSession:
    """Answers what tests ask; its process starts with the first question."""

    def __init__(self, start: Callable[[], Child], limits: Limits) -> None:
        patient = replace(limits, notebook=10 * limits.notebook)
        self._session = Session(start, patient, tries=1)
        self._loaded: set[str] = set()
        self._number = 0

    def __enter__(self) -> ZooSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._session.__exit__(kind, error, trace)

    def answers(self, member: Any) -> Callable[[Any], dict[str, Any]]:
        """A function that answers questions about one layer of a zoo.

        Both raise `Killed` where the machine has ended the process: ask for another one then.
        """
        assert isinstance(member, Member)
        self._load(member.module)
        self._number += 1
        number, subject = self._number, self._session.subject("answer_question")

        def answer(question: Any) -> dict[str, Any]:
            if not _is_plain(question):
                return {"raised": "TypeError"}
            config = {"number": number, "member": list(astuple(member)), "question": question}
            (given,) = subject.run(Script(config, (Step("apply"),)))
            if given.fault:
                _stop_if_ours(given.fault.type, given.fault.message)
                return {"raised": given.fault.type}
            return {"value": given.value}

        return answer

    def _load(self, module: str) -> None:
        if module in self._loaded:
            return
        outputs = self._session.run(_LOADED.format(files=bundle(module)) + _SERVED)
        for broken in (one for one in outputs if one["output_type"] == "error"):
            _stop_if_ours(broken["ename"], broken["evalue"])
            raise ZooLost(f"the zoo of {module} cannot be loaded: {broken['evalue']}")
        self._loaded.add(module)


def _stop_if_ours(kind: str, message: str) -> None:
    """What the layers did not do says nothing of them."""
    if kind == "Killed":
        raise Killed(message)
    if kind == "Missing":  # what answers is gone: it did not survive being loaded once more
        raise ZooLost(message)


def _is_plain(value: Any) -> bool:
    """Whether a question holds plain data, and of functions only Keras's activations."""
    if isinstance(value, Made):
        return False
    if isinstance(value, Ref):
        return value.path.startswith("keras.activations.") and value.path.count(".") == 2
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return True


@cache
def bundle(module: str) -> tuple[tuple[str, bool, str], ...]:
    """The sources that a zoo needs, each after those that it imports itself: name, whether it is a
    package, text. They are not in the box, so they are sent there."""
    found: dict[str, tuple[str, bool, str]] = {}
    _gather(module, found)
    return tuple(found.values())


def _gather(name: str, found: dict[str, tuple[str, bool, str]]) -> None:
    if name in found:
        return
    above = name.rpartition(".")[0]
    if above.startswith(_HOME):
        _gather(above, found)
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text(encoding="utf-8")
    for other in _imported(text):
        _gather(other, found)
    found[name] = (name, spec.submodule_search_locations is not None, text)


def _imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_HOME):
            yield str(node.module)
