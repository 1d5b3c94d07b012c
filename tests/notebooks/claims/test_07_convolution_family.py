"""What unit 07 says about its experiments, held against their numbers with several seeds."""

from __future__ import annotations

import pytest

from tests.notebooks.claims.cells import mean, run

UNIT = "07-convolution-family"
START = ("imports", "start-experiment")


@pytest.mark.parametrize(
    ("line", "plain"),
    [("strides, sizes = 2, (2, 3, 4)", [2, 4]), ("strides, sizes = 3, (3, 4, 5, 6)", [3, 6])],
)
def test_only_multiples_of_the_stride_keep_a_plain_picture_plain(line, plain):
    changed = {"strides, sizes = 2, (2, 3, 4)": line}
    names = run(UNIT, *START, "conv2dtranspose-experiment-3", changed=changed)
    assert names["plain"] == plain


def test_there_and_back_restores_neither_numbers_nor_shape():
    names = run(UNIT, *START, "conv2dtranspose-experiment-2")
    assert names["small"].shape[1] == 2
    assert names["back"](names["small"]).shape[1] == 5


@pytest.mark.long
def test_eight_times_fewer_products_save_less_time():
    costs = run(UNIT, *START, "separableconv2d-experiment")["costs"]
    (_, many, slow), (_, few, fast) = costs["Conv2D"], costs["SeparableConv2D"]
    assert many / few == pytest.approx(8, abs=0.2)
    assert slow / fast < many / few


@pytest.mark.long
def test_a_kernel_for_each_place_is_no_better_on_the_digits():
    """On average over the seeds; each has 297 test digits, of which one is 0.3%."""
    found = [
        run(
            UNIT,
            *START,
            "locally-connected2d",
            "locallyconnected2d-experiment-2",
            changed={"seed = 1": f"seed = {seed}"},
        )["right"]
        for seed in (1, 2, 3)
    ]
    shared, own = (
        [mean(one[kind][k] for one in found) for k in (0, 1)]
        for kind in ("Conv2D", "LocallyConnected2D")
    )
    assert own[0] < shared[0] + 0.02
    assert own[1] < own[0] - 0.1
    assert shared[1] < shared[0] - 0.1


@pytest.mark.long
def test_the_networks_to_compare_have_the_parameters_that_the_text_gives():
    """Their accuracies differ by no more than two trainings of one network, so none is claimed."""
    names = run(UNIT, *START, "separable-accuracy-experiment", changed={"epochs=8": "epochs=1"})
    counts = [sum(part.count_params() for part in names["middle"])]
    assert counts == [4792]
    conv, same, wide = (kind(filters, 3) for kind, filters in names["middles"].values())
    for layer in (conv, same):
        layer.build((None, 8, 8, 16))
    assert (2 * conv.count_params(), 2 * same.count_params()) == (4640, 832)
    assert all(len(shares) == 2 for shares in names["shares"].values())
    assert wide.filters == 56
