"""The class: small submissions of several sorts, and files that are no notebooks in between."""

from __future__ import annotations

import os
from collections.abc import Callable

from small_course import UNIT, Course

from grader.demo.sample import Member, submission

CLASS_OF = int(os.environ.get("CLASS_OF", "12"))
"""Submissions that are as they should be. `make faults` grades 60."""

WRONG = """
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1))[:, ::-1]
"""
CRASH = """
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return inputs.no_such_thing
"""
DICE = """
import random
print({word for word in "a set has no order of its own".split()})
print(random.random(), np.random.rand(), keras.random.uniform((2,)))

class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1)) + keras.random.uniform(())
"""
SLOW = """
import time
time.sleep(1)

def flatten_shape(input_shape):
    return (input_shape[0], math.prod(input_shape[1:]))
"""
HOG = """
import os
import time
keep = []
try:
    while True: keep.append(b"x" * (1 << 20))
except MemoryError: pass
time.sleep(0.3)
os.abort()
"""
"""What TensorFlow's own code does where it gets no memory: it ends the process."""
EXIT = "import os\nos._exit(0)"

_SORTS = {
    "right": Member("", "", {}),
    "slow": Member("", "", {}, {"flatten-shape": SLOW}),
    "wrong": Member("", "", {}, {"flatten": WRONG}),
    "dice": Member("", "", {}, {"flatten": DICE}),
    "hog": Member("", "", {}, {"dense-params": HOG}),
    "blank": Member("", "", {}, blank=True),
    "crash": Member("", "", {}, {"flatten": CRASH}),
    "exit": Member("", "", {}, {"dense": EXIT}),
}
_ORDER = ("right", "slow", "wrong", "dice", "slow", "hog", "blank", "slow", "crash", "exit", "slow")
DAMAGE: dict[str, Callable[[str], bytes]] = {
    "empty": lambda text: b"",
    "half": lambda text: text.encode()[: len(text) // 2],
    "zeros": lambda text: bytes(len(text)),
    "utf16": lambda text: text.encode("utf-16"),
    "conflict": lambda text: text.replace("[", "[\n<<<<<<< HEAD\n", 1).encode(),
    "pdf": lambda text: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "page": lambda text: b"<!DOCTYPE html>\n<html><body>404</body></html>\n",
    "list": lambda text: b"[]",
    "no-cells": lambda text: b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "later": lambda text: text.replace('"nbformat": 4', '"nbformat": 99').encode(),
}
_WAYS = [f"{n % CLASS_OF + 1:02}-x-{way}" for n, way in enumerate([*DAMAGE, "name", "folder"])]
MENDED = [name for name in _WAYS if name.endswith(("-utf16", "-later", "-name"))]
"""Right ones of which nothing is lost: in another encoding, format or under another name."""
DAMAGED = [name for name in _WAYS if name not in MENDED]
_SORTED = [f"{n:02}-{_ORDER[(n - 1) % len(_ORDER)]}" for n in range(1, CLASS_OF + 1)]
STUDENTS = sorted([*_SORTED, *MENDED])
"""All who can be graded, in the order of a run."""
SLOW_ONES = [name for name in STUDENTS[:-1] if name.endswith("slow")]
"""All have somebody behind them."""


def hand_in(course: Course) -> None:
    """Put the whole class into submitted/."""
    release, solution = course.release, course.solution
    texts = {sort: submission(member, release, solution) for sort, member in _SORTS.items()}
    for name in _SORTED:
        course.hand_in(name, texts[name.split("-")[1]])
    for name in _WAYS:
        way = name.split("-x-")[1]
        path = course.hand_in(name, DAMAGE.get(way, str.encode)(texts["right"]))
        if way == "name":
            path.rename(path.with_name(f"{UNIT} (1).ipynb"))
        if way == "folder":
            path.unlink()
            path.mkdir()
