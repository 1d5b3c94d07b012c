"""Right answers to the odd unit, as people really hand them in; none of them loses a point.

Each is an edit of the notebook's JSON, and the lines that may be said of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Change = Callable[[Json], None]
ESSAY = "Because a line need not cross the origin."
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
LOST = "a program removed it, or cells were retyped or merged"


@dataclass(frozen=True)
class Person:
    """One of them. `said` begins each notice, in their order.

    `written` makes the file of the notebook, and `filed` does to that file what people do, of which
    the log says `of_files`; `essay` is where the written answer must be found.
    """

    change: Change = lambda notebook: None
    said: tuple[str, ...] = ()
    written: Callable[[Json], bytes] = lambda notebook: json.dumps(notebook).encode()
    essay: str = ESSAY
    filed: Callable[[Path], object] = lambda path: None
    of_files: tuple[str, ...] = ()


def grade_id(cell: Json) -> str:
    """Its grade id, or nothing."""
    found = cell["metadata"].get("nbgrader", {})
    return str(found.get("grade_id", ""))


def source(cell: Json) -> str:
    """Its text."""
    return "".join(cell["source"])


def find(notebook: Json, name: str) -> Json:
    """The cell of this grade id."""
    return next(cell for cell in notebook["cells"] if grade_id(cell) == name)


def code(text: str, **more: Any) -> Json:
    """A cell of the student's own."""
    cell = {"cell_type": "code", "metadata": {}, "source": text, "id": "own", "outputs": []}
    return {**cell, "execution_count": None, **more}


def text(words: Any, **more: Any) -> Json:
    """A text of the student's own."""
    return {"cell_type": "markdown", "metadata": {}, "source": words, "id": "own", **more}


def strip(*names: str) -> Change:
    """These cells lose their metadata, or all of them."""

    def change(notebook: Json) -> None:
        for cell in notebook["cells"]:
            if not names or grade_id(cell) in names:
                cell["metadata"] = {}

    return change


def strip_all_but_tags(notebook: Json) -> None:
    for cell in notebook["cells"]:
        cell["metadata"].pop("nbgrader", None)


def delete(*names: str) -> Change:
    """These cells are gone."""

    def change(notebook: Json) -> None:
        notebook["cells"] = [c for c in notebook["cells"] if grade_id(c) not in names]

    return change


def in_a_new_notebook(notebook: Json) -> None:
    """Nothing but the answers, typed into a new notebook."""
    answers = [source(find(notebook, name)) for name in ("my-dense", "double")]
    imports = "import sys, keras\nfrom keras import ops"
    notebook["cells"] = [code(imports), *map(code, answers), text(ESSAY)]


def all_in_one_cell(notebook: Json) -> None:
    """All code in one cell, without any test."""
    answers = [source(find(notebook, name)) for name in ("my-dense", "double")]
    cells = "\n\n".join(["import sys, keras\nfrom keras import ops", *answers])
    notebook["cells"] = [code(cells), text(ESSAY)]


def retyped_at_the_end(notebook: Json) -> None:
    """Answer and test deleted, and the answer typed anew below all."""
    answer = source(find(notebook, "my-dense"))
    delete("my-dense", "check-my-dense")(notebook)
    notebook["cells"].append(code(answer))


def retyped_in_place(notebook: Json) -> None:
    cells = notebook["cells"]
    place = cells.index(find(notebook, "double"))
    cells[place] = code(source(cells[place]))


def merged(first: str, second: str, keep: str = "") -> Change:
    """The second cell joined to the first, which keeps the mark of one of them, or none."""

    def change(notebook: Json) -> None:
        one, other = find(notebook, first), find(notebook, second)
        kept = deepcopy(find(notebook, keep)["metadata"]) if keep else {}
        one.update(source=f"{source(one)}\n\n{source(other)}", metadata=kept)
        notebook["cells"].remove(other)

    return change


def split_answer(notebook: Json) -> None:
    """Jupyter gives both halves the mark."""
    cell = find(notebook, "double")
    half = deepcopy(cell)
    cell["source"], half["source"] = "factor = 2", source(half).replace("2 * x", "factor * x")
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, half)


def split_test(notebook: Json) -> None:
    cell = find(notebook, "check-double")
    half = deepcopy(cell)
    cell["source"], half["source"] = "import sys", "assert double(2) == 4"
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, half)


def blank_copy_of_the_essay(notebook: Json) -> None:
    """The answer in a copy, and the cell itself left as it was below it."""
    cell = find(notebook, "essay")
    blank = deepcopy(cell)
    blank["source"] = "YOUR ANSWER HERE"
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, blank)


def essay(words: str, **more: Any) -> Change:
    """Another written answer."""
    return lambda notebook: find(notebook, "essay").update(source=words, **more)


def add(cell: Any, place: int = 1) -> Change:
    """One more cell."""
    return lambda notebook: notebook["cells"].insert(place, cell)


def before(name: str, words: str) -> Change:
    """More text at the beginning of a cell."""

    def change(notebook: Json) -> None:
        cell = find(notebook, name)
        cell["source"] = words + source(cell)

    return change


def each(**values: Any) -> Change:
    """Set keys of each cell."""

    def change(notebook: Json) -> None:
        for cell in notebook["cells"]:
            cell.update(deepcopy(values))

    return change


def one(name: str = "double", **values: Any) -> Change:
    """Set keys of a cell."""
    return lambda notebook: find(notebook, name).update(values)


def whole(**values: Any) -> Change:
    """Set keys of the notebook."""
    return lambda notebook: notebook.update(values)


def lines_end_in(end: str) -> Change:
    """Each line of each cell ends so."""

    def change(notebook: Json) -> None:
        for cell in notebook["cells"]:
            cell["source"] = source(cell).replace("\n", end)

    return change


def each_source(change: Callable[[str], str]) -> Change:
    """Each cell's text made another one."""

    def edit(notebook: Json) -> None:
        for cell in notebook["cells"]:
            cell["source"] = change(source(cell))

    return edit


def of_format_3(notebook: Json) -> None:
    """As IPython 2 wrote it."""
    for cell in notebook["cells"]:
        cell.pop("id", None)
        if cell["cell_type"] == "code":
            cell.update(input=cell.pop("source"), language="python", collapsed=False)
            cell["prompt_number"] = cell.pop("execution_count")
    cells = notebook.pop("cells")
    notebook.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": cells, "metadata": {}}])


def tests_formatted(notebook: Json) -> None:
    """A program that formats code went over the tests."""
    cell = find(notebook, "check-my-dense")
    cell["source"] = source(cell).replace('exercise="Dense"', "exercise = 'Dense'")


def of_an_older_version(notebook: Json) -> None:
    find(notebook, "check-double")["metadata"]["nbgrader"].update(points=2, locked=False)


def of_another_unit(notebook: Json) -> None:
    mark = {"grade": True, "grade_id": "check-flatten", "points": 6, "locked": True}
    meta = {"nbgrader": {**mark, "solution": False, "schema_version": 3}}
    notebook["cells"].append(code("print('left over')", metadata=meta))


def thousands_of_unknown_cells(notebook: Json) -> None:
    for number in range(3000):
        meta = {"nbgrader": {"grade_id": f"unknown-{number}-{'x' * 30}"}}
        notebook["cells"].append(text("note", metadata=meta))


def a_name_of_300_kb(notebook: Json) -> None:
    meta = {"nbgrader": {"grade_id": "y\x1b[31m\n" + "x" * 300_000}}
    notebook["cells"].append(text("note", metadata=meta))


def texts_as_code(notebook: Json) -> None:
    """As Databricks writes them."""
    for place, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "markdown":
            notebook["cells"][place] = code(f"%md\n{source(cell)}")
    strip()(notebook)


def titled(notebook: Json) -> None:
    """As Colab's forms are, and timed, without marks."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = f"%%time\n#@title A form\n{source(cell)}"
    strip()(notebook)


def essay_on_top(notebook: Json) -> None:
    delete("essay")(notebook)
    notebook["cells"].insert(0, text(ESSAY))


def essay_as_raw(notebook: Json) -> None:
    find(notebook, "essay")["cell_type"] = "raw"
    strip()(notebook)


def plays_at_the_end(notebook: Json) -> None:
    """A cell below all that gives the name of an answer to something else."""
    strip()(notebook)
    notebook["cells"].append(code("double = double(2)"))


def lines_without_ends(notebook: Json) -> None:
    for cell in notebook["cells"]:
        cell["source"] = source(cell).split("\n")


def other_tags(notebook: Json) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["raises-exception"]


def as_a_server_sends_it(notebook: Json) -> bytes:
    model = {"name": "90-odd.ipynb", "type": "notebook", "format": "json", "content": notebook}
    return json.dumps(model).encode()


def in_utf_8(notebook: Json) -> bytes:
    return json.dumps(notebook, ensure_ascii=False).encode()


def under_another_name(name: str, how: str = "utf-8") -> Callable[[Path], object]:
    """The file gets this name, and is in another encoding."""

    def rename(path: Path) -> None:
        path.write_bytes(path.read_text().encode(how))
        path.rename(path.with_name(name))

    return rename


def beside(name: bytes) -> Callable[[Path], object]:
    """Another file beside it, whose name is these bytes."""

    def write(path: Path) -> None:
        Path(os.fsdecode(os.fsencode(path.parent) + b"/" + name)).write_bytes(b"{}")

    return write


QUOTED = 'Bildschirmfoto "neu" <1>.png'
PEOPLE: dict[str, Person] = {
    # Marks that are gone, cells typed anew, merged and split
    "no-marks-at-all": Person(strip(), (f"no cell has nbgrader's metadata: {LOST}",)),
    "no-marks-but-tags": Person(strip_all_but_tags, ("no cell has nbgrader's metadata",)),
    "no-marks-on-one": Person(
        strip("my-dense", "check-my-dense"), ("2 cells (my-dense, check-my-dense) are without",)
    ),
    "no-marks-on-answers": Person(
        strip("my-dense", "double", "essay"), ("3 cells (my-dense, double, essay) are without",)
    ),
    "no-marks-on-the-essay": Person(strip("essay"), ("1 cell (essay) is without",)),
    "in-a-new-notebook": Person(in_a_new_notebook, ("no cell has nbgrader's metadata",)),
    "all-in-one-cell": Person(all_in_one_cell, ("no cell has nbgrader's metadata",)),
    "retyped-at-the-end": Person(retyped_at_the_end, ("2 cells (my-dense, check-my-dense) are",)),
    "retyped-in-place": Person(retyped_in_place, ("1 cell (double) is without",)),
    "merged-answer-and-test": Person(
        merged("double", "check-double", "double"), ("1 cell (check-double) is missing",)
    ),
    "merged-without-a-mark": Person(
        merged("double", "check-double"), ("2 cells (double, check-double) are without",)
    ),
    "merged-into-a-test": Person(
        merged("check-my-dense", "double", "check-my-dense"),
        ("1 cell (check-my-dense) is locked, but not as released",),
    ),
    "merged-answers": Person(merged("my-dense", "double", "my-dense")),
    "split-answer": Person(split_answer, ("1 cell (double) is there more than once",)),
    "split-test": Person(
        split_test,
        ("1 cell (check-double) is there more", "1 cell (check-double) is locked"),
    ),
    "blank-copy-of-the-essay": Person(
        blank_copy_of_the_essay, ("1 cell (essay) is there more than once",)
    ),
    "tests-deleted": Person(
        delete("check-my-dense", "check-double"), ("2 cells (check-my-dense, check-double) are",)
    ),
    "experiment-deleted": Person(delete("start-experiment")),
    "experiment-changed": Person(one("start-experiment", source="print('what if?')")),
    "tests-formatted": Person(tests_formatted, ("1 cell (check-my-dense) is locked",)),
    "of-an-older-version": Person(
        of_an_older_version, ("nbgrader's metadata differs from the gradebook (check-double: ",)
    ),
    "of-another-unit": Person(of_another_unit, ("1 cell (check-flatten) is not in this unit",)),
    "texts-as-code": Person(texts_as_code, ("no cell has nbgrader's metadata",)),
    "titled-and-timed": Person(titled, ("no cell has nbgrader's metadata",)),
    "essay-on-top": Person(essay_on_top, ("1 cell (essay) is without",)),
    "essay-as-raw": Person(essay_as_raw, ("no cell has nbgrader's metadata",)),
    "plays-at-the-end": Person(plays_at_the_end, ("no cell has nbgrader's metadata",)),
    "other-tags": Person(other_tags),
    # Letters, line ends and encodings
    "half-a-letter-in-code": Person(before("double", "# broken \udc4d\n")),
    "half-a-letter-in-text": Person(add(text("note \ud83d here"))),
    "half-a-letter-in-the-essay": Person(essay(f"{ESSAY} \ud83d"), essay=f"{ESSAY} \ufffd"),
    "half-a-letter-in-metadata": Person(each(metadata={}, note="\ud83d"), ("no cell has",)),
    "crlf": Person(lines_end_in("\r\n")),
    "cr": Person(lines_end_in("\r")),
    "crcrlf": Person(lines_end_in("\r\r\n")),
    "lfcr": Person(lines_end_in("\n\r")),
    "crlf-in-the-file": Person(
        written=lambda nb: json.dumps(nb, indent=1).replace("\n", "\r\n").encode()
    ),
    "spaces-at-line-ends": Person(each_source(lambda words: words.replace("\n", "  \n"))),
    "byte-order-mark": Person(written=lambda nb: b"\xef\xbb\xbf" + in_utf_8(nb)),
    "byte-order-mark-in-cells": Person(each_source(lambda words: "\ufeff" + words)),
    "utf-16": Person(written=lambda nb: json.dumps(nb).encode("utf-16")),
    "utf-16-unsaid": Person(written=lambda nb: json.dumps(nb).encode("utf-16-le")),
    "utf-32": Person(written=lambda nb: json.dumps(nb).encode("utf-32")),
    "zeros-at-the-end": Person(written=lambda nb: json.dumps(nb).encode() + bytes(512)),
    "tabs-in-the-file": Person(
        before("double", "# a\tb\n"), written=lambda nb: in_utf_8(nb).replace(b"\\t", b"\t")
    ),
    "as-a-server-sends-it": Person(written=as_a_server_sends_it),
    "lines-without-ends": Person(lines_without_ends),
    "latin-1": Person(
        before("double", "# größer\n"),
        written=lambda nb: json.dumps(nb, ensure_ascii=False).encode("latin-1"),
    ),
    # Notebooks that are not quite right
    "id-null": Person(each(id=None)),
    "id-long": Person(each(id="x" * 65)),
    "id-number": Person(one(id=7)),
    "id-colon": Person(one(id="cell:1.2")),
    "id-umlaut": Person(one(id="zählen")),
    "ids-all-the-same": Person(each(id="same")),
    "unknown-kind": Person(add(text("# A heading", cell_type="heading", level=1))),
    "no-kind": Person(add({"metadata": {}, "source": "x"})),
    "answer-of-another-kind": Person(one("my-dense", cell_type="python")),
    "answer-as-text": Person(one("double", cell_type="markdown")),
    "source-null": Person(add(text(None))),
    "source-of-nulls": Person(add(text(["a", None, 3]))),
    "no-source": Person(add({"cell_type": "markdown", "metadata": {}})),
    "metadata-null": Person(add(text("x") | {"metadata": None})),
    "cell-null": Person(add(None)),
    "tags-of-any-kind": Person(add(text("x", metadata={"tags": "a,b", "name": 3}))),
    "outputs-null": Person(one(outputs=None, execution_count="x")),
    "notebook-metadata-null": Person(whole(metadata=None)),
    "of-format-3": Person(of_format_3),
    "of-format-5": Person(whole(nbformat=5, nbformat_minor=9)),
    "of-no-format": Person(lambda notebook: notebook.pop("nbformat")),
    # Texts
    "less-than": Person(
        essay(f"{ESSAY} if x<y, $a<b$, for i<n"), essay=f"{ESSAY} if x<y, $a<b$, for i<n"
    ),
    "less-than-and-greater": Person(essay(f"{ESSAY} x<y or y>z"), essay=f"{ESSAY} x&lt;y or y>z"),
    "a-word-and-less-than": Person(
        essay(f"{ESSAY} In JavaScript: x<y"), essay=f"{ESSAY} In JavaScript: x<y"
    ),
    "html-for-looks": Person(
        add(text("<!-- note -->\n<center><font color='red'>Hi</font></center> `<b>`"))
    ),
    "html-that-runs": Person(
        add(text("<script>alert(1)</script>")),
        ("a text contains what a browser would run (script)",),
    ),
    "page-with-a-picture": Person(
        add(
            text(
                "![p](attachment:Bildschirmfoto%20%22neu%22%20%3C1%3E.png) ![q](attachment:none)",
                attachments={QUOTED: {"image/png": PIXEL}},
            )
        )
    ),
    "page-with-odd-pictures": Person(
        add(text("![p](attachment:a)", attachments={"a": 3, "b": {"image/png": 3}, "c": {}}))
    ),
    "page-with-hidden-tests": Person(
        before("double", "### BEGIN HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n")
    ),
    # Files
    "file-copied": Person(
        filed=under_another_name("Copy of [90-odd] (1).ipynb"),
        of_files=("Copy of [90-odd] (1).ipynb is now called 90-odd.ipynb",),
    ),
    "file-in-utf-16": Person(
        filed=under_another_name("a.ipynb", "utf-16"), of_files=("a.ipynb is now called",)
    ),
    "file-of-bytes": Person(
        filed=under_another_name("\udcff\udcfe.ipynb"), of_files=(".ipynb is now called",)
    ),
    "file-in-capitals": Person(filed=under_another_name("90-odd.IPYNB")),
    "file-beside-of-bytes": Person(filed=beside(b"\xff\xfe.ipynb")),
    "page-beside-an-odd-name": Person(
        filed=beside(b"a\x1b[31m\nb.txt"), of_files=("b.txt stays in submitted/ only",)
    ),
    # Far too much
    "thousands-of-unknown-cells": Person(thousands_of_unknown_cells, ("3000 cells (unknown-0-",)),
    "a-name-of-300-kb": Person(a_name_of_300_kb, ("1 cell (y?[31m?xxx",)),
}
"""By name. Those that begin with page- also get feedback."""
