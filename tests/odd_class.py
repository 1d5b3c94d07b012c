"""A unit with test cells of every sort, and a class that edits what is not its to edit."""

from collections.abc import Callable
from copy import deepcopy

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.demo.sample import Member
from tests.courses import Edit, find, grade_id_of

UNIT = "90-odd"
SOURCE = '''\
# %%
from grader import check

import sys

import keras
from keras import ops

# %% id="start-experiment" tags=["experiment"]
the_experiment_ran = True
print("the experiment ran")

# %% nbgrader={"grade_id": "my-dense", "solution": true}
class MyDense(keras.layers.Layer):
    """Dense under another name."""
    ### BEGIN SOLUTION
    def __init__(self, units, activation=None, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs):
        outputs = ops.matmul(inputs, self.kernel)
        return self.activation(outputs + self.bias if self.use_bias else outputs)

    def get_config(self):
        own = {"units": self.units, "use_bias": self.use_bias}
        own["activation"] = keras.activations.serialize(self.activation)
        return {**super().get_config(), **own}
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-my-dense", "grade": true, "points": 10}
check(MyDense, exercise="Dense")
### BEGIN HIDDEN TESTS
check(MyDense, exercise="Dense", hidden=True)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-double", "grade": true, "points": 3}
print("careful", file=sys.stderr)
assert double(2) == 4
### BEGIN HIDDEN TESTS
assert double(21) == 42, "the hidden question"
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "check-partly", "grade": true, "points": 4}
sum(double(x) == 2 * x for x in range(2)) + 0.5

# %% nbgrader={"grade_id": "check-no-experiment", "grade": true, "points": 1}
assert "the_experiment_ran" not in globals()

# %% [markdown] nbgrader={"grade_id": "essay", "grade": true, "solution": true, "points": 5}
# Why does a Dense layer have a bias?
'''
POINTS = {"check-my-dense": 10, "check-double": 3, "check-partly": 2.5, "check-no-experiment": 1}
"""What a right submission earns, but for the essay."""
UNTOUCHED = {"check-my-dense": 0, "check-double": 0, "check-partly": 0, "check-no-experiment": 1}
"""What the stubs earn: the last cell asks nothing of them."""

ESSAY = "Because a line need not cross the origin."
TRIPLE = "def double(x):\n    return 3 * x"
NOISY = "def double(x):\n    print('x' * 3_000_000)\n    return 3 * x"
SHOWY = "def double(x):\n    for _ in range(1000): display(x)\n    return 3 * x"
FACELESS = """class Faceless(Exception):
    def _render_traceback_(self): raise ValueError

def double(x):
    raise Faceless"""
MEMBERS = [
    Member("right", "", {}, {"essay": ESSAY}),
    Member("wrong", "", {}, {"double": TRIPLE, "essay": "No idea."}),
    Member("noisy", "", {}, {"double": NOISY}),
    Member("showy", "", {}, {"double": SHOWY}),
    Member("faceless", "", {}, {"double": FACELESS}),
    Member("colab", "", {}, {}),
    Member("older", "", {}, {}),
]


def as_colab_saves_it(notebook: NotebookNode) -> None:
    """Format 4.0, without ids, and with what a page keeps there."""
    notebook.nbformat_minor = 0
    notebook.metadata.colab = {"provenance": [], "toc_visible": True}
    for cell in notebook.cells:
        del cell["id"]
        cell.metadata.id = "Xy12"
        if cell.cell_type == "code":
            cell.metadata.outputId = "b1c2"


def with_ids_in_an_old_format(notebook: NotebookNode) -> None:
    """Format 4.4 does not know ids; and an output has a key that none has."""
    notebook.nbformat_minor = 4
    code = next(cell for cell in notebook.cells if cell.cell_type == "code")
    output = {"output_type": "stream", "name": "stdout", "text": "x", "truncated": True}
    code.outputs = [NotebookNode(output)]


OLD: dict[str, Callable[[NotebookNode], None]] = {
    "colab": as_colab_saves_it,
    "older": with_ids_in_an_old_format,
}
"""Right answers in older formats of a notebook."""


def each(change: Callable[[NotebookNode], None], graded: bool = True) -> Edit:
    """Do this to every test cell, or to every cell with a grade id."""

    def edit(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if grade_id_of(cell).startswith("check-" if graded else ""):
                change(cell)

    return edit


def sets(**values: object) -> Edit:
    """Set these keys of the nbgrader metadata of each test cell."""
    return each(lambda cell: cell.metadata.nbgrader.update(values))


def empties(cell: NotebookNode) -> None:
    """An own text in a locked cell."""
    cell.source = "10.0"


def becomes_markdown(cell: NotebookNode) -> None:
    """Another type of cell."""
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]


def claims_points_in_an_output(cell: NotebookNode) -> None:
    """As if it had been run already."""
    output = {"output_type": "execute_result", "data": {"text/plain": "10.0"}}
    cell.outputs = [NotebookNode(output, metadata={}, execution_count=1)]


def stands_twice(notebook: NotebookNode) -> None:
    """Copies of the test cells at the top, with sources of their own."""
    copies = [
        new_code_cell("10.0", metadata=deepcopy(cell.metadata), id=f"copy-{index}")
        for index, cell in enumerate(notebook.cells)
        if grade_id_of(cell).startswith("check-")
    ]
    notebook.cells = [*copies, *notebook.cells]


def invents_a_cell(notebook: NotebookNode) -> None:
    """A graded cell that the unit does not have."""
    meta = {"grade": True, "grade_id": "bonus", "points": 100, "locked": True, "solution": False}
    made = new_code_cell("100.0", metadata={"nbgrader": {**meta, "schema_version": 3}})
    notebook.cells.append(made)


def loses_a_grade_id(notebook: NotebookNode) -> None:
    """Half of the metadata is gone."""
    del find(notebook, "check-double").metadata.nbgrader["grade_id"]


def replaces_check(notebook: NotebookNode) -> None:
    """Code of its own at the top, which knows all names that a test uses."""
    source = "def check(*a, **k): return 10.0\nclass MyDense: pass\nassert True"
    notebook.cells.insert(1, new_code_cell(source))


CHEATS: dict[str, Edit] = {
    "calls-its-tests-experiments": each(lambda cell: cell.metadata.update(tags=["experiment"])),
    "edits-its-tests": each(empties),
    "deletes-its-tests": lambda nb: nb.update(
        cells=[cell for cell in nb.cells if not grade_id_of(cell).startswith("check-")]
    ),
    "deletes-the-metadata": each(lambda cell: cell.metadata.clear(), graded=False),
    "writes-tests-as-text": each(becomes_markdown),
    "brings-outputs-along": each(claims_points_in_an_output),
    "unlocks-its-tests": sets(locked=False),
    "makes-tests-solutions": sets(solution=True),
    "makes-tests-ungraded": sets(grade=False),
    "raises-the-points": sets(points=1000),
    "writes-points-as-text": sets(points="many"),
    "makes-tests-tasks": sets(task=True),
    "uses-an-old-schema": sets(schema_version=1),
    "has-its-tests-twice": stands_twice,
    "invents-a-test": invents_a_cell,
    "loses-a-grade-id": loses_a_grade_id,
    "replaces-check": replaces_check,
}
"""Edits of an untouched notebook, none of which may be worth a point."""
GRADED_CHEATS = [
    "calls-its-tests-experiments",
    "edits-its-tests",
    "deletes-its-tests",
    "deletes-the-metadata",
    "raises-the-points",
    "has-its-tests-twice",
    "invents-a-test",
    "replaces-check",
]
"""Those that go all the way through nbgrader; all of them are mended in `test_restore`."""
