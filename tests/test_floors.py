"""The house has floors: each room of `grader` imports only from rooms below it, in the order of
the table in docs/architecture.md."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "grader"
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
FLOORS = re.findall(r"^\| `grader/([\w.]+)/?` \|", PAGE, re.MULTILINE)
"""The rooms, from the roof down."""
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def room_of(path: Path) -> str:
    """The first part of a path below the package: a folder, or a file that stands alone."""
    return path.relative_to(PACKAGE).parts[0]


def imported(source: str) -> Iterator[str]:
    """The rooms that a source imports from, also inside its functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "grader":
            names = [f"grader.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package == "grader" and rest:
                room = rest.partition(".")[0]
                yield room if (PACKAGE / room).is_dir() else f"{room}.py"


def climbs(room: str, source: str) -> list[str]:
    """The rooms that a source imports from although they do not stand below its own."""
    below = FLOORS[FLOORS.index(room) + 1 :]
    return [other for other in imported(source) if other != room and other not in below]


def test_every_room_stands_in_the_table_once() -> None:
    rooms = {room_of(path) for path in FILES} - {"__init__.py"}
    assert sorted(FLOORS) == sorted(rooms)


@pytest.mark.parametrize("room", [name for name in FLOORS])
def test_a_room_imports_from_rooms_below_it_only(room: str) -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in FILES if room_of(path) == room}
    assert sources
    found = {str(path): up for path, source in sources.items() if (up := climbs(room, source))}
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "import grader.batch.engine",
        "from grader.batch import engine",
        "from grader import check",
        "def late():\n    from grader.lms.export import CanvasExporter",
    ],
)
def test_an_import_that_climbs_is_found(source: str) -> None:
    assert climbs("exercises", source) != []
    assert climbs("commands", source.replace("from grader import check", "")) == []


def test_no_two_test_files_have_one_name() -> None:
    """pytest refuses the second one, and only where both are collected: in a whole run."""
    names = Counter(path.name for path in Path(__file__).parent.rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
