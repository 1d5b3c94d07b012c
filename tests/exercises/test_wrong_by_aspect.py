"""Which aspects a wrong idea costs, and which it must leave: partial credit is exact."""

from __future__ import annotations

import pytest

from grader.exercises.catalogue import CATALOGUE
from tests.costs import COSTS
from tests.ideas import quick_ones, report_once


@pytest.mark.parametrize(
    ("name", "idea"),
    quick_ones((name, idea) for name in COSTS for idea in COSTS[name]),
)
def test_a_wrong_idea_costs_its_aspects_and_no_other(name, idea):
    exercise, cost = CATALOGUE[name], COSTS[name][idea]
    wrong = next(known for known in exercise.misconceptions if known.name == idea)
    report = report_once(exercise, wrong)
    assert {finding.aspect for finding in report.failed} == set(cost.split())
    for finding in report.findings:
        if finding.aspect in cost.split():  # a share of it stays where some kinds are right
            assert 0 <= finding.earned < finding.worth
        else:
            assert finding.earned == finding.worth
    earned = sum(finding.earned for finding in report.findings)
    assert report.score == pytest.approx(earned / sum(exercise.aspects.values()))


def test_the_table_holds_every_wrong_idea_of_all_that_is_judged_in_parts():
    parted = [one for one in CATALOGUE.values() if one.kind in ("implement", "derive")]
    known = {exercise.name: [idea.name for idea in exercise.misconceptions] for exercise in parted}
    assert {name: list(ideas) for name, ideas in COSTS.items()} == known
