"""`grader essays`: all answers to a written question on one page, to be graded."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import webbrowser
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.commands.command import OUT, Command, Trouble, add_json, next_step, print_json

if TYPE_CHECKING:
    from nbgrader.coursedir import CourseDirectory

    from grader.essays.questions import Answers, Question
    from grader.essays.server import Server

ABOUT = """\
Grade the written answers of a unit in your browser: all answers to a question on one page, without
names, beside the mark scheme of the model answer. Number keys give its points, and comments can be
used again. The page saves by itself, as nbgrader's manual score and comment, which formgrader shows
and a regrade keeps. Others can grade at the same time, here or in formgrader: what somebody else
gave meanwhile is never overwritten unseen.

  grader essays 01-first-layers             opens the page; Ctrl-C ends it
  grader essays 01-first-layers --no-browser   prints its address only
  grader essays 01-first-layers --json      the questions, their rubrics, and how much is graded

The page is for this machine alone: its address holds a secret token. On a server, forward the
port: ssh -L 8899:127.0.0.1:8899 SERVER, and there grader essays UNIT --no-browser --port 8899.
Before it: grader autograde UNIT. After it: nbgrader generate_feedback UNIT."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", help="the unit")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port (default: any)")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")
    add_json(parser)


def _port(text: str) -> int:
    if not text.isdigit() or not 1024 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: give 1024 to 65535")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from grader.essays.questions import NoQuestions
    from grader.gradebook.course import NoGradebook, course_directory

    try:
        course = course_directory(Path.cwd())
        found, answers = _questions(course, options.unit)
        state = [_state(course, options.unit, answers, one) for one in found]
    except (NoGradebook, NoQuestions) as error:
        raise Trouble(error) from None
    if options.json:
        print_json({"unit": options.unit, "questions": state})
        return 0
    if not any(one["answers"] for one in state):
        raise Trouble(f"nothing of {options.unit} is graded yet: grader autograde {options.unit}")
    _serve(_server(course, options, found, answers), options)
    return 0


def _questions(course: CourseDirectory, unit: str) -> tuple[list[Question], Answers]:
    from grader.essays.questions import Answers, questions
    from grader.gradebook.course import gradebook

    with gradebook(course) as book:
        return questions(course, book, unit), Answers(course, unit)


def _state(
    course: CourseDirectory, unit: str, answers: Answers, question: Question
) -> dict[str, Any]:
    """A question as data: what earns points, and how many answers wait."""
    from grader.gradebook.course import gradebook, students_with

    with gradebook(course) as book:
        found = answers.of(book, question)
        return {
            "notebook": question.notebook,
            "question": question.cell,
            "points": question.rubric.most,
            "rubric": [{"points": i.points, "says": i.says} for i in question.rubric.items],
            "answers": len(found),
            "graded": sum(one.score is not None for one in found),
            "waiting": sum(one.waits for one in found),
            "not_autograded": answers.not_graded(students_with(course, unit)),
        }


def _server(
    course: CourseDirectory, options: argparse.Namespace, found: list[Question], answers: Answers
) -> Any:
    from grader.essays.server import Desk, Server
    from grader.gradebook.course import gradebook

    desk = Desk(options.unit, found, answers, partial(gradebook, course))
    return partial(Server, desk, options.port)


def _serve(make: Any, options: argparse.Namespace) -> None:
    async def run() -> Server:
        try:
            server: Server = make()
        except OSError as error:
            raise Trouble(f"port {options.port}: {error.strerror}: give another --port") from None
        OUT.print(f"{server.url}", soft_wrap=True, highlight=False)
        OUT.print("The page saves by itself. Ctrl-C ends this command.")
        if not options.no_browser:
            webbrowser.open(server.url)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        server.stop()
        return server

    with asyncio.Runner() as runner:
        server = runner.run(run())
    entries = "entry" if server.desk.saved == 1 else "entries"
    OUT.print(f"Saved {server.desk.saved} {entries}.")
    next_step(f"nbgrader generate_feedback {options.unit} --force", "writes them into feedback.")


COMMAND = Command("essays", "grade the written answers in a browser", ABOUT, _run, _add_options)
