"""Whether a course's folder and its gradebook can be written to, before anything is begun."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

GRADEBOOK, AUTOGRADED = "gradebook.db", "autograded"


def check_writable(course: Path) -> None:
    """Raise the `OSError` that grading would meet: a disk that is read-only, or another's folder.

    nbgrader would log a traceback for each student. A full disk is no reason: it is waited for.
    """
    folder = course / AUTOGRADED
    _try_folder(folder if folder.is_dir() else course)
    if (course / GRADEBOOK).exists():
        os.close(os.open(course / GRADEBOOK, os.O_WRONLY))


def _try_folder(folder: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return
        raise OSError(error.errno, error.strerror, str(folder)) from None
