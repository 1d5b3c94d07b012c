"""Worker processes on this machine: forks of one that has loaded TensorFlow, around one warm
process for the students' code, which is loaded meanwhile."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver, resource_tracker
from typing import Any, ParamSpec, TypeVar

from grader.grading.task import Task
from grader.sandbox.confine import CannotConfine
from grader.sandbox.limits import Limits
from grader.sandbox.start import Shared, adopt

P = ParamSpec("P")
T = TypeVar("T")


def load_ahead() -> None:
    """Begin to load TensorFlow for workers to come, in the process that they will be forks of.

    Ctrl-C waits in it until `quiet` is loaded: while Python starts, it would end in a traceback.
    """
    _context()
    resource_tracker.ensure_running()  # it begins this way itself, and then lets Ctrl-C in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _context() -> Any:
    context: Any = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grader.batch.quiet", "grader.grading.preload"])
    return context


class Workers(Executor):
    """A pool of processes that is started with its first task, and for the limits of that one."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._shared: Shared | None = None

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have `fn(task)` done by one of them."""
        if self._pool is None:
            task: Any = args[0]
            self._pool = self._start(task)
        return self._pool.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more tasks; the warm process ends at once."""
        if self._pool:
            self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        if self._shared:
            self._shared.close()

    def _start(self, task: Task) -> ProcessPoolExecutor:
        place = ""
        # Where it cannot be, each worker tries one of its own, and says what is missing if need be.
        with suppress(CannotConfine, OSError):
            self._shared = Shared(task.limits, confined=task.confined)
            place = self._shared.place
        known = (place, task.limits, task.confined)
        load_ahead()
        return ProcessPoolExecutor(self._jobs, _context(), initializer=_begin, initargs=known)


def _begin(place: str, limits: Limits, confined: bool) -> None:
    """In a worker, before its first task."""
    from grader.batch.quiet import end_without_a_word  # not where Ctrl-C is to be heard

    end_without_a_word()
    adopt(place, limits, confined)
