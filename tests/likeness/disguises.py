"""What people do so that a copy does not look like one; each keeps most of what is copied."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.likeness.habits import Habits, written
from tests.long.mutation import drawn_mutant

Answers = dict[str, str]
"""Source by cell."""
_FIXED = {"self", "cls", "kwargs", "super", "int", "len", "range", "float", "print", "sum", "zip"}
_MODULES = {"keras", "tf", "np", "ops", "math", "functools", "isinstance", "bool", "max", "min"}


def renamed(draw: random.Random, source: Answers, own: Answers) -> Answers:
    return _each(source, _rename)


def reordered(draw: random.Random, source: Answers, own: Answers) -> Answers:
    return _each(source, lambda tree: _reorder(tree, draw))


def reformatted(draw: random.Random, source: Answers, own: Answers) -> Answers:
    return {cell: _comment(text, draw) for cell, text in source.items()}


def method_extracted(draw: random.Random, source: Answers, own: Answers) -> Answers:
    return _each(source, _extract)


def half_of_the_exercises(draw: random.Random, source: Answers, own: Answers) -> Answers:
    """The longer half is copied, with other names."""
    longest = sorted(source, key=lambda cell: -len(source[cell]))
    taken = longest[: (len(longest) + 1) // 2]
    return own | {cell: renamed(draw, source, own)[cell] for cell in taken}


def half_of_each(draw: random.Random, source: Answers, own: Answers) -> Answers:
    """Of each class every other method is copied, and of each function the whole."""
    return {cell: _half(source[cell], own[cell]) for cell in source}


def all_at_once(draw: random.Random, source: Answers, own: Answers) -> Answers:
    def both(tree: ast.Module) -> None:
        _extract(tree)
        _reorder(tree, draw)
        _rename(tree)

    return {cell: _comment(text, draw) for cell, text in _each(source, both).items()}


def turned(draw: random.Random, source: Answers, own: Answers) -> Answers:
    """Sums and comparisons are turned round, arguments sorted, types written down."""

    def turn(tree: ast.Module) -> None:
        _Turn().visit(tree)
        _rename(tree)

    return _each(source, turn)


def padded(draw: random.Random, source: Answers, own: Answers) -> Answers:
    """Variables for whatever can have one, lines that do nothing, and other names."""
    wordy = Habits(
        *("as it is", "as it is", "as it is", "as it is", "as it is"),
        *(1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0),
        "as it is",
    )
    made = {cell: written(text, draw, wordy) for cell, text in source.items()}
    return _each(made, _rename)


def with_faults(draw: random.Random, source: Answers, own: Answers) -> Answers:
    """Something small is changed in each, and all names."""
    changed = {cell: drawn_mutant(text, draw) for cell, text in source.items()}
    return _each(changed, _rename)


DISGUISES: Mapping[str, Callable[[random.Random, Answers, Answers], Answers]] = {
    "other names": renamed,
    "other order": reordered,
    "other comments and line breaks": reformatted,
    "a method extracted": method_extracted,
    "half of the exercises": half_of_the_exercises,
    "half of each exercise": half_of_each,
    "extracted, reordered, renamed, commented": all_at_once,
    "sums turned round, types, other names": turned,
    "small faults, other names": with_faults,
    "more variables, idle lines, other names": padded,
}


def _each(answers: Answers, change: Callable[[ast.Module], None]) -> Answers:
    made = {}
    for cell, text in answers.items():
        tree = ast.parse(text)
        change(tree)
        made[cell] = ast.unparse(ast.fix_missing_locations(tree))
    return made


def _rename(tree: ast.Module) -> None:
    """Everything that the answer itself names, except what the exercise asks for."""
    names = _own_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            node.id = names[node.id]
        elif isinstance(node, ast.arg) and node.arg in names:
            node.arg = names[node.arg]
        elif isinstance(node, ast.Attribute) and node.attr in names and _is_own(node):
            node.attr = names[node.attr]
        elif isinstance(node, ast.FunctionDef) and node.name in names:
            node.name = names[node.name]
        elif isinstance(node, ast.keyword) and node.arg == "name":
            node.value = ast.Constant("anything")


def _is_own(node: ast.Attribute) -> bool:
    """Whether it is the answer's: `self.mean` is, and `ops.mean` is the library's."""
    return isinstance(node.value, ast.Name) and node.value.id == "self"


def _own_names(tree: ast.Module) -> dict[str, str]:
    found: dict[str, None] = {}
    constructor = {
        arg.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "__init__"
        for arg in [*node.args.args, *node.args.kwonlyargs]
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found[node.id] = None
        elif isinstance(node, ast.arg):
            found[node.arg] = None
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found[node.attr] = None
    kept = _FIXED | _MODULES | constructor | {"args", "training", "mask", "state_size", "built"}
    return {name: f"my_{place}" for place, name in enumerate(found) if name not in kept}


def _reorder(tree: ast.Module, draw: random.Random) -> None:
    """Methods in another order, and neighbours that do not depend on each other change places."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            draw.shuffle(node.body)
        if isinstance(node, ast.FunctionDef):
            place = 0
            while place + 1 < len(node.body):
                first, second = node.body[place : place + 2]
                if _independent(first, second):
                    node.body[place : place + 2] = [second, first]
                    place += 1
                place += 1


def _independent(first: ast.stmt, second: ast.stmt) -> bool:
    if not (isinstance(first, ast.Assign) and isinstance(second, ast.Assign)):
        return False
    written = [{ast.unparse(target) for target in one.targets} for one in (first, second)]
    read = [ast.unparse(one.value) for one in (first, second)]
    return not any(name in read[1 - i] for i in (0, 1) for name in written[i])


def _extract(tree: ast.Module) -> None:
    """The end of the longest method becomes a method of its own."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        methods = [p for p in node.body if isinstance(p, ast.FunctionDef) and len(p.body) > 1]
        if not methods:
            continue
        longest = max(methods, key=lambda method: len(method.body))
        cut = len(longest.body) // 2
        moved, longest.body = longest.body[cut:], longest.body[:cut]
        own = {n.id for part in longest.body for n in ast.walk(part) if isinstance(n, ast.Name)}
        own |= {arg.arg for arg in longest.args.args}
        used = {n.id for part in moved for n in ast.walk(part) if isinstance(n, ast.Name)}
        given = sorted((own & used) - _FIXED - _MODULES)
        call = f"return self.finish({', '.join(given)})"
        longest.body += ast.parse(call).body
        made = ast.parse(f"def finish(self, {', '.join(given)}): pass").body[0]
        assert isinstance(made, ast.FunctionDef)
        made.body = moved
        node.body.append(made)


def _half(source: str, own: str) -> str:
    """Every other method of the one class, the others of the other."""
    copied, mine = ast.parse(source), ast.parse(own)
    for taken, kept in zip(copied.body, mine.body, strict=False):
        if isinstance(taken, ast.ClassDef) and isinstance(kept, ast.ClassDef):
            methods = {p.name: p for p in taken.body[::2] if isinstance(p, ast.FunctionDef)}
            rest = [p for p in kept.body if getattr(p, "name", "") not in methods]
            kept.body = [*methods.values(), *rest]
        elif isinstance(taken, ast.FunctionDef):
            return source
    return ast.unparse(mine)


def _comment(source: str, draw: random.Random) -> str:
    """Comments, blank lines, and breaks after commas in brackets."""
    lines = []
    for line in source.split("\n"):
        space = line[: len(line) - len(line.lstrip())]
        if draw.random() < 0.4:
            lines.append(f"{space}# {draw.choice(['now this', 'as in the text', 'careful here'])}")
        if draw.random() < 0.2:
            lines.append("")
        if line.rstrip().endswith(")") and ", " in line and '"' not in line and "'" not in line:
            inside = line.find("(")
            head, rest = line[: inside + 1], line[inside + 1 :]
            line = head + rest.replace(", ", f",\n{space}    ")
        lines.append(line)
    made = "\n".join(lines)
    try:
        ast.parse(made)
    except SyntaxError:
        return source
    return made


class _Turn(ast.NodeTransformer):
    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        if isinstance(node.op, ast.Add | ast.Mult):
            node.left, node.right = node.right, node.left
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        self.generic_visit(node)
        turned = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}
        if len(node.ops) == 1 and type(node.ops[0]) in turned:
            node.ops = [turned[type(node.ops[0])]()]
            node.left, node.comparators = node.comparators[0], [node.left]
        return node

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        node.keywords.sort(key=lambda keyword: keyword.arg or "~")
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        for arg in node.args.args[1:]:
            arg.annotation = ast.Constant("anything")
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        return ast.Assign([node.target], ast.BinOp(target, node.op, node.value))
