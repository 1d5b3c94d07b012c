"""What students are shown holds no hidden source, seed, case or value, whatever they try."""

from __future__ import annotations

import base64
import functools
import html
import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from attacked import NAMES, SEED, Graded
from small_course import EXERCISES, SECRET
from test_attacks import exercise_name

from grader.examination.attempt import Expected, Key, expect
from grader.examination.examine import HIDDEN_DRAWS
from grader.exercises.catalogue import find
from grader.grading.grading_record import MET, NOTICED, TROUBLE

DRAWS = max(HIDDEN_DRAWS.values())
NUMBER = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
RUN = 4
"""So many values of a case, one after the other, are no accident."""
_SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


@functools.cache
def cases(exercise: str, seed: int, draws: int) -> list[Expected]:
    """The cases that are drawn from this seed."""
    found = find(exercise)
    return [
        expect(found, Key(seed, kind, draw))
        for kind in range(len(found.kinds))
        for draw in range(draws)
    ]


def arrays(thing: Any) -> Iterator[np.ndarray]:
    """All arrays in a structure."""
    if isinstance(thing, np.ndarray) and thing.dtype.kind == "f" and thing.size >= RUN:
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from arrays(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from arrays(value)


def runs(values: np.ndarray) -> set[tuple[float, ...]]:
    """Each few values in a row, to three places."""
    flat = [round(float(value), 3) for value in values.ravel()]
    return {tuple(flat[i : i + RUN]) for i in range(len(flat) - RUN + 1)}


def seen_runs(text: str) -> set[tuple[float, ...]]:
    """Each few numbers in a row that stand in a text, whatever stands between them."""
    return runs(np.array([float(number) for number in NUMBER.findall(text)] or [0.0]))


@functools.cache
def secret_runs(seed: int, draws: int) -> set[tuple[float, ...]]:
    """What would give away a case: inputs, weights and right answers."""
    found: set[tuple[float, ...]] = set()
    for exercise in ("Dense", "Flatten"):
        for case in cases(exercise, seed, draws):
            answers = [[a.value for a in given] for given in case.answers.values()]
            for array in arrays([case.case.inputs, list(case.values), answers]):
                found |= {run for run in runs(array) if len(set(run)) == RUN}
    return found


def readable(page: str) -> str:
    """A page with its pictures as text."""
    pictures = (base64.b64decode(data).decode(errors="replace") for data in _SVG.findall(page))
    return html.unescape("\n".join([page, *pictures])).replace("\u2212", "-")


@functools.cache
def student_part(graded: Graded, name: str) -> str:
    """All that a student may be shown: the feedback, and every output of the graded notebook."""
    cells = graded.autograded(name).cells
    made = json.dumps([cell.get("outputs") for cell in cells], ensure_ascii=False)
    return readable(graded.feedback[name]) + readable(made)


def test_the_search_finds_what_stands_there() -> None:
    case = cases("Flatten", SEED, DRAWS)[0].case.inputs
    for text in (repr(case.tolist()), str(np.array2string(case, precision=4)), f"{case.ravel()}"):
        assert seen_runs(text) & secret_runs(SEED, DRAWS)
    assert not seen_runs(repr(np.random.default_rng(1).normal(size=10_000).tolist())) & secret_runs(
        SEED, DRAWS
    )


def test_the_leaking_layers_do_see_and_show_what_all_may_see(graded: Graded) -> None:
    """Else the next tests would prove nothing."""
    visible = secret_runs(0, 1)
    assert seen_runs(student_part(graded, "leak_by_printing")) & visible
    assert "LEAK" in student_part(graded, "leak_by_names")


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_hidden_case(graded: Graded, name: str) -> None:
    found = seen_runs(student_part(graded, name)) & secret_runs(SEED, DRAWS)
    assert found == set()


@pytest.mark.parametrize("name", NAMES)
def test_no_source_and_no_seed(graded: Graded, name: str) -> None:
    text = student_part(graded, name)
    words = ["hidden=True", "BEGIN HIDDEN", "END HIDDEN"]
    words += [str(SEED), f"{SEED:,}", hex(SEED)[2:], str(SECRET), str(SECRET + 1)]
    assert [word for word in words if word in text] == []


@pytest.mark.parametrize("exercise", ["dense_params", "flatten_shape"])
def test_no_argument_of_a_hidden_case(graded: Graded, exercise: str) -> None:
    """Whole numbers are everywhere: what stands behind a leaker's LEAK is searched."""
    visible = {numbers(case) for case in cases(exercise, 0, 1)}
    hidden = {numbers(case) for case in cases(exercise, SEED, DRAWS)} - visible
    hidden = {case for case in hidden if len(case) > 1}
    assert hidden
    for name in NAMES:
        if name.startswith("leak_"):
            for told in re.findall(r"LEAK.{0,150}", student_part(graded, name), re.DOTALL):
                found = [int(number) for number in re.findall(r"\d+", told)]
                for case in hidden:
                    rows = zip(*(found[i:] for i in range(len(case))), strict=False)
                    assert case not in set(rows), (name, told[:300])


def numbers(case: Expected) -> tuple[int, ...]:
    """The whole numbers among the arguments, in a row."""
    values = itertools.chain.from_iterable(
        value if isinstance(value, list | tuple) else [value] for value in case.case.config.values()
    )
    return tuple(
        value for value in values if isinstance(value, int) and not isinstance(value, bool)
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_for_the_instructor_is_not_in_the_feedback(graded: Graded, name: str) -> None:
    metadata = graded.autograded(name).metadata
    page = readable(graded.feedback[name])
    assert [words for words in metadata[NOTICED] if words in page] == []
    assert [key for key in (NOTICED, MET, TROUBLE) if key in page] == []


@pytest.mark.parametrize("name", NAMES)
def test_no_hidden_value_is_in_what_is_kept_for_the_instructor(graded: Graded, name: str) -> None:
    metadata = json.dumps(graded.autograded(name).metadata)
    assert seen_runs(metadata) & secret_runs(SEED, DRAWS) == set()
    assert str(SECRET) not in metadata


@pytest.mark.parametrize("name", ["leak_by_names", "leak_by_printing", "leak_to_others"])
def test_no_file_is_named_by_a_student(graded: Graded, name: str) -> None:
    for step in ("autograded", "feedback"):
        folder = graded.course.file(step, name).parent
        assert {path.suffix for path in folder.rglob("*")} <= {".ipynb", ".html"}
        assert len(list(folder.iterdir())) == 1


def test_hidden_reports_say_which_aspects_remain(graded: Graded) -> None:
    page = graded.feedback["leak_by_printing"]
    assert "Flatten: 2 of 3 right on the hidden cases" in page


def test_all_exercises_are_searched() -> None:
    assert {exercise_name(key) for key in EXERCISES} == {
        *("dense_params", "Dense", "flatten_shape", "Flatten")
    }
