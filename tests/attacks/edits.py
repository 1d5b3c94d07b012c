"""What an attacker does to the notebook file itself, beyond what is written into its answers."""

from __future__ import annotations

from copy import deepcopy

from nbformat.notebooknode import NotebookNode, from_dict
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output, new_raw_cell

REPORT = "application/vnd.layer-by-layer.report+json"


def _cell(nb: NotebookNode, grade_id: str) -> NotebookNode:
    return next(c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def _tests(nb: NotebookNode) -> list[NotebookNode]:
    return [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]


def points(nb: NotebookNode) -> None:
    _cell(nb, "check-flatten").metadata.nbgrader.update(points=100, locked=False, checksum="0" * 32)
    _cell(nb, "check-dense").metadata.nbgrader.update(solution=True)
    _cell(nb, "check-dense-params").metadata.nbgrader.update(grade=False)


def swapped(nb: NotebookNode) -> None:
    one, other = _cell(nb, "check-flatten"), _cell(nb, "check-dense")
    one.metadata.nbgrader.grade_id, other.metadata.nbgrader.grade_id = (
        "check-dense",
        "check-flatten",
    )


def no_metadata(nb: NotebookNode) -> None:
    for cell in nb.cells:
        cell.metadata.pop("nbgrader", None)


def odd_metadata(nb: NotebookNode) -> None:
    ids = ("check-flatten", "check-dense", "check-dense-params", "check-flatten-shape")
    flatten, dense, params, shape = (_cell(nb, grade_id) for grade_id in ids)
    flatten.metadata.nbgrader.points = "all of them"
    dense.metadata.nbgrader = ["check-dense", 10]
    params.metadata.nbgrader.grade_id = ["check-dense-params"]
    shape.metadata.nbgrader.grade_id = {"a": 1}
    nb.cells[0].metadata.nbgrader = "grade me"
    nb.cells[1].metadata.nbgrader = 10


def doubled(nb: NotebookNode) -> None:
    for cell in _tests(nb):
        again = deepcopy(cell)
        again.source, again.id = "10.0", f"{cell.id}-2"
        nb.cells.append(again)


def reordered(nb: NotebookNode) -> None:
    tests = _tests(nb)
    nb.cells = [c for c in nb.cells if c not in tests] + tests[::-1]


def deleted(nb: NotebookNode) -> None:
    tests = _tests(nb)
    nb.cells = [c for c in nb.cells if c not in tests]


def inserted(nb: NotebookNode) -> None:
    meta = {"grade": True, "grade_id": "check-gift", "points": 50, "solution": False}
    meta |= {"locked": True, "schema_version": 3, "task": False, "cell_type": "code"}
    nb.cells.append(new_code_cell("50.0", metadata={"nbgrader": meta}))
    nb.cells.insert(1, new_code_cell("check = print", metadata={"nbgrader": {"grade_id": "check"}}))


def ten(nb: NotebookNode) -> None:
    for cell in _tests(nb):
        cell.source = "10"
        cell.outputs = [new_output("execute_result", {"text/plain": "10"}, execution_count=1)]


def check_of_another(nb: NotebookNode) -> None:
    for cell in _tests(nb):
        cell.source = "import math\ncheck(keras.layers.Flatten, exercise='Flatten')"


def types(nb: NotebookNode) -> None:
    """Text that claims to be a test cell, and test cells that claim to be text."""
    for cell in _tests(nb):
        meta = cell.metadata
        place = nb.cells.index(cell)
        nb.cells[place] = new_markdown_cell("Full points, please.", metadata=meta)
    meta = deepcopy(_cell(nb, "check-flatten").metadata)
    nb.cells.insert(0, new_markdown_cell("I am a test.", metadata=meta))


def experiments(nb: NotebookNode) -> None:
    for cell in nb.cells:
        if "grade_id" in cell.metadata.get("nbgrader", {}):
            cell.metadata.tags = ["experiment", "skip-execution"]
    _cell(nb, "flatten").metadata.tags = []


def own_tag(nb: NotebookNode) -> None:
    _cell(nb, "flatten").metadata.tags = ["experiment"]


def kernelspec(nb: NotebookNode) -> None:
    nb.metadata.kernelspec = {"name": "bash", "display_name": "B<script>", "language": "bash"}
    nb.metadata.language_info = {"name": "<script>alert(1)</script>", "pygments_lexer": "bash"}
    nb.metadata.layer_by_layer_noticed = ["all is well"]
    nb.metadata.layer_by_layer_graded = True
    nb.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {"x": "</script><script>"}}
    nb.metadata.title = "</title><script>steal()</script>"
    nb.metadata[REPORT] = [{"exercise": "Flatten", "score": 1.0}]


def markup(nb: NotebookNode) -> None:
    text = "<script>steal()</script> <img src=x onerror=steal()> [x](javascript:steal())"
    attached = {"a.png": {"image/png": '"><script>steal()</script>'}}
    nb.cells.insert(1, new_markdown_cell(f"{text} ![a](attachment:a.png)", attachments=attached))
    for link in (
        "javascript:",
        "JaVaScRiPt:",
        "&#106;avascript:",
        "javascript\\:",
        "java\tscript:",
    ):
        nb.cells.insert(1, new_markdown_cell(f"# [x]({link}steal())\n\n[y]: {link}steal()\n\n[y]"))
    nb.cells.insert(1, new_raw_cell(text, metadata={"raw_mimetype": "text/html"}))
    nb.cells.insert(1, new_code_cell("1", outputs=[_html(text)]))


def _html(text: str) -> NotebookNode:
    return new_output("display_data", {"text/html": text, REPORT: [{"exercise": "Flatten"}]})


def two_thousand_cells(nb: NotebookNode) -> None:
    nb.cells[1:1] = [new_code_cell(f"number = {n}", id=f"n{n}") for n in range(2000)]


def huge_output(nb: NotebookNode) -> None:
    cell = nb.cells[-1]
    cell.outputs = [
        from_dict({"output_type": "stream", "name": "stdout", "text": "x" * 50_000_000})
    ]


def hundred_exits(nb: NotebookNode) -> None:
    exits = [new_code_cell("import os\nos._exit(0)", id=f"x{n}") for n in range(100)]
    slow = new_code_cell("import time\ntime.sleep(0.2)", id="slow")
    nb.cells[1:1] = [slow, *exits]


def print_gathered(nb: NotebookNode) -> None:
    """Cells after each cell, that show all that a layer has seen so far."""
    cells = []
    for index, cell in enumerate(nb.cells):
        source = "print('LEAK', globals().get('GATHERED'), globals().get('Out'))"
        cells += [cell, new_code_cell(source, id=f"p{index}")]
    nb.cells = cells


EDITS = {
    edit.__name__: edit
    for edit in (
        *(points, swapped, no_metadata, odd_metadata, doubled, reordered, deleted, inserted, ten),
        *(check_of_another, types, experiments, own_tag, kernelspec, markup),
        *(two_thousand_cells, huge_output, hundred_exits, print_gathered),
    )
}
"""By the name that stands after [edit] in an attacker's file."""
