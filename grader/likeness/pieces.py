"""Code as a bag of pieces that stay the same when a copy is made to look otherwise.

A piece is a subtree of the syntax tree. Taken out of it are the names that the answer itself gives,
comments, docstrings, annotations and line breaks, the order of statements, of keyword arguments and
of the sides of a sum or a comparison, and the module from which a function is called. What stays:
what is called, with what, and how it is put together. Nothing is executed: `ast` reads text.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

SMALLEST = 4
"""Nodes of the smallest piece: `self.units` is in every answer."""
_TURNED = {ast.Gt: "Lt", ast.GtE: "LtE"}
_BOTH_WAYS = (ast.Eq, ast.NotEq)
_SPEC = re.compile(r"[A-Za-z.]*(?:,[A-Za-z.]*)*->[A-Za-z.]*")
_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler
_LONGEST = 120
"""Characters of words that are kept as they are."""
_MODULES = {"keras", "tf", "tensorflow", "np", "numpy", "ops", "layers", "math", "nn", "linalg"}


@dataclass(frozen=True)
class Piece:
    """A subtree: what it says without names, how many nodes it has, and its lines, from 1."""

    says: str
    size: int
    first: int
    last: int


def pieces(tree: ast.Module) -> list[Piece]:
    """All pieces of a source, smaller ones before those that hold them.

    Raises `RecursionError` for a tree that is nested too deeply.
    """
    reader = _Reader(own_names(tree))
    reader.block(tree.body)
    return reader.found


@dataclass(frozen=True)
class Own:
    """The names that a source gives: to variables, arguments, functions and classes; and to what is
    reached with a dot."""

    names: frozenset[str]
    attributes: frozenset[str]


def own_names(tree: ast.AST) -> Own:
    """All of them, but for those that Python and Keras ask for."""
    names: set[str] = set()
    attributes: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            attributes.add(node.attr)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, _NAMED) and node.name:
            names.add(node.name)
            attributes.add(node.name)
    return Own(frozenset(names - _FIXED), frozenset(attributes - _FIXED))


_FIXED = frozenset(dir(builtins)) | {"__init__", "build", "call", "get_config"}
Said = tuple[str, int]
"""What a node says, and how many nodes it has."""


class _Reader:
    """Walks a tree and keeps its pieces."""

    def __init__(self, own: Own) -> None:
        self.own = own
        self.found: list[Piece] = []

    def block(self, body: Iterable[ast.stmt]) -> Said:
        """Statements in any order."""
        said = [self.statement(one) for one in body if not _is_nothing(one)]
        words = ";".join(sorted(words for words, _ in said))
        return f"{{{_short(words)}}}", sum(size for _, size in said)

    def statement(self, node: ast.stmt) -> Said:
        made = self._statement(node)
        self._keep(made, node)
        return made

    def _statement(self, node: ast.stmt) -> Said:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._joined("def" + self.name(node.name), [self.block(node.body)])
            case ast.ClassDef():
                bases = [self.tree(base) for base in node.bases]
                return self._joined("class", [*bases, self.block(node.body)])
            case ast.AugAssign():
                made = self._sides(node.op, self.tree(node.target), self.tree(node.value))
                return self._joined("=", [self.tree(node.target), made])
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                return self._joined("=", [self.tree(target), self.tree(value)])
            case ast.Assign(targets=[target]):
                return self._joined("=", [self.tree(target), self.tree(node.value)])
        return self.other(node)

    def other(self, node: ast.AST) -> Said:
        """Any other node: its kind, its simple fields, and what is below it, in order."""
        words, parts = type(node).__name__, []
        for name, value in ast.iter_fields(node):
            if name in ("ctx", "type_comment", "annotation", "returns", "kind"):
                continue
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                parts.append(self.block(value))
            elif isinstance(value, list):
                parts += [self.any(part) for part in value if isinstance(part, ast.AST)]
            elif isinstance(value, ast.AST):
                parts.append(self.any(value))
            elif isinstance(value, str):
                words += f"'{self.name(value)}'"
        return self._joined(words, parts)

    def any(self, node: ast.AST) -> Said:
        if isinstance(node, ast.expr):
            return self.tree(node)
        if isinstance(node, ast.stmt):
            return self.statement(node)
        return self.other(node)

    def tree(self, node: ast.expr) -> Said:
        """An expression."""
        made = self._tree(node)
        self._keep(made, node)
        return made

    def _tree(self, node: ast.expr) -> Said:
        match node:
            case ast.Name():
                return self.name(node.id), 1
            case ast.Constant():
                return self._constant(node.value), 1
            case ast.Attribute():
                return self._attribute(node)
            case ast.BinOp():
                return self._sides(node.op, self.tree(node.left), self.tree(node.right))
            case ast.BoolOp():
                values = sorted(self.tree(value) for value in node.values)
                return self._joined(type(node.op).__name__, values)
            case ast.Compare(ops=[op], comparators=[right]):
                return self._comparison(op, self.tree(node.left), self.tree(right))
            case ast.Call():
                return self._call(node)
            case ast.Dict():
                pairs = zip(node.keys, node.values, strict=True)
                said = sorted(self._pair(*pair) for pair in pairs)
                return self._joined("dict", said)
        return self.other(node)

    def _pair(self, key: ast.expr | None, value: ast.expr) -> Said:
        return self._joined(":", [self.tree(key)] if key else [], [self.tree(value)])

    def _attribute(self, node: ast.Attribute) -> Said:
        if (
            isinstance(node.value, ast.Name | ast.Attribute)
            and _root(node) in _MODULES - self.own.names
        ):
            return f"'{node.attr}'", 1
        words, size = self.tree(node.value)
        attribute = "_" if node.attr in self.own.attributes else f"'{node.attr}'"
        return f"{words}.{attribute}", size + 1

    def _sides(self, op: ast.operator, left: Said, right: Said) -> Said:
        sides = [left, right]
        if isinstance(op, ast.Add | ast.Mult):
            sides.sort()
        return self._joined(type(op).__name__, sides)

    def _comparison(self, op: ast.cmpop, left: Said, right: Said) -> Said:
        if type(op) in _TURNED:
            return self._joined(_TURNED[type(op)], [right, left])
        sides = sorted([left, right]) if isinstance(op, _BOTH_WAYS) else [left, right]
        return self._joined(type(op).__name__, sides)

    def _call(self, node: ast.Call) -> Said:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return "super()", 1
        function = self.tree(node.func)
        given = [self.tree(argument) for argument in node.args]
        named = sorted(self._keyword(keyword, self._is_own(node.func)) for keyword in node.keywords)
        return self._joined("call", [function], given, named)

    def _is_own(self, function: ast.expr) -> bool:
        if isinstance(function, ast.Attribute):
            return function.attr in self.own.attributes
        return isinstance(function, ast.Name) and function.id in self.own.names

    def _keyword(self, keyword: ast.keyword, own: bool) -> Said:
        """An argument by its name, which is the answer's own if the function is."""
        if keyword.arg == "name":
            return "name=", 1
        words, size = self.tree(keyword.value)
        name = "**" if keyword.arg is None else "_" if own else f"'{keyword.arg}'"
        return f"{name}={words}", size

    def name(self, name: str) -> str:
        """A name that the answer gives is any name."""
        return "_" if name in self.own.names else f"'{name}'"

    def _constant(self, value: object) -> str:
        if isinstance(value, str):
            if _SPEC.fullmatch(value):
                return _renumbered(value)
            return repr(value) if value.isidentifier() else "text"
        return repr(float(value)) if type(value) is int else repr(value)

    def _joined(self, words: str, *parts: Iterable[Said]) -> Said:
        said = [one for part in parts for one in part]
        inside = ",".join(text for text, _ in said)
        return f"{words}({_short(inside)})", 1 + sum(size for _, size in said)

    def _keep(self, said: Said, node: ast.expr | ast.stmt) -> None:
        if said[1] >= SMALLEST:
            self.found.append(Piece(*said, node.lineno, node.end_lineno or node.lineno))


def _is_nothing(node: ast.stmt) -> bool:
    """A docstring, or a line that says nothing."""
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _renumbered(spec: str) -> str:
    """What einsum is to do, whatever its letters are."""
    letters: dict[str, str] = {}
    return "".join(
        letters.setdefault(one, chr(97 + len(letters))) if one.isalpha() else one for one in spec
    )


def _short(words: str) -> str:
    """A digest in the place of long words: they stand again in each tree around them."""
    if len(words) <= _LONGEST:
        return words
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=12).hexdigest()
