"""`grader report` without a unit: the whole term, and a page for each student."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from grader.class_report.class_report import ClassReport, Held, Question, Submission
from grader.class_report.read_term import read_term
from grader.class_report.student_page import student_page
from grader.class_report.term import StudentInTerm, Term
from grader.class_report.term_page import file_name, term_page
from grader.gradebook.course import course_directory, gradebook
from tests.gradebooks import FIRST, SECOND, fill

AFTER = datetime(2026, 11, 20)
IDEA = "bias omitted"


def question(cell: str, most: float) -> Question:
    """An exercise; what the class did there is on the unit's page."""
    return Question(cell, (), "checked", most, 0, 0, 0, 0, 0, 0, None, None)


def report(unit: str, points: Mapping[str, float], **more: tuple) -> ClassReport:
    """A unit in which these students have so many points; zoe has lost one for coming late."""
    submissions = tuple(
        Submission(who, "", got, float(who == "zoe"), 0, 0, (), (), (), (got - 1, None))
        for who, got in points.items()
    )
    questions = question("check-dense", 10.0), question("essay", 2.0)
    rest = {"ideas": (), "met": (), "not_graded": (), "absent": (), **more}
    return ClassReport(unit, 12.0, submissions, questions, **rest)


REPORTS = [
    report(
        SECOND,
        {"ada": 3.0},
        absent=("bob", "eve", "zoe"),
        ideas=(Held(IDEA, ("ada",), "Dense"),),
    ),
    report(
        FIRST,
        {"ada": 12.0, "zoe": 8.0},
        not_graded=("eve",),
        absent=("bob",),
        ideas=(Held(IDEA, ("ada", "zoe"), "Dense"), Held("sign", ("zoe",), "Dropout")),
    ),
]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The course folder: ada handed in both units, zoe the first one and late, bob nothing."""
    fill(tmp_path)
    return tmp_path


def read(course: Path, now: datetime = AFTER, **sections: str) -> Term:
    """The term, as it is at a time."""
    with gradebook(course_directory(course)) as book:
        return read_term(book, REPORTS, now, sections)


def student(term: Term, name: str) -> StudentInTerm:
    """One of them."""
    return next(one for one in term.students if one.student == name)


def test_units_stand_in_their_order_with_who_came_late_or_not_at_all(course: Path) -> None:
    first, second = read(course).units
    assert (first.unit, second.unit) == (FIRST, SECOND)
    assert (first.handed_in, first.late, first.missed) == (3, 1, 1)
    assert (second.handed_in, second.late, second.missed) == (1, 0, 3)
    assert first.shares == pytest.approx((100 * 8.25 / 12, 100 * 9.5 / 12, 100 * 10.75 / 12))


def test_the_sum_counts_what_is_graded_and_what_was_missed(course: Path) -> None:
    term = read(course)
    assert (student(term, "ada").points, student(term, "ada").most) == (15.0, 24.0)
    assert (student(term, "zoe").points, student(term, "zoe").most) == (7.0, 24.0)
    assert (student(term, "eve").points, student(term, "eve").most) == (0.0, 12.0)
    assert student(term, "bob").missed == (FIRST, SECOND)
    assert [one.student for one in term.often_missed] == ["bob"]


def test_before_the_due_date_nothing_is_missed_and_nothing_counts(course: Path) -> None:
    term = read(course, now=datetime(2026, 10, 20))
    assert student(term, "bob").standings[FIRST].state == "open"
    assert student(term, "bob").share is None
    assert term.often_missed == ()


def test_an_extension_counts_as_time(course: Path) -> None:
    late = student(read(course), "zoe").standings[FIRST]
    assert late.days_late == pytest.approx(1.0)
    with gradebook(course_directory(course)) as book:
        book.find_submission(FIRST, "zoe").extension = timedelta(days=2)
        book.db.commit()
    assert student(read(course), "zoe").standings[FIRST].days_late == 0
    assert read(course).units[0].late == 0


def test_an_idea_comes_back_where_one_student_has_it_in_two_units(course: Path) -> None:
    [again] = read(course).returning
    assert (again.idea, again.holders) == (IDEA, {"ada": (FIRST, SECOND)})


def test_the_page_links_to_units_and_students_and_names_sections(course: Path) -> None:
    found = BeautifulSoup(term_page(read(course, ada="A", zoe="B & C")), "html.parser")
    links = {a["href"] for a in found.find_all("a")}
    assert {f"{FIRST}.html", f"{SECOND}.html", "students/ada.html"} <= links
    said = found.get_text(" ")
    assert "B & C" in said
    assert f"{IDEA} 01, 02 1 ada" in " ".join(said.split())
    assert "script" not in {tag.name for tag in found.find_all()}


def test_a_students_page_holds_nothing_of_anybody_else(course: Path) -> None:
    term = read(course, ada="A", zoe="B")
    page = student_page(term, student(term, "zoe"))
    said = BeautifulSoup(page, "html.parser").get_text(" ")
    assert "7.0 of 24" in said
    assert "late by 24 hours, 1 point less for that" in " ".join(said.split())
    assert "not graded yet" in said
    for other in "ada", "eve", "bob", IDEA, "sign":
        assert other not in page.split("</style>")[1].casefold()


def test_a_name_of_a_student_is_no_path_and_no_markup(course: Path) -> None:
    assert file_name("../ada") == "..%2Fada.html"
    assert file_name("a/b") != file_name("a_b")
    with gradebook(course_directory(course)) as book:
        book.update_or_create_student("bob", first_name="<script>", last_name="x")
    term = read(course)
    for page in term_page(term), student_page(term, student(term, "bob")):
        assert "<script" not in page
