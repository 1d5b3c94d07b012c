"""One script for all the aspects of a case: no question is put to a layer twice without need."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.aspects import ASPECTS
from grader.bench.probe import Answer, Script, Step, Subject
from grader.exercises.exercise import Case


@dataclass(frozen=True)
class Questions:
    """The steps of each aspect of a case, in their order."""

    case: Case
    steps: Mapping[str, tuple[Step, ...]]

    @classmethod
    def of(cls, case: Case, aspects: Sequence[str]) -> Questions:
        """All that these aspects ask of the case."""
        return cls(case, {name: ASPECTS[name].steps(case) for name in aspects})

    @property
    def symbols(self) -> Step | None:
        """The step that calls a layer with symbols, if one does."""
        every = itertools.chain(*self.steps.values())
        return next((step for step in every if step.ask == "symbolic"), None)

    def put(
        self,
        subject: Subject,
        opening: Sequence[Step],
        values: Sequence[Any] | Mapping[str, Any],
        *,
        hopeful: bool = False,
    ) -> tuple[list[Answer], dict[str, list[Answer]]]:
        """Put them to one new layer: the answers to the `opening`, and those of each aspect.

        After the opening the layer's weights get the `values`, if there are any; where these have
        names, the layer takes them itself. As long as nothing has changed the layer, one answer is
        for all who ask the same. `hopeful` takes the output from the step that asks for the
        gradients: where that fails there is no output either.
        """
        script = list(opening)
        if isinstance(values, Mapping):
            script.append(Step("load", {"weights": values}))
        elif values:
            script.append(Step("assign", {"values": list(values)}, must=True))
        if hopeful:
            script += [step for step in self.steps.get("gradient", ()) if not _changes(step)]
        wanted: dict[str, list[tuple[int, str]]] = {}
        for name, steps in self.steps.items():
            wanted[name] = []
            for step in steps:
                place, part = _known(script, step)
                wanted[name].append((place, part))
                if place == len(script):
                    script.append(step)
        asked = self.case.facts.get("member")
        answers = subject.run(Script(self.case.config, tuple(script), asked))
        return answers[: len(opening)], {
            name: [_part(answers[place], part) for place, part in places]
            for name, places in wanted.items()
        }


def _known(script: Sequence[Step], wanted: Step) -> tuple[int, str]:
    """The place of a step whose answer tells what is wanted, and the part of it that does; past the
    end where there is none."""
    changed = max((at for at, step in enumerate(script) if _changes(step)), default=-1)
    for at, step in enumerate(script):
        # symbols know nothing of weights, and what was loaded last is still there
        is_valid = step.ask == "symbolic" or at > changed or (at == changed and step.ask == "load")
        if not is_valid or not _is_alike(step, wanted):
            continue
        if step.ask == wanted.ask in ("symbolic", "call", "gradient", "apply", "load"):
            return at, ""
        if step.ask == "gradient" and wanted.ask == "call":
            return at, "output"
    return len(script), ""


def _part(answer: Answer, part: str) -> Answer:
    """A part of an answer, or all of it. Another process may have given it, and anything at all."""
    if not part or answer.fault:
        return answer
    return Answer(answer.value.get(part) if isinstance(answer.value, dict) else None)


def _changes(step: Step) -> bool:
    """Whether the layer may answer a call otherwise afterwards."""
    training = step.args.get("call", {}).get("training")
    return bool(training) or step.ask in ("assign", "load", "freeze", "compiled")


def _is_alike(step: Step, other: Step) -> bool:
    """Whether two steps take the same arrays."""
    return step.args.keys() == other.args.keys() and all(
        step.args[name] is other.args[name] for name in step.args
    )
