"""`solution`: for people who learn alone, the model solution beside two other right ways.

It reads them where the whole project lies, and is of no use elsewhere: the zip for students holds
neither `solutions/` nor the tests, so a graded course gives nothing away.
"""

from __future__ import annotations

import ast
import functools
import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.card.report import Report
from grader.check import put_on_page
from grader.examination.examine import examine
from grader.exercises.catalogue import find

PROJECT = Path(__file__).resolve().parents[1]
"""Where the whole project lies, if this is a part of it."""
_WAYS = 2
"""Other right ways that are shown."""
_MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")
_GIVEN = re.compile(r"^[ \t]*### GIVEN[ \t]*\n(?:[ \t]*# .*\n)*", re.M)
"""What a student is given in the place of a solution: the faulty lines of a layer to be mended."""
_COLUMN = "flex:1 1 28em;min-width:0"
_CODE = "overflow-x:auto;padding:.6em;border:1px solid #8888;border-radius:4px;font-size:90%"


@dataclass(frozen=True)
class Answer:
    """A right answer: what it is called here, and its code."""

    title: str
    code: str


@dataclass(frozen=True)
class Answers:
    """The right answers to an exercise, side by side where there is a page, else one by one."""

    exercise: str
    shown: tuple[Answer, ...]

    def __str__(self) -> str:
        return "\n\n".join(f"# {one.title}\n\n{one.code}" for one in self.shown)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        columns = "".join(
            f'<div style="{_COLUMN}"><b>{html.escape(one.title)}</b>'
            f'<pre style="{_CODE}">{html.escape(one.code)}</pre></div>'
            for one in self.shown
        )
        return f'<div style="display:flex;flex-wrap:wrap;gap:1em">{columns}</div>'


def solution(candidate: Callable[..., Any], exercise: str | None = None) -> None:
    """Show the model solution of an exercise and other right ways, once yours is right.

    Before that it asks whether you want to see them all the same. The exercise is found by the
    candidate's name unless it is given.

    Raises `UnknownExercise` where there is no such exercise.
    """
    report = examine(candidate, exercise)
    answers = right_answers(report.exercise, PROJECT)
    if not answers.shown:
        print("The model solutions are not here: your course shows them when it wants to.")
    elif report.passed or _wanted(report):
        put_on_page(answers)


def _wanted(report: Report) -> bool:
    print(f"{report.headline}. `hint({report.exercise})` gives a hint and no answer.")
    try:
        said = input("Show the model solution all the same? [y/N] ")
    except (EOFError, RuntimeError):  # nobody is there to answer
        return False
    return said.strip().lower() in ("y", "yes")


def right_answers(name: str, project: Path) -> Answers:
    """The model solution from `solutions/`, then others from `tests/variants/`; none without it."""
    exercise = find(name)
    unit = project / "solutions" / f"{exercise.unit}.py"
    if not unit.is_file():
        return Answers(name, ())
    model = Answer("The model solution", _model(unit, name))
    return Answers(name, (model, *_other_ways(project / "tests" / "variants", exercise.base.name)))


def _model(unit: Path, name: str) -> str:
    text = unit.read_text(encoding="utf-8")
    code = _GIVEN.sub("", "\n\n\n".join(_pieces(text, name)))
    lines = [line for line in code.split("\n") if line.strip() not in _MARKS]
    return "\n".join(lines)


def _other_ways(folder: Path, name: str) -> Iterator[Answer]:
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        ways = _right(text).get(name, [])[:_WAYS]
        yield from (
            Answer(f"Another way: {way}", "\n\n\n".join(_pieces(text, way))) for way in ways
        )


@functools.lru_cache(maxsize=64)
def _right(text: str) -> dict[str, list[str]]:
    """What the file's `RIGHT` lists, by exercise: names of classes and functions."""
    module = ast.parse(text)
    known = {ast.unparse(target): value for target, value in _assigned(module)}
    table = known.get("RIGHT")
    if not isinstance(table, ast.Dict):
        return {}
    defined = {
        node.name for node in module.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))
    }
    return {
        str(key.value): [way for way in _names(value, known) if way in defined]
        for key, value in zip(table.keys, table.values, strict=True)
        if isinstance(key, ast.Constant)
    }


def _assigned(module: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in module.body:
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, ast.Assign):
            yield node.targets[0], node.value


def _names(value: ast.expr, known: Mapping[str, ast.expr]) -> Iterator[str]:
    """Names in a list, in another list that it takes over, or given to what makes a list."""
    if isinstance(value, (ast.List, ast.Tuple)):
        for one in value.elts:
            if isinstance(one, ast.Name):
                yield one.id
            elif isinstance(one, ast.Starred) and isinstance(one.value, ast.Name):
                yield from _names(known[one.value.id], known)
    elif isinstance(value, ast.Call):
        yield from (one.id for one in value.args if isinstance(one, ast.Name))


@functools.lru_cache(maxsize=64)
def _defined(text: str) -> dict[str, ast.ClassDef | ast.FunctionDef]:
    """The classes and functions of a file, by name."""
    kinds = (ast.ClassDef, ast.FunctionDef)
    return {node.name: node for node in ast.parse(text).body if isinstance(node, kinds)}


def _pieces(text: str, name: str) -> list[str]:
    """The code of a class or function, after all of the same file that it uses."""
    defined = _defined(text)
    wanted, seen = [name], set()
    while wanted:
        one = wanted.pop()
        if one in defined and one not in seen:
            seen.add(one)
            wanted += [n.id for n in ast.walk(defined[one]) if isinstance(n, ast.Name)]
    nodes = sorted((defined[one] for one in seen), key=lambda node: node.lineno)
    return [_code(text, node) for node in nodes]


def _code(text: str, node: ast.ClassDef | ast.FunctionDef) -> str:
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return "\n".join(text.split("\n")[first - 1 : node.end_lineno])
