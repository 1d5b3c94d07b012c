"""What counts as a process's own time: not that for which others had the cores.

A busy machine makes grading slow, and changes no score. TensorFlow trains in threads of its own
while the first thread sleeps, so all threads count.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

_PATIENCE = 20
"""No request may take more than so many times its limit, even on the busiest machine."""
_ROUNDING = 0.05
"""Seconds that are not worth asking for."""


@dataclass(frozen=True)
class Use:
    """What a process has had of the cores so far, in seconds, summed over its threads.

    `ran` is the time on a core. `delayed` is the time for which a thread was ready and had none:
    of two threads for each core and one more, those that were delayed longest. A process that
    starts a crowd of threads, to keep itself from the cores, gains little by it.
    """

    ran: float = 0.0
    delayed: float = 0.0

    def __sub__(self, other: Use) -> Use:
        return Use(max(self.ran - other.ran, 0.0), max(self.delayed - other.delayed, 0.0))

    def __add__(self, other: Use) -> Use:
        return Use(self.ran + other.ran, self.delayed + other.delayed)


def use_of(process: int) -> Use | None:
    """The use of a process; None where nobody knows: it has ended, or Linux does not count it."""
    try:
        *_, stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")
        threads = os.listdir(f"/proc/{process}/task")
    except OSError:
        return None
    delays = []
    for thread in threads:
        with contextlib.suppress(OSError):  # it has just ended
            text = Path(f"/proc/{process}/task/{thread}/schedstat").read_text()
            delays.append(int(text.split()[1]) / 1e9)
    state, *rest = stat.split()
    if not delays or state in "ZX":
        return None
    user, system = rest[10:12]
    ran = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return Use(ran, sum(sorted(delays)[-(2 * cores() + 1) :]))


def cores() -> int:
    """The number of cores that there are for this process and those that it starts."""
    return len(os.sched_getaffinity(0))


def own_time(wall: float, use: Use, cores: int) -> float:
    """The seconds that a process would have taken alone on these cores, of `wall` seconds.

    Where fewer threads than cores were ready at once, each delay was somebody else's doing. Where
    more were ready, the process could not have run faster than on all cores.
    """
    wanted = use.ran + use.delayed
    busy = min(wanted, wall)
    if busy <= 0:
        return wall
    at_once = wanted / busy
    return min(wall - busy + use.ran / min(at_once, cores), wall)


class Clock:
    """Counts the own time of a process for one request. It has an end on any machine."""

    def __init__(self, seconds: float, use: Callable[[], Use] = Use) -> None:
        self.seconds = seconds
        self._use = use
        self._began, self._allowed = time.monotonic(), seconds
        self._known = Use()
        self._before = self._so_far()

    def left(self) -> float:
        """Seconds until the next look."""
        return max(self._began + self._allowed - time.monotonic(), 1e-3)

    def is_over(self) -> bool:
        """Whether its own time is over; if not, it gets as much more as it waited."""
        most = _PATIENCE * self.seconds
        missing = self.seconds - self.spent()
        if missing <= _ROUNDING or self._allowed >= most:
            return True
        self._allowed = min(time.monotonic() - self._began + missing, most)
        return False

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """While the examiner works, no time passes."""
        began, before = time.monotonic(), self._so_far()
        yield
        self._began += time.monotonic() - began
        self._before += self._so_far() - before

    def spent(self) -> float:
        """Seconds so far."""
        wall = time.monotonic() - self._began
        if wall < _ROUNDING:
            return wall
        return own_time(wall, self._so_far() - self._before, cores())

    def _so_far(self) -> Use:
        with contextlib.suppress(OSError):  # the process is gone, as the next read will tell
            self._known = self._use()
        return self._known
