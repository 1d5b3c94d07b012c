"""Reads a notebook as people hand it in, and makes a sound one of it: nothing in it is lost.

Programs write byte order marks, other line ends, half a letter, cells without ids or with odd ones,
kinds of cells that Jupyter does not know. None of that is an edit, and none keeps it from a grade.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import reader
from nbformat.notebooknode import NotebookNode, from_dict

from grader.submissions.line_ends import plain_ends

_KINDS = ("code", "markdown", "raw")
_HALF = re.compile("[\ud800-\udfff]")
"""Half of a pair that stands for one letter: no file, page or terminal can show it."""
_MOST_NAME = 100
_TEXT_MAGIC = re.compile(r"\s*%(?:md(?:-sandbox)?|%markdown)(?:\s+|\Z)")
"""By which a code cell says that it is a text, in Databricks and in IPython."""


class NoNotebook(ValueError):
    """Why a file is not a notebook, in one line."""


def read_notebook(path: Path) -> NotebookNode:
    """The notebook in this file, in format 4.5; its cells have a kind, a source and plain ids.

    Outputs are left out, as they are dropped anyway. Raises `NoNotebook` and `OSError`.
    """
    data = path.read_bytes()
    if not data.strip():
        raise NoNotebook("it is empty")
    try:
        found = json.loads(text_of(data), strict=False)
    except (ValueError, RecursionError) as error:
        raise NoNotebook(f"{type(error).__name__}: {str(error).partition(chr(10))[0]}") from None
    if isinstance(found, dict) and isinstance(found.get("content"), dict):
        found = found["content"]  # as a Jupyter server sends it
    if not isinstance(found, dict):
        raise NoNotebook("it is JSON, but not a notebook")
    try:
        nb = from_dict(_whole(_sound(_as_of_today(found))))
        nbformat.validate(nb, relax_add_props=True)
    except RecursionError:
        raise NoNotebook("it is nested too deeply") from None
    return nb


def text_of(data: bytes) -> str:
    """The file's text: in UTF-8 as a notebook should be, in UTF-16 as some editors save it. A disk
    that was switched off, or a cloud, leaves zeros at the end."""
    text = data.decode(json.detect_encoding(data), errors="replace")
    # What is not UTF-8 is so in single letters of a comment, mostly.
    return text.removeprefix("\ufeff").rstrip("\0 \t\r\n")


def _whole(value: Any) -> Any:
    """The value without half letters."""
    if isinstance(value, str):
        return _HALF.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_whole(item) for item in value]
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return value


def _as_of_today(found: dict[str, Any]) -> dict[str, Any]:
    """In format 4, whatever the file says of itself; a file of format 3 has its cells elsewhere."""
    if isinstance(found.get("cells"), list):
        return found
    if not isinstance(found.get("worksheets"), list):
        raise NoNotebook("it is JSON, but contains no cells")
    try:
        return dict(nbformat.convert(reader.reads(json.dumps(found)), 4))
    except Exception as error:  # nbformat raises many kinds, and all mean the same here
        raise NoNotebook((str(error) or type(error).__name__).partition("\n")[0]) from None


def _sound(found: dict[str, Any]) -> dict[str, Any]:
    cells = [_cell(cell, index) for index, cell in enumerate(found["cells"])]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": _kernel(found.get("metadata")),
        "cells": [cell for cell in cells if cell],
    }


def _cell(given: Any, index: int) -> dict[str, Any] | None:
    """A sound cell; nothing for what is none at all."""
    if not isinstance(given, dict):
        return None
    kind = str(given.get("cell_type")).lower()
    cell: dict[str, Any] = {
        "id": f"cell-{index}",
        "cell_type": kind if kind in _KINDS else "raw",
        "metadata": _metadata(given.get("metadata")),
        "source": _source(given.get("source")),
    }
    if cell["cell_type"] == "code" and (magic := _TEXT_MAGIC.match(cell["source"])):
        return {**cell, "cell_type": "markdown", "source": cell["source"][magic.end() :]}
    if cell["cell_type"] == "code":
        return {**cell, "outputs": [], "execution_count": None}
    attachments = _attachments(given.get("attachments"))
    return {**cell, "attachments": attachments} if attachments else cell


def _source(given: Any) -> str:
    """Its text, with one kind of line end and no mark of the byte order."""
    parts = [part for part in (given if isinstance(given, list) else [given]) if _is_text(part)]
    without_ends = len(parts) > 1 and not any(part.endswith(("\n", "\r")) for part in parts[:-1])
    text = ("\n" if without_ends else "").join(parts)
    return plain_ends(text).removeprefix("\ufeff")


def _is_text(part: Any) -> bool:
    return isinstance(part, str)


def _metadata(given: Any) -> dict[str, Any]:
    """What grading reads of a cell's metadata."""
    if not isinstance(given, dict):
        return {}
    kept = {"nbgrader": given["nbgrader"]} if "nbgrader" in given else {}
    tags = given.get("tags")
    named = [tag for tag in tags if _is_tag(tag)] if isinstance(tags, list) else []
    return {**kept, "tags": list(dict.fromkeys(named))} if named else kept


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, str) and bool(tag) and "," not in tag


def _kernel(metadata: Any) -> dict[str, Any]:
    """The notebook's kernel, where it is written as it should be."""
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    names = kernel if isinstance(kernel, dict) else {}
    words = {key: names.get(key) for key in ("name", "display_name", "language")}
    if not all(isinstance(words[key], str) for key in ("name", "display_name")):
        return {}
    kept = {key: word[:_MOST_NAME] for key, word in words.items() if isinstance(word, str)}
    return {"kernelspec": kept}


def _attachments(given: Any) -> dict[str, Any]:
    """Pictures in a text, by name; each of one or more kinds, in letters."""
    named = given.items() if isinstance(given, dict) else ()
    return {
        name: {kind: data for kind, data in files.items() if isinstance(data, str)}
        for name, files in named
        if isinstance(files, dict)
    }
