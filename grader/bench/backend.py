"""Keras and TensorFlow, loaded without the lines that TensorFlow writes to stderr while it loads.

Those lines come before any log level is read, and a student would see them in red under the very
first cell. Import this module before anything that imports Keras.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator

from grader.bench.judged_with import refuse_other_backend

refuse_other_backend()


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Send file descriptor 2 nowhere: TensorFlow's C++ writes there, past sys.stderr."""
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


# To load them makes objects by the hundred thousand, and hardly any garbage: to look for it again
# and again takes a quarter of the time.
_collects = gc.isenabled()
gc.disable()
with silenced():
    import keras
    import tensorflow as tf
if _collects:
    gc.enable()

__all__ = ["keras", "silenced", "tf"]
