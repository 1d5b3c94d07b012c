"""What a class handed in: read, and never executed. From submitted/, or from an archive."""

from __future__ import annotations

import json
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from grader.submissions.line_ends import plain_ends
from grader.submissions.read_notebook import text_of

MOST_BYTES = 50_000_000
"""Of a notebook that is read; pictures in it count."""
_TOO_LARGE = f"a notebook has more than {MOST_BYTES // 1_000_000} MB: not compared"
OTHER = "other cells"
"""Where code counts that a student wrote into cells of their own."""
_FENCED = re.compile(r"^```(?:python|py)?[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
Cells = list[tuple[str, str, str, bool]]
"""Grade id, kind, source, and whether it is a student's to fill in."""


class NotRead(Exception):
    """Why there is nothing to compare, in one line; it says what to do."""


@dataclass(frozen=True)
class Handout:
    """What the class was given: the kind of each cell that is to be filled in, by its grade id, and
    every source of the released and the instructor's notebooks, each with its kind."""

    cells: Mapping[str, str]
    sources: tuple[tuple[str, str], ...]
    released: frozenset[str]


@dataclass(frozen=True)
class Work:
    """What somebody handed in: answers by grade id. `term` is empty for this term; `told` says what
    could not be read."""

    student: str
    term: str
    answers: Mapping[str, str]
    told: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The student, with the term if it is another one."""
        return f"{self.student} ({self.term})" if self.term else self.student


@dataclass(frozen=True)
class Files:
    """The files of one course: notebooks that were handed in, by student, and those of the unit."""

    submitted: Mapping[str, list[bytes | str]]
    unit: tuple[bytes, ...]
    units: tuple[str, ...] = ()


def read_handout(notebooks: Iterable[bytes]) -> Handout:
    """The unit, from its notebooks. Raises `NotRead` where there is nothing to fill in."""
    cells: dict[str, str] = {}
    sources: dict[tuple[str, str], None] = {}
    plain = set()
    for data in notebooks:
        for name, kind, source, own in _cells(data):
            sources[source, kind] = None
            plain.add("".join(source.split()))
            if own and name:
                cells.setdefault(name, kind)
            if kind != "code":
                sources |= {(code, "code"): None for code in _FENCED.findall(source)}
    if not cells:
        raise NotRead("the unit has no cell that students fill in")
    return Handout({**cells, OTHER: "code"}, tuple(sources), frozenset(plain))


def read_works(files: Files, handout: Handout, term: str) -> list[Work]:
    """The work of each student."""
    return [
        _work(student, term, notebooks, handout)
        for student, notebooks in sorted(files.submitted.items())
    ]


def _work(student: str, term: str, notebooks: Iterable[bytes | str], handout: Handout) -> Work:
    answers: dict[str, list[str]] = {}
    told = []
    for data in notebooks:
        if isinstance(data, str):
            told.append(data)
            continue
        try:
            cells = _cells(data)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            told.append("a notebook cannot be read: not compared")
            continue
        for name, kind, source, _ in cells:
            if name in handout.cells:
                answers.setdefault(name, []).append(source)
            elif kind == "code" and not name and _is_own(source, handout):
                answers.setdefault(OTHER, []).append(source)
    return Work(
        student, term, {name: "\n".join(found) for name, found in answers.items()}, (*told,)
    )


def _is_own(source: str, handout: Handout) -> bool:
    plain = "".join(source.split())
    return bool(plain) and plain not in handout.released


def _cells(data: bytes) -> Cells:
    """The cells of a notebook, whatever program wrote it."""
    notebook = json.loads(text_of(data), strict=False)
    if isinstance(notebook.get("content"), dict):
        notebook = notebook["content"]
    sheets = notebook.get("worksheets") or [notebook]  # what Jupyter wrote until 2015
    return [_cell(cell) for sheet in sheets for cell in sheet["cells"] if isinstance(cell, dict)]


def _cell(cell: dict[str, Any]) -> tuple[str, str, str, bool]:
    meta = cell.get("metadata")
    mark = meta.get("nbgrader") if isinstance(meta, dict) else None
    mark = mark if isinstance(mark, dict) else {}
    source = cell.get("source") or cell.get("input") or ""
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    text = plain_ends(text)
    name = mark.get("grade_id")
    kind = "code" if cell.get("cell_type") == "code" else "markdown"
    return name if isinstance(name, str) else "", kind, text, bool(mark.get("solution"))


def files_of_folder(submitted: Path, unit: str, of_unit: Iterable[Path] = ()) -> Files:
    """The files below a folder such as submitted/; `of_unit` are folders of the unit itself."""
    found: dict[str, list[bytes | str]] = {}
    units = set()
    for student in sorted(path for path in submitted.iterdir() if path.is_dir()):
        units |= {path.name for path in student.iterdir() if path.is_dir()}
        if (student / unit).is_dir():
            found[student.name] = notebooks_below(student / unit)
    own = [path.read_bytes() for folder in of_unit for path in sorted(folder.glob("*.ipynb"))]
    return Files(found, tuple(own), tuple(sorted(units)))


def notebooks_below(folder: Path) -> list[bytes | str]:
    """What a student's folder holds: notebooks, or in words why one is not read."""
    return [*_below(folder)]


def _below(folder: Path) -> Iterator[bytes | str]:
    notebooks = [p for p in folder.rglob("*") if p.suffix.lower() == ".ipynb" and p.is_file()]
    notebooks = [p for p in notebooks if ".ipynb_checkpoints" not in p.parts]
    if not notebooks:
        yield "no notebook was handed in"
    for path in sorted(notebooks):
        try:
            yield _read(path)
        except OSError as error:
            yield f"a notebook cannot be read ({error.strerror}): not compared"


def _read(path: Path) -> bytes | str:
    if path.is_symlink():
        return "a notebook is a link: not compared"
    return path.read_bytes() if path.stat().st_size <= MOST_BYTES else _TOO_LARGE


def files_of_archive(path: Path, unit: str) -> Files:
    """The same from a file of `grader archive`; nothing is unpacked. Raises `NotRead`."""
    found: dict[str, list[bytes | str]] = {}
    own: list[bytes] = []
    units = set()
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                place = PurePosixPath(member.name)
                match place.parts:
                    case (_, "submitted", student, name, *_) if member.isfile():
                        units.add(name)
                        if name == unit and place.suffix.lower() == ".ipynb":
                            found.setdefault(student, []).append(_content(archive, member))
                    case (_, "notebooks" | "solutions", name, _) if name == unit:
                        if place.suffix == ".ipynb" and member.size <= MOST_BYTES:
                            own += [d for d in [_content(archive, member)] if isinstance(d, bytes)]
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError):
        raise NotRead(f"{path} is not a file of `grader archive`, or it is damaged") from None
    return Files(found, tuple(own), tuple(sorted(units)))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | str:
    if member.size > MOST_BYTES:
        return _TOO_LARGE
    file = archive.extractfile(member)
    return file.read() if file else "a notebook cannot be read: not compared"
