"""A network of one's own that reads digits better than the one of unit 08, on the same images that
no notebook holds: see `grader.exercises.pooling.digit_network`.
"""

from __future__ import annotations

from dataclasses import replace

from grader.exercises.pooling.digit_network import digit_network, ideas, kind
from grader.exercises.seeing.resnet import UNIT

LEAST = 0.98
"""The share of the images that must be read rightly.

Not 98.5 %: the best recipe found on a part of `more_digits` (12 filters, 3 blocks, four rounds,
labels smoothed by 0.1) read 809 to 815 of the 823, and with two of ten seeds fewer than 98.5 %.
"""

digit_reader = replace(
    digit_network,
    name="digit_reader",
    unit=UNIT,
    layer="ResNet",
    forbid=("network", "BatchNormalization"),
    kinds=(kind(LEAST),),
    misconceptions=ideas(LEAST),
)
