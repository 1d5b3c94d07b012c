"""What may be asked of a student's layer, and what comes back: plain data that can cross a wire."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Ref:
    """A public Keras object, by its dotted name: how a function stands in a config."""

    path: str


@dataclass(frozen=True)
class Made:
    """A layer or a cell inside a config: of this class, made with this config of its own.

    `path` is a public Keras class, or one of `grader.bench.inside`, by its dotted name. Each layer
    that is made from the config gets one of its own.
    """

    path: str
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One question: the name of one of `grader.bench.operations`, and its arguments.

    Where a step that `must` succeed does not, the later ones are not asked: its fault is theirs.
    """

    ask: str
    args: Mapping[str, Any] = field(default_factory=dict)
    must: bool = False


class Asked(Protocol):
    """What a subject asks back about while it answers: a layer that it is to judge."""

    def here(self) -> Callable[[dict[str, Any]], Any]:
        """A function that answers its questions in this process."""


@dataclass(frozen=True)
class Script:
    """Questions for one new layer, made with `config`. Each is answered by one `Answer`.

    `asked` answers what the subject asks back. It stays on the examiner's side: it never crosses
    the wire.
    """

    config: Mapping[str, Any]
    steps: tuple[Step, ...]
    asked: Asked | None = None


SAID: Mapping[str, str] = {
    "Missing": "The notebook defines nothing with this name.",
    "Tampered": "Your notebook replaced a part of the grader.",
    "Forbidden": "Your code uses the thing that the exercise asks you to build.",
    "BadAnswer": "Your code returns something else than the exercise asks for.",
    "TimeLimit": "Your code took too long and was stopped.",
    "MemoryLimit": "Your code needed more memory than it may use.",
    "ProcessLost": "Your code ended its own process.",
    "Killed": "The machine ended your code's process. It may not be your fault.",
    "WireError": "Your code returned something that is not numbers.",
    "TooLarge": "Your code returned too many numbers.",
}
"""Faults that are not exceptions of the student's code."""


@dataclass(frozen=True)
class Fault:
    """An exception on the student's side. `where` is their own line, as "line 7: x = y".

    `type` is the exception's, or one of `SAID` where there was none.
    """

    type: str
    message: str
    where: str = ""

    @property
    def says(self) -> str:
        """What happened, in a sentence that holds nothing of the case."""
        return SAID.get(self.type, f"Your code raised {self.type}.")

    @property
    def untouched(self) -> bool:
        """Whether this is just the stub, which nobody has filled in yet."""
        return self.type == "NotImplementedError" and bool(self.where)


@dataclass(frozen=True)
class Answer:
    """A value (arrays, numbers, strings, None, and lists and dicts of them) or a fault."""

    value: Any = None
    fault: Fault | None = None


@dataclass(frozen=True)
class Weight:
    """A weight of a layer, without its value."""

    name: str
    shape: tuple[int, ...]
    trainable: bool


class Subject(ABC):
    """Anything that can be examined: it answers scripts, here or in another process."""

    @abstractmethod
    def run(self, script: Script) -> list[Answer]:
        """Answer each step of the script, on one new layer."""
