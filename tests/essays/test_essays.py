"""`grader essays`: what is read, what is shown, what is saved, and who is let in."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from grader.cli import main
from grader.essays import server
from grader.essays.answer_text import shown
from grader.essays.marking import Entry, Meanwhile, NotSaved, save
from grader.essays.questions import Answers, NoQuestions, questions
from grader.essays.rubric import read_rubric
from grader.essays.server import Desk, Server
from grader.gradebook.course import course_directory, gradebook
from tests.essays.written_class import ANSWERS, UNIT, given

PICTURE = {"p.png": {"image/png": "iVBORw0KGgo="}}
NOTHING = Entry(None, "")


@contextmanager
def opened(folder: Path) -> Iterator[Gradebook]:
    with gradebook(course_directory(folder)) as book:
        yield book


def grade_of(folder: Path, student: str, cell: str = "question") -> str:
    with opened(folder) as book:
        return str(book.find_grade(cell, UNIT, UNIT, student).id)


# ---- the mark scheme


def test_every_unit_s_mark_scheme_gives_all_points(root: Path) -> None:
    found = 0
    for path in sorted((root / "solutions").glob("[0-9]*.py")):
        for header, cell in cells_of(path):
            rubric = read_rubric(cell, header["points"])
            assert rubric.is_whole, f"{path.name}, {header['grade_id']}"
            assert all(len(item.says) > 10 for item in rubric.items)
            found += 1
    assert found > 20


def cells_of(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Headers and texts of the written answers in a unit's source."""
    for part in path.read_text(encoding="utf-8").split("\n# %% ")[1:]:
        header, _, body = part.partition("\n")
        if header.startswith("[markdown] nbgrader=") and '"grade": true' in header:
            text = "\n".join(line.removeprefix("#").strip() for line in body.split("\n"))
            yield json.loads(header.partition("nbgrader=")[2]), text


@pytest.mark.parametrize(
    ("source", "items"),
    [
        ("1. Yes. (One point.) It is.\n2. No. (2 points)", [(1, "Yes. It is."), (2, "No.")]),
        ("Rows.\n\n(One point for five\nrows. No more.)", [(1, "For five rows. No more.")]),
        ("A (half a point) and b (0.5 points).", [(0.5, "A"), (0.5, "And b")]),
        ("### BEGIN SOLUTION\nRight.\n### END SOLUTION", [(3, "Right")]),
    ],
)
def test_a_rubric_is_read_in_the_author_s_words(
    source: str, items: list[tuple[float, str]]
) -> None:
    assert [(item.points, item.says) for item in read_rubric(source, 3).items] == items


# ---- what a student wrote


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](http://127.0.0.1/ \"onmouseover='alert(1)'\")",
        '![$x$ " onerror=alert(1)](http://127.0.0.1/x.png)',
        '![x](attachment:p.png"onerror=alert(1))',
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        "$\\text{<img src=x onerror=alert(1)>}$ and $\\href{javascript:alert(1)}{x}$",
        "```html\n<script>alert(1)</script>\n```\n\n<iframe src=x></iframe>",
        "<div id=status class=trouble style='position:fixed'>x</div>",
        "| a |\n|---|\n| <b onclick=alert(1)>x</b> |",
        "<" * 500 + "[" * 500 + "$" * 501,
    ],
)
def test_an_answer_can_do_nothing_but_be_read(source: str) -> None:
    made = BeautifulSoup(shown(source, "markdown", PICTURE), "html.parser")
    names = {tag.name for tag in made.find_all() if not tag.find_parent("math")} - {"math"}
    assert names <= {"p", "pre", "code", "b", "table", "thead", "tbody", "tr", "th", "td", "img"}
    for tag in made.find_all():
        assert not {name for name in tag.attrs if name.startswith("on")}, tag
        assert not {"href", "style", "id", "class"} & tag.attrs.keys(), tag
        assert str(tag.get("src", "data:image/png;base64,")).startswith("data:image/")


def test_an_answer_keeps_its_words_formulas_tables_and_its_own_picture() -> None:
    source = "# Title\n\nThe **mean** is $\\frac{1}{2}$ [see](http://a.example).\n\n"
    source += "![mine](attachment:p.png)\n\n| a | b |\n|---|---|\n| 1 | < 2 |"
    made = BeautifulSoup(shown(source, "markdown", PICTURE), "html.parser")
    assert all(made.select_one(tag) for tag in ("strong", "math mfrac", "table"))
    assert made.select("img")[0]["src"] == "data:image/png;base64,iVBORw0KGgo="
    assert "see (http://a.example)" in made.get_text()
    assert "< 2" in made.get_text()
    assert shown("a < b", "code") == "<pre>a &lt; b</pre>"


# ---- the class


def test_all_answers_without_names_those_as_handed_out_last(folder: Path) -> None:
    course = course_directory(folder)
    with opened(folder) as book:
        report, question = questions(course, book, UNIT)
        found = Answers(course, UNIT).of(book, question)
    assert (report.cell, question.cell) == ("report", "question")
    assert "What do you see?" in question.asked
    assert "BEGIN SOLUTION" not in question.model
    assert len(found) == len(ANSWERS) + 1
    assert [answer.waits for answer in found] == [True] * len(ANSWERS) + [False]
    assert any("<strong>padding</strong>" in answer.text for answer in found)
    assert not any(name in repr(found) for name in (*ANSWERS, "dan"))


def test_a_notebook_that_was_graded_again_is_read_again(folder: Path) -> None:
    course = course_directory(folder)
    with opened(folder) as book:
        (_, question), read = questions(course, book, UNIT), Answers(course, UNIT)
        read.of(book, question)
        path = folder / "autograded" / "ada" / UNIT / f"{UNIT}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[1].source = "Another answer, and a longer one than it was before."
        nbformat.write(notebook, path)
        assert any("Another answer" in answer.text for answer in read.of(book, question))


# ---- what is saved


def test_points_and_comment_are_nbgrader_s_own(folder: Path) -> None:
    grade = grade_of(folder, "ada")
    with opened(folder) as book:
        assert save(book, grade, NOTHING, Entry(2.0, "Nearly.")) is False
    assert given(folder, "ada") == (2.0, False, "Nearly.")
    with opened(folder) as book:
        assert save(book, grade, Entry(2.0, "Nearly."), Entry(None, "")) is True
    assert given(folder, "ada") == (None, True, None)


def test_what_somebody_gave_in_formgrader_meanwhile_is_not_overwritten(folder: Path) -> None:
    grade = grade_of(folder, "ada")
    with opened(folder) as book:
        theirs = book.find_grade_by_id(grade)
        theirs.manual_score, theirs.needs_manual_grade = 1.0, False
        book.find_comment("question", UNIT, UNIT, "ada").manual_comment = ""
        book.db.commit()
    with opened(folder) as book, pytest.raises(Meanwhile) as met:
        save(book, grade, NOTHING, Entry(3.0, "All right."))
    assert met.value.entry == Entry(1.0, "")
    assert given(folder, "ada") == (1.0, False, "")
    with opened(folder) as book:
        save(book, grade, Entry(1.0, ""), Entry(3.0, "All right."))
    assert given(folder, "ada") == (3.0, False, "All right.")


def test_another_comment_alone_keeps_the_points_from_being_written(folder: Path) -> None:
    with opened(folder) as book:
        book.find_comment("question", UNIT, UNIT, "ben").manual_comment = "Theirs."
        book.db.commit()
    with opened(folder) as book, pytest.raises(Meanwhile):
        save(book, grade_of(folder, "ben"), NOTHING, Entry(3.0, "Mine."))
    assert given(folder, "ben") == (None, True, "Theirs.")


@pytest.mark.parametrize("score", [-1.0, 3.5, float("nan"), float("inf")])
def test_points_beyond_those_of_the_question_are_refused(folder: Path, score: float) -> None:
    with opened(folder) as book, pytest.raises(NotSaved, match="from 0 to 3"):
        save(book, grade_of(folder, "ada"), NOTHING, Entry(score, ""))
    assert given(folder, "ada") == (None, True, None)


# ---- who is let in


@dataclass
class Site:
    """A server that runs in a thread."""

    server: Server
    folder: Path

    def ask(
        self, path: str, headers: dict[str, str] | None = None, body: Any = None
    ) -> tuple[HTTPResponse, str]:
        """The reply and its text; with a body, what a page sends to save."""
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        method = "GET" if body is None else "POST"
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, headers or {})
        reply = connection.getresponse()
        return reply, reply.read().decode()

    @property
    def cookie(self) -> dict[str, str]:
        reply, _ = self.ask(f"/?token={self.server.token}")
        return {"Cookie": str(reply.getheader("Set-Cookie")).partition(";")[0]}

    @property
    def writes(self) -> dict[str, str]:
        """What a page of this server sends along."""
        own = {"Origin": f"http://127.0.0.1:{self.server.port}", "X-Token": self.server.page_token}
        return self.cookie | own

    def entry(self, student: str, score: float | None = 2.0) -> dict[str, Any]:
        seen, new = {"score": None, "comment": ""}, {"score": score, "comment": "So."}
        return {"id": grade_of(self.folder, student), "seen": seen, "given": new}


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    course = course_directory(folder)
    with opened(folder) as book:
        found = questions(course, book, UNIT)
    desk = Desk(UNIT, found, Answers(course, UNIT), partial(gradebook, course))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> Server:
        return Server(desk)

    yield Site(asyncio.run_coroutine_threadsafe(start(), loop).result(60), folder)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)
    loop.close()


def test_the_token_gives_a_cookie_and_the_cookie_the_page(site: Site) -> None:
    reply, _ = site.ask(f"/?token={site.server.token}")
    assert (reply.status, reply.getheader("Location")) == (302, "/")
    cookie = str(reply.getheader("Set-Cookie"))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert site.server.token not in cookie
    reply, text = site.ask(f"/question/{UNIT}/question", site.cookie)
    assert reply.status == 200
    assert text.count("<article") == len(ANSWERS) + 1
    assert "<script>document" not in text
    policy = str(reply.getheader("Content-Security-Policy"))
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert reply.getheader("Referrer-Policy") == "no-referrer"


@pytest.mark.parametrize(
    "path", ["/", "/?token=wrong", "/?token=", f"/question/{UNIT}/question", "/save"]
)
def test_without_token_or_cookie_nobody_is_let_in(site: Site, path: str) -> None:
    reply, text = site.ask(path, body={} if path == "/save" else None)
    assert reply.status == 403
    assert "Open the address" in text
    assert "padding" not in text


def test_a_name_elsewhere_that_means_this_machine_is_refused(site: Site) -> None:
    """As DNS rebinding does: the browser thinks that it talks to evil.example."""
    for host in ("evil.example", f"evil.example:{site.server.port}", "127.0.0.1", "127.0.0.1:1"):
        reply, _ = site.ask(f"/question/{UNIT}/question", {**site.cookie, "Host": host})
        assert reply.status == 403, host
    named = {**site.cookie, "Host": f"localhost:{site.server.port}"}
    assert site.ask(f"/question/{UNIT}/question", named)[0].status == 200


@pytest.mark.parametrize(
    "change",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Origin": ""},
        {"X-Token": "wrong"},
        {"X-Token": ""},
        {"Cookie": "grader-essays-1=x"},
    ],
)
def test_a_page_elsewhere_cannot_write(site: Site, change: dict[str, str]) -> None:
    reply, _ = site.ask("/save", site.writes | change, site.entry("ada"))
    assert reply.status == 403
    assert given(site.folder, "ada") == (None, True, None)


def test_a_page_of_this_server_writes_and_learns_what_others_wrote(site: Site) -> None:
    assert site.ask("/save", site.writes, site.entry("ada"))[0].status == 200
    assert given(site.folder, "ada") == (2.0, False, "So.")
    assert site.server.desk.saved == 1
    reply, text = site.ask("/save", site.writes, site.entry("ada", 3.0))
    assert (reply.status, json.loads(text)) == (409, {"score": 2.0, "comment": "So."})
    for entry in (site.entry("ben", 9.0), {**site.entry("ben"), "id": "nobody"}, {"id": 1}, []):
        reply, text = site.ask("/save", site.writes, entry)
        assert reply.status == 400
        assert "\n" not in json.loads(text)["trouble"]
    assert given(site.folder, "ben") == (None, True, None)


def test_a_gradebook_that_another_program_writes_to_is_tried_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_BUSY_MILLISECONDS", 50)
    headers, entry = site.writes, site.entry("ada")
    with closing(sqlite3.connect(site.folder / "books" / "grades.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        reply, text = site.ask("/save", headers, entry)
        assert reply.status == 503
        assert "locked" in json.loads(text)["trouble"]
        other.rollback()
    assert site.ask("/save", headers, entry)[0].status == 200
    assert given(site.folder, "ada") == (2.0, False, "So.")


def test_other_addresses_and_methods_are_none(site: Site) -> None:
    for path in ("/question/x/y", "/static/../server.py", "/static/server.py", "/x"):
        assert site.ask(path, site.cookie)[0].status == 404, path
    assert site.ask("/save", site.cookie)[0].status == 405


# ---- the command


def test_the_questions_as_data(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (folder / "submitted" / "fay" / UNIT).mkdir(parents=True)
    with opened(folder) as book:
        save(book, grade_of(folder, "ada"), NOTHING, Entry(2.0, ""))
    assert main(["essays", UNIT, "--json"]) == 0
    report, question = json.loads(capsys.readouterr().out)["questions"]
    assert report["answers"] == len(ANSWERS) + 1
    assert (question["graded"], question["waiting"]) == (1, len(ANSWERS) - 1)
    assert question["not_autograded"] == 1
    assert [item["points"] for item in question["rubric"]] == [1, 1, 1]


@pytest.mark.parametrize(
    ("unit", "says"), [("77-none", f"there is no unit 77-none in the gradebook: {UNIT}")]
)
def test_what_goes_wrong_is_said_in_one_line(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    unit: str,
    says: str,
) -> None:
    monkeypatch.chdir(folder)
    assert main(["essays", unit]) == 1
    assert capsys.readouterr().err == f"grader: {says}\n"


def test_nothing_to_grade_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "autograded").rename(folder / "elsewhere")
    monkeypatch.chdir(folder)
    assert main(["essays", UNIT]) == 1
    assert f"nothing of {UNIT} is graded yet: grader autograde" in capsys.readouterr().err
    with opened(folder) as book:
        book.add_assignment("empty")
        with pytest.raises(NoQuestions, match="empty has no question that a person grades"):
            questions(course_directory(folder), book, "empty")
