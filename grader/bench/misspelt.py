"""A method whose name was misspelt: Keras never calls it, and says something else much later."""

from __future__ import annotations

import difflib
from typing import Any

_NAMES = (
    *("__init__", "build", "call", "get_config", "from_config", "compute_output_shape"),
    *("compute_mask", "get_initial_state"),
)
_LIKENESS = 0.75


def misspelt(candidate: Any) -> str:
    """A question on the method that the class has, and the one that it may have meant; else
    empty."""
    try:
        own = [name for name, value in vars(candidate).items() if callable(value)]
    except Exception:  # a class that refuses to be asked, or no class
        return ""
    for name in own:
        if name in _NAMES:
            continue
        meant = [known for known in _NAMES if known not in own]
        found = difflib.get_close_matches(name, meant, 1, _LIKENESS)
        if found:
            return f"(You wrote {name}: did you mean {found[0]}?)"
    return ""
