"""Heads with weights of their own, in any order; a wrong grouping is caught."""

from __future__ import annotations

import dataclasses

import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from tests.variants.grouped_heads import GroupByGroup

# The ideas are tried elsewhere, and finding one takes longest.
EXERCISE = dataclasses.replace(CATALOGUE["GroupQueryAttention"], misconceptions=())


class HeadsInTurn(GroupByGroup):
    """The heads of the groups come out in turn, as if the keys had been tiled."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        free = self.open(query, value, attention_mask, use_causal_mask)
        key = value if key is None else key
        groups = [one(query, value, key, free) for one in self.each]
        heads = [head for several in zip(*groups, strict=True) for head in several]
        return self.join(ops.concatenate(heads, axis=-1))


@pytest.mark.slow
def test_a_wrong_grouping_stays_wrong_where_each_head_has_weights_of_its_own():
    report = examine(HeadsInTurn, EXERCISE, seed=0)
    assert [finding.aspect for finding in report.failed] == ["output", "gradient"]
