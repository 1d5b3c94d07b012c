"""One test cell, judged: reports, points, and what students may see of hidden cases."""

import re
from collections.abc import Iterator

import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import determine_grade

from grader.bench.probe import Subject
from grader.card.finding import Evidence, Finding
from grader.card.report import Report
from grader.examination.attempt import Key, expect
from grader.exercises.catalogue import find
from grader.grading.check_calls import CheckCall, check_calls
from grader.grading.judge import REPORT, Judgement, outputs, score
from grader.grading.run import run
from grader.grading.task import Cell, Task
from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm


def report(exercise: str = "A", *passed: bool | None, **more: bool) -> Report:
    """A report with an aspect for each verdict; the first is worth 3, the others 1."""
    findings = tuple(
        Finding(f"aspect {index}", verdict, 1 if index else 3, "", Evidence("the case"))
        for index, verdict in enumerate(passed)
    )
    return Report(exercise, findings, **more)


# Points


def test_an_aspect_counts_only_if_it_is_right_in_every_report() -> None:
    assert score([report("A", True, True)]) == 1.0
    assert score([report("A", True, False)]) == 0.75
    assert score([report("A", True, True), report("A", True, False, hidden=True)]) == 0.75
    assert score([report("A", True, False), report("A", False, True, hidden=True)]) == 0.0


def test_what_could_not_be_judged_is_not_right() -> None:
    assert score([report("A", None, True)]) == 0.25


def test_the_exercises_of_one_cell_weigh_the_same() -> None:
    assert score([report("A", True, True), report("B", False, False)]) == 0.5


def test_hidden_cases_alone_can_cost_everything() -> None:
    assert score([report("A", True), report("A", False, hidden=True)]) == 0.0


# Outputs


def earned(made: list[dict[str, object]], points: float) -> float:
    """What nbgrader itself reads from the outputs."""
    cell = NotebookNode(
        cell_type="code",
        source="",
        outputs=[NotebookNode(output) for output in made],
        metadata={"nbgrader": NotebookNode(grade=True, points=points, grade_id="x")},
    )
    cell.metadata = NotebookNode(cell.metadata)
    return float(determine_grade(cell)[0])


@pytest.mark.parametrize(
    ("reports", "points"),
    [
        ([report("A", True, True)], 10),
        ([report("A", True, False)], 7.5),
        ([report("A", False, False)], 0),
        ([report("A", None, None, attempted=False)], 0),
        ([report("A", True, True), report("B", True, False), report("C", False, False)], 5.8),
    ],
)
def test_nbgrader_reads_the_points(reports: list[Report], points: float) -> None:
    assert earned(outputs(reports, 10), 10) == points


@pytest.mark.parametrize(("shape", "output"), [(1 / 3, 1 / 7), (2 / 3, 5 / 6), (0.01, 0.99)])
def test_the_points_of_a_cell_are_the_sum_of_what_its_card_tells(
    shape: float, output: float
) -> None:
    findings = (
        Finding("shape", False, 2, share=shape),
        Finding("output", False, 5, share=output),
        Finding("config", True, 1),
    )
    made = Report("A", findings)
    told = [float(of) for of in re.findall(r"cases: ([0-9.]+) of", str(made))]
    assert len(told) == 2
    assert earned(outputs([made], 8), 8) == round(sum(told) + 1, 1)
    assert sum(row["earned"] for row in made.to_json()["findings"]) == pytest.approx(sum(told) + 1)


def test_points_never_exceed_the_maximum() -> None:
    """nbgrader would raise, and lose the submission."""
    third = [report(name, True) for name in "ABC"]
    for points in 0.1, 1 / 3, 2.00005, 7.77777, 1e6 / 7:
        assert earned(outputs(third, points), points) <= points


def test_there_is_a_card_for_each_report_and_one_record_of_all() -> None:
    made = outputs([report("A", True), report("A", False, hidden=True)], 4)
    assert [output["output_type"] for output in made] == [
        "display_data", "display_data", "execute_result",
    ]  # fmt: skip
    assert [REPORT in output["data"] for output in made] == [False, True, False]
    [record] = made[1]["data"][REPORT]
    assert (record["exercise"], record["score"]) == ("A", 0.0)


def test_an_untouched_stub_gets_one_card_not_two() -> None:
    untouched = [report("A", None, attempted=False, hidden=hidden) for hidden in (False, True)]
    made = outputs(untouched, 4)
    assert [output["output_type"] for output in made] == ["display_data", "execute_result"]
    assert made[0]["data"]["text/plain"].startswith("A: not attempted yet")


def test_a_cell_of_hidden_calls_only_on_an_untouched_stub() -> None:
    made = outputs([report("A", None, attempted=False, hidden=True)], 4)
    assert earned(made, 4) == 0


# With a student's process

SOURCE = """
def dense_params(features, units, use_bias=True):
    print("called with", features, units)
    return features * units
"""


@pytest.fixture
def sessions(warm: Warm) -> Iterator[tuple[Session, Session]]:
    """A session that is shown and one that nobody sees, which have run the same cell."""
    with (
        Session(warm.start, warm.limits) as shown,
        Session(warm.start, warm.limits, discreet=True) as unseen,
    ):
        shown.run(SOURCE)
        unseen.run(SOURCE)
        yield shown, unseen


def calls(*lines: str) -> list[CheckCall]:
    """What a test cell with these lines asks for."""
    return check_calls("\n".join(lines)) or []


def judge(calls: list[CheckCall], shown: Session, unseen: Session, seed: int) -> list[Report]:
    """The reports, the hidden ones from a process of their own."""
    found = Judgement(calls, shown, seed)
    found.finish(unseen)
    return found.reports


def test_a_report_for_each_call(sessions: tuple[Session, Session]) -> None:
    cell = calls("check(dense_params)", "check(dense_params, hidden=True)")
    visible, hidden = judge(cell, *sessions, 7)
    assert (visible.hidden, hidden.hidden) == (False, True)
    assert visible.score == hidden.score == 0
    assert visible.diagnosis is not None
    assert visible.diagnosis.name == "bias not counted"


def test_a_hidden_report_holds_no_evidence(sessions: tuple[Session, Session]) -> None:
    cell = calls("check(dense_params)", "check(dense_params, hidden=True)")
    visible, hidden = judge(cell, *sessions, 7)
    assert any(finding.evidence for finding in visible.findings)
    assert not any(finding.evidence for finding in hidden.findings)


def test_the_seed_moves_the_hidden_cases_only(
    sessions: tuple[Session, Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[bool, int]] = []
    module = "grader.grading.judge.examine"

    def spy(subject: Subject, name: str, *, hidden: bool, seed: int, named: bool) -> Report:
        asked.append((hidden, seed))
        return report(name, True, hidden=hidden)

    monkeypatch.setattr(module, spy)
    judge(BOTH, *sessions, 7)
    assert asked == [(False, 0), (True, 7)]


SPY = "seen = []\ndef dense_params(*given):\n    seen.append(given)\n    return {}"
RIGHT = "given[0] * given[1] + given[1] * all(given[2:])"
BOTH = calls("check(dense_params)", "check(dense_params, hidden=True)")


@pytest.mark.parametrize("answer", [RIGHT, "0"])
def test_no_cell_is_shown_whose_process_has_seen_a_hidden_case(answer: str) -> None:
    """With a right answer the same process sees them, but after all cells; else another one."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    check = "check(dense_params)\ncheck(dense_params, hidden=True)"
    cells = (Cell(SPY.format(answer)), Cell(check, "check", 2.0), Cell("print(seen)"))
    graded = run(Task("unit", cells, 7, Limits()))
    visible = [
        tuple(expect(find("dense_params"), Key(0, kind, 0)).case.config.values())
        for kind in range(3)
    ]
    assert graded.outputs[2][0]["text"] == f"{visible}\n"
    assert graded.outputs[1][-1]["data"]["text/plain"] == ("2.0" if answer == RIGHT else "0.0")


# Hidden cases put to the layers that have answered the visible ones


class NoProcess:
    """Stands for a process that nobody should need."""

    def __getattr__(self, name: str) -> None:
        raise AssertionError(f"{name} of a second process")


def after_all(shown: Session, answer: str, later: str = "") -> Judgement:
    """A test cell behind this answer, when all cells have run."""
    shown.run(SPY.format(answer))
    found = Judgement(BOTH, shown, 7)
    shown.run(later)
    shown.be_unseen()
    found.ask_again()
    return found


def scores_of_a_second_process(found: Judgement, unseen: Session, answer: str) -> list[float]:
    """The scores of a test cell that is left open, after another process was asked."""
    assert found.is_open
    unseen.run(SPY.format(answer))
    found.finish(unseen)
    return [report.score for report in found.reports]


@pytest.mark.parametrize("answer", [RIGHT, "given[0] * given[1]", "no_such_name"])
def test_one_process_is_enough_where_hidden_cases_show_nothing_new(
    sessions: tuple[Session, Session], answer: str
) -> None:
    found = after_all(sessions[0], answer)
    assert not found.is_open
    found.finish(NoProcess())  # type: ignore[arg-type]
    visible, hidden = found.reports
    assert hidden.hidden
    assert visible.passed == hidden.passed == (answer == RIGHT)


def test_one_process_is_enough_for_an_untouched_stub(sessions: tuple[Session, Session]) -> None:
    sessions[0].run("def dense_params(*given): raise NotImplementedError")
    found = Judgement(BOTH, sessions[0], 7)
    found.ask_again()
    assert not found.is_open
    assert [report.attempted for report in found.reports] == [False, False]


def test_it_is_the_layer_of_that_time_that_is_asked(sessions: tuple[Session, Session]) -> None:
    found = after_all(sessions[0], RIGHT, later="def dense_params(*given): return 0")
    assert not found.is_open
    assert [report.score for report in found.reports] == [1.0, 1.0]


def test_what_a_later_cell_has_changed_costs_nothing(sessions: tuple[Session, Session]) -> None:
    answer = RIGHT.replace("given[0] * given[1]", "product(*given[:2])")
    helper = "def product(a, b): return a * b"
    for session in sessions:
        session.run(helper)
    found = after_all(sessions[0], answer, later="def product(a, b): return a + b")
    assert scores_of_a_second_process(found, sessions[1], answer) == [1.0, 1.0]


def test_what_only_hidden_cases_find_has_a_process_of_its_own(
    sessions: tuple[Session, Session],
) -> None:
    by_heart = f"({RIGHT}) * (given in KNOWN)"
    known = [
        tuple(expect(find("dense_params"), Key(0, kind, 0)).case.config.values())
        for kind in range(3)
    ]
    for session in sessions:
        session.run(f"KNOWN = {known}")
    found = after_all(sessions[0], by_heart)
    assert scores_of_a_second_process(found, sessions[1], by_heart) == [1.0, 0.0]


def test_another_name_is_examined_as_the_exercise_that_is_named(
    sessions: tuple[Session, Session],
) -> None:
    for session in sessions:
        session.run("count = lambda f, u, use_bias=True: f * u + u * use_bias")
    [found] = judge(calls("check(count, exercise='dense_params')"), *sessions, 7)
    assert (found.exercise, found.score) == ("dense_params", 1.0)


def test_a_name_that_is_not_defined(sessions: tuple[Session, Session]) -> None:
    [found] = judge(calls("check(Dense)"), *sessions, 7)
    assert found.score == 0
    assert "the notebook defines no Dense" in found.crash
