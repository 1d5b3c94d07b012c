"""What a class of attackers gets from `nbgrader autograde`: its honest worth, and no more."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from attacked import NAMES, Graded, marked
from nbformat.notebooknode import NotebookNode
from small_course import EXERCISES, POINTS

from grader.grading.beside import BESIDE
from grader.grading.grading_record import MET, NOTICED, REPORT, TROUBLE

HONEST = [name for name in NAMES if name.endswith("_honest")]


def outputs(notebook: NotebookNode) -> list[NotebookNode]:
    """All outputs of a notebook."""
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def shown(notebook: NotebookNode) -> str:
    """All text in the outputs of a notebook."""
    return json.dumps(outputs(notebook), ensure_ascii=False)


def test_there_is_a_class_to_speak_of() -> None:
    assert len(NAMES) > 80
    assert len(HONEST) == 3


@pytest.mark.parametrize("name", NAMES)
def test_each_gets_its_honest_worth(graded: Graded, name: str) -> None:
    member, found = graded.members[name], graded.results[name].points
    assert member.expected is not None
    assert member.expected.keys() <= POINTS.keys()
    assert found.keys() == {f"check-{key}" for key in POINTS}
    for key, most in POINTS.items():
        default = (0.0, 0.0) if member.blank else (most, most)
        low, high = member.expected.get(key, default)
        assert low <= found[f"check-{key}"] <= high


def test_honest_classmates_keep_everything(graded: Graded) -> None:
    totals = [graded.results[name].total for name in HONEST]
    assert totals == [sum(POINTS.values())] * 3


@pytest.mark.parametrize("name", [name for name in NAMES if marked(name, "notice")])
def test_what_was_noticed_is_said(graded: Graded, name: str) -> None:
    """In the notices for the instructor, or on the card and in the outputs."""
    notebook = graded.autograded(name)
    said = " ".join(notebook.metadata[NOTICED]) + shown(notebook)
    assert [words for words in marked(name, "notice") if words not in said] == []


@pytest.mark.parametrize("name", HONEST)
def test_nothing_is_noticed_of_the_honest(graded: Graded, name: str) -> None:
    assert graded.autograded(name).metadata[NOTICED] == []
    assert not re.search(rf"WARNING\] {name}:", graded.log)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("odd_")])
def test_nothing_is_held_against_what_is_odd_and_right(graded: Graded, name: str) -> None:
    assert graded.autograded(name).metadata[NOTICED] == []


def test_notices_are_in_the_log_too(graded: Graded) -> None:
    assert re.search(r"edit_deleted: 5 cells \(.*check-flatten.*\) are missing: ", graded.log)


@pytest.mark.parametrize("name", NAMES)
def test_there_is_one_report_for_each_test_and_none_is_forged(graded: Graded, name: str) -> None:
    found = Counter(report["exercise"] for report in graded.results[name].reports)
    assert found == Counter(exercise_name(key) for key in EXERCISES)
    for output in outputs(graded.autograded(name)):
        for report in output.get("data", {}).get(REPORT, []):
            assert report["findings"]


def exercise_name(key: str) -> str:
    """Name of the exercise that this answer is for."""
    return {"dense": "Dense", "flatten": "Flatten"}.get(key, key.replace("-", "_"))


@pytest.mark.parametrize("name", NAMES)
def test_nobody_got_at_anything(graded: Graded, name: str) -> None:
    """Attackers print GOT and what they got."""
    assert "GOT " not in shown(graded.autograded(name))


@pytest.mark.parametrize("name", NAMES)
def test_points_given_beside_the_code_say_so(graded: Graded, name: str) -> None:
    cells = graded.autograded(name).cells
    [own] = [c for c in cells if c.metadata.get("nbgrader", {}).get("grade_id") == "check-own"]
    assert BESIDE in json.dumps(own.outputs[0].text).replace("\\n", "\n")


MET_IN_WORDS = {
    "loop_in_cell": "the cell took longer than 4 seconds",
    "loop_in_call": "an answer took longer than 4 seconds",
    "flood_processes": "it started more than 1024 threads",
    "flood_output": "the limit for one cell is reached",
    "answers_huge": "the answer is too large: more than 64 MiB",
}
"""By attacker: words on the limit that was met."""
KEPT = {
    "flood_output": "a cell showed more than 1,048,576 characters",
    "answers_huge": "an answer was larger than 64 MiB",
}
"""Where what the instructor is told has other words."""


@pytest.mark.parametrize("name", MET_IN_WORDS)
def test_each_limit_that_was_met_is_told_in_the_feedback(graded: Graded, name: str) -> None:
    assert MET_IN_WORDS[name] in graded.feedback[name]


@pytest.mark.parametrize("name", MET_IN_WORDS)
def test_each_limit_that_was_met_is_kept_for_the_instructor(graded: Graded, name: str) -> None:
    kept = graded.autograded(name).metadata[MET]
    assert any(KEPT.get(name, MET_IN_WORDS[name]) in words for words in kept), kept


@pytest.mark.parametrize("name", HONEST)
def test_the_honest_met_nothing(graded: Graded, name: str) -> None:
    metadata = graded.autograded(name).metadata
    assert (metadata[MET], metadata[TROUBLE]) == ([], [])


def test_nothing_that_a_browser_would_run_is_in_the_feedback(graded: Graded) -> None:
    for name, page in graded.feedback.items():
        assert not re.search(r"<script[^>]*>\s*steal|<(?:img|svg)[^>]*steal|href=.javascript", page)
        assert "onerror=" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL), name


def test_the_log_holds_no_traceback(graded: Graded) -> None:
    assert "Traceback" not in graded.log


def test_no_notebook_grew_without_bounds(graded: Graded) -> None:
    sizes = {name: graded.course.file("autograded", name).stat().st_size for name in NAMES}
    assert max(sizes.values()) < 3_000_000, sizes
