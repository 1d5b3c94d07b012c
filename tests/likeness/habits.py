"""How one person writes: the same idea in other words. All of it keeps the meaning."""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass
from typing import Any

_WORDS = (
    *("x", "y", "out", "h", "z", "tmp", "res", "result", "a", "value", "val", "total", "o"),
    *("hidden", "t", "new", "data", "features", "r", "cur", "acc", "part", "inner"),
)


@dataclass(frozen=True)
class Habits:
    """What somebody prefers. Numbers are how often, from 0 to 1."""

    product: str
    plus: str
    square: str
    sup: str
    shape: str
    variables: float
    inlines: float
    splits: float
    written_out: float
    guards: float
    comments: float
    skips: float
    last: str

    @classmethod
    def drawn(cls, draw: random.Random) -> Habits:
        """Somebody."""
        often = [draw.random() ** 2 for _ in range(7)]
        return cls(
            draw.choice(["as it is", "as it is", "@", "ops.matmul", "tf.matmul", "ops.dot"]),
            draw.choice(["as it is", "as it is", "ops.add", "tf.add"]),
            draw.choice(["as it is", "ops.square", "**", "*"]),
            draw.choice(["as it is", "as it is", "long"]),
            draw.choice(["as it is", "int", "variable"]),
            *often,
            draw.choice(["as it is", "len"]),
        )


def written(source: str, draw: random.Random, habits: Habits) -> str:
    """The source as somebody with these habits writes it."""
    tree = ast.parse(source)
    if draw.random() < habits.skips:
        _skip(tree, draw)
    tree = _Words(draw, habits).visit(tree)
    _Statements(draw, habits).visit(tree)
    return ast.unparse(ast.fix_missing_locations(tree))


def _skip(tree: ast.Module, draw: random.Random) -> None:
    """Leave out a method that few exercises need."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and len(node.body) > 3:
            optional = [p for p in node.body if getattr(p, "name", "").startswith(("get_", "comp"))]
            if optional:
                node.body.remove(draw.choice(optional))


def _call(name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.parse(name, mode="eval").body, list(args), [])


class _Words(ast.NodeTransformer):
    """Expressions."""

    def __init__(self, draw: random.Random, habits: Habits) -> None:
        self.draw, self.habits = draw, habits

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        name = ast.unparse(node.func)
        habits = self.habits
        if name.endswith(".matmul") and len(node.args) == 2 and habits.product != "as it is":
            if habits.product == "@":
                return ast.BinOp(node.args[0], ast.MatMult(), node.args[1])
            return _call(habits.product, *node.args)
        if name.endswith(".square") and len(node.args) == 1:
            if habits.square == "**":
                return ast.BinOp(node.args[0], ast.Pow(), ast.Constant(2))
            if habits.square == "*":
                return ast.BinOp(node.args[0], ast.Mult(), node.args[0])
        if name == "super" and habits.sup == "long":
            return ast.parse("super(type(self), self)", mode="eval").body
        if name.endswith("add_weight"):
            self._write_out(node)
        return node

    def _write_out(self, node: ast.Call) -> None:
        given = {keyword.arg for keyword in node.keywords}
        more = {
            "initializer": ("'glorot_uniform'", "'random_normal'", "'uniform'", "'zeros'"),
            "trainable": ("True",),
            "dtype": ("self.dtype", "'float32'"),
            "name": ("'w'",),
        }
        for name, values in more.items():
            if name not in given and self.draw.random() < self.habits.written_out:
                value = ast.parse(self.draw.choice(values), mode="eval").body
                node.keywords.append(ast.keyword(name, value))

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        often = self.draw.random() < 0.5
        if isinstance(node.op, ast.Add) and self.habits.plus != "as it is" and often:
            return _call(self.habits.plus, node.left, node.right)
        if isinstance(node.op, ast.MatMult) and self.habits.product not in ("as it is", "@"):
            return _call(self.habits.product, node.left, node.right)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> Any:
        self.generic_visit(node)
        if ast.unparse(node) == "input_shape[-1]":
            if self.habits.shape == "int":
                return _call("int", node)
            if self.habits.last == "len":
                return ast.parse("input_shape[len(input_shape) - 1]", mode="eval").body
        return node


class _Statements(ast.NodeVisitor):
    """Statements, in each function."""

    def __init__(self, draw: random.Random, habits: Habits) -> None:
        self.draw, self.habits = draw, habits

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.generic_visit(node)
        node.body = [made for statement in node.body for made in self._one(statement)]
        if self.draw.random() < self.habits.inlines:
            _inline(node)
        if self.draw.random() < self.habits.guards:
            self._guard(node)
        if self.draw.random() < self.habits.comments:
            note = self.draw.choice(["The layer.", "See the text.", f"Part {node.name}.", "todo"])
            node.body.insert(0, ast.Expr(ast.Constant(note)))

    def _one(self, statement: ast.stmt) -> list[ast.stmt]:
        draw, habits = self.draw, self.habits
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
            value = statement.value
            if isinstance(value, ast.Tuple) and draw.random() < habits.splits:
                pairs = zip(statement.targets[0].elts, value.elts, strict=False)
                return [ast.Assign([target], one) for target, one in pairs]
        holder = statement if isinstance(statement, ast.Return | ast.Assign) else None
        if holder and isinstance(holder.value, ast.Call) and draw.random() < habits.variables:
            return self._variable(holder, holder.value)
        value = getattr(statement, "value", None)
        named = isinstance(statement, ast.Return) and isinstance(value, ast.BinOp | ast.IfExp)
        if named and draw.random() < habits.variables:
            name = draw.choice(_WORDS)
            return [ast.Assign([ast.Name(name)], value), ast.Return(ast.Name(name))]
        return [statement]

    def _variable(self, holder: ast.Return | ast.Assign, call: ast.Call) -> list[ast.stmt]:
        """A variable for the first argument that is more than a name."""
        for place, argument in enumerate(call.args):
            if isinstance(argument, ast.Call | ast.BinOp | ast.IfExp | ast.Subscript):
                name = self.draw.choice(_WORDS)
                call.args[place] = ast.Name(name)
                return [ast.Assign([ast.Name(name)], argument), holder]
        return [holder]

    def _guard(self, node: ast.FunctionDef) -> None:
        lines = {
            "__init__": ("self.built = False", "self.supports_masking = True", "self.kind = 1"),
            "build": ("super().build(input_shape)", "self.built = True", "print(input_shape)"),
            "call": ("inputs = ops.convert_to_tensor(inputs)", "assert inputs is not None"),
        }.get(node.name, ("assert True",))
        place = 0 if node.name == "call" else len(node.body)
        node.body.insert(place, ast.parse(self.draw.choice(lines)).body[0])


def _inline(node: ast.FunctionDef) -> None:
    """What is returned right after it was computed is computed where it is returned."""
    if len(node.body) < 2:
        return
    before, last = node.body[-2:]
    if (
        isinstance(before, ast.Assign)
        and isinstance(before.targets[0], ast.Name)
        and isinstance(last, ast.Return)
        and isinstance(last.value, ast.Call)
    ):
        name = before.targets[0].id
        uses = [n for n in ast.walk(last) if isinstance(n, ast.Name) and n.id == name]
        places = [i for i, a in enumerate(last.value.args) if isinstance(a, ast.Name)]
        wanted = [i for i in places if ast.unparse(last.value.args[i]) == name]
        if len(uses) == 1 and wanted:
            last.value.args[wanted[0]] = before.value
            del node.body[-2]
