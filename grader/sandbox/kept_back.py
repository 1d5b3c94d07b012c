"""What a stub outside of all functions keeps from being defined: it ends its cell.

Units have such stubs where helpers may stand, before a class or between its methods.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterator
from typing import TypeAlias, TypeGuard

from grader.bench.probe import Fault

Definition: TypeAlias = ast.ClassDef | ast.FunctionDef


def kept_back(source: str, error: BaseException) -> dict[str, Fault]:
    """What the cell would have defined, with what to say of each.

    A definition whose every function has a stub is not attempted yet, as if that had been reached.
    """
    if not isinstance(error, NotImplementedError):
        return {}
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):  # IPython's own lines
        return {}
    line = _last_line(error)
    found = {}
    for number, stub in _stubs_outside(body):
        if stub.lineno == line:
            where = f"line {line}: {source.splitlines()[line - 1].strip()}"
            found = {one.name: _fault(one, where) for one in body[number:] if _defines(one)}
    return found


def _last_line(error: BaseException) -> int:
    *_, last = [0, *(line for _, line in traceback.walk_tb(error.__traceback__))]
    return last


def _stubs_outside(body: list[ast.stmt]) -> Iterator[tuple[int, ast.stmt]]:
    """The stubs between definitions and in a class's body, with the statement they stand in."""
    for number, statement in enumerate(body):
        inside = statement.body if isinstance(statement, ast.ClassDef) else [statement]
        yield from ((number, one) for one in inside if _is_stub(one))


def _is_stub(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node)


def _defines(statement: ast.stmt) -> TypeGuard[Definition]:
    return isinstance(statement, ast.ClassDef | ast.FunctionDef)


def _fault(definition: Definition, where: str) -> Fault:
    parts = [node for node in ast.walk(definition) if isinstance(node, ast.FunctionDef)]
    if parts and all(any(map(_is_stub, ast.walk(part))) for part in parts):
        return Fault("NotImplementedError", "", where)
    return Fault(
        "Missing",
        f"the notebook defines no {definition.name}: its cell stopped at {where}. Delete this "
        "line, or write a helper in its place",
    )
