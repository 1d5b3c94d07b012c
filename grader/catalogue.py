"""Find an exercise by its name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from grader import exercises
from grader.exercise import Exercise

CATALOGUE: Mapping[str, Exercise] = {exercise.name: exercise for exercise in exercises.ALL}
"""All exercises by name, in the order of the course."""


class UnknownExercise(Exception):
    """There is no exercise of this name; the message says which ones come near."""


def find(name: str) -> Exercise:
    """The exercise of this name."""
    if name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(name, CATALOGUE, n=1, cutoff=0.6)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise UnknownExercise(
        f"there is no exercise {name!r}.{meant} If your class or function has another name, "
        f'say which exercise it is for: check({name}, exercise="...")'
    )
