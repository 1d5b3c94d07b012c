"""A subject that answers one kind of question with something of its own."""

from __future__ import annotations

from typing import Any

from grader.probe import Answer, Script, Subject


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
