"""Workers for tasks: any `concurrent.futures.Executor`, and a second try for what one has lost.

A lost worker takes with it all that was handed out, and nobody tells which task was to blame. So
from the second try on each of these is alone with the workers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from contextlib import suppress
from dataclasses import dataclass

from grader.grading.grade import grade
from grader.grading.task import Graded, NotGraded, Task

TRIES = 4
"""Workers that a task may lose before it is given up: the first may be lost to another task."""
_LOOK_SECONDS = 0.2


@dataclass
class _Job:
    key: Hashable
    task: Task
    tries: int = 1


class Crew:
    """Hands tasks to an executor. `lost` tells which exceptions mean that a worker was lost."""

    def __init__(
        self,
        make: Callable[[], Executor],
        lost: tuple[type[Exception], ...] = (BrokenExecutor,),
    ) -> None:
        self._make = make
        self._lost: tuple[type[BaseException], ...] = (*lost, CancelledError)
        self._executor: Executor | None = None
        self._jobs: dict[Future[Graded], _Job] = {}
        self._waiting: deque[_Job] = deque()

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *error: object) -> None:
        self._dismiss()

    def __len__(self) -> int:
        return len(self._jobs) + len(self._waiting)

    def submit(self, key: Hashable, task: Task) -> None:
        """Have the task done; `finished` gives its outcome under this key."""
        self._waiting.append(_Job(key, task))
        self._go_on()

    def finished(self) -> list[tuple[Hashable, Graded | NotGraded]]:
        """Wait until some of the tasks are done; their outcomes. Lost ones are tried again."""
        done = wait(self._jobs, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED).done
        outcomes: list[tuple[Hashable, Graded | NotGraded]] = []
        lost: list[_Job] = []
        for future in done:
            job = self._jobs.pop(future)
            try:
                outcomes.append((job.key, future.result()))
            except NotGraded as reason:
                outcomes.append((job.key, reason))
            except self._lost:
                lost.append(job)
        if lost:
            self._dismiss()
            lost += self._jobs.values()
            self._jobs.clear()
        for job in sorted(lost, key=lambda job: str(job.key), reverse=True):
            if job.tries == TRIES:
                outcomes.append((job.key, NotGraded(f"its worker was lost {TRIES} times")))
            else:
                self._waiting.appendleft(_Job(job.key, job.task, job.tries + 1))
        self._go_on()
        return outcomes

    def forget(self) -> None:
        """Give up all that was submitted: nobody asks for its outcome any more."""
        self._dismiss()
        self._jobs.clear()
        self._waiting.clear()

    def _go_on(self) -> None:
        """Hand out what waits, as long as nothing that was lost before would have company."""
        while self._waiting and (not self._jobs or self._may_join(self._waiting[0])):
            self._submit(self._waiting.popleft())

    def _may_join(self, job: _Job) -> bool:
        return all(one.tries == 1 for one in (job, *self._jobs.values()))

    def _submit(self, job: _Job) -> None:
        try:
            future = self._hand_out(job.task)
        except self._lost:  # found out just now
            self._dismiss()
            future = self._hand_out(job.task)
        self._jobs[future] = job

    def _hand_out(self, task: Task) -> Future[Graded]:
        if self._executor is None:
            self._executor = self._make()
        return self._executor.submit(grade, task)

    def _dismiss(self) -> None:
        for future in self._jobs:
            future.cancel()
        if self._executor is not None:
            with suppress(*self._lost):
                self._executor.shutdown(wait=False)
            self._executor = None
