"""Find and mend the fault: the student is given a layer that has one of the known wrong ideas.

The mended layer is examined like one that the student wrote from nothing, and earns all of its
points or none: a layer with one fault has nearly everything right before anybody has touched it.
"""

from __future__ import annotations

from dataclasses import replace

from grader.exercises.exercise import Exercise


def mend(base: Exercise, name: str, fault: str, unit: str = "") -> Exercise:
    """The exercise to mend a layer of `base`, called `name`, that has the misconception `fault`.

    What is given comes close to an answer to `base`. So `base` is an exercise of an earlier unit,
    or one that no student is asked to write, and `unit` is where the fault is to be found.
    """
    known = {idea.name: idea for idea in base.misconceptions}
    if fault not in known:
        raise ValueError(f"{base.name} has no misconception {fault!r}: {', '.join(known)}")
    return replace(base, name=name, unit=unit or base.unit, mends=base, fault=known[fault])
