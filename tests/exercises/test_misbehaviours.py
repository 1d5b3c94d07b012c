"""The quick side of `tests.long.misbehaviours`: conditions occur, and wrappers are caught."""

from __future__ import annotations

import pytest

from grader.exercises.catalogue import CATALOGUE
from tests.long.misbehaviours import CONDITIONS, EDGE_OF, applies, conditions_met, survivors

QUICK = ("Flatten", "Maximum", "GlobalMaxPool2D")
"""One that reshapes, one with several inputs, one that takes whole pictures: they cost little."""


@pytest.mark.parametrize("name", QUICK)
def test_no_misbehaviour_survives(name):
    assert list(survivors(CATALOGUE[name])) == []


@pytest.mark.parametrize("name", ["Dense", "MaxPool2D", "SimpleRNN", "TimeDistributed"])
def test_each_condition_that_applies_occurs_in_the_hidden_check(name):
    exercise = CATALOGUE[name]
    wanted = {condition for condition in CONDITIONS if applies(exercise, condition)}
    assert wanted <= conditions_met(exercise)


def test_a_condition_at_an_edge_is_an_edge_of_some_exercise():
    """Under another name for the edge, the condition would be tried nowhere."""
    named = [edge for exercise in CATALOGUE.values() for edge in exercise.edges]
    assert [edge for edge in EDGE_OF.values() if not any(edge in name for name in named)] == []
