"""The check calls of a test cell, read from its source and never executed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")


class UnreadableCall(ValueError):
    """A call of `check` that grading cannot read; the message says which and what to write."""


@dataclass(frozen=True)
class CheckCall:
    """`check(candidate, exercise=..., hidden=...)`, as data."""

    candidate: str
    exercise: str
    hidden: bool = False


def check_calls(source: str) -> list[CheckCall] | None:
    """The calls, where a cell holds `check` calls only; None where it holds anything else.

    Raises `UnreadableCall` for a `check` whose arguments are not a name and plain literals.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return None  # IPython's own syntax: the cell is executed as nbgrader would
    calls = [_call_of(statement) for statement in statements]
    if not calls or any(call is None for call in calls):
        return None
    return [_read(call) for call in calls if call is not None]


def _call_of(statement: ast.stmt) -> ast.Call | None:
    """The call, if the statement is a call of `check` and nothing more."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    call = statement.value
    is_check = isinstance(call.func, ast.Name) and call.func.id == "check"
    return call if is_check else None


def _read(call: ast.Call) -> CheckCall:
    text = ast.unparse(call)
    if len(call.args) not in (1, 2) or not isinstance(call.args[0], ast.Name):
        raise UnreadableCall(f"{text}: the first argument must be the name of a class or function")
    candidate = call.args[0].id
    exercise, hidden = candidate, False
    given = [("exercise", node) for node in call.args[1:]]
    for name, node in [*given, *((word.arg, word.value) for word in call.keywords)]:
        if name == "exercise":
            exercise = _literal(node, str, text)
        elif name == "hidden":
            hidden = _literal(node, bool, text)
        else:
            raise UnreadableCall(f"{text}: a test cell may give check only exercise= and hidden=")
    return CheckCall(candidate, exercise, hidden)


def _literal(node: ast.expr, kind: type[_T], text: str) -> _T:
    if not isinstance(node, ast.Constant):
        raise UnreadableCall(f"{text}: {ast.unparse(node)} is not a plain literal")
    if type(node.value) is not kind:
        raise UnreadableCall(f"{text}: {ast.unparse(node)} is not a {kind.__name__}")
    return node.value
