"""The operation that asks a student's test what it says of a layer."""

from __future__ import annotations

import contextlib

import numpy as np

from grader.bench.arrays import plain
from grader.bench.bench import Bench
from grader.bench.black_box import black_box
from grader.bench.calls import BadAnswer, name_of


def judge(bench: Bench) -> bool:
    """Whether the candidate says that the layer which answers this bench's questions is right.

    Raises `BadAnswer` where it says neither True nor False, and whatever it raises itself.
    """
    said = bench.candidate(black_box(bench.ask))
    if isinstance(said, bool):
        return said
    with contextlib.suppress(TypeError):  # a value of another kind, such as a class
        value = np.asarray(plain(said))
        if value.shape == () and value.dtype == bool:
            return bool(value)
    raise BadAnswer(f"a test must return True or False, and yours gave a {name_of(type(said))}")
