"""The whole term: who stands where, what comes back, and pages that hold what they may."""

from __future__ import annotations

import json
import shutil
import stat
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from nbgrader.api import Gradebook
from playwright.sync_api import Browser

from grader.class_report.class_report import ClassReport, Held, Question, Submission
from grader.class_report.read_class import read_class
from grader.class_report.read_term import read_term
from grader.class_report.student_page import student_page
from grader.class_report.term import Standing, StudentInTerm, Term
from grader.class_report.term_page import file_name, short, term_page
from grader.cli import main
from grader.gradebook.course import course_directory, gradebook
from grader.gradebook.extensions import extend
from tests.gradebooks import CANVAS, FIRST, MOODLE, SECOND, fill, url
from tests.paper_class import MOST, UNIT, Pupil, paper_course

DUE = datetime(2026, 11, 1, 12)
AFTER = DUE + timedelta(days=1)
NASTY = "<script>alert('&')</script>"


def handed_in(student: str, points: float, penalty: float = 0.0, **more: object) -> Submission:
    """A graded submission with two exercises, of which the second waits where it is said."""
    given = {"waiting": 0, "untouched": 0, "scores": (points, 0.0), **more}
    parts = (given["waiting"], given["untouched"], (), (), (), given["scores"])
    return Submission(student, "", points, penalty, *parts)


def question(cell: str, most: float) -> Question:
    """A question that nobody looks at here, but for its title and points."""
    return Question(cell, (), "checked", most, 0, 0, 0, 0, 0, 0, None, None)


def report(
    unit: str, *submissions: Submission, absent: str = "", ideas: tuple[Held, ...] = ()
) -> ClassReport:
    """The report of a unit of 12 points; `absent` names those who did not hand in."""
    questions = question("check-dense", 10.0), question("essay", 2.0)
    missing = tuple(absent.split())
    return ClassReport(unit, 12.0, submissions, questions, ideas, (), (), missing)


REPORTS = [
    report(
        FIRST,
        handed_in("ada", 12.0),
        handed_in("zoe", 7.75, penalty=1.0),
        handed_in("eve", 1.0, untouched=1),
        absent="bob",
        ideas=(Held("sign", ("ada", "eve"), "Dense"), Held("axis", ("zoe",), "Dense")),
    ),
    report(
        SECOND,
        handed_in("ada", 2.5, waiting=1, scores=(2.5, None)),
        absent="bob eve zoe",
        ideas=(Held("sign", ("ada",), "Add"), Held("sign", ("ada",), "Subtract")),
    ),
]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook in which zoe has more time for the second unit, and a nasty name."""
    folder = tmp_path_factory.mktemp("term")
    fill(folder)
    with Gradebook(url(folder), "books") as book:
        extend(book, "zoe", 3, [SECOND])
        book.update_or_create_student("zoe", first_name=NASTY, last_name="Björk")
    return folder


@pytest.fixture(scope="module")
def term(books: Path) -> Term:
    """The term, a day after both units were due."""
    sections = {"ada": "A", "zoe": "A", "eve": "B"}
    with Gradebook(url(books), "books") as book:
        return read_term(book, REPORTS, AFTER, sections)


def student(term: Term, name: str) -> StudentInTerm:
    """One of them."""
    return next(one for one in term.students if one.student == name)


def test_where_each_student_stands(term: Term) -> None:
    states = {
        one.student: [standing.state for standing in one.standings.values()]
        for one in term.students
    }
    assert states == {
        "ada": ["graded", "graded"],
        "bob": ["missed", "missed"],
        "eve": ["graded", "missed"],
        "zoe": ["graded", "open"],
    }


def test_late_is_later_than_the_due_date_and_costs_what_it_cost(term: Term) -> None:
    late = student(term, "zoe").standings[FIRST]
    assert (late.points, late.penalty, late.days_late) == (6.75, 1.0, 1.0)
    assert term.units[0].late == 1
    assert student(term, "ada").standings[FIRST].days_late == 0


def test_what_is_open_does_not_count_and_what_was_missed_does(term: Term) -> None:
    assert (student(term, "zoe").points, student(term, "zoe").most) == (6.75, 12.0)
    assert (student(term, "eve").points, student(term, "eve").most) == (1.0, 24.0)
    assert student(term, "bob").share == 0


def test_more_time_makes_late_work_come_in_time(books: Path, tmp_path: Path) -> None:
    fill(tmp_path)
    with Gradebook(url(tmp_path), "books") as book:
        extend(book, "zoe", 2, [FIRST])
        given = read_term(book, REPORTS, AFTER)
    assert student(given, "zoe").standings[FIRST].days_late == 0
    assert given.units[0].late == 0


def test_nobody_has_missed_what_is_not_due(books: Path) -> None:
    with Gradebook(url(books), "books") as book:
        early = read_term(book, REPORTS, DUE - timedelta(days=1))
    assert early.often_missed == ()
    assert [unit.missed for unit in early.units] == [0, 0]


def test_who_has_missed_two(term: Term) -> None:
    assert [one.student for one in term.often_missed] == ["bob"]


def test_an_idea_comes_back_with_the_student_who_has_it_in_two_units(term: Term) -> None:
    [again] = term.returning
    assert (again.idea, again.holders) == ("sign", {"ada": (FIRST, SECOND)})


def test_the_classes_share_of_each_unit(term: Term) -> None:
    assert term.units[0].shares == pytest.approx((100 * 3.875 / 12, 100 * 6.75 / 12, 78.125))
    assert (term.units[0].handed_in, term.units[1].missed) == (3, 2)


def test_units_stand_in_the_order_in_which_they_are_due(tmp_path: Path) -> None:
    fill(tmp_path)
    with Gradebook(url(tmp_path), "books") as book:
        book.find_assignment(SECOND).duedate = DUE - timedelta(days=7)
        book.db.commit()
        units = [unit.unit for unit in read_term(book, REPORTS, AFTER).units]
    assert units == [SECOND, FIRST]


def test_the_term_as_data(term: Term) -> None:
    told = json.loads(json.dumps(term.to_json()))
    assert told["made"] == "2026-11-02 12:00"
    assert told["often_missed"] == ["bob"]
    assert told["students"][3]["standings"][SECOND]["state"] == "open"


# Discrimination


def test_discrimination_leaves_out_what_is_not_graded_for_everybody(
    root: Path, tmp_path: Path
) -> None:
    """Only the essays of the weak are read yet: they must not look strong because of that."""
    weak = {**MOST, "check-dense": 8.0, "check-dropout": 1.0}
    pupils = [Pupil(f"weak-{i}", {**weak, "check-own": i % 3}) for i in range(10)]
    pupils += [Pupil(f"strong-{i}", {**MOST, "check-own": i % 3, "essay": None}) for i in range(10)]
    folder = paper_course(root, tmp_path / "course", pupils)
    course = course_directory(folder)
    with gradebook(course) as book:
        told = {one.cell: one for one in read_class(course, book, UNIT).questions}
    assert told["check-dropout"].discrimination is not None
    # Below 0, where an essay that nobody has read counts as no points.
    assert told["check-dropout"].discrimination > 0.7
    assert (told["essay"].ungraded, told["essay"].discrimination) == (10, None)


# As pages


def section(page: str, title: str) -> Tag:
    """The section under this heading."""
    soup = BeautifulSoup(page, "html.parser")
    [found] = [part for part in soup.find_all("section") if part.h2.get_text() == title]
    return found


def rows(page: str, title: str) -> list[list[str]]:
    """The table of a section, with its head."""
    return [
        [cell.get_text(" ") for cell in row.find_all(["th", "td"])]
        for row in section(page, title).table.find_all("tr")
    ]


def test_students_by_units(term: Term) -> None:
    head, ada, bob, eve, zoe = rows(term_page(term), "Students by units")
    assert head == ["student", "section", "points", "of", "%", "01", "02"]
    assert ada == ["ada", "A", "14.5", "24", "60", "12.0", "2.5 1 to grade"]
    assert bob == ["bob", "", "0.0", "24", "0", "none", "none"]
    assert eve[-2:] == ["1.0", "none"]
    assert zoe[-2:] == ["6.8 late −1", "open"]
    cells = section(term_page(term), "Students by units").table.tbody.find_all("th")
    assert {cell["scope"] for cell in cells} == {"row"}


def test_the_rest_of_the_index(term: Term) -> None:
    page = term_page(term)
    assert rows(page, "Who has missed 2 units or more")[1] == ["bob", "2", f"{FIRST}, {SECOND}"]
    assert rows(page, "Wrong ideas that come back")[1] == ["sign", "01, 02", "1", "ada"]
    assert rows(page, "Sections")[1:] == [["A", "2", "78", "21"], ["B", "1", "8", "–"]]
    assert rows(page, "Points over the weeks")[1][:6] == [FIRST, "2026-11-01", "12", "3", "1", "1"]
    told = section(page, "Points over the weeks").svg["aria-label"]
    assert f"{FIRST}: 56; {SECOND}: 21" in told


def test_neither_page_runs_anything_or_asks_for_anything(term: Term) -> None:
    for page in (term_page(term), student_page(term, student(term, "zoe"))):
        soup = BeautifulSoup(page, "html.parser")
        assert soup.find_all(["script", "link", "img", "iframe", "object"]) == []
        assert NASTY in soup.get_text()
        assert "default-src 'none'" in page


def test_a_students_page_holds_nothing_of_anybody_else(term: Term) -> None:
    page = student_page(term, student(term, "ada"))
    words = BeautifulSoup(page, "html.parser").get_text(" ")
    assert not [one for one in ("zoe", "eve", "bob", "Björk", "6.75", "7.75") if one in words]
    assert "sign" not in words, "an idea may have been found on hidden cases only"
    assert BeautifulSoup(page, "html.parser").find_all("a") == []
    assert rows(page, SECOND)[1:] == [["dense", "2.5 of 10"], ["essay", "not graded yet"]]
    assert "14.5 of 24" in words


@pytest.mark.parametrize(
    ("standing", "says"),
    [
        (Standing("missed"), "nothing handed in"),
        (Standing("open"), "still open"),
        (Standing("not graded", days_late=2.6), "handed in, not graded yet, late by 3 days"),
        (Standing("graded", 1.0, 2.0, 0.01), "late by 1 hour, 2 points less for that"),
        (Standing("graded", 1.0, untouched=1, waiting=2), "exercises not attempted: 1"),
    ],
)
def test_what_a_student_is_told_of_a_unit(term: Term, standing: Standing, says: str) -> None:
    one = StudentInTerm("kim", "", "", {FIRST: standing}, 1.0, 12.0)
    assert rows(student_page(term, one), "Units")[1][-1].startswith(says)


def test_each_student_has_a_file_of_their_own() -> None:
    names = ["a/b", "a:b", "../x", "Zoë B", "a%2Fb"]
    files = [file_name(name) for name in names]
    assert len({*files}) == len(names)
    assert all("/" not in name for name in files)


@pytest.mark.parametrize(("unit", "name"), [(FIRST, "01"), ("joining", "joining"), ("3d", "3d")])
def test_a_unit_is_called_by_its_number(unit: str, name: str) -> None:
    assert short(unit) == name


@pytest.mark.browser
def test_the_pages_of_a_term_in_a_browser(term: Term, tmp_path: Path, chromium: Browser) -> None:
    """They ask for nothing, complain of nothing, and fit a telephone."""
    pages = {"index": term_page(term), "student": student_page(term, student(term, "ada"))}
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text)
        address = (tmp_path / f"{name}.html").as_uri()
        asked: list[str] = []
        said: list[str] = []
        with closing(chromium.new_page(viewport={"width": 420, "height": 900})) as tab:
            tab.on("request", lambda request, to=asked: to.append(request.url))
            tab.on("console", lambda message, to=said: to.append(message.text))
            tab.goto(address)
            assert tab.evaluate("document.documentElement.scrollWidth") <= 420
        assert (asked, said) == ([address], [])


# As a command


@pytest.fixture(scope="module")
def course_of_two(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its folder."""
    pupils = [Pupil("ada", full_name=("Ada", "Lovelace")), Pupil("zoe")]
    return paper_course(root, tmp_path_factory.mktemp("two") / "course", pupils)


@pytest.fixture
def folder(course_of_two: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same without reports; the current folder."""
    shutil.rmtree(course_of_two / "reports", ignore_errors=True)
    monkeypatch.chdir(course_of_two)
    return course_of_two


def test_the_command_writes_the_term_for_the_instructor_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "roster.csv").write_text(CANVAS, encoding="utf-8")
    assert main(["report", "--roster", "roster.csv"]) == 0
    made = sorted(str(path.relative_to(folder)) for path in folder.glob("reports/**/*.html"))
    students = ["reports/students/ada.html", "reports/students/zoe.html"]
    assert made == [f"reports/{UNIT}.html", "reports/index.html", *students]
    for path in folder.glob("reports/**/*"):
        assert not stat.S_IMODE(path.stat().st_mode) & stat.S_IRWXO
    page = (folder / "reports" / "index.html").read_text()
    assert rows(page, "Sections")[1][0] == "Section A"
    for link in section(page, "Students by units").find_all("a"):
        assert (folder / "reports" / link["href"]).is_file()
    assert "reports/students/  pages for 2 students" in capsys.readouterr().out


def test_a_page_is_drawn_again_only_when_it_would_show_something_else(folder: Path) -> None:
    path = folder / "reports" / f"{UNIT}.html"
    assert main(["report"]) == 0
    drawn = path.stat().st_ino
    assert main(["report"]) == 0
    assert path.stat().st_ino == drawn
    (folder / "feedback" / "ada" / UNIT / f"{UNIT}.html").unlink()
    assert main(["report"]) == 0
    assert path.stat().st_ino != drawn
    assert "not made yet" in path.read_text()


def test_units_and_term_for_a_script(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["unit"] for one in told["units"]] == [UNIT]
    assert [one["student"] for one in told["term"]["students"]] == ["ada", "zoe"]
    assert not (folder / "reports").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([UNIT, "--roster", "roster.csv"], "--roster has the sections, which are on the page of"),
        (["--id", "ID"], "--id names a column of the class list"),
        (["--roster", "no.csv"], "no.csv cannot be read: No such file"),
        (["--roster", "moodle.csv"], "moodle.csv has no sections"),
    ],
)
def test_a_mistake_about_sections_is_told_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    (folder / "moodle.csv").write_text(MOODLE, encoding="utf-8")
    assert main(["report", *words]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"grader: {says}")
    assert said.count("\n") == 1
