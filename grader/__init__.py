"""Layer by Layer: check the layer that you wrote against the Keras layer that it stands for.

    from grader import check
    check(Dense)

Importing this package loads neither TensorFlow nor nbgrader; the first check does.
"""

from __future__ import annotations

import importlib
import os
import sys
import types
from typing import Any

from grader.bench.numerics import TENSORFLOW

# With oneDNN's operations on and its AVX-512 code off, a product in float16 ends the process. It is
# too late to turn the operations off once TensorFlow is there.
_plain = "tensorflow" not in sys.modules and os.environ.get("TF_ENABLE_ONEDNN_OPTS", "0") == "0"
for _name, _value in TENSORFLOW.items():
    if _plain or _name != "ONEDNN_MAX_CPU_ISA":
        os.environ.setdefault(_name, _value)

_EXPORTS = {
    "CheckFailed": "grader.check",
    "Report": "grader.card.report",
    "UnknownExercise": "grader.exercises.catalogue",
    "check": "grader.check",
    "examine": "grader.examination.examine",
    "failing": "grader.examination.examine:failing_case",
    "glossary": "grader.glossary",
    "hint": "grader.hint",
    "progress": "grader.progress",
    "sharing": "grader.sharing",
    "solution": "grader.solution",
}

__all__ = [
    "CheckFailed",
    "Report",
    "UnknownExercise",
    "check",
    "examine",
    "failing",
    "glossary",
    "hint",
    "progress",
    "sharing",
    "solution",
]


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _EXPORTS:
        raise AttributeError(f"module 'grader' has no attribute {name!r}")
    module, _, own = _EXPORTS[name].partition(":")
    value = getattr(importlib.import_module(module), own or name)
    globals()[name] = value
    return value


class _Package(types.ModuleType):
    """Keeps a submodule from taking the place of the public function of the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _EXPORTS or not isinstance(value, types.ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
