"""What unit 19 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grader.bench.subject import LocalSubject
from grader.examination.attempt import Key, expect
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.pooling.digit_network import held
from grader.exercises.seeing.digit_reader import LEAST
from grader.exercises.seeing.resnet import ResNet
from grader.pictures import seeing
from tests.notebooks.claims.cells import run, text

UNIT = "19-capstone-see"
START = ("imports", "network-experiment", "parts", "resnet-code", "resnet")


@pytest.fixture(scope="module")
def ported():
    """The names of the unit after the shipped weights were loaded."""
    return run(UNIT, *START, "resnet-experiment-2", "varied-code")


def test_the_picture_has_the_numbers_of_the_live_network():
    model = ResNet(16, 3, 10)
    model.build((None, 8, 8, 1))
    shapes = [stage.shape[1:] for stage in model.stages(np.zeros((1, 8, 8, 1), "float32"))]
    alt = seeing.draw_network().alt
    for number in range(3):
        count = sum(np.prod(w.shape) for w in model.blocks[number].trainable_weights)
        assert f"block {number} {count:,}" in alt
    assert shapes[6] == (4, 4, 32)
    assert shapes[9] == (2, 2, 64)
    assert "4 by 4 by 32" in alt
    assert "2 by 2 by 64" in alt


def test_the_parts_give_what_keras_gives(capsys):
    run(UNIT, "imports", "parts", "parts-experiment")
    gaps = re.findall(r"largest difference (\S+)", capsys.readouterr().out)
    assert len(gaps) == 5
    assert max(float(gap) for gap in gaps) < 1e-4


def test_all_stages_differ_from_the_incomplete_normalization_on(ported):
    gaps = dict(zip(ported["STAGES"], ported["gaps"], strict=True))
    same = {"stem", "inner 0", "shortcut 0", "block 0", "inner 1"}
    assert {name for name, gap in gaps.items() if gap == 0} == same
    assert min(gap for name, gap in gaps.items() if name not in same) > 0.01
    known = ported["images"][:1797], ported["labels"][:1797]
    assert ported["share_right"](ported["broken"], *known) > 0.98


def test_the_shipped_network_reads_other_writers_less_well(ported):
    assert ported["known"] > ported["others"] + 0.01


def test_a_digit_that_is_not_moved_stays_as_it_is(ported):
    some = ported["images"][:20]
    same = ported["varied"](some, np.random.default_rng(0), turn=0, zoom=0, shift=0)
    np.testing.assert_allclose(same, some, atol=1e-5)


def test_the_text_asks_for_what_is_judged():
    (asked,) = re.findall(r"at least ([\d.]+) % of 823", text(UNIT, "digit-reader-exercise"))
    assert float(asked) / 100 == LEAST


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_training_reaches_what_is_asked_for(seed):
    changed = {"keras.utils.set_random_seed(1)": f"keras.utils.set_random_seed({seed})"}
    names = run(UNIT, *START, "varied-code", "digit-reader", changed=changed)
    images, labels = held()
    right = np.argmax(names["digit_reader"]()(images), axis=1) == labels
    assert np.mean(right) >= LEAST + 0.003


def test_one_case_of_the_network_has_the_shipped_weights():
    """And the logits that are compared are those of digits of the course."""
    case = expect(CATALOGUE["ResNet"], Key(0, 1, 0)).case
    names = run(UNIT, "imports", "resnet-code")
    for name, value in names["weights"].items():
        np.testing.assert_array_equal(case.facts["weights"][name], value)
    assert case.config == names["SIZES"]


def test_the_card_names_the_first_stage_that_differs():
    exercise = CATALOGUE["ResNet"]
    idea = next(i for i in exercise.misconceptions if i.name == "padded on each side")
    report = examine(LocalSubject(idea.wrong), exercise)
    (found,) = [f for f in report.failed if f.aspect == "stages"]
    assert "The first stage that differs: inner 1" in found.message
    assert "all before it are right (stem, inner 0, shortcut 0, block 0)" in found.message


def test_the_folded_stem_is_the_stem(ported, capsys):
    run(UNIT, "folded", "folded-experiment", then=ported)
    (gap,) = re.findall(r"folded: largest difference (\S+)", capsys.readouterr().out)
    assert float(gap) < 1e-4


@pytest.mark.long
def test_of_the_parts_only_the_normalization_makes_a_sure_difference():
    """As the model report says, whatever the machine."""
    changed = {"SEEDS = (1,)": "SEEDS = (1, 2, 3)", "MORE = False": "MORE = True"}
    start = run(UNIT, "imports", "network-experiment", "parts", "resnet-code", "varied-code")
    names = run(UNIT, "ablation-experiment", changed=changed, then=start)
    shares = {name: [share for _, share in found] for name, found in names["table"].items()}
    means = {name: np.mean(found) for name, found in shares.items()}
    assert means["all of it"] - means["no normalization"] > 0.015
    assert max(shares["no normalization"]) < min(shares["all of it"])
    for name in ("no shortcuts", "no augmentation"):
        assert abs(means[name] - means["all of it"]) < 0.015
