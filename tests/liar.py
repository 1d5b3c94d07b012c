"""Subjects of tests: one that tells lies, and one that is quick to ask again."""

from __future__ import annotations

from typing import Any

from grader.bench.probe import Answer, Script, Subject


class Liar(Subject):
    """Answers one question with a lie, and the others as the honest subject does.

    Who lies about the output of a call lies about that of a call with gradients too.
    """

    def __init__(self, honest: Subject, question: str, lie: Any) -> None:
        self._honest, self._question, self._lie = honest, question, lie
        self.lies = 0
        """How many were told."""

    def run(self, script: Script) -> list[Answer]:
        """The answers, some of them lies."""
        answers = self._honest.run(script)
        return [
            self._said(step.ask, answer) for step, answer in zip(script.steps, answers, strict=True)
        ]

    def _said(self, question: str, answer: Answer) -> Answer:
        if question == self._question:
            self.lies += 1
            return Answer(self._lie)
        if (question, self._question) == ("gradient", "call") and answer.value:
            self.lies += 1
            return Answer({**answer.value, "output": self._lie})
        return answer


class Remembering(Subject):
    """Answers a list of questions as the honest subject did at first, whatever the case."""

    def __init__(self, honest: Subject) -> None:
        self._honest = honest
        self._answers: dict[tuple[str, ...], list[Answer]] = {}

    def run(self, script: Script) -> list[Answer]:
        """The answers to the first script that asked for these."""
        asked = tuple(step.ask for step in script.steps)
        if asked not in self._answers:
            self._answers[asked] = self._honest.run(script)
        return self._answers[asked]
