"""What stands inside a student's layer, written as a student would: a layer that holds another one
must not need it to be Keras's own. A config names these things by `grader.bench.probe.Made`.

This part is on the student's side too, and holds no answer to any exercise.
"""

from grader.bench.inside.cells import RunningMean, RunningSum, TwoSpeeds
from grader.bench.inside.layers import BuiltDense, Distances, Fading
from grader.bench.inside.writers import Drawn, Largest, SmallWriter

__all__ = [
    "BuiltDense",
    "Distances",
    "Drawn",
    "Fading",
    "Largest",
    "RunningMean",
    "RunningSum",
    "SmallWriter",
    "TwoSpeeds",
]
