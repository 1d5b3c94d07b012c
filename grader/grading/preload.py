"""Load TensorFlow, Keras and the exercises in a process that will be forked: `run`, ready."""

from __future__ import annotations

import gc

# Loading makes objects by the hundred thousand, and hardly any garbage: to look for it again and
# again takes a sixth of the time. They stay for good, so that no fork has to look at them either.
gc.disable()
import grader.grading.run  # noqa: E402, F401

gc.collect()
gc.freeze()
gc.enable()
