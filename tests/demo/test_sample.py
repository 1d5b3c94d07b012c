"""The sample class: what a member's file says, and what is handed in."""

from pathlib import Path

import nbformat
import pytest
from tests.courses import grade_id_of
from nbformat.v4 import new_code_cell, new_notebook

from grader.demo.demo import as_labelled
from grader.class_report.results import Result, losses
from grader.demo.sample import Member, read_member, submission

FILE = """\
# All right but one.
# %% [expect] dense=4.5 flatten=0..2
# %% [delete] check-a check-b
# %% dense
class Dense:
    # %% no section: it is indented
    pass


# %% flatten
def flatten(): ...
"""


def member(tmp_path: Path, text: str) -> Member:
    """The member of a file."""
    (tmp_path / "ada.py").write_text(text)
    return read_member(tmp_path / "ada.py")


def test_a_members_file(tmp_path: Path) -> None:
    assert member(tmp_path, FILE) == Member(
        "ada",
        "All right but one.",
        {"dense": (4.5, 4.5), "flatten": (0.0, 2.0)},
        {
            "dense": "class Dense:\n    # %% no section: it is indented\n    pass",
            "flatten": "def flatten(): ...",
        },
        ("check-a", "check-b"),
    )


def test_words_without_an_answer(tmp_path: Path) -> None:
    assert member(tmp_path, "# x\n# %% [blank]").blank
    assert member(tmp_path, "# x\n# %% [damage]").damage
    assert member(tmp_path, "# x\n# %% [expect] not graded").expected is None
    assert member(tmp_path, "# x") == Member("ada", "x", {})


def cell(grade_id: str, source: str, **meta: bool) -> nbformat.NotebookNode:
    """A cell of a unit."""
    return new_code_cell(source, metadata={"nbgrader": {"grade_id": grade_id, **meta}})


STUB = "def {}():\n    raise NotImplementedError"
STUDENT = new_notebook(
    cells=[
        new_code_cell("import math"),
        cell("a", STUB.format("a"), solution=True),
        cell("check-a", "check(a)", grade=True, solution=False),
        cell("b", STUB.format("b"), solution=True),
    ]
)
MODEL = "def {}():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
SOLUTION = new_notebook(cells=[cell(name, MODEL.format(name), solution=True) for name in "ab"])


def sources(who: Member) -> dict[str, str]:
    """What the member hands in."""
    notebook = nbformat.reads(submission(who, STUDENT, SOLUTION), as_version=4)
    return {grade_id_of(cell): cell.source for cell in notebook.cells}


def test_what_is_not_answered_is_the_model_answer_without_its_marks() -> None:
    assert sources(Member("x", "", {}, {"a": "def a(): ..."})) == {
        "": "import math",
        "a": "def a(): ...",
        "check-a": "check(a)",
        "b": "def b():\n    return 1",
    }


def test_a_blank_submission_keeps_the_stubs() -> None:
    found = sources(Member("x", "", {}, {"a": "def a(): ..."}, blank=True))
    assert (found["a"], found["b"]) == ("def a(): ...", STUB.format("b"))


def test_deleted_cells_are_gone() -> None:
    assert list(sources(Member("x", "", {}, delete=("check-a", "b")))) == ["", "a"]


def test_a_damaged_file_is_no_notebook() -> None:
    text = submission(Member("x", "", None, damage=True), STUDENT, SOLUTION)
    with pytest.raises(nbformat.reader.NotJSONError):
        nbformat.reads(text, as_version=4)


def test_an_answer_to_nothing_is_a_mistake_in_the_file() -> None:
    with pytest.raises(ValueError, match=r"^x: no cells c, d in the notebook$"):
        submission(Member("x", "", {}, {"d": "", "c": "", "a": ""}), STUDENT, SOLUTION)


def test_the_notebooks_given_are_left_as_they_were() -> None:
    before = nbformat.writes(STUDENT)
    sources(Member("x", "", {}, {"a": "changed"}, delete=("b",)))
    assert nbformat.writes(STUDENT) == before


# Labels and results

MOST = {"check-a": 10.0, "check-b": 2.0}


@pytest.mark.parametrize(
    ("who", "points", "right"),
    [
        (Member("x", "", {}), {"check-a": 10.0, "check-b": 2.0}, True),
        (Member("x", "", {}), {"check-a": 10.0, "check-b": 1.9}, False),
        (Member("x", "", {"a": (4.5, 4.5)}), {"check-a": 4.5, "check-b": 2.0}, True),
        (Member("x", "", {"a": (4.5, 4.5)}), {"check-a": 10.0, "check-b": 2.0}, False),
        (Member("x", "", {"a": (3.0, 5.0)}), {"check-a": 4.5, "check-b": 2.0}, True),
        (Member("x", "", {"a": (3.0, 5.0)}), {"check-a": 5.5, "check-b": 2.0}, False),
        (Member("x", "", {}, blank=True), {"check-a": 0.0, "check-b": 0.0}, True),
        (Member("x", "", {}, blank=True), {"check-a": 0.0, "check-b": 0.1}, False),
        (Member("x", "", None), None, True),
        (Member("x", "", None), {"check-a": 0.0, "check-b": 0.0}, False),
        (Member("x", "", {}), None, False),
    ],
)
def test_labels(who: Member, points: dict[str, float] | None, right: bool) -> None:
    assert as_labelled(who, Result("x", points, MOST)) == right


def test_a_label_for_a_test_that_was_not_graded_is_not_met() -> None:
    assert not as_labelled(Member("x", "", {"typo": 1.0}), Result("x", MOST, MOST))
    assert not as_labelled(Member("x", "", {}), Result("x", {}, {}))


def test_losses_say_why() -> None:
    def report(name: str, score: float, **more: object) -> dict[str, object]:
        finding = {"aspect": "output", "passed": False}
        return {"exercise": name, "score": score, "attempted": True, "diagnosis": None,
                "crash": "", "findings": [finding], **more}  # fmt: skip

    reports = (
        report("A", 1.0),
        report("B", 0.0, attempted=False),
        report("C", 0.5, diagnosis={"name": "transposed"}, crash="line 1"),
        report("D", 0.0, crash="line 1: x"),
        report("E", 0.25),
    )
    assert losses(Result("x", {}, {}, reports)) == [
        ("B", 0.0, "not attempted"),
        ("C", 0.5, "transposed"),
        ("D", 0.0, "line 1: x"),
        ("E", 0.25, "output"),
    ]
