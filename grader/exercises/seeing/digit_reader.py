"""A network of one's own that reads digits better than the one of unit 08, on the same images that
no notebook holds: see `grader.exercises.pooling.digit_network`.
"""

from __future__ import annotations

from dataclasses import replace

from grader.exercises.pooling.digit_network import digit_network, ideas, kind
from grader.exercises.seeing.resnet import UNIT

LEAST = 0.985
"""The share of the images that must be read rightly.

The model answer's recipe was chosen on parts of `more_digits`, and then looked at once: with five
seeds it read 815 to 818 of the 823 (99.0 to 99.4 %). 811 are enough.
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
