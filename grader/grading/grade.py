"""Do a task in this process. It stands apart: who only passes tasks on need not load TensorFlow."""

from __future__ import annotations

from grader.grading.task import Graded, Task


def grade(task: Task) -> Graded:
    """The outputs of each cell; raises `NotGraded`."""
    from grader.grading.run import run

    return run(task)
