"""One student's layer on the bench: what is asked of it, answered in NumPy.

`LocalSubject` asks a class in this process: a student's own notebook, the reference layer, a
misconception. In grading, `grader.sandbox` wraps a `LocalSubject` in the student's process and
gives the examiner a `RemoteSubject`; both answer the same scripts in the same way.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.bench.backend import keras, silenced
from grader.bench.bench import Bench
from grader.bench.configs import resolve
from grader.bench.fault import fault_of
from grader.bench.guard import guarded, refuse_copies, watched
from grader.bench.misspelt import misspelt
from grader.bench.operations import OPERATIONS
from grader.bench.probe import Answer, Fault, Script, Step, Subject
from grader.bench.settings import own_settings


class LocalSubject(Subject):
    """A class, or anything else that is called with a config and gives a layer, in this process.

    `forbid` names the Keras objects that it may not use. What it asks back goes to `ask`, or to
    what the script itself has for that.
    """

    def __init__(
        self,
        candidate: Callable[..., Any],
        forbid: Sequence[str] = (),
        ask: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        self.candidate = candidate
        self._ask = ask
        self.forbid = tuple(forbid)
        self._copied: str | None = None

    def run(self, script: Script) -> list[Answer]:
        """Answer each step; an exception becomes a `Fault`, and the next step is still asked."""
        ask = script.asked.here() if script.asked else self._ask
        bench = Bench(self.candidate, resolve(script.config), ask)
        answers: list[Answer] = []
        with _quiet(), own_settings(_seed(script)), guarded(self.forbid) as turned_off:
            for step in script.steps:
                answers.append(self._watched(bench, step))
                if step.must and answers[-1].fault:
                    answers += [answers[-1]] * (len(script.steps) - len(answers))
                    break
            if sentence := turned_off():
                self._copied = sentence
        if self._copied:
            return [Answer(fault=Fault("Forbidden", self._copied))] * len(script.steps)
        return answers

    def _watched(self, bench: Bench, step: Step) -> Answer:
        # Watching takes time, most of all where a graph is made: the first call stands for all.
        if self._copied is not None or step.ask in ("symbolic", "weights", "assign"):
            return self._answer(bench, step)
        with watched(self.forbid) as copied:
            answer = self._answer(bench, step)
        self._copied = copied()
        return answer

    def _answer(self, bench: Bench, step: Step) -> Answer:
        _forget_unfinished()
        try:
            value = OPERATIONS[step.ask](bench, **resolve(step.args))
            if self.forbid and "layer" in vars(bench):
                refuse_copies(bench.layer, self.forbid)
            return Answer(value)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit too, and whatever else they may raise
            return Answer(fault=self._explained(fault_of(error)))

    def _explained(self, fault: Fault) -> Fault:
        question = "" if fault.untouched else misspelt(self.candidate)
        return replace(fault, message=f"{fault.message} {question}") if question else fault


def _seed(script: Script) -> int:
    """A seed that the case decides: its inputs, and where it has none, its config."""
    inputs = next((s.args["inputs"] for s in script.steps if s.args.get("inputs") is not None), ())
    leaves = keras.tree.flatten(inputs)
    data = np.ascontiguousarray(leaves[0]).tobytes() if leaves else repr(script.config).encode()
    return zlib.crc32(data)


def _forget_unfinished() -> None:
    """Forget variables of a layer that failed while it was built.

    Keras keeps a list of variables that still want their first value, and does not clear it when
    one of them cannot have it: from then on every layer would fail that is built of symbols.
    """
    state = keras.src.backend.common.global_state
    state.set_global_attribute("uninitialized_variables", [])


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep warnings and logs off stderr: nbgrader gives zero to a test cell that writes there.

    `tf.print` writes to the file descriptor, and knows nothing of sys.stderr.
    """
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), silenced(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
