"""The class of attackers: who is in it, and what is known of it once it is graded."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nbformat.notebooknode import NotebookNode
from small_course import ROOT, Course

from grader.class_report.results import Result
from grader.demo.sample import Member
from grader.examination.attempt import Key, expect
from grader.exercises.catalogue import find

CLASS = Path(__file__).parent / "class"
NAMES = sorted(path.stem for path in CLASS.glob("*.py"))
SEED = 1_928_374_650
"""Of the hidden cases: fixed, so that what is searched for is known."""
LIMITS = {"cell": 4.0, "probe": 4.0, "notebook": 60.0}


@dataclass(frozen=True, eq=False)
class Graded:
    """The class after grading."""

    course: Course
    members: Mapping[str, Member]
    results: Mapping[str, Result]
    log: str
    feedback: Mapping[str, str] = field(default_factory=dict)

    @functools.cache  # noqa: B019
    def autograded(self, name: str) -> NotebookNode:
        """An attacker's notebook as grading left it: read once, for all tests that look at it."""
        return self.course.autograded(name)


def marked(name: str, mark: str) -> list[str]:
    """What stands after `# %% [mark]` in an attacker's file."""
    text = (CLASS / f"{name}.py").read_text(encoding="utf-8")
    return re.findall(rf"^# %% \[{mark}\] (.+)$", text, re.MULTILINE)


def fitted(member: Member, course: Course) -> Member:
    """The member with what only the fixture knows: paths to look for, cases that all can see."""
    exercise = find("dense_params")
    visible = [expect(exercise, Key(0, kind, 0)) for kind in range(len(exercise.kinds))]
    table = {
        (c["features"], c["units"], c.get("use_bias", True)): seen.answers["prediction"][0].value
        for seen in visible
        for c in [seen.case.config]
    }
    words = {"VISIBLE_CASES": repr(table), "COURSE": str(course.path), "ROOT": str(ROOT)}
    answers = dict(member.answers)
    for word, value in words.items():
        answers = {key: text.replace(word, value) for key, text in answers.items()}
    return Member(member.name, member.about, member.expected, answers, blank=member.blank)
