"""The class report as a page: one file without a script, without a network, readable on paper."""

from __future__ import annotations

import os
from pathlib import Path
from statistics import fmean, median
from urllib.parse import quote

from grader.class_report.class_report import ClassReport, Held, Question, Submission
from grader.class_report.html_page import Cell, Raw, document, few, figure, section, table, text
from grader.class_report.item_statistics import FEW
from grader.class_report.plots import OUTCOMES, bars, histogram, outcomes

_BINS = 10
_MOST_DRAWN = 15
"""Wrong ideas in the plot; the table has all."""
_JOIN = "\u2060"
"""No line is broken here."""
_TERMS = (
    "<b>Difficulty</b> is the mean share of the points: 1 if all have all of them, 0 if nobody has "
    "any. <b>Discrimination</b> is the correlation of the exercise's points with the sum of all "
    "others: near 0 or below, it does not tell strong from weak, and is worth a look. Exercises "
    "that are not graded for everybody yet are left out of it. It is said from "
    f"{FEW} submissions on; with fewer it would say more of chance than of the exercise."
)


def page(report: ClassReport, course: Path, to: Path) -> str:
    """The page of a unit, as it is to stand in the folder `to`, with links into the course."""
    title = f"{report.unit}: how the class did"
    parts = [
        f"<h1>{text(title)}</h1>",
        '<p class="say">For instructors: this page contains names and points.</p>',
        _in_short(report),
        _distribution(report),
        _questions(report),
        _ideas(report),
        _limits(report),
        _noticed(report),
        _beside(report),
        _not_graded(report),
        _submissions(report, course, to),
    ]
    return document(title, parts)


def _in_short(report: ClassReport) -> str:
    points = [one.points for one in report.submissions]
    told = {"graded": str(len(points)), "possible points": f"{report.most:g}"}
    if points:
        told |= {"mean": f"{fmean(points):.1f}", "median": f"{median(points):.1f}"}
    if waiting := sum(one.waiting > 0 for one in report.submissions):
        told["still to be graded by hand"] = str(waiting)
    if report.not_graded:
        told["handed in, not graded"] = str(len(report.not_graded))
    if report.absent:
        told["nothing handed in"] = str(len(report.absent))
    return few(told)


def _distribution(report: ClassReport) -> str:
    counts = [0] * _BINS
    for one in report.submissions:
        share = one.points / report.most if report.most else 0.0
        counts[min(max(int(share * _BINS), 0), _BINS - 1)] += 1
    step = 100 // _BINS
    labels = [f"{i * step}–{(i + 1) * step}" for i in range(_BINS)]
    told = ", ".join(
        f"{count} with {label} %" for count, label in zip(counts, labels, strict=True) if count
    )
    alt = f"Histogram of the share of the points: {told or 'no submission'}."
    whole = [label.replace("–", f"{_JOIN}–{_JOIN}") for label in labels]
    says = "Points before late penalties. What a person has not graded yet counts as no points."
    return section(
        "Points",
        says,
        figure(histogram(counts, labels, alt)),
        table(["% of the points", *whole], [["submissions", *counts]]),
    )


def _questions(report: ClassReport) -> str:
    questions = report.questions
    counts = {
        "all points": [q.full for q in questions],
        "some points": [q.partial for q in questions],
        "no points": [q.none for q in questions],
        "not attempted": [q.untouched for q in questions],
        "to be graded": [q.ungraded for q in questions],
    }
    told = "; ".join(
        f"{q.title}: "
        + ", ".join(f"{counts[name][i]} {name}" for name in OUTCOMES if counts[name][i])
        for i, q in enumerate(questions)
    )
    shown = [name for name in OUTCOMES if any(counts[name])]
    head = ["exercise", "points", *shown, "wrong, idea not known", "difficulty", "discrimination"]
    rows: list[list[Cell]] = []
    for i, q in enumerate(questions):
        counted = [counts[name][i] for name in shown]
        rows.append([q.title, q.most, *counted, q.unexplained, *_statistics(q, report)])
    return section(
        "Exercises",
        _TERMS,
        figure(outcomes([q.title for q in questions], counts, f"Bars by outcome. {told}.")),
        table(head, rows),
    )


def _statistics(question: Question, report: ClassReport) -> list[str]:
    if question.ungraded:
        return ["–", "to be graded"]
    hard = "–" if question.difficulty is None else f"{question.difficulty:.2f}"
    if question.discrimination is not None:
        return [hard, f"{question.discrimination:.2f}".replace("-", "−")]
    return [hard, "too few to say" if len(report.submissions) < FEW else "all the same"]


def _ideas(report: ClassReport) -> str:
    if not report.ideas:
        return section("Wrong ideas", "None of the known wrong ideas was found.")
    whole = len(report.submissions)
    drawn = report.ideas[:_MOST_DRAWN]
    told = "; ".join(f"{_title(idea)}: {len(idea.students)}" for idea in drawn)
    plot = bars(
        [_title(idea) for idea in drawn],
        [len(idea.students) for idea in drawn],
        f"Bars: how many students have each wrong idea. {told}.",
    )
    rows = [
        [f"{len(idea.students)} of {whole}", idea.exercise, idea.what, idea.says, _who(idea)]
        for idea in report.ideas
    ]
    return section(
        "Wrong ideas",
        "An idea is named only if no other known idea explains what went wrong. A student with "
        "two ideas counts for both.",
        figure(plot),
        table(["students", "exercise", "idea", "what the card says", "who"], rows),
    )


def _title(idea: Held) -> str:
    return f"{idea.exercise}: {idea.what}"


def _who(held: Held) -> str:
    return ", ".join(held.students)


def _limits(report: ClassReport) -> str:
    if not report.met:
        return section("Limits reached", "No submission reached a limit.")
    whole = len(report.submissions)
    rows = [[f"{len(held.students)} of {whole}", held.what, _who(held)] for held in report.met]
    return section(
        "Limits reached",
        "This includes processes that were lost. The limits are set in nbgrader_config.py.",
        table(["students", "what", "who"], rows),
    )


def _noticed(report: ClassReport) -> str:
    told = [[one.student, words] for one in report.submissions for words in one.noticed]
    if not told:
        return section("Noticed", "Nothing was noticed.")
    return section(
        "Noticed",
        "Differences from what was released. They were corrected before grading. All of them can "
        "happen by accident, except what is called tampering.",
        table(["who", "what was noticed"], told),
    )


def _beside(report: ClassReport) -> str:
    asked = [q for q in report.questions if q.judged == "beside"]
    if not asked:
        return ""
    rows: list[list[Cell]] = [[q.title, q.most, _share(q)] for q in asked]
    return section(
        "Points given beside student code",
        "These tests are asserts. They ran in the student's own process, so the student's code "
        "could cheat.",
        table(["test", "points", "mean share given"], rows),
    )


def _share(question: Question) -> str:
    return "–" if question.difficulty is None else f"{question.difficulty:.2f}"


def _not_graded(report: ClassReport) -> str:
    trouble = [[one.student, words] for one in report.submissions for words in one.trouble]
    rows = [[student, _why_not(report, student)] for student in report.not_graded]
    rows += trouble
    rows += [[student, "nothing handed in"] for student in report.absent]
    return section("Not graded", "", table(["who", "why"], rows)) if rows else ""


def _why_not(report: ClassReport, student: str) -> str:
    return report.why_not.get(student, "not graded yet: grader autograde says why, if it cannot")


def _submissions(report: ClassReport, course: Path, to: Path) -> str:
    late = any(one.penalty for one in report.submissions)
    named = any(one.name for one in report.submissions)
    head = ["student", *(["name"] if named else []), "points", *(["late penalty"] if late else [])]
    head += ["not attempted", "to be graded", "feedback"]
    rows = []
    for one in sorted(report.submissions, key=lambda one: -one.points):
        row: list[Cell] = [one.student, *([one.name] if named else []), round(one.points, 2)]
        row += [round(one.penalty, 2)] if late else []
        rows.append([*row, one.untouched, one.waiting, Raw(_feedback(one, course, to))])
    return section("Submissions", "", table(head, rows))


def _feedback(one: Submission, course: Path, to: Path) -> str:
    links = []
    for path in one.feedback:
        address = quote(os.path.relpath(course / path, to).replace(os.sep, "/"))
        links.append(f'<a href="{text(address)}">{text(Path(path).stem)}</a>')
    return ", ".join(links) or "not made yet"
