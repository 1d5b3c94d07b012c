"""What a changed unit means for the submissions in the gradebook, worked out before any change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.api import Grade as GradeRow
from nbgrader.api import Gradebook, MissingEntry, Notebook

from grader.gradebook.marks import plain

_NAMED = (utils.is_grade, utils.is_solution, utils.is_locked, utils.is_task)
"""Which cells of a notebook the gradebook knows."""


class NotRegraded(Exception):
    """Why a unit cannot be graded again without loss; the message says what to do."""


@dataclass(frozen=True)
class Plan:
    """Grade ids of cells that come, go, or are judged in another way; and all of it in words.

    Of those that changed, `repriced` are the ones that a person grades and that are worth other
    points, while nothing else about them is new; `from_nothing` are those of them that were worth
    nothing, of which no share can be kept.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    said: tuple[str, ...]
    repriced: tuple[str, ...] = ()
    from_nothing: tuple[str, ...] = ()


def plan(book: Gradebook, unit: str, notebooks: Mapping[str, NotebookNode]) -> Plan:
    """Compare the instructor's `notebooks`, by name, with the unit that the gradebook knows.

    Raises `NotRegraded` where something that a person entered would be lost.
    """
    try:
        known = {str(one.name): one for one in book.find_assignment(unit).notebooks}
    except MissingEntry:
        raise NotRegraded(
            f"the gradebook has no unit {unit}: nbgrader generate_assignment {unit}"
        ) from None
    if known.keys() != notebooks.keys():
        raise NotRegraded(
            f"{unit} had {_list(known)} when it was handed in, and has {_list(notebooks)} now: "
            "give it another name"
        )
    parts = [_compare(known[name], notebook) for name, notebook in notebooks.items()]
    return Plan(
        tuple(name for part in parts for name in part.added),
        tuple(name for part in parts for name in part.removed),
        tuple(name for part in parts for name in part.changed),
        tuple(line for part in parts for line in part.said),
        tuple(name for part in parts for name in part.repriced),
        tuple(name for part in parts for name in part.from_nothing),
    )


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "no notebook"


def _compare(known: Notebook, notebook: NotebookNode) -> Plan:
    cells = {
        str(cell.metadata["nbgrader"]["grade_id"]): cell
        for cell in notebook.cells
        if any(is_one(cell) for is_one in _NAMED)
    }
    sources = {str(cell.name): str(cell.source) for cell in known.source_cells}
    graded = (*known.grade_cells, *known.task_cells)
    points = {str(cell.name): float(cell.max_score) for cell in graded}
    added = tuple(name for name in cells if name not in sources)
    removed = tuple(name for name in sources if name not in cells)
    lost = _other_kind(known, cells)
    _refuse_loss(known, {*removed, *lost})
    worth = {name: float(c.metadata["nbgrader"].get("points", 0)) for name, c in cells.items()}
    tests = {name for name, cell in cells.items() if _is_test(cell)}
    another = [name for name in points if name in worth and points[name] != worth[name]]
    rewritten = [
        name
        for name, cell in cells.items()
        if name in sources
        and utils.is_locked(cell)
        and sources[name].strip() != cell.source.strip()
    ]
    said = [f"{name} is new{_worth(worth[name])}" for name in added]
    said += [f"{name} was removed" for name in removed]
    said += [f"{name} is another kind of cell" for name in sorted(lost.difference(removed))]
    said += [f"{name} has another test" for name in rewritten if name in tests]
    said += [
        f"{name} is worth {_points(worth[name])}, and was worth {plain(points[name])}"
        for name in another
    ]
    changed = tuple(sorted({*another, *rewritten}))
    repriced = tuple(name for name in another if name not in {*tests, *rewritten})
    from_nothing = tuple(name for name in repriced if not points[name])
    all_said = tuple([*said, *_above(known, worth)])
    return Plan(added, removed, changed, all_said, repriced, from_nothing)


def _is_test(cell: NotebookNode) -> bool:
    return bool(utils.is_grade(cell) and not utils.is_solution(cell))


def _worth(points: float) -> str:
    return f" and is worth {_points(points)}" if points else ""


def _points(points: float) -> str:
    return f"{plain(points)} {'point' if points == 1 else 'points'}"


def _other_kind(known: Notebook, cells: Mapping[str, NotebookNode]) -> set[str]:
    """Names of cells that were graded, or answers, or tasks, and are not any more: with that goes
    what was entered there."""
    kinds = (
        (known.grade_cells, utils.is_grade),
        (known.solution_cells, utils.is_solution),
        (known.task_cells, utils.is_task),
    )
    return {
        str(cell.name)
        for had, is_one in kinds
        for cell in had
        if cell.name not in cells or not is_one(cells[cell.name])
    }


def _refuse_loss(known: Notebook, lost: Collection[str]) -> None:
    """Nothing is taken away to which a person gave points or wrote a comment."""
    for submission in known.submissions:
        entered = [grade.name for grade in submission.grades if _by_hand(grade)]
        entered += [one.name for one in submission.comments if one.manual_comment]
        for name in entered:
            if name in lost:
                raise NotRegraded(
                    f"{name} was removed from {known.name}, or is another kind of cell there, and "
                    f"{submission.student.id} has points or a comment from a person there: "
                    "put the cell back, or clear them first"
                )


def _by_hand(grade: GradeRow) -> bool:
    return grade.manual_score is not None or bool(grade.extra_credit)


def _above(known: Notebook, worth: Mapping[str, float]) -> list[str]:
    """Points given by hand of which there are not so many any more: a person must look."""
    return [
        f"{submission.student.id} has {_points(grade.manual_score)} by hand for {grade.name}, "
        f"which is now worth {plain(worth[grade.name])}"
        for submission in known.submissions
        for grade in submission.grades
        if grade.manual_score is not None and grade.manual_score > worth.get(grade.name, 0)
    ]
