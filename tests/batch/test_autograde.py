"""Grading through `nbgrader autograde` itself: points, outputs, log, exit status, feedback."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag

from grader.class_report.read_class import read_class
from grader.class_report.results import results
from grader.demo.demo import as_labelled
from grader.demo.sample import Member, read_member
from grader.gradebook.course import course_directory, gradebook
from grader.grading.grading_record import REPORT
from tests import odd_class
from tests.courses import Course, Done, course, find, grade_id_of
from tests.graded_courses import FIRST, FOLDER

UNITS = sorted(path.name for path in FOLDER.iterdir())
UNREADABLE = [
    path.stem for path in (FOLDER / FIRST).glob("*.py") if read_member(path).expected is None
]
Graded = Callable[[str], tuple[Course, Done]]
Odd = tuple[Course, Done]


# The sample class


def members(unit: str) -> list[Member]:
    """The unit's class."""
    return [read_member(path) for path in sorted((FOLDER / unit).glob("*.py"))]


@pytest.mark.parametrize(
    "unit", [FIRST, *(pytest.param(unit, marks=pytest.mark.long) for unit in UNITS[1:])]
)
def test_the_whole_class_gets_what_its_labels_say(graded: Graded, unit: str) -> None:
    course, _ = graded(unit)
    class_ = members(unit)
    found = results(course.folder, unit, [member.name for member in class_])
    wrong = {
        member.name: (member.expected, result.points)
        for member, result in zip(class_, found, strict=True)
        if not as_labelled(member, result)
    }
    assert len(found) > 4
    assert wrong == {}


def test_partial_credit_arrives_in_the_gradebook(graded: Graded) -> None:
    course, _ = graded(FIRST)
    for member in members(FIRST):
        if not member.blank:
            for name, (least, most) in (member.expected or {}).items():
                assert least <= course.points(member.name)[f"check-{name}"] <= most
    assert any(0 < most < 10 for m in members(FIRST) for _, most in (m.expected or {}).values())


def test_an_unreadable_file_gets_one_line_with_file_and_remedy(graded: Graded) -> None:
    course, done = graded(FIRST)
    assert done.status == 1
    assert UNREADABLE
    for student in UNREADABLE:
        [line] = done.lines(f"submitted/{student}/.*is not a notebook")
        assert "ERROR" in line
        assert f"{course.folder}/submitted/{student}/{FIRST}/{FIRST}.ipynb" in line
        assert line.endswith("It was not graded: ask the student for it again.")
        assert not (course.folder / "autograded" / student).exists()


def test_the_log_holds_no_traceback(graded: Graded) -> None:
    _, done = graded(FIRST)
    assert done.lines("Traceback|^ *File |Refused") == []


def test_a_card_is_put_below_each_test(graded: Graded) -> None:
    course, _ = graded(FIRST)
    for cell in course.autograded(members(FIRST)[0].name).cells:
        if grade_id_of(cell).startswith("check-"):
            *cards, result = cell.outputs
            assert [card.output_type for card in cards] == ["display_data"] * 2
            assert all("all right" in card.data["text/plain"] for card in cards)
            assert [report["score"] for report in cards[-1].data[REPORT]] == [1.0]
            assert float(result.data["text/plain"]) == cell.metadata.nbgrader["points"]


def test_experiments_are_not_run(graded: Graded) -> None:
    course, _ = graded(FIRST)
    cells = course.autograded(members(FIRST)[0].name).cells
    experiments = [cell for cell in cells if "experiment" in cell.metadata.get("tags", [])]
    assert len(experiments) > 3
    assert all(cell.outputs == [] for cell in experiments)


@pytest.fixture(scope="module")
def feedback(graded: Graded) -> dict[str, str]:
    """The pages of the whole class, by student."""
    course, _ = graded(FIRST)
    assert course.run("generate_feedback").status == 0
    return {
        member.name: course.feedback(member.name)
        for member in members(FIRST)
        if member.name not in UNREADABLE
    }


def cards(page: str) -> list[Tag]:
    """The cards of a page, in their order."""
    return BeautifulSoup(page, "html.parser").select("[role=group][aria-label]")


def test_feedback_shows_a_card_below_each_test(feedback: dict[str, str]) -> None:
    tests = {name: points for m in members(FIRST) for name, points in (m.expected or {}).items()}
    assert all(len(cards(page)) >= len(tests) for page in feedback.values())
    assert any("The idea behind it:" in page for page in feedback.values())
    assert any("Hint:" in page for page in feedback.values())
    assert any("What stopped it:" in page for page in feedback.values())


def test_feedback_holds_no_hidden_source(feedback: dict[str, str]) -> None:
    for page in feedback.values():
        plain = re.sub(r"<[^>]*>", "", page)  # the highlighter puts each word in a tag
        assert "check(Dense)" in plain
        assert not re.search(r"hidden\s*=\s*True|(BEGIN|END) HIDDEN", plain)


def test_feedback_holds_no_seed(feedback: dict[str, str], graded: Graded) -> None:
    course, _ = graded(FIRST)
    seeds = json.loads((course.folder / "gradebook.seeds.json").read_text())
    assert list(seeds) == [FIRST]
    for path in (course.folder / "autograded").rglob("*.ipynb"):
        assert not re.search(rf"\b{seeds[FIRST]}\b", path.read_text())
    for page in feedback.values():
        assert not re.search(rf"\b{seeds[FIRST]}\b", page)


def test_feedback_shows_evidence_for_visible_cases_only(feedback: dict[str, str]) -> None:
    shown = {True: 0, False: 0}
    for page in feedback.values():
        for card in cards(page):
            shown["hidden cases" in str(card["aria-label"])] += bool(card.select("details"))
            if "hidden cases" in str(card["aria-label"]):
                assert "expected" not in [cell.get_text() for cell in card.select("td")]
    assert shown[False] > 10
    assert shown[True] == 0


# Test cells of every sort


def test_a_right_submission_in_the_odd_unit(odd: Odd) -> None:
    course, _ = odd
    assert course.points("right") == {**odd_class.POINTS, "essay": None}


@pytest.mark.parametrize("student", odd_class.OLD)
def test_a_notebook_of_an_older_format_is_graded(odd: Odd, student: str) -> None:
    course, _ = odd
    points = course.points(student)
    points.pop("essay")
    assert points == odd_class.POINTS
    assert course.autograded(student).nbformat_minor == 5


def test_a_class_under_another_name(odd: Odd) -> None:
    course, _ = odd
    text = course.shown("right", "check-my-dense")
    assert "Dense: all right\n" in text
    assert "Dense: all right on the hidden cases\n" in text


def test_asserts_run_beside_the_students_code_and_say_so(odd: Odd) -> None:
    course, _ = odd
    beside = "These points were given by tests that ran beside the student's code."
    assert course.shown("right", "check-double").startswith(beside)
    assert beside not in course.shown("right", "check-my-dense")
    assert "AssertionError" in course.shown("wrong", "check-double")
    assert course.points("wrong")["check-double"] == 0


def test_a_warning_on_stderr_costs_nothing(odd: Odd) -> None:
    course, _ = odd
    assert "careful" in course.shown("right", "check-double")
    assert course.points("right")["check-double"] == 3


def test_partial_credit_beside_the_students_code(odd: Odd) -> None:
    course, _ = odd
    assert course.points("right")["check-partly"] == 2.5
    assert course.points("wrong")["check-partly"] == 1.5


@pytest.mark.parametrize("student", ["noisy", "showy", "faceless"])
def test_no_noise_hides_a_failed_assertion(odd: Odd, student: str) -> None:
    course, _ = odd
    assert course.points(student)["check-double"] == 0
    assert course.points(student)["check-my-dense"] == 10


@pytest.mark.parametrize("cheat", odd_class.GRADED_CHEATS)
def test_no_edit_of_a_notebook_is_worth_a_point(odd: Odd, cheat: str) -> None:
    course, _ = odd
    points = course.points(cheat)
    points.pop("essay")
    assert points == odd_class.UNTOUCHED


@pytest.mark.parametrize("cheat", ["edits-its-tests", "raises-the-points", "has-its-tests-twice"])
def test_an_edit_is_put_into_words(odd: Odd, cheat: str) -> None:
    _, done = odd
    assert done.lines(rf"{cheat}: .*(edited|changed|more than once)")


def test_a_cell_that_takes_its_grade_id_from_another_unit(odd: Odd) -> None:
    _, done = odd
    assert done.lines(r"invents-a-test: 1 cell \(bonus\) is not in this unit")


def test_the_class_is_graded_to_its_end_and_all_of_it(odd: Odd) -> None:
    course, done = odd
    assert done.lines("Traceback") == []
    assert done.status == 0
    students = {path.name for path in (course.folder / "autograded").iterdir()}
    assert students == {m.name for m in odd_class.MEMBERS} | set(odd_class.GRADED_CHEATS)


@pytest.mark.long
def test_a_regrade_keeps_the_seed_the_scores_and_the_manual_grade(odd: Odd) -> None:
    course, _ = odd
    seeds = (course.folder / "gradebook.seeds.json").read_bytes()
    with course.gradebook() as book:
        essay = book.find_grade("essay", course.unit, course.unit, "right")
        essay.manual_score = 4.0
        book.db.commit()
    before = course.grades("right"), course.shown("right", "check-my-dense")
    done = course.run("autograde", "--student", "right", "--force")
    assert done.status == 0
    assert done.lines("Traceback") == []
    assert before == (course.grades("right"), course.shown("right", "check-my-dense"))
    assert course.grades("right")["essay"] == (None, 4.0)
    assert (course.folder / "gradebook.seeds.json").read_bytes() == seeds


def test_an_untouched_essay_gets_zero_and_a_written_one_waits(odd: Odd) -> None:
    course, _ = odd
    assert course.points("replaces-check")["essay"] == 0
    assert course.points("wrong")["essay"] is None


def test_the_class_report_tells_what_grading_noticed(odd: Odd) -> None:
    made, _ = odd
    directory = course_directory(made.folder)
    with gradebook(directory) as book:
        report = read_class(directory, book, made.unit)
    noticed = {one.student for one in report.submissions if one.noticed}
    assert noticed >= {"edits-its-tests", "raises-the-points", "deletes-its-tests"}
    assert not noticed & {"right", "wrong", "noisy"}
    assert [question.judged for question in report.questions] == [
        *("checked", "beside", "beside", "beside", "by hand")
    ]
    [flood] = [held for held in report.met if "a cell showed more than" in held.what]
    assert "noisy" in flood.students
    assert report.not_graded == ()


# What only an instructor can mend


@pytest.fixture(scope="module")
def unreadable(odd_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a test cell that cannot be read."""
    class_ = [Member("one", "", {}), Member("two", "", {})]
    folder = tmp_path_factory.mktemp("course") / "unreadable"
    made = course(odd_project, folder, odd_class.UNIT, class_)
    notebook = nbformat.read(made.source, as_version=4)
    find(notebook, "check-my-dense").source = "check(MyDense, exercise=NAME)"
    nbformat.write(notebook, made.source)
    assert made.run("generate_assignment").status == 0
    return made


@pytest.mark.long
def test_a_call_that_cannot_be_read_is_told_and_can_be_mended(
    unreadable: Course, odd_project: Path
) -> None:
    done = unreadable.run("autograde")
    assert done.status == 1
    assert done.lines("Traceback") == []
    lines = done.lines("check-my-dense cannot be graded")
    assert len(lines) == 2  # the class was graded to its end
    for line in lines:
        assert "check(MyDense, exercise=NAME): NAME is not a plain literal" in line
        assert line.endswith("Fix it there, release the unit again and grade again.")

    name = unreadable.source.relative_to(unreadable.folder)
    unreadable.source.write_text((odd_project / name).read_text())
    assert unreadable.run("generate_assignment", "--force").status == 0
    half = unreadable.folder / "autograded" / "one" / unreadable.unit / f"{unreadable.unit}.ipynb"
    half.parent.mkdir(parents=True)
    half.write_text('{"cells": [')  # as a run leaves it that was killed: it must not be skipped
    assert unreadable.run("autograde", "--student", "one").status == 0
    assert unreadable.points("one")["check-my-dense"] == 10


def test_a_limit_that_there_is_not_is_told_in_one_line(unreadable: Course) -> None:
    options = ("--student", "two", "--force", "--Execute.limits", "cells=3.0")
    done = unreadable.run("autograde", *options)
    assert done.status == 1
    [line] = done.lines("c.Execute.limits in nbgrader_config.py")
    assert "cells" in line
    assert done.lines("Traceback") == []
