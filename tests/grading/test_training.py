"""A cell that trains has more time than another: the machine that grades may be a slow one."""

import pytest

from grader.grading.run import _limits, run
from grader.grading.task import Cell, Task
from grader.sandbox.limits import Limits

FEW = Limits(cell=1.5, training=60.0)


def task(*graded: str) -> Task:
    """A notebook whose first cell takes a while, then test cells."""
    slow = Cell("import time\ntime.sleep(3)\nprint('trained')")
    tests = (Cell(source, f"check-{n}", 1.0) for n, source in enumerate(graded))
    return Task("unit", (slow, *tests), seed=7, limits=FEW)


@pytest.mark.parametrize(
    ("graded", "seconds"),
    [
        (["check(digit_network)"], 60.0),
        (["check(Dense)", "check(mine, 'name_writer', hidden=True)"], 60.0),
        (["check(Dense)"], 1.5),
        (["assert True", "check(*anything)", "check(no_such_exercise)", "this is no Python"], 1.5),
        ([], 1.5),
    ],
)
def test_it_has_it_where_an_exercise_asks_for_a_trained_network(
    graded: list[str], seconds: float
) -> None:
    assert _limits(task(*graded)).cell == seconds


def test_who_allows_more_for_each_cell_allows_it_for_training_too() -> None:
    assert Limits(cell=200.0).in_training().cell == 200.0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "says"), [("digit_network", "trained"), ("Dense", "1.5 seco")])
def test_only_there_a_long_cell_runs_to_its_end(name: str, says: str) -> None:
    [[output], _] = run(task(f"check({name})")).outputs
    assert says in output.get("text", "") + output.get("evalue", "")
