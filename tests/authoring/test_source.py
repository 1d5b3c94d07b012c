"""From a unit's text to the instructor's notebook: what is completed, and what is refused."""

from pathlib import Path

import pytest

from grader.authoring.source import BrokenUnit, instructor_notebook
from tests.courses import grade_id_of

KNOWN = frozenset(["Dense", "flatten"])
TEXT = """\
# %% [markdown] id="title"
# # Title

# %% id="picture" tags=["experiment"]
print("a picture")

# %% nbgrader={"grade_id": "dense", "solution": true}
class Dense: ...

# %% nbgrader={"grade_id": "check-dense", "grade": true, "points": 10}
check(Dense)

# %% id="another" tags=["experiment", "wide"]
print("another")

# %% [markdown] nbgrader={"grade_id": "essay", "grade": true, "solution": true, "points": 5}
# Why?

# %%
print("free")
"""


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """A place for a unit's text."""
    return tmp_path / "90-unit.py"


def meta(path: Path, grade_id: str) -> dict[str, object]:
    """The nbgrader metadata of a cell."""
    cells = instructor_notebook(path, KNOWN).cells
    [found] = [cell.metadata.nbgrader for cell in cells if grade_id_of(cell) == grade_id]
    return dict(found)


def test_metadata_is_completed(unit: Path) -> None:
    unit.write_text(TEXT)
    common = {"schema_version": 3, "task": False}
    assert meta(unit, "dense") == common | {
        "grade_id": "dense", "solution": True, "grade": False, "locked": False,
    }  # fmt: skip
    assert meta(unit, "check-dense") == common | {
        "grade_id": "check-dense", "solution": False, "grade": True, "locked": True, "points": 10,
    }  # fmt: skip
    assert meta(unit, "essay") == common | {
        "grade_id": "essay", "solution": True, "grade": True, "locked": False, "points": 5,
    }  # fmt: skip


def test_experiments_are_locked_under_their_ids(unit: Path) -> None:
    unit.write_text(TEXT)
    for grade_id in "picture", "another":
        found = meta(unit, grade_id)
        assert found["locked"]
        assert not found["grade"]
        assert not found["solution"]


def test_ids_are_the_same_at_each_reading_and_differ_within_a_unit(unit: Path) -> None:
    unit.write_text(TEXT)
    first, second = ([c.id for c in instructor_notebook(unit, KNOWN).cells] for _ in range(2))
    assert first == second == [
        "title", "picture", "dense", "check-dense", "another", "essay", first[-1],
    ]  # fmt: skip
    assert first[-1].startswith("cell-")


def test_a_cell_that_is_inserted_renames_no_other(unit: Path) -> None:
    bare = TEXT.replace(' id="title"', "").replace(' id="picture"', "")
    unit.write_text(bare)
    before = [cell.id for cell in instructor_notebook(unit, KNOWN).cells]
    unit.write_text(bare.replace("# # Title", "# # Title\n\n# %% [markdown]\n# New", 1))
    after = [cell.id for cell in instructor_notebook(unit, KNOWN).cells]
    assert [*after[:1], *after[2:]] == before
    assert before[1].startswith("experiment-")


def test_other_metadata_stays(unit: Path) -> None:
    unit.write_text(TEXT)
    notebook = instructor_notebook(unit, KNOWN)
    assert notebook.cells[4].metadata.tags == ["experiment", "wide"]
    assert "jupytext" not in notebook.metadata
    assert "nbgrader" not in notebook.cells[6].metadata


BROKEN = {
    "a given part that would be no comment": (
        "# %%\n### BEGIN SOLUTION\na()\n### GIVEN\nb()\n### END SOLUTION",
        "90-unit.py, cell 1: what follows ### GIVEN must be comments: it becomes code for students",
    ),
    "no grade_id": (
        '# %%\npass\n\n# %% nbgrader={"solution": true}\npass',
        "90-unit.py, cell 2: its nbgrader metadata has no grade_id",
    ),
    "the same grade_id twice": (
        '# %% nbgrader={"grade_id": "a", "solution": true}\npass\n\n'
        '# %% nbgrader={"grade_id": "a", "solution": true}\npass',
        "90-unit.py: the id 'a' is used twice",
    ),
    "a grade_id like that of an experiment": (
        '# %% id="picture" tags=["experiment"]\npass\n\n'
        '# %% nbgrader={"grade_id": "picture", "solution": true}\npass',
        "90-unit.py: the id 'picture' is used twice",
    ),
    "an id with a blank": (
        '# %% [markdown] id="a picture"\n# Look',
        "90-unit.py, cell 1: 'a picture' is not an id: 1 to 64 letters, digits, - and _",
    ),
    "a call that cannot be read": (
        '# %% nbgrader={"grade_id": "t", "grade": true, "points": 1}\ncheck(Dense, seed=3)',
        "90-unit.py, t: check(Dense, seed=3): "
        "a test cell may give check only exercise= and hidden=",
    ),
    "an unknown exercise": (
        '# %% nbgrader={"grade_id": "t", "grade": true, "points": 1}\n'
        "check(Dense)\ncheck(Dens, hidden=True)",
        "90-unit.py, t: there is no exercise 'Dens' in grader/exercises",
    ),
    "no points": (
        '# %% nbgrader={"grade_id": "t", "grade": true}\ncheck(Dense)',
        "90-unit.py, cell 1: a graded cell needs points",
    ),
    "points that are no number": (
        '# %% nbgrader={"grade_id": "t", "grade": true, "points": "many"}\ncheck(Dense)',
        "90-unit.py, cell 1: points: 'many' is not of type 'number'",
    ),
    "metadata of a misspelt name": (
        '# %% nbgrader={"grade_id": "t", "solutoin": true}\npass',
        "90-unit.py, cell 1: its nbgrader metadata: Additional properties are not allowed "
        "('solutoin' was unexpected)",
    ),
    "metadata that is a list": (
        '# %% nbgrader=["t"]\npass',
        "90-unit.py, cell 1: its nbgrader metadata has no grade_id",
    ),
    "a solution without an end": (
        "# %%\npass\n\n# %%\n### BEGIN SOLUTION\npass",
        "90-unit.py, cell 2: BEGIN SOLUTION has no END SOLUTION",
    ),
    "hidden tests without a beginning": (
        "# %%\n### BEGIN HIDEN TESTS\nassert True\n### END HIDDEN TESTS",
        "90-unit.py, cell 1: END HIDDEN TESTS has no BEGIN HIDDEN TESTS before it",
    ),
    "a region in a region": (
        "# %%\n### BEGIN SOLUTION\n### BEGIN SOLUTION\npass\n### END SOLUTION",
        "90-unit.py, cell 1: BEGIN SOLUTION is inside SOLUTION: end that first",
    ),
}


@pytest.mark.parametrize(("text", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_unit_is_told_in_a_sentence(unit: Path, text: str, says: str) -> None:
    unit.write_text(text)
    with pytest.raises(BrokenUnit) as raised:
        instructor_notebook(unit, KNOWN)
    assert str(raised.value) == says


def test_a_unit_in_another_encoding_is_told_in_a_sentence(unit: Path) -> None:
    unit.write_bytes("# %%\nname = 'é'".encode("latin-1"))
    with pytest.raises(BrokenUnit, match=r"90-unit\.py is not UTF-8 text: "):
        instructor_notebook(unit, KNOWN)


def test_a_cell_of_own_asserts_is_no_broken_unit(unit: Path) -> None:
    unit.write_text('# %% nbgrader={"grade_id": "t", "grade": true, "points": 1}\nassert f(2) == 4')
    assert meta(unit, "t")["points"] == 1


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_a_header_that_is_no_json_is_refused(unit: Path, kind: str) -> None:
    """jupytext takes it for a cell without metadata: the points would be lost without a word."""
    header = "# %% [markdown]" if kind == "markdown" else "# %%"
    unit.write_text(f'{header} nbgrader={{"grade_id": "t", "grade": true, "points": 1\n# x')
    with pytest.raises(BrokenUnit):
        instructor_notebook(unit, KNOWN)
