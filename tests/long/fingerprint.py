"""Which code a result was had with: a hash of every module of ours that it hangs on."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from grader.exercises.catalogue import CATALOGUE
from tests import variants

_OURS = ("grader", "tests")
_LISTS = {"grader.exercises.catalogue", "grader.exercises", "tests.variants"}
"""They import every exercise, and are not followed."""
_ZOOS = "grader.exercises.testing."
"""They import the exercises whose ideas they show, and no idea of those hangs on them."""
_SHOWS = {"grader.card.card", "grader.card.picture", "grader.pictures"}
"""What is shown of a report changes nothing of it."""


def code_of(exercise: str) -> str:
    """A short hash of the sources that say how the exercise's ideas and variants fare."""
    chosen = CATALOGUE[exercise]
    makers = {
        name
        for name, module in sys.modules.items()
        if name.startswith("grader.exercises.")
        and name not in _LISTS
        and (chosen.kind == "test" or not name.startswith(_ZOOS))
        and any(value is chosen for value in vars(module).values())
    }
    files = [file.__name__ for file in variants.FILES if exercise in file.RIGHT]
    seen: set[str] = set()
    left = {"grader.examination.examine", "tests.ideas", *makers, *files}
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left |= _imported(name) - _LISTS - _SHOWS
    whole = hashlib.sha256()
    for name in sorted(seen):
        whole.update(_source(name))
    return whole.hexdigest()[:12]


@cache
def _source(name: str) -> bytes:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_bytes()


@cache
def _imported(name: str) -> frozenset[str]:
    return frozenset(_modules(ast.parse(_source(name))))


def _modules(tree: ast.AST) -> Iterator[str]:
    """What is imported from modules of ours; a name may itself be a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and _is_ours(node.module):
            yield node.module
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                if _is_package(node.module) and importlib.util.find_spec(name):
                    yield name
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))


def _is_ours(name: str) -> bool:
    return name.split(".")[0] in _OURS


@cache
def _is_package(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.submodule_search_locations is not None
