"""`solution`: the answer to who has one, or asks for it; and nothing where the project is not."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from grader import solution
from grader.exercises.catalogue import CATALOGUE
from grader.solution import right_answers
from tests.variants.dense import Einsum, WithOps

ROOT = Path(__file__).parents[1]


class NoBias(WithOps):
    def call(self, inputs):
        return inputs @ self.kernel


def asked(monkeypatch, answer):
    """What was asked; `answer` is what a person types, or what happens instead."""
    questions = []

    def typed(question):
        questions.append(question)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("builtins.input", typed)
    return questions


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_exercise_has_a_model_solution_and_other_ways(name):
    model, *others = right_answers(name, ROOT).shown
    assert len(others) == (1 if name == "AdditiveAttention" else 2)  # others are made by a function
    for answer in (model, *others):
        assert ast.parse(answer.code).body
        assert "SOLUTION" not in answer.code
        assert "GIVEN" not in answer.code
    assert f"class {name}(" in model.code or f"def {name}(" in model.code
    assert "NotImplementedError" not in model.code


def test_a_right_answer_is_shown_the_others_without_a_question(monkeypatch, capsys):
    questions = asked(monkeypatch, "n")
    solution(Einsum, "Dense")
    said = capsys.readouterr().out
    assert questions == []
    assert "# The model solution" in said
    assert said.count("# Another way: ") == 2
    assert "class WithOps" in said


@pytest.mark.parametrize("answer", ["", "n", "what?", EOFError(), RuntimeError("no stdin")])
def test_a_wrong_answer_is_asked_first_and_shown_nothing(monkeypatch, capsys, answer):
    questions = asked(monkeypatch, answer)
    solution(NoBias, "Dense")
    said = capsys.readouterr().out
    assert questions == ["Show the model solution all the same? [y/N] "]
    assert "`hint(Dense)`" in said
    assert "class" not in said


def test_who_asks_for_it_gets_it(monkeypatch, capsys):
    asked(monkeypatch, " Y")
    solution(NoBias, "Dense")
    assert "# The model solution" in capsys.readouterr().out


def test_where_there_are_no_solutions_nothing_is_shown(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(sys.modules["grader.solution"], "PROJECT", tmp_path)
    questions = asked(monkeypatch, "y")
    solution(NoBias, "Dense")
    assert questions == []
    assert capsys.readouterr().out.startswith("The model solutions are not here")


def test_a_page_shows_them_side_by_side_and_runs_nothing_of_them():
    page = right_answers("Dense", ROOT)._repr_html_()
    assert page.count("<pre") == 3
    assert "display:flex" in page
    assert "&lt;" in page or "<script" not in page
