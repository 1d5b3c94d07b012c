"""Variables that are given once and read once: what they hold stands where it is read.

A copier adds such variables, or takes them away, and nothing else changes.
"""

from __future__ import annotations

import ast
from collections import Counter

_PLACES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Module


def inline_variables(tree: ast.Module) -> None:
    """Change the tree; function by function, from the inside."""
    for node in reversed(list(ast.walk(tree))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            _inline(node)


def _inline(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    given: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else given)[node.id] += 1
        elif isinstance(node, ast.arg):
            given[node.arg] += 1
    once = {name for name, count in given.items() if count == 1 and read[name] == 1}
    held: dict[str, ast.expr] = {}
    for place in ast.walk(function):
        body = getattr(place, "body", None)
        if isinstance(body, list):
            place.body = [one for one in body if not _taken(one, once, held)] or [ast.Pass()]  # type: ignore[attr-defined]
    _Put(held).visit(function)


def _taken(statement: ast.stmt, once: set[str], held: dict[str, ast.expr]) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in once:
            held[name] = value
            return True
    return False


class _Put(ast.NodeTransformer):
    """Puts what is held where it is read."""

    def __init__(self, held: dict[str, ast.expr]) -> None:
        self.held = held

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self.held:
            value: ast.expr = self.visit(self.held.pop(node.id))
            return value
        return node
