"""The record of the soak: what was found stands for the code with which it was found."""

from __future__ import annotations

import json

import pytest

from grader.exercises.catalogue import CATALOGUE, WRITTEN
from tests.long import fingerprint, soak
from tests.long.fingerprint import code_of

SHORT = soak.Stretch(soak.FIRST, "flatten_shape", True)


@pytest.fixture(autouse=True)
def record(tmp_path, monkeypatch):
    monkeypatch.setattr(soak, "KEPT", tmp_path / "soak.json")
    return tmp_path / "soak.json"


@pytest.fixture
def changed(monkeypatch):
    """Pretends that the source of a module is another one."""
    real = fingerprint._source.__wrapped__

    def change(name):
        monkeypatch.setattr(
            fingerprint, "_source", lambda n: real(n) + (b"# new" if n == name else b"")
        )

    return change


def found(caught, named, stretch=SHORT):
    ideas = [idea.name for idea in CATALOGUE[stretch.exercise].misconceptions]
    return soak.Found(stretch, dict.fromkeys(ideas, caught), dict.fromkeys(ideas, named))


@pytest.mark.parametrize(
    ("module", "dense", "flatten"),
    [
        ("grader.exercises.core.dense", True, False),
        ("tests.variants.dense", True, False),
        ("grader.exercises.reshaping.flatten", False, True),
        ("grader.aspects.gradient", True, True),
        ("grader.bench.subject", True, True),
        ("grader.examination.questions", True, True),
        ("grader.card.card", False, False),
        ("grader.exercises", False, False),
    ],
)
def test_a_changed_source_changes_the_code_of_what_hangs_on_it(changed, module, dense, flatten):
    before = code_of("Dense"), code_of("Flatten")
    changed(module)
    assert [
        old != code_of(name) for old, name in zip(before, ("Dense", "Flatten"), strict=True)
    ] == [
        dense,
        flatten,
    ]


def test_every_exercise_has_its_own_file_in_its_code(changed):
    for name, exercise in WRITTEN.items():
        before = code_of(name)
        changed(exercise.kinds[0].draw.__module__)
        assert code_of(name) != before
        changed("nothing")


def test_what_was_found_is_kept_and_added_up():
    records = soak.kept()
    record = records[soak.key("flatten_shape", True)]
    for first, caught in (soak.FIRST, 20), (soak.FIRST + 20, 19):
        record.add(found(caught, 18, soak.Stretch(first, "flatten_shape", True)))
    soak.keep(records)
    again = soak.kept()[soak.key("flatten_shape", True)]
    assert again == record
    assert again.firsts == [soak.FIRST, soak.FIRST + 20]
    assert set(again.good.values()) == {39}
    assert set(again.named.values()) == {36}


def test_what_was_found_with_other_code_is_not_believed(record, changed):
    records = soak.kept()
    records[soak.key("flatten_shape", True)].add(found(20, 20))
    soak.keep(records)
    assert len(json.loads(record.read_text())) == 1
    changed("grader.examination.attempt")
    assert soak.kept()[soak.key("flatten_shape", True)].firsts == []


@pytest.mark.parametrize(
    ("caught", "named", "missed"), [(20, 20, 0), (20, 19, 1), (19, 19, 1), (0, 0, 1)]
)
def test_a_goal_that_is_missed_is_counted(caught, named, missed):
    records = soak.kept()
    records[soak.key("flatten_shape", True)].add(found(caught, named))
    shown, count = soak.table(records, ["flatten_shape"])
    ideas = len(CATALOGUE["flatten_shape"].misconceptions)
    assert shown.row_count == ideas
    assert count == missed * ideas


def test_a_right_variant_that_failed_once_is_a_miss():
    records = soak.kept()
    stretch = soak.Stretch(soak.FIRST, "flatten_shape", False)
    names = [name for name, _ in soak._variants("flatten_shape")]
    records[soak.key("flatten_shape", False)].add(
        soak.Found(stretch, {**dict.fromkeys(names, 20), names[0]: 19}, {})
    )
    assert soak.table(records, ["flatten_shape"])[1] == 1


def test_one_failure_among_variants_of_one_name_is_a_miss():
    names = [name for name, _ in soak._variants("Minimum")]
    [name, times] = soak._of("Minimum", False).most_common(1)[0]
    assert times == 3
    for seen, missed in (60, 0), (59, 1):
        records = soak.kept()
        stretch = soak.Stretch(soak.FIRST, "Minimum", False)
        good = {**dict.fromkeys(names, 20), name: seen}
        records[soak.key("Minimum", False)].add(soak.Found(stretch, good, {}))
        assert soak.table(records, ["Minimum"])[1] == missed


def test_a_stretch_is_tried_for_real():
    whole = soak.soak(SHORT)
    assert set(whole.good.values()) == {soak.AT_ONCE}
    assert whole.named == whole.good
