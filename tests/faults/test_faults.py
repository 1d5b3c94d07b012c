"""Whatever goes wrong in a run, nothing is lost, and the class ends with the same scores."""

from __future__ import annotations

import pytest
from faulty_class import CLASS_OF, DAMAGED, MENDED, SLOW_ONES, STUDENTS
from outcome import MARK, SEED, Graded, Interrupted
from small_course import POINTS
from trouble import Killer, Lock, boxes

from grader.gradebook.resume import GRADED

pytestmark = pytest.mark.long
"""The class is graded seven times: each trouble is tried by itself in `make test` too."""
FULL = {f"check-{name}": points for name, points in POINTS.items()}


def points(graded: Graded, student: str) -> dict[str, float | None]:
    """A student's automatic scores."""
    [grades] = graded.grades([student]).values()
    assert grades is not None
    return {name: score for name, (score, *_) in grades.items()}


def of_sort(sort: str) -> list[str]:
    """The students whose submissions are of this sort."""
    return [name for name in STUDENTS if name.endswith(f"-{sort}")]


# In peace


def test_everybody_is_graded_whose_file_can_be_read(calm: Graded) -> None:
    assert len(STUDENTS) - len(MENDED) == CLASS_OF >= 12
    assert sorted(calm.notebooks) == STUDENTS
    assert all(GRADED.encode() in notebook for notebook in calm.notebooks.values())


@pytest.mark.parametrize("sort", ["right", "slow"])
def test_the_right_ones_have_all_points(calm: Graded, sort: str) -> None:
    assert of_sort(sort)
    for student in of_sort(sort):
        assert points(calm, student) == FULL


@pytest.mark.parametrize("name", MENDED)
def test_another_encoding_format_or_name_costs_nothing(calm: Graded, name: str) -> None:
    assert points(calm, name) == FULL


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_submission_is_refused_in_one_line(calm: Graded, name: str) -> None:
    [run] = calm.runs
    [line] = [line for line in run.lines("It was not graded") if f"/submitted/{name}/" in line]
    assert "ERROR" in line
    assert line.endswith(("ask the student for it again.", "ask the student for it."))
    assert not (calm.course.path / "autograded" / name).exists()
    [grades] = calm.grades([name]).values()
    assert grades is None or {score for score, *_ in grades.values()} == {None}


def test_nothing_is_said_in_tracebacks(calm: Graded) -> None:
    [run] = calm.runs
    assert run.status == 1  # not all were graded
    assert run.lines("Traceback") == []
    assert run.lines("generate_assignment") == []  # a remedy for something else


def test_a_submission_that_runs_out_of_memory_costs_nobody_else_a_point(calm: Graded) -> None:
    """And itself only what stood in that cell and on it."""
    assert of_sort("hog")
    for student in of_sort("hog"):
        lost = {"check-dense-params": 0.0, "check-own": 0.0}
        assert points(calm, student) == {**FULL, **lost}
        assert b"needed more than 1024 MiB of memory" in calm.notebooks[student]


# In trouble


def test_all_scores_are_the_same(calm: Graded, troubled: Graded) -> None:
    students = [*STUDENTS, *DAMAGED]
    assert troubled.grades(students) == calm.grades(students)


def test_all_notebooks_and_reports_are_the_same_byte_for_byte(
    calm: Graded, troubled: Graded
) -> None:
    assert troubled.notebooks.keys() == calm.notebooks.keys()
    differ = [name for name, text in calm.notebooks.items() if troubled.notebooks[name] != text]
    assert differ == []


def test_the_seed_is_kept(troubled: Graded) -> None:
    assert str(SEED) in (troubled.course.path / "gradebook.seeds.json").read_text()


def test_no_box_is_left(troubled: Graded) -> None:
    assert boxes(str(MARK)) == []


# Each trouble came, and at the right moment: else the tests above would prove nothing


def test_processes_were_killed(killed: tuple[Graded, list[Killer]]) -> None:
    graded, [warm, runners] = killed
    [run] = graded.runs
    assert len(warm.killed) == 1
    assert len(runners.killed) >= 1
    assert run.ran == STUDENTS
    assert run.lines("Traceback") == []


def test_the_machine_would_take_a_students_process_first(
    killed: tuple[Graded, list[Killer]],
) -> None:
    """Where it runs out of memory: 1000 is the most ready to be killed."""
    _, [warm, runners] = killed
    assert set(runners.killed.values()) == {1000}
    assert all(score < 1000 for score in warm.killed.values())


def test_a_full_disk_is_waited_for_and_told(full: Graded) -> None:
    [run] = full.runs
    told = run.lines("is full: waiting for at most")
    assert len(told) == 2
    assert str(full.course.path) in told[0]
    assert len(run.lines("Grading continues.")) == 2
    assert run.lines("Traceback") == []
    assert set(run.ran) == set(STUDENTS)


def test_a_locked_gradebook_is_waited_for(locked: tuple[Graded, Lock]) -> None:
    graded, lock = locked
    [run] = graded.runs
    following = STUDENTS[STUDENTS.index(SLOW_ONES[0]) + 1]
    [began] = [
        when
        for when, line in zip(run.times, run.log, strict=True)
        if f"] Sanitizing {graded.course.path}/submitted/{following}/" in line
    ]
    assert began > lock.released > 0
    assert run.lines("Traceback") == []
    assert run.ran == STUDENTS


def test_what_was_graded_before_an_interruption_is_not_graded_again(
    interrupted: Interrupted,
) -> None:
    first, second, third = interrupted.runs
    assert len(interrupted.complete[0]) >= 1
    assert len(interrupted.complete[1]) > len(interrupted.complete[0])
    assert set(interrupted.complete[2]) == set(STUDENTS)
    for before, run in (interrupted.complete[0], second), (interrupted.complete[1], third):
        assert set(run.ran) & before.keys() == set()
        now = interrupted.complete[-1]
        assert {name: now[name] for name in before} == before
    assert SLOW_ONES[-1] in first.ran[-2:]  # the signal may land as the next one begins
    assert second.ran[-1] == SLOW_ONES[1]


def test_nobody_is_half_graded_after_an_interruption(interrupted: Interrupted) -> None:
    """A notebook that a killed run leaves behind has no scores, and the next run makes it anew."""
    assert interrupted.half == [set(), {SLOW_ONES[1]}, set()]
    for scored, complete in zip(interrupted.scored, interrupted.complete, strict=True):
        assert scored == complete.keys()
    assert interrupted.runs[2].lines(f"{SLOW_ONES[1]} was left half graded")


def test_an_interruption_ends_everything_that_was_started(interrupted: Interrupted) -> None:
    assert interrupted.boxes == [[], [], []]
    assert [run.status for run in interrupted.runs][1:] == [-9, 1]
    assert interrupted.runs[0].status != 0


def test_the_runs_took_the_class_in_another_order(interrupted: Interrupted) -> None:
    order = [name for run in interrupted.runs for name in run.ran]
    assert order != sorted(order)
