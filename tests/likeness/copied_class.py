"""A made-up class of 60: forty worked alone, and ten took something from ten others.

Who works alone begins with one of the right ways of `tests/variants`, or with a wrong one (a mutant
of it), and writes it with habits of their own: which function multiplies matrices, what gets a
variable of its own, which arguments are written out. Who copies does what people do to hide it.
Nothing here is run: answers are text.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from grader.authoring.source import instructor_notebook
from grader.likeness.compare import Comparison
from grader.likeness.handed_in import Handout, Work, read_handout
from tests.likeness.disguises import DISGUISES, Answers
from tests.likeness.habits import Habits, written
from tests.long.mutation import drawn_mutant

ROOT = Path(__file__).parents[2]
STUDENTS = 60
WRONG = 0.25
"""How many of the answers of those who work alone have a fault."""
_NAME = re.compile(r"^(?:def|class) (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class MadeUp:
    """The class: answers by student and cell, and who took from whom and how."""

    answers: Mapping[str, Answers]
    copied: Mapping[frozenset[str], str]


@cache
def made_up(unit: str, seed: int, students: int = STUDENTS) -> MadeUp:
    """The class of this seed; as many copied pairs as there are disguises."""
    draw = random.Random(f"{unit} {seed}")
    ways = ways_of(unit)
    names = [f"s{number:03}" for number in range(students)]
    answers = {name: alone(draw, ways) for name in names}
    chosen = draw.sample(names, 2 * len(DISGUISES))
    copied = {}
    for place, (how, disguise) in enumerate(DISGUISES.items()):
        source, copier = chosen[2 * place : 2 * place + 2]
        answers[copier] = disguise(draw, answers[source], answers[copier])
        copied[frozenset((source, copier))] = how
    return MadeUp(answers, copied)


def alone(draw: random.Random, ways: Mapping[str, list[str]]) -> Answers:
    """All answers of one who works alone."""
    habits = Habits.drawn(draw)
    found = {}
    for cell, sources in ways.items():
        source = draw.choice(sources)
        if draw.random() < WRONG:
            source = drawn_mutant(source, draw)
        found[cell] = written(source, draw, habits)
    return found


@cache
def ways_of(unit: str) -> dict[str, list[str]]:
    """The right ways of each exercise of the unit that is written in code, by grade id."""
    release = released(unit)
    known = right_sources()
    found = {}
    for cell in release.cells:
        mark = cell.metadata.get("nbgrader", {})
        name = _NAME.search(cell.source)
        if mark.get("solution") and name and name[1] in known:
            found[mark["grade_id"]] = known[name[1]]
    return found


def released(unit: str) -> NotebookNode:
    """What students of the unit get."""
    return nbformat.read(ROOT / "notebooks" / unit / f"{unit}.ipynb", as_version=4)


@cache
def right_sources() -> dict[str, list[str]]:
    """The sources of all right ways, by exercise, under the exercise's own name.

    Read from the files, so that no TensorFlow is loaded. A class takes in what it inherits from
    another one of its file. What is not a plain name there, such as a partial, is left out.
    """
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests" / "variants").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
        for node in tree.body:
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "RIGHT":
                if not isinstance(node.value, ast.Dict):
                    continue
                for key, ways in zip(node.value.keys, node.value.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(ways, ast.List):
                        sources = [_whole(known, way, key.value) for way in ways.elts]
                        found[str(key.value)] = [source for source in sources if source]
    return {name: ways for name, ways in found.items() if len(ways) > 1}


def _whole(known: Mapping[str, ast.ClassDef | ast.FunctionDef], way: ast.expr, name: str) -> str:
    node = known.get(way.id) if isinstance(way, ast.Name) else None
    if node is None:
        return ""
    made = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(made, ast.ClassDef | ast.FunctionDef)
    made.name = name.split()[0]
    while isinstance(made, ast.ClassDef) and made.bases:
        base = known.get(ast.unparse(made.bases[0]))
        if not isinstance(base, ast.ClassDef):
            break
        own = {part.name for part in made.body if isinstance(part, ast.FunctionDef)}
        made.body += [p for p in base.body if isinstance(p, ast.FunctionDef) and p.name not in own]
        made.bases = base.bases
    return ast.unparse(_Bare().visit(made))


class _Bare(ast.NodeTransformer):
    """Without the remarks of whoever wrote the tests."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        remark = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if remark else node


class _Anything(frozenset[str]):
    """All exercises, without the catalogue, which loads TensorFlow."""

    def __contains__(self, name: object) -> bool:
        return True


@cache
def instructor(unit: str) -> NotebookNode:
    """The instructor's notebook."""
    return instructor_notebook(ROOT / "solutions" / f"{unit}.py", _Anything())


@cache
def handout(unit: str) -> Handout:
    """The unit, as the grader reads it."""
    notebooks = (instructor(unit), released(unit))
    return read_handout(nbformat.writes(notebook).encode() for notebook in notebooks)


def works(class_: MadeUp, term: str = "") -> list[Work]:
    """What the class handed in, without the files."""
    return [Work(name, term, answers) for name, answers in sorted(class_.answers.items())]


def places(class_: MadeUp, found: Comparison) -> dict[str, int]:
    """The place of each copied pair among all pairs, from 1; one that is not listed has none."""
    named = [frozenset(found.works[i].student for i in (p.first, p.second)) for p in found.pairs]
    return {class_.copied[pair]: n for n, pair in enumerate(named, 1) if pair in class_.copied}
