"""How a process that grades, or reads notebooks, is set up. Import it before NumPy and nbformat."""

from __future__ import annotations

import os
import sys

from grader.bench.judged_with import BACKEND
from grader.bench.numerics import GRADING

# jsonschema, which nbformat imports, checks two rare formats of addresses where it finds this
# package, and compiles 38 grammars for that: a second for each process. No notebook has them.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

for _name, _value in GRADING.items():
    os.environ.setdefault(_name, _value)
# Whatever this machine has for other work:
os.environ["KERAS_BACKEND"] = BACKEND
os.environ["CUDA_VISIBLE_DEVICES"] = GRADING["CUDA_VISIBLE_DEVICES"]
