"""What is said of a unit that the gradebook does not have."""

from __future__ import annotations

from nbgrader.api import Gradebook


def no_such_unit(book: Gradebook, unit: str) -> str:
    """That it does not have it, and which it has; or how to put one there."""
    known = ", ".join(sorted(str(one.name) for one in book.assignments))
    if not known:
        return f"the gradebook has no unit {unit}: nbgrader generate_assignment {unit}"
    return f"there is no unit {unit} in the gradebook: {known}"
