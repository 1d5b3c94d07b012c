"""Commands of nbgrader's and ours, each in a fork of one process that has loaded what they need.

To load nbgrader and TensorFlow takes ten seconds, and the tests run some fifty commands. Those of
tests/demo, tests/attacks, tests/lms/test_exchange.py and tests/batch/test_interrupted.py are
started as an instructor starts them.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

LOADED = ("nbgrader.apps", "nbgrader.converters", "grader.batch.quiet", "grader.grading.preload")


def run(module: str, arguments: Sequence[str], folder: Path, **environment: str) -> tuple[int, str]:
    """Run `python -m module` with these arguments in this folder: its status, and what it printed.

    Raises `TimeoutError` after half an hour.
    """
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    with TemporaryDirectory() as place:
        files = (f"{place}/out", f"{place}/err")
        given = (module, list(arguments), str(folder), {**os.environ, **environment}, files)
        process = context.Process(target=_command, args=given)
        process.start()
        process.join(1800)
        if process.exitcode is None:
            process.kill()
            raise TimeoutError(f"{module} {' '.join(arguments)} does not end")
        return process.exitcode, "".join(Path(file).read_text(errors="replace") for file in files)


def _command(
    module: str, arguments: list[str], folder: str, env: dict[str, str], files: Sequence[str]
) -> None:
    """In the fork: the module, as `python -m` runs it."""
    for number, path in enumerate(files, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv = [module, *arguments]
    # Workers of this command come from the same process; Python would start another one for them.
    same: Any = forkserver
    same.ensure_running = same._forkserver.ensure_running = lambda: None
    runpy.run_module(module, run_name="__main__", alter_sys=True)
