"""What a hidden card says depends on the visible card and on the verdicts, and on nothing else."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from grader.bench.probe import SAID
from grader.card.finding import Diagnosis, Evidence, Finding
from grader.card.hidden_card import hidden_card
from grader.card.report import Report
from grader.examination.examine import examine

WORDS = [
    ("Keras 3 does not see the tf.Variable in self.v17", "line 17: raise ValueError"),
    ("Your code raised KeyError.", "line 4: x = y — KeyError"),
    (SAID["TimeLimit"], ""),
    ("", ""),
]
IDEA = Diagnosis("an idea", "It says.", "It hints?")


def report(*passed: bool | None, says: str = "", crash: str = "", hidden: bool = True) -> Report:
    """A report whose words a student may have chosen."""
    findings = tuple(
        Finding(f"aspect {index}", verdict, 1, "" if verdict else says, Evidence("the case"))
        for index, verdict in enumerate(passed)
    )
    return Report("A", findings, True, hidden, crash, IDEA if says else None)


VERDICTS = list(itertools.product((True, False, None), repeat=2))
VISIBLE = [
    [],
    [report(True, True, hidden=False)],
    [report(True, False, says="A message.", crash="line 3: f(x)", hidden=False)],
    [report(None, None, says=SAID["MemoryLimit"], crash="line 5: g(x)", hidden=False)],
]


@pytest.mark.parametrize("verdicts", VERDICTS)
@pytest.mark.parametrize("shown", VISIBLE)
def test_no_word_is_chosen_by_a_hidden_case(
    verdicts: tuple[bool | None, ...], shown: list[Report]
) -> None:
    cards = [hidden_card(report(*verdicts, says=says, crash=crash), shown) for says, crash in WORDS]
    assert all(card == cards[0] for card in cards)
    assert len({str(card) + card._repr_html_() for card in cards}) == 1
    assert [finding.passed for finding in cards[0].findings] == list(verdicts)


def test_whether_it_was_written_at_all_is_what_the_visible_cases_say() -> None:
    shown = [report(None, None, says="x", hidden=False)]
    blank = dataclasses.replace(report(None, None), attempted=False)
    assert hidden_card(blank, shown) == hidden_card(report(None, None, says="loud"), shown)


def test_what_the_visible_card_says_may_be_said_again() -> None:
    shown = report(True, False, says="A message.", crash="line 3: f(x)", hidden=False)
    card = hidden_card(report(True, False, says="Another.", crash="line 9: h(x)"), [shown])
    assert card.findings[1].message == "On hidden cases too. On the visible ones: A message."
    assert card.crash == "line 3: f(x)"


def test_where_only_hidden_cases_fail_no_line_is_told() -> None:
    card = hidden_card(
        report(True, False, says="loud", crash="line 9: h(x)"), [report(True, True, hidden=False)]
    )
    assert "Right on the visible cases" in card.findings[1].message
    assert "line 9" not in str(card) + card._repr_html_()


def test_what_the_machine_did_is_said() -> None:
    card = hidden_card(report(None, None, says=SAID["Killed"]), [])
    assert card.findings[0].message == SAID["Killed"]


def dense_params(features, units, use_bias=True):
    """Says in which line, and with which word, what it was asked."""
    if (features + units) % 3 == 0:
        raise ValueError
    if (features + units) % 3 == 1:
        raise KeyError
    raise IndexError


def test_reports_that_differ_become_the_same_card() -> None:
    visible = examine(dense_params)
    hidden = [examine(dense_params, hidden=True, seed=seed) for seed in range(8)]
    assert len({str(one) for one in hidden}) > 1
    assert len({str(hidden_card(one, [visible])) for one in hidden}) == 1
