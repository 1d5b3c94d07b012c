"""`grader report`: what it says of a class, as data and as a page."""

import json
import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser

from grader.class_report.class_report import ClassReport, Question
from grader.class_report.item_statistics import FEW
from grader.class_report.page import page
from grader.class_report.read_class import read_class
from grader.cli import main
from grader.gradebook.course import course_directory, gradebook
from grader.gradebook.not_graded import keep
from tests.paper_class import MOST, UNIT, Pupil, idea, paper_course

NASTY = "<script>alert('&')</script>"
SCALED, SIGN, AXIS = idea("scaled by 1/rate"), idea("sign"), idea("axis")
BOTH = idea("sign, and axis", SIGN, AXIS)
STRONG, WEAK = 13, 8
EDGE = [
    Pupil("ada lovelace", full_name=("Ada", "Lovelace"), feedback=False),
    Pupil("blank", dict.fromkeys(MOST, 0.0), untouched=("check-dense", "check-dropout")),
    Pupil("both", {**MOST, "check-dense": 4.0}, {"check-dense": BOTH}, noticed=[NASTY]),
    Pupil("slow", {**MOST, "check-dense": 0.0}, met=["the cell took longer than 4 seconds"]),
    Pupil("unlucky", {**MOST, "essay": None}, trouble=["its process was killed: grade it again"]),
]
"""One of each kind."""


def weak(number: int) -> Pupil:
    """One who scales Dropout by 1/rate, and gets half of Dense for another known reason."""
    points = {"check-dense": 5.0, "check-dropout": 0.0, "check-own": 0.0, "essay": 1.0}
    return Pupil(f"weak-{number}", points, {"check-dropout": SCALED, "check-dense": SIGN})


def read(folder: Path) -> ClassReport:
    """The report of the course in this folder."""
    course = course_directory(folder)
    with gradebook(course) as book:
        return read_class(course, book, UNIT)


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with strong and weak pupils, and one of each other kind."""
    pupils = [Pupil(f"strong-{i}") for i in range(STRONG)] + [weak(i) for i in range(WEAK)] + EDGE
    made = tmp_path_factory.mktemp("paper") / "course"
    return paper_course(root, made, pupils, damaged="lee", absent="ghost")


@pytest.fixture(scope="module")
def report(folder: Path) -> ClassReport:
    """Its report."""
    return read(folder)


ALL = STRONG + WEAK + len(EDGE)


def question(report: ClassReport, cell: str) -> Question:
    """What is said of this cell."""
    [found] = [question for question in report.questions if question.cell == cell]
    return found


# As data


def test_the_questions_stand_in_the_order_of_the_notebook(report: ClassReport) -> None:
    assert [question.cell for question in report.questions] == list(MOST)
    assert [question.title for question in report.questions] == ["Dense", "Dropout", "own", "essay"]
    assert [question.judged for question in report.questions] == [
        *("checked", "checked", "beside", "by hand")
    ]


def test_each_submission_is_counted_once(report: ClassReport) -> None:
    dense = question(report, "check-dense")
    assert (dense.full, dense.partial, dense.none) == (STRONG + 2, WEAK + 1, 1)
    assert (dense.untouched, dense.ungraded) == (1, 0)
    for asked in report.questions:
        counts = asked.full, asked.partial, asked.none, asked.untouched, asked.ungraded
        assert sum(counts) == ALL == len(report.submissions)


def test_difficulty_is_the_mean_share_of_the_points(report: ClassReport) -> None:
    shares = (STRONG + 2) * 1.0 + WEAK * 0.5 + 0.4
    assert question(report, "check-dense").difficulty == pytest.approx(shares / ALL)


def test_an_exercise_that_the_strong_get_right_discriminates(report: ClassReport) -> None:
    told = question(report, "check-dropout").discrimination
    assert told is not None
    assert 0.8 < told <= 1


def test_of_what_waits_for_a_human_nothing_is_said_yet(report: ClassReport) -> None:
    essay = question(report, "essay")
    assert (essay.ungraded, essay.untouched, essay.difficulty) == (1, 1, None)
    assert [one.student for one in report.submissions if one.waiting] == ["unlucky"]


def test_wrong_ideas_are_counted_and_a_pair_counts_for_both(report: ClassReport) -> None:
    held = [(h.exercise, h.what, len(h.students)) for h in report.ideas]
    assert held == [
        ("Dense", "sign", WEAK + 1),
        ("Dropout", "scaled by 1/rate", WEAK),
        ("Dense", "axis", 1),
    ]
    assert report.ideas[2].students == ("both",)


def test_wrong_without_a_known_idea(report: ClassReport) -> None:
    assert question(report, "check-dense").unexplained == 1  # "slow"
    assert question(report, "check-dropout").unexplained == 0


def test_limits_notices_and_trouble_are_told(report: ClassReport) -> None:
    assert [(held.what, held.students) for held in report.met] == [
        ("the cell took longer than 4 seconds", ("slow",))
    ]
    noticed = {one.student: one.noticed for one in report.submissions if one.noticed}
    assert noticed == {"both": (NASTY,)}
    trouble = {one.student: one.trouble for one in report.submissions if one.trouble}
    assert list(trouble) == ["unlucky"]


def test_who_was_not_graded_and_who_did_not_hand_in(report: ClassReport) -> None:
    assert report.not_graded == ("lee",)
    assert report.absent == ("ghost",)


def test_a_half_written_notebook_is_not_graded(root: Path, tmp_path: Path) -> None:
    folder = paper_course(root, tmp_path / "course", EDGE)
    path = folder / "autograded" / "slow" / UNIT / f"{UNIT}.ipynb"
    path.write_text(path.read_text()[:200])
    report = read(folder)
    assert report.not_graded == ("slow",)
    assert report.why_not == {}
    keep(folder, UNIT, {"slow": "slow.ipynb is locked\nby <b>Word</b>", "unlucky": "long ago"})
    report = read(folder)
    assert report.why_not == {"slow": "slow.ipynb is locked?by <b>Word</b>"}
    shown = page(report, folder, folder / "reports")
    assert "slow.ipynb is locked?by &lt;b&gt;Word" in shown
    keep(folder, UNIT, {"slow": ""})
    assert read(folder).why_not == {}
    assert len(report.submissions) == len(EDGE) - 1


# As a page


@pytest.fixture(scope="module")
def soup(report: ClassReport, folder: Path) -> BeautifulSoup:
    """The page."""
    return BeautifulSoup(page(report, folder, folder / "reports"), "html.parser")


def section(soup: BeautifulSoup, title: str) -> Tag:
    """The section under this heading."""
    [found] = [part for part in soup.find_all("section") if part.h2.get_text() == title]
    return found


def table(soup: BeautifulSoup, title: str) -> list[list[str]]:
    """The rows of the table in this section, with its head."""
    rows = section(soup, title).table.find_all("tr")
    return [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows]


def test_the_page_needs_nothing_else_and_runs_nothing(soup: BeautifulSoup) -> None:
    assert soup.find_all(["script", "link", "img", "iframe", "object"]) == []
    policy = soup.find("meta", {"http-equiv": "Content-Security-Policy"})
    assert str(policy["content"]).startswith("default-src 'none'")
    named = {a["href"] for a in soup.find_all("a")}
    assert not [address for address in named if ":" in address]
    assert "url(http" not in str(soup)


def test_each_plot_has_words_and_a_table_with_its_numbers(soup: BeautifulSoup) -> None:
    figures = soup.find_all("figure")
    assert len(figures) == 3
    for figure in figures:
        assert figure.svg["role"] == "img"
        told = figure.svg["aria-label"]
        numbers = {int(number) for number in re.findall(r"(?:: |, )(\d+)", told)}
        cells = {cell.get_text() for cell in figure.find_parent("section").table.find_all("td")}
        assert numbers
        assert {n for n in numbers if not {str(n), f"{n} of {ALL}"} & cells} == set()


def test_the_plots_take_the_colour_of_the_pages_text(soup: BeautifulSoup) -> None:
    for svg in soup.find_all("svg"):
        assert "currentColor" in str(svg)
        assert "#123456" not in str(svg)


def test_how_many_hold_an_idea_stands_there(soup: BeautifulSoup) -> None:
    assert table(soup, "Wrong ideas")[2][:4] == [
        *(f"{WEAK} of {ALL}", "Dropout", "scaled by 1/rate", "Your layer: scaled by 1/rate.")
    ]


def test_terms_are_explained_and_numbers_rounded(soup: BeautifulSoup) -> None:
    text = section(soup, "Exercises").get_text()
    assert "mean share of the points" in text
    assert "correlation of the exercise's points with the sum of all others" in text
    rows = {row[0]: row[-2:] for row in table(soup, "Exercises")}
    assert re.fullmatch(r"0\.\d\d", rows["Dense"][0])
    assert re.fullmatch(r"0\.\d\d", rows["Dense"][1])
    assert rows["essay"] == ["–", "to be graded"]


def test_points_given_beside_student_code_are_told(soup: BeautifulSoup) -> None:
    [_, row] = table(soup, "Points given beside student code")
    assert row[:2] == ["own", "2"]


def test_links_lead_to_the_feedback(soup: BeautifulSoup, folder: Path) -> None:
    links = section(soup, "Submissions").find_all("a")
    assert len(links) == ALL - 1
    for link in links:
        assert (folder / "reports" / unquote(link["href"])).resolve().is_file()
    rows = {row[0]: row for row in table(soup, "Submissions")}
    assert rows["ada lovelace"][1] == "Ada Lovelace"
    assert rows["ada lovelace"][-1] == "not made yet"


def test_a_students_words_are_text(soup: BeautifulSoup) -> None:
    assert [row[1] for row in table(soup, "Noticed")[1:]] == [NASTY]


def test_who_has_no_grade_is_told(soup: BeautifulSoup) -> None:
    told = {row[0]: row[1] for row in table(soup, "Not graded")[1:]}
    assert told.keys() == {"lee", "unlucky", "ghost"}
    assert told["ghost"] == "nothing handed in"


def test_of_a_small_class_no_correlation_is_said(report: ClassReport, folder: Path) -> None:
    few = report.submissions[: FEW - 1]
    asked = tuple(replace(question, discrimination=None) for question in report.questions)
    small = replace(report, submissions=few, questions=asked)
    rows = table(BeautifulSoup(page(small, folder, folder), "html.parser"), "Exercises")
    assert [row[-1] for row in rows[1:4]] == ["too few to say"] * 3


def test_a_class_without_a_wrong_idea_and_without_an_incident(root: Path, tmp_path: Path) -> None:
    folder = paper_course(root, tmp_path / "course", [Pupil("one")])
    soup = BeautifulSoup(page(read(folder), folder, folder), "html.parser")
    assert "None of the known wrong ideas" in section(soup, "Wrong ideas").get_text()
    assert "No submission reached a limit." in section(soup, "Limits reached").get_text()
    assert "Nothing was noticed." in section(soup, "Noticed").get_text()


# As a command


def test_the_command_writes_a_page_and_names_the_next_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert main(["report", UNIT]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed == [
        f"reports/{UNIT}.html  {ALL} submissions",
        f"Next: nbgrader generate_feedback {UNIT} then report again, with links.",
    ]
    assert (folder / "reports" / f"{UNIT}.html").read_text().startswith("<!DOCTYPE html>")


def test_without_a_unit_it_writes_the_term_and_a_page_for_each_student(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert main(["report", "--to", "term"]) == 0
    assert "term/index.html  the whole term" in capsys.readouterr().out.splitlines()
    index = folder / "term" / "index.html"
    soup = BeautifulSoup(index.read_text(), "html.parser")
    links = {unquote(str(a["href"])) for a in soup.find_all("a")}
    assert f"{UNIT}.html" in links
    assert len([link for link in links if link.startswith("students/")]) == ALL + 2
    assert [link for link in links if not (index.parent / link).is_file()] == []
    assert all(path.stat().st_mode & 0o007 == 0 for path in index.parent.rglob("*.html"))
    assert main(["report", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [one["unit"] for one in data["units"]] == [UNIT]
    assert len(data["term"]["students"]) == ALL + 2


def test_the_data_for_a_script(
    folder: Path,
    report: ClassReport,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    assert main(["report", UNIT, "--json"]) == 0
    [data] = json.loads(capsys.readouterr().out)
    assert data == json.loads(json.dumps(report.to_json()))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["91-none"], f"nothing of 91-none is graded; there are {UNIT}"),
        ([UNIT, "--to", "nbgrader_config.py"], "nbgrader_config.py is not a folder"),
        (["--roster", "no.csv"], "no.csv cannot be read: No such file or directory"),
        (["--id", "ID"], "--id names a column of the class list: give the list with --roster"),
        (
            [UNIT, "--roster", "no.csv"],
            "--roster has the sections, which are on the page of the whole term: no UNIT",
        ),
    ],
)
def test_a_mistake_is_told_in_one_line(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    says: str,
) -> None:
    monkeypatch.chdir(folder)
    assert main(["report", *words]) == 1
    assert capsys.readouterr().err == f"grader: {says}\n"


def test_no_gradebook_is_made_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"grader: there is no gradebook {tmp_path}/gradebook.db: run this in")
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["no url at all", "postgresql://nobody@localhost:1/none"])
def test_a_gradebook_that_cannot_be_reached(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    url: str,
) -> None:
    config = f"c = get_config()\nc.CourseDirectory.db_url = {url!r}\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    monkeypatch.chdir(tmp_path)
    assert main(["report"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("grader: the gradebook cannot be read: ")
    assert said.count("\n") == 1


# In a browser


@pytest.mark.browser
def test_the_page_in_a_browser(
    folder: Path, report: ClassReport, tmp_path: Path, chromium: Browser
) -> None:
    """It asks for nothing, complains of nothing, and fits a telephone."""
    path = tmp_path / "page.html"
    path.write_text(page(report, folder, tmp_path))
    asked, said = [], []
    with closing(
        chromium.new_page(viewport={"width": 420, "height": 900}, color_scheme="dark")
    ) as tab:
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.goto(path.as_uri())
        width = tab.evaluate("document.documentElement.scrollWidth")
        ink = tab.evaluate("getComputedStyle(document.querySelector('svg')).color")
    assert asked == [path.as_uri()]
    assert said == []
    assert width <= 420
    assert ink == "rgb(230, 233, 236)"
