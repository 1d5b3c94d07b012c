"""`grader similar`: copies are on top, however they are disguised, and nothing is executed."""

from __future__ import annotations

import ast
import json
import random
import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from grader.cli import main
from grader.gradebook.archive import archive
from grader.likeness.compare import FEWEST, Comparison, compare
from grader.likeness.handed_in import Handout, Work, read_handout
from grader.likeness.parsing import parsed
from grader.likeness.pieces import pieces
from grader.likeness.prose import phrases
from tests.likeness.copied_class import (
    MadeUp,
    handout,
    instructor,
    made_up,
    places,
    released,
    ways_of,
    works,
)
from tests.likeness.disguises import DISGUISES
from tests.paper_class import CONFIG

UNIT = "01-first-layers"
SAME = (
    *("other names", "other order", "other comments and line breaks"),
    "sums turned round, types, other names",
)
"""Disguises that change no piece at all."""
CLASSES = [
    *((UNIT, 1), (UNIT, 2), ("09-embedding-and-cells", 0), ("13-normalization", 0)),
    ("17-backward-and-tests", 0),
]
"""Units and seeds. Not every class is so clear: docs/instructor.md says how many are, and
tests/long/likeness.py measures it."""
UNCOMMON = """class Activation(keras.layers.Layer):
    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.shape = {"relu": [0, 1, 0], "leaky_relu": [0.2, 1, 0]}.get(activation, [])
        self.curve = getattr(self, "draw_" + str(activation), None)

    def draw_sigmoid(self, heights):
        half = ops.tanh(heights / 2)
        return (half - -1) / 2

    def draw_softmax(self, heights):
        powers = ops.exp(heights - ops.logsumexp(heights, axis=-1, keepdims=True))
        return powers / ops.sum(powers, axis=len(heights.shape) - 1, keepdims=True)

    def call(self, heights):
        if self.shape:
            below, above, bend = self.shape
            low = ops.minimum(heights - bend, bend) * below
            return low + ops.maximum(heights - bend, bend) * above
        while self.curve is None:
            raise LookupError(heights.dtype, heights.shape[0])
        return self.curve(heights)
"""
NASTY = "</pre><script>document.title = 'caught'</script>"
RUNS = "import pathlib\npathlib.Path('{}').touch()\n"


def says(source: str) -> set[str]:
    """The pieces of a source."""
    return {piece.says for piece in pieces(ast.parse(source))}


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "seed"), CLASSES)
def test_ten_copied_pairs_of_a_class_of_sixty_are_on_top(unit: str, seed: int) -> None:
    class_ = made_up(unit, seed)
    found = compare(works(class_), handout(unit))
    assert found.compared == 60 * 59 // 2
    where = places(class_, found)
    assert {how for how, place in where.items() if place <= 10} == {*DISGUISES}
    above = sum(place <= found.above for place in where.values())
    assert above >= 8
    assert found.above - above <= 1


def test_who_works_alone_stays_below_the_line() -> None:
    class_ = made_up(UNIT, 3)
    copiers = {name for pair in class_.copied for name in pair}
    alone = [work for work in works(class_) if work.student not in copiers]
    assert len(alone) == 40
    assert compare(alone, handout(UNIT)).above <= 1


@pytest.mark.parametrize("how", SAME)
def test_a_disguise_changes_no_piece(how: str) -> None:
    for cell, ways in ways_of(UNIT).items():
        for way in ways:
            (made,) = DISGUISES[how](random.Random(1), {cell: way}, {cell: way}).values()
            assert says(made) == says(way), cell


def test_names_of_ones_own_do_not_count_and_what_is_called_does() -> None:
    assert says("def f(a, b):\n    return a.sum() + b * 2") == says(
        "def g(x, y):\n    return 2 * y + x.sum()"
    )
    assert says("y = ops.exp(x - 1)") == says("z = keras.ops.exp(x - 1.0)")
    assert says("y = ops.exp(x - 1)") != says("y = ops.log(x - 1)")
    assert says("y = f(x - 1)") != says("y = f(1 - x)")


def test_what_was_handed_out_what_the_author_wrote_and_what_all_share_is_worth_nothing() -> None:
    answers = {"a": "x = given(1, 2) + 3", "b": "x = model(1, 2) + 3", "c": "x = common(1, 2) + 3"}
    unit = Handout(
        {"a": "code", "b": "code", "c": "code"},
        (("x = given(1, 2) + 3", "code"), ("x = model(1, 2) + 3", "code")),
        frozenset(),
    )
    class_ = [Work(f"s{n}", "", answers | {"c": answers["c"]}) for n in range(FEWEST + 2)]
    assert compare(class_, unit).pairs == ()
    own = "for i in range(9):\n    print(strange(i, 7) * 5)"
    class_[:2] = [replace(work, answers=answers | {"c": own}) for work in class_[:2]]
    (pair,) = compare(class_, unit).pairs
    assert (pair.first, pair.second) == (0, 1)
    assert [one.cell for one in pair.exercises if one.bits] == ["c"]


def test_the_model_answer_is_no_copy_though_only_two_have_it() -> None:
    model = "for i in range(9):\n    print(strange(i, 7) * 5)"
    own = [f"x = ops.way{n}({n}, y) / {n + 20} - ops.other{n}(z)" for n in range(FEWEST + 2)]
    class_ = [Work(f"s{n}", "", {"c": source}) for n, source in enumerate([model, model, *own])]
    for known, pairs in ((), [(0, 1)]), (((model, "code"),), []):
        found = compare(class_, Handout({"c": "code"}, known, frozenset())).pairs
        assert [(pair.first, pair.second) for pair in found if pair.bits > 1] == pairs


def test_one_long_answer_is_listed_although_the_rest_is_their_own() -> None:
    class_ = deepcopy(made_up(UNIT, 3))
    copies = {name for pair in class_.copied for name in pair}
    source, copier = sorted({*class_.answers} - copies)[:2]
    answer = {"activation": UNCOMMON}
    class_.answers[source].update(answer)
    class_.answers[copier].update(DISGUISES["other names"](random.Random(0), answer, answer))
    found = compare(works(class_), handout(UNIT))
    listed = [*found.pairs, *found.single]
    pairs = [{found.works[pair.first].student, found.works[pair.second].student} for pair in listed]
    assert {source, copier} in pairs


def test_written_answers_are_compared_by_their_words() -> None:
    one, other = phrases("The mean is 0,\nso it moves."), phrases("the MEAN is 0 so it moves")
    assert [piece.says for piece in one] == [piece.says for piece in other]
    assert (one[-1].first, one[-1].last) == (2, 2)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = 1 +\ny = f(2, 3)", "a syntax error: 1 line left out"),
        ("%matplotlib inline\n!pip install x\ny = f(2, 3)", ""),
        ("def f(:\n    return g(1, 2)\ny = f(2, 3)", "a syntax error: 2 lines left out"),
        ("if x:\n    # nothing yet\n\ny = f(2, 3)", "a syntax error: 1 line left out"),
        ("y = f(2, 3)\0", ""),
        ("-" * 9_000 + "1", "it cannot be parsed: not compared"),
        ("x = 1\n" * 20_000, "it has more than 50,000 characters: not compared"),
        ("(((\n" * 60, "it has too many syntax errors: not compared"),
    ],
)
def test_what_cannot_be_parsed_is_told_and_the_rest_is_read(source: str, told: str) -> None:
    made = parsed(source)
    assert made.trouble == told
    assert (made.tree is None) == told.endswith("not compared")
    if made.tree:
        assert says("y = f(2, 3)") <= {piece.says for piece in pieces(made.tree)}


def test_long_sources_give_short_pieces() -> None:
    deep = "x = " + "f(" * 90 + "1, 2, 3" + ")" * 90
    assert max(len(piece.says) for piece in pieces(ast.parse(deep))) < 200


def write(folder: Path, class_: MadeUp, unit: str = UNIT) -> Path:
    """The class as a course folder; the released and the instructor's notebooks are there."""
    (folder / "books").mkdir(parents=True)
    root = Path(__file__).parents[2]
    config = CONFIG.format(root=str(root), database=str(folder / "books" / "grades.db"))
    (folder / "nbgrader_config.py").write_text(config)
    for step, notebook in (("notebooks", released(unit)), ("solutions", instructor(unit))):
        path = folder / step / unit / f"{unit}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    for student, answers in class_.answers.items():
        notebook = deepcopy(released(unit))
        for cell in notebook.cells:
            cell.source = answers.get(
                cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source
            )
        hand_in(folder, student, nbformat.writes(notebook))
    return folder


def hand_in(folder: Path, student: str, content: str, unit: str = UNIT) -> Path:
    path = folder / "submitted" / student / unit / f"{unit}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A class of sixteen with one copy, and people who hand in odd things."""
    whole = made_up(UNIT, 0)
    (source, copier), *_ = (sorted(p) for p, how in whole.copied.items() if how == "other names")
    copies = {name for pair in whole.copied for name in pair}
    kept = {source, copier, *sorted({*whole.answers} - copies)[:14]}
    folder = write(tmp_path / "course", MadeUp({n: whole.answers[n] for n in kept}, {}))
    (folder / "pair.json").write_text(json.dumps([source, copier]))
    monkeypatch.chdir(folder)
    return folder


def listed(folder: Path) -> set[str]:
    return {*json.loads((folder / "pair.json").read_text())}


def soup(folder: Path) -> BeautifulSoup:
    page = (folder / "reports" / f"{UNIT}-similar.html").read_text(encoding="utf-8")
    return BeautifulSoup(page, "html.parser")


def test_the_page_shows_the_pair_and_says_what_it_does_not_mean(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["similar", UNIT]) == 0
    assert re.search(r"16 students, 120 pairs, [1-3] above the line", capsys.readouterr().out)
    made = soup(course)
    first = made.select_one("details")
    assert first is not None
    assert all(name in first.get_text() for name in listed(course))
    assert all(mark.get_text().startswith("= ") for mark in first.select("mark"))
    assert len(first.select("mark")) > 20
    assert "It accuses nobody." in made.get_text()
    assert made.select("script") == []


def test_odd_notebooks_are_told_and_nothing_is_executed_or_shown_unescaped(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, "broken", '{"cells": [')
    hand_in(course, "list", "[1, 2]")
    hand_in(course, "strange", json.dumps({"cells": [1, {"cell_type": 3, "source": {"a": 1}}]}))
    path = hand_in(course, "link", "")
    path.unlink()
    path.symlink_to(course / "nbgrader_config.py")
    ran = tmp_path / "ran"
    nasty = f"x = '''{NASTY}'''\ny = odd(x, {NASTY!r}, 1) + {{1: 2}}[3]\n" + RUNS.format(ran)
    for name in ("first", "<b>second"):
        notebook = deepcopy(released(UNIT))
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                cell.source = nasty if cell.cell_type == "code" else f"Odd words: {NASTY} here."
        hand_in(course, name, nbformat.writes(notebook))
    assert main(["similar", UNIT, "--top", "5"]) == 0
    assert "Of 3 something was not compared" in capsys.readouterr().out
    made = soup(course)
    assert NASTY in made.get_text()
    assert "<b>second" in made.get_text()
    assert made.select("script") == []
    told = made.select("table")[-1].get_text(" ")
    assert all(name in told for name in ("broken", "list", "link"))
    assert not ran.exists()


def test_last_term_from_a_folder_and_from_an_archive(
    course: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, copier = sorted(listed(course))
    old = tmp_path / "layers-2025"
    (course / "submitted" / source).rename(tmp_path / "moved")
    write(old, MadeUp({}, {}))
    (old / "submitted").mkdir()
    (tmp_path / "moved").rename(old / "submitted" / source)
    (old / "books" / "grades.db").touch()
    archive(old, tmp_path / "2025.tar.gz")
    for against, term in (
        (old, "layers-2025"),
        (old / "submitted", "layers-2025"),
        (tmp_path / "2025.tar.gz", "2025"),
    ):
        assert main(["similar", UNIT, "--json", "--against", str(against)]) == 0
        first = json.loads(capsys.readouterr().out)["pairs"][0]
        assert {*first["students"]} == {source, copier}
        assert sorted(first["terms"]) == ["", term]


def test_two_students_of_an_earlier_term_are_no_pair() -> None:
    class_ = made_up(UNIT, 0)
    found: Comparison = compare(
        [replace(work, term="2025") if n else work for n, work in enumerate(works(class_))],
        handout(UNIT),
        most=2000,
    )
    assert found.compared == 59
    assert all(pair.first == 0 for pair in found.pairs)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["02-joining"], "nobody has handed in 02-joining"),
        ([UNIT, "--against", "nowhere"], "there is no nowhere: name a folder"),
        ([UNIT, "--against", "notebooks"], f"notebooks has nobody's {UNIT}"),
        ([UNIT, "--against", "nbgrader_config.py"], "is not a file of `grader archive`"),
        ([UNIT, "--to", "nbgrader_config.py"], "nbgrader_config.py is not a folder"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    course: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert main(["similar", *words]) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("grader: ")
    assert says in said
    assert "\n" not in said


def test_too_few_answers_are_not_compared(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for student in sorted((course / "submitted").iterdir())[5:]:
        student.rename(course / student.name)
    assert main(["similar", UNIT]) == 0
    assert f"No exercise has {FEWEST} answers" in capsys.readouterr().out
    assert not (course / "reports").exists()
    assert main(["similar", UNIT, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["pairs"] == []


def test_a_unit_without_anything_to_fill_in_is_refused() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        read_handout([b""])
