"""Layers that put the hidden case into all that can be said of them: feedback says none of it.

Two classes of the same loud layers are graded with two seeds. Where the verdicts are equal, each
student's feedback must be equal too, byte for byte: then it depends on nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from attacked import LIMITS, fitted
from small_course import EXERCISES, Course

from grader.demo.sample import read_member, submission
from grader.grading.grading_record import REPORT
from grader.sandbox.confine import CannotConfine, bwrap

pytestmark = pytest.mark.long
LOUD = Path(__file__).parent / "loud"
NAMES = sorted(path.stem for path in LOUD.glob("*.py"))
SEEDS = (1_357_924_680, 2_468_013_579)


class Graded:
    """A class that was graded with one of the seeds."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.course = Course.make(folder, {**LIMITS, "cell": 2.0, "probe": 2.0})
        student, solution = self.course.release, self.course.solution
        for name in NAMES:
            member = fitted(read_member(LOUD / f"{name}.py"), self.course)
            self.course.hand_in(name, submission(member, student, solution))
        (folder / "gradebook.seeds.json").write_text(json.dumps({"small": seed}))
        self.course.nbgrader("autograde", "small", check=True)
        self.course.nbgrader("generate_feedback", "small", check=True)
        self.results = self.course.results(NAMES)

    def verdicts(self, name: str) -> dict[str, list[tuple[str, bool | None]]]:
        """For each exercise its aspects, and whether they passed."""
        return {
            report["exercise"]: [(f["aspect"], f["passed"]) for f in report["findings"]]
            for report in self.results[name].reports
        }

    def cells(self, name: str) -> dict[str, list[Any]]:
        """Outputs of the test cells, by the name of the exercise."""
        cells = self.course.autograded(name).cells
        return {
            report["exercise"]: cell.outputs
            for cell in cells
            for output in cell.get("outputs", [])
            for report in output.get("data", {}).get(REPORT, [])
        }

    def page(self, name: str) -> bytes:
        """The feedback."""
        return self.course.file("feedback", name, "html").read_bytes()


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> list[Graded]:
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    return [Graded(tmp_path_factory.mktemp("loud") / "course", seed) for seed in SEEDS]


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_shows_what_the_verdicts_are_and_no_more(classes: list[Graded], name: str) -> None:
    one, other = classes
    before, after = one.verdicts(name), other.verdicts(name)
    alike = [exercise for exercise in before if before[exercise] == after[exercise]]
    assert len(alike) > len(EXERCISES) // 2, "it shows little if the verdicts differ"
    for exercise in alike:
        assert one.cells(name)[exercise] == other.cells(name)[exercise]


def test_feedback_is_equal_to_the_byte_where_all_verdicts_are(classes: list[Graded]) -> None:
    one, other = classes
    alike = [name for name in NAMES if one.verdicts(name) == other.verdicts(name)]
    assert len(alike) > len(NAMES) // 2
    assert [name for name in alike if one.page(name) != other.page(name)] == []
