"""The page on which one question is graded. What it does is in static/essays.js."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from grader.class_report.html_page import text
from grader.essays.questions import Answer, Question
from grader.gradebook.marks import plain

KEYS = (
    ("j or ↓, k or ↑", "next answer, previous answer"),
    ("u", "next answer that has no points"),
    ("1 to 9", "an item of the rubric, on and off"),
    ("0, a", "no points, all points"),
    ("s", "type the points"),
    ("c", "write a comment; Esc ends it"),
    ("q w e r t y", "a comment that was given before, on and off"),
    ("Backspace", "take the points back"),
    ("?", "this list"),
)


def page(
    unit: str, all_: Sequence[Question], place: int, answers: Sequence[Answer], token: str
) -> str:
    """The page of the question at this place, as HTML."""
    question = all_[place]
    title = f"{unit}: {question.cell}"
    shown = "".join(_answer(number, one) for number, one in enumerate(answers, 1))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="token" content="{text(token)}"><title>{text(title)}</title>'
        '<link rel="stylesheet" href="/static/essays.css">'
        '<script src="/static/essays.js" defer></script></head>\n'
        f'<body data-rubric="{text(_rubric(question))}">'
        f"<header><h1>{text(title)}</h1>{_others(all_, place)}"
        '<p id="progress"></p></header><div class="desk"><main>'
        f"{_asked(question)}{shown or '<p>Nobody is graded by the machine yet.</p>'}</main>"
        f"{_panel(question)}</div>"
        '<p id="status" role="status"></p></body></html>\n'
    )


def address(question: Question) -> str:
    """Where the page of a question is."""
    return f"/question/{quote(question.notebook, safe='')}/{quote(question.cell, safe='')}"


def _others(all_: Sequence[Question], place: int) -> str:
    if len(all_) == 1:
        return ""
    links = (
        f"<b>{text(one.cell)}</b>"
        if number == place
        else f'<a href="{text(address(one))}">{text(one.cell)}</a>'
        for number, one in enumerate(all_)
    )
    return f'<nav aria-label="Questions">{" ".join(links)}</nav>'


def _rubric(question: Question) -> str:
    items = [{"points": item.points, "says": item.says} for item in question.rubric.items]
    return json.dumps({"most": question.rubric.most, "items": items})


def _asked(question: Question) -> str:
    return (
        f"<details><summary>The question</summary>{question.asked or 'It is not built.'}</details>"
        f"<details><summary>The model answer</summary>{question.model or 'It is not built.'}"
        "</details>"
    )


def _answer(number: int, one: Answer) -> str:
    """One answer. Its state is kept where the script reads it, and said in words."""
    state = json.dumps({"score": one.score, "auto": one.auto, "comment": one.comment})
    blank = '<p class="note">It is as it was handed out.</p>' if one.auto is not None else ""
    return (
        f'<article id="answer-{number}" tabindex="-1" aria-labelledby="head-{number}" '
        f'data-id="{text(one.id)}" data-state="{text(state)}">'
        f'<h2 id="head-{number}">Answer {number} <span class="given"></span></h2>{blank}'
        f'<div class="answer">{one.text}</div><p class="comment"></p></article>'
    )


def _panel(question: Question) -> str:
    rubric = question.rubric
    items = "".join(
        f'<li><button type="button" data-item="{n}" aria-pressed="false"><kbd>{n + 1}</kbd> '
        f"<span>{text(item.says)}</span> <b>{plain(item.points)}</b></button></li>"
        for n, item in enumerate(rubric.items[:9])
    )
    note = (
        ""
        if rubric.is_whole
        else (
            f'<p class="note">These items do not add up to {plain(rubric.most)}: '
            "type other points with <kbd>s</kbd>.</p>"
        )
    )
    keys = "".join(f"<dt>{text(key)}</dt><dd>{text(says)}</dd>" for key, says in KEYS)
    return (
        '<aside aria-label="Grading"><h2 id="current">No answer is chosen</h2>'
        f'<ul class="rubric">{items}</ul>{note}'
        f'<p><label>Points <input id="points" inputmode="decimal" autocomplete="off" size="5">'
        f"</label> of {plain(rubric.most)}</p>"
        '<p><label for="comment">Comment for the student</label>'
        '<textarea id="comment" rows="3" autocomplete="off"></textarea></p>'
        '<div id="again"><h3>Given before</h3><ul class="rubric"></ul></div>'
        f'<details id="keys"><summary>Keys</summary><dl>{keys}</dl></details></aside>'
    )
