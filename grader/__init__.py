"""Layer by Layer: check the layer that you wrote against the Keras layer that it stands for.

    from grader import check
    check(Dense)

Importing this package loads neither TensorFlow nor nbgrader; the first check does.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

# nbgrader gives zero to a test cell with any output on stderr, and TensorFlow logs there at its
# first operation on a machine without a GPU. It must be set before TensorFlow is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

_EXPORTS = {
    "CheckFailed": "grader.check",
    "Report": "grader.report",
    "UnknownExercise": "grader.catalogue",
    "check": "grader.check",
    "examine": "grader.examine",
    "hint": "grader.hint",
}

__all__ = ["CheckFailed", "Report", "UnknownExercise", "check", "examine", "hint"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    value = getattr(importlib.import_module(_EXPORTS[name]), name)
    globals()[name] = value  # a submodule of the same name must not hide the function
    return value
