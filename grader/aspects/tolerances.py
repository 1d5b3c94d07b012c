"""How far an answer may lie from the reference's, for each aspect, and why.

A tolerance is a share of the largest expected value (at least of 0.001), for the entries of one
array are sums of one kind and round alike: an entry near zero is not asked to be exact by itself.
The table multiplies the exercise's `tolerance`, which is 1e-4 unless it says otherwise.

float32 rounds to 6e-8 of a number. A sum of n products that is added up in another order differs by
some sqrt(n) times that, and layers do a dozen sums in a row: about 1e-6 in all, and 1e-5 where
values cancel out. So 1e-4 leaves room for each right way to compute, and is far below what the
smallest wrong ideas change, such as another epsilon. (Keras's own tests of layers take 1e-6 for
the same code on the same machine, 1e-5 or 1e-3 where they compare two ways to compute, and more
where they run on a TPU.)

GPUs need no room of their own, since layers are judged on the CPU and without TF32, whose 10 bits
would cost 1e-3: see `grader.bench.settings`. Where a student's own code puts a step on a GPU, it
adds up in another order each time (atomics), which is the same 1e-6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from grader.exercises.exercise import TERMS


@dataclass(frozen=True)
class Tolerance:
    """How many times the exercise's tolerance an aspect allows (0: none at all), and the reason."""

    times: float
    reason: str


EXACT = 0.0
TOLERANCES: Mapping[str, Tolerance] = MappingProxyType(
    {
        "shape": Tolerance(EXACT, "lengths are whole numbers"),
        "compute_output_shape": Tolerance(EXACT, "lengths are whole numbers"),
        "parameters": Tolerance(EXACT, "counts are whole numbers"),
        "loading": Tolerance(EXACT, "the numbers that were given, as float32"),
        "output": Tolerance(1, "sums in another order"),
        "stages": Tolerance(1, "sums in another order, part after part"),
        "mask": Tolerance(EXACT, "a mask is True or False"),
        "distance": Tolerance(1, "the layer against itself, at other places"),
        "gradient": Tolerance(
            10, "a gradient sums over batch and steps, and divides by what may be small"
        ),
        "training": Tolerance(1, "outputs and moving statistics; its gradients as above"),
        "frozen": Tolerance(1, "the layer against itself, in another branch of its code"),
        "dropping": Tolerance(1, "zeros and one factor; the share of zeros has a bound of its own"),
        "start": Tolerance(1, "constants, once they are float32"),
        "built": Tolerance(EXACT, "yes or no, and counts"),
        "config": Tolerance(1, "the layer against itself, made again"),
        "dtype": Tolerance(EXACT, "names of dtypes"),
        "in_rnn": Tolerance(1, "sums in another order, over few steps"),
        "in_pieces": Tolerance(1, "sums in another order, and over more places"),
        "model": Tolerance(1, "the layer against itself, inside a graph"),
        "saving": Tolerance(1, "weights are saved bit by bit, and a graph may fuse operations"),
        "prediction": Tolerance(0.1, "few steps on few numbers; whole numbers stay exact"),
        **dict.fromkeys(TERMS, Tolerance(10, "gradients, as above")),
        "loss": Tolerance(1, "a mean of logarithms"),
        "lets_through": Tolerance(EXACT, "True or False"),
        "catches": Tolerance(EXACT, "True or False"),
        "distribution": Tolerance(1, "a softmax, and sums in another order"),
        "text": Tolerance(EXACT, "numbers of tokens; no choice in a case hangs by a rounding"),
        "passes": Tolerance(EXACT, "a count"),
        "perplexity": Tolerance(EXACT, "a mean over many letters, with a threshold of its own"),
        "accuracy": Tolerance(EXACT, "a share of images, with a threshold of its own"),
    }
)
