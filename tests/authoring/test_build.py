"""Building is repeatable, and nothing that students may not see gets into their notebooks."""

import re
from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from grader.authoring.build import build, units
from grader.authoring.source import BrokenUnit
from tests.courses import find, grade_id_of, project

ROOT = Path(__file__).parents[2]
UNITS = units(ROOT)
MARKS = r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)|### GIVEN"
every_unit = pytest.mark.parametrize("unit", UNITS)


def notebooks(folder: Path) -> dict[str, bytes]:
    """All notebooks below a folder, by path."""
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.ipynb"))
    }


def read(folder: Path, kind: str, unit: str) -> NotebookNode:
    """A notebook that was built."""
    return nbformat.read(folder / kind / unit / f"{unit}.ipynb", as_version=4)


def test_all_units_are_built(own_project: Path) -> None:
    assert UNITS
    assert len(notebooks(own_project)) == 2 * len(UNITS)


def test_another_folder_gives_the_same_bytes(own_project: Path, root: Path, tmp_path: Path) -> None:
    some = UNITS[0], UNITS[-1]
    texts = {unit: (root / "solutions" / f"{unit}.py").read_text() for unit in some}
    other = notebooks(project(tmp_path / "another place" / "ä", texts, root / "nbgrader_config.py"))
    assert len(other) == 2 * len(some)
    assert other.items() <= notebooks(own_project).items()


def test_a_second_build_changes_nothing(own_project: Path) -> None:
    before = notebooks(own_project)
    assert build(own_project) == []
    assert notebooks(own_project) == before


def test_the_first_build_says_what_it_made(root: Path, tmp_path: Path) -> None:
    (tmp_path / "solutions").mkdir()
    text = "# %%\nprint('text')\n"
    (tmp_path / "solutions" / "90-a.py").write_text(text)
    (tmp_path / "solutions" / "91-b.py").write_text(text)
    made = [str(path.relative_to(tmp_path)) for path in build(tmp_path, ["91-b"])]
    units = ["solutions/91-b/91-b.ipynb", "notebooks/91-b/91-b.ipynb"]
    assert made == [*units, "notebooks/glossary.md"]  # a course folder has the project's own
    assert len(build(tmp_path)) == 2


def test_a_unit_that_there_is_not(own_project: Path) -> None:
    with pytest.raises(BrokenUnit) as raised:
        build(own_project, ["99-none"])
    assert str(raised.value) == f"there is no unit 99-none: {', '.join(UNITS)}"


@every_unit
def test_the_committed_notebook_is_what_the_source_gives(
    own_project: Path, root: Path, unit: str
) -> None:
    name = f"{unit}/{unit}.ipynb"
    committed = (root / "notebooks" / name).read_bytes()
    assert committed == (own_project / "notebooks" / name).read_bytes(), "run `make build`"


def test_no_notebook_without_a_unit(root: Path) -> None:
    assert {path.name for path in (root / "notebooks").iterdir()} == {*units(root), "glossary.md"}


@every_unit
def test_the_folders_hold_the_notebook_and_nothing_else(own_project: Path, unit: str) -> None:
    """nbgrader copies every other file to the students, and over what they hand in."""
    for kind in "solutions", "notebooks":
        assert [path.name for path in (own_project / kind / unit).iterdir()] == [f"{unit}.ipynb"]


@every_unit
def test_no_mark_and_no_hidden_test_in_what_students_get(own_project: Path, unit: str) -> None:
    text = (own_project / "notebooks" / unit / f"{unit}.ipynb").read_text()
    assert not re.search(MARKS, text)
    assert not re.search(r"check\([^)]*hidden\s*=\s*True", text)
    assert re.search(MARKS, (own_project / "solutions" / unit / f"{unit}.ipynb").read_text())


@every_unit
def test_no_line_of_a_solution_in_what_students_get(own_project: Path, unit: str) -> None:
    student = read(own_project, "notebooks", unit)
    solved = 0
    for cell in read(own_project, "solutions", unit).cells:
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", cell.source, re.S):
            stub = find(student, grade_id_of(cell)).source
            solution, _, faulty = region.partition("### GIVEN")
            given = [line.strip(" #") for line in faulty.splitlines()]
            lines = {line.strip() for line in solution.splitlines() if len(line.strip()) > 8}
            if given:  # a fault may be a line of the answer in another place
                assert not lines <= set(given)
                assert [line for line in given if line not in stub] == []
            else:
                assert [line for line in lines if line in stub] == []
                assert "raise NotImplementedError" in stub or cell.cell_type == "markdown"
            solved += 1
    assert solved > 3


@every_unit
def test_students_get_no_outputs(own_project: Path, unit: str) -> None:
    for cell in read(own_project, "notebooks", unit).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@every_unit
def test_every_test_cell_has_a_visible_part(own_project: Path, unit: str) -> None:
    tests = [
        cell
        for cell in read(own_project, "notebooks", unit).cells
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code"
    ]
    assert tests
    assert all(cell.source.strip() for cell in tests)
