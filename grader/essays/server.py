"""Serves the pages to the instructor's own browser on this machine, and to nobody else.

It listens on the loopback address. A browser gets in with the token of the address that the command
printed, and keeps a cookie in its place. Other sites can neither read nor write: the cookie is sent
from these pages only, writing needs another token that is in the page, and the host and the origin
of a request must be this server's, also where another name leads to this machine (DNS rebinding).
"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nbgrader.api import Gradebook
from sqlalchemy import text
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, HTTPError, RequestHandler

from grader.essays.marking import Entry, Meanwhile, NotSaved, save
from grader.essays.page import address, page
from grader.essays.questions import Answers, Question
from grader.gradebook.course import NoGradebook

ADDRESS = "127.0.0.1"
_MOST_BYTES = 200_000
"""Of a request: a comment, with room."""
_BUSY_MILLISECONDS = 3000
_STATIC = {"essays.css": "text/css", "essays.js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Type": "text/html; charset=UTF-8",
}
Book = Callable[[], AbstractContextManager[Gradebook]]


class Desk:
    """A unit's questions, and how its gradebook is opened: anew for each request, so that nobody
    else waits for it. `saved` counts the entries that were written."""

    def __init__(self, unit: str, questions: list[Question], answers: Answers, book: Book) -> None:
        self.unit, self.questions, self.answers, self.book = unit, questions, answers, book
        self.saved = 0

    @contextmanager
    def _opened(self) -> Iterator[Gradebook]:
        """The gradebook. A page waits for another program a little only, and tries again."""
        with self.book() as book:
            if book.engine.dialect.name == "sqlite":
                book.db.execute(text(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}"))
            yield book

    def page(self, place: int, token: str) -> str:
        """The page of a question."""
        with self._opened() as book:
            answers = self.answers.of(book, self.questions[place])
        return page(self.unit, self.questions, place, answers, token)

    def save(self, grade: str, seen: Entry, given: Entry) -> None:
        """Write an entry; raises as `marking.save` does."""
        with self._opened() as book:
            save(book, grade, seen, given)
        self.saved += 1


class Server:
    """A server that runs until its loop ends. `url` holds the token."""

    def __init__(self, desk: Desk, port: int = 0) -> None:
        self.desk = desk
        sockets = bind_sockets(port, ADDRESS)
        self.port = sockets[0].getsockname()[1]
        self.token, self.cookie, self.page_token = (secrets.token_urlsafe(32) for _ in range(3))
        application = Application(
            [
                (r"/", _Start, {"server": self}),
                (r"/question/([^/]+)/([^/]+)", _Page, {"server": self}),
                (r"/save", _Save, {"server": self}),
                (r"/static/([\w.]+)", _Static, {"server": self}),
            ],
            default_handler_class=_Nothing,
            default_handler_args={"server": self},
            log_function=lambda handler: None,
        )
        self._http = HTTPServer(application, max_body_size=_MOST_BYTES)
        self._http.add_sockets(sockets)

    @property
    def url(self) -> str:
        """The address for the browser."""
        return f"http://{ADDRESS}:{self.port}/?token={self.token}"

    @property
    def cookie_name(self) -> str:
        """A browser keeps cookies by host, not by port: two units are two cookies."""
        return f"grader-essays-{self.port}"

    def stop(self) -> None:
        """Take no more requests."""
        self._http.stop()


def _is(given: str | None, wanted: str) -> bool:
    return secrets.compare_digest((given or "").encode(), wanted.encode())


class _Handler(RequestHandler):
    """What is asked of each request."""

    def initialize(self, server: Server) -> None:
        self.server = server

    def set_default_headers(self) -> None:
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def prepare(self) -> None:
        """Refuse what does not come from a page of this server."""
        port = self.server.port
        if self.request.host not in (f"{ADDRESS}:{port}", f"localhost:{port}"):
            raise HTTPError(403)

    def write_error(self, status_code: int, **_: Any) -> None:
        said = {
            403: "Open the address that `grader essays` has printed: its token lets you in.",
            404: "There is no such page.",
            503: "The gradebook cannot be read just now: load the page again.",
        }
        self.finish(said.get(status_code, "That cannot be done."))

    def check_xsrf_cookie(self) -> None:
        """`_Save` asks for a token that is in no cookie."""

    def _let_in(self) -> None:
        if not _is(self.get_cookie(self.server.cookie_name), self.server.cookie):
            raise HTTPError(403)


class _Nothing(_Handler):
    def prepare(self) -> None:
        super().prepare()
        raise HTTPError(404)


class _Start(_Handler):
    """Takes the token and gives the cookie; then the first question."""

    def get(self) -> None:
        given = self.get_query_argument("token", None)
        if given is not None:
            if not _is(given, self.server.token):
                raise HTTPError(403)
            self.set_cookie(
                self.server.cookie_name, self.server.cookie, httponly=True, samesite="Strict"
            )
            self.redirect("/")
            return
        self._let_in()
        self.redirect(address(self.server.desk.questions[0]))


class _Page(_Handler):
    def get(self, notebook: str, cell: str) -> None:
        self._let_in()
        desk = self.server.desk
        names = [(one.notebook, one.cell) for one in desk.questions]
        wanted = (unquote(notebook), unquote(cell))
        if wanted not in names:
            raise HTTPError(404)
        try:
            self.finish(desk.page(names.index(wanted), self.server.page_token))
        except NoGradebook:
            raise HTTPError(503) from None


class _Static(_Handler):
    def get(self, name: str) -> None:
        if name not in _STATIC:
            raise HTTPError(404)
        self.set_header("Content-Type", f"{_STATIC[name]}; charset=UTF-8")
        self.finish((Path(__file__).parent / "static" / name).read_bytes())


class _Save(_Handler):
    def post(self) -> None:
        self._let_in()
        origin = self.request.headers.get("Origin")
        if origin != f"http://{self.request.host}":
            raise HTTPError(403)
        if not _is(self.request.headers.get("X-Token"), self.server.page_token):
            raise HTTPError(403)
        try:
            grade, seen, given = _entries(self.request.body)
            self.server.desk.save(grade, seen, given)
        except Meanwhile as error:
            self._say(409, score=error.entry.score, comment=error.entry.comment)
        except NotSaved as error:
            self._say(400, trouble=str(error))
        except NoGradebook as error:
            self._say(503, trouble=f"{error}.")
        else:
            self._say(200)

    def _say(self, status: int, **body: Any) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(body))


def _entries(body: bytes) -> tuple[str, Entry, Entry]:
    """What a page sends. Raises `NotSaved` for anything else."""
    try:
        sent = json.loads(body)
        return str(sent["id"]), _entry(sent["seen"]), _entry(sent["given"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise NotSaved(
            "the page and this server do not understand each other: load the page"
        ) from None


def _entry(sent: Any) -> Entry:
    score, comment = sent["score"], sent["comment"]
    number = isinstance(score, int | float) and not isinstance(score, bool)
    if not isinstance(comment, str) or not (score is None or (number and math.isfinite(score))):
        raise ValueError
    return Entry(None if score is None else float(score), comment)
