"""Small changes of a program, one at a time: what a student may have slipped in."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

_OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Gt: (ast.Lt, ast.GtE),
    ast.Lt: (ast.Gt, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}


def mutants(source: str) -> Iterator[tuple[int, str]]:
    """Every mutant of the source: the line that changed, and the whole new source."""
    tree = ast.parse(source)
    for index, node in enumerate(ast.walk(tree)):
        for change in _changes(node):
            twin = copy.deepcopy(tree)
            target = list(ast.walk(twin))[index]
            change(target)
            made = ast.unparse(ast.fix_missing_locations(twin))
            if made != ast.unparse(tree):
                yield getattr(node, "lineno", 0), made


def drawn_mutant(source: str, draw: random.Random) -> str:
    """One mutant, drawn, without making all of them; the source where it has none."""
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    draw.shuffle(nodes)
    for node in nodes:
        if changes := list(_changes(node)):
            draw.choice(changes)(node)
            return ast.unparse(ast.fix_missing_locations(tree))
    return source


def _changes(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    yield from _operators(node)
    yield from _constants(node)
    yield from _calls(node)
    yield from _statements(node)
    if isinstance(node, ast.IfExp):
        yield lambda n: vars(n).update(body=n.orelse)
        yield lambda n: vars(n).update(orelse=n.body)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield lambda n: vars(n).update(op=ast.UAdd())
    if isinstance(node, ast.Slice) and node.lower is not None:
        yield lambda n: vars(n).update(lower=None)


def _operators(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        for other in _OPERATORS.get(type(node.op), ()):
            yield lambda n, other=other: vars(n).update(op=other())
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add | ast.Mult):
        yield lambda n: vars(n).update(left=n.right, right=n.left)
    if isinstance(node, ast.Compare):
        for other in _OPERATORS.get(type(node.ops[0]), ()):
            yield lambda n, other=other: n.ops.__setitem__(0, other())


def _constants(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield lambda n: vars(n).update(value=not n.value)
    elif isinstance(node.value, int | float):
        yield lambda n: vars(n).update(value=n.value + 1)
        yield lambda n: vars(n).update(value=n.value - 1)


def _calls(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    if not isinstance(node, ast.Call):
        return
    for place in range(len(node.keywords)):
        yield lambda n, place=place: n.keywords.pop(place)
    for place in range(len(node.args) - 1):
        yield lambda n, place=place: n.args.insert(place, n.args.pop(place + 1))
    if len(node.args) == 1 and not node.keywords:
        yield _call_to_argument


def _call_to_argument(node: ast.Call) -> None:
    """f(x) becomes (x)."""
    argument = node.args[0]
    node.func, node.args = ast.Name("_same", ast.Load()), [argument]


def _statements(node: ast.AST) -> Iterator[Callable[[Any], None]]:
    body = getattr(node, "body", None)
    if not isinstance(body, list):
        return
    for place, statement in enumerate(body):
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            continue
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # a docstring
        yield lambda n, place=place: n.body.__setitem__(place, ast.Pass())
