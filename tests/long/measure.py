"""What a command costs, with all that it starts: seconds, seconds of the cores, memory.

The cores' seconds are the kernel's account of what all cores were busy with meanwhile: to look at
each process would take a seventh of a core, and the students' processes end with their namespace,
unseen. Whatever else runs on the machine counts too. Memory is taken in runs of its own: the
greatest sum of the proportional set sizes (PSS: a page that several processes share counts once) of
all processes that were there at a look, four times a second.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
_LOOK_SECONDS = 0.25
_WORK = ("user", "nice", "system", "irq", "softirq")


@dataclass(frozen=True)
class Cost:
    """Of one command: seconds until it ends, seconds of the cores."""

    wall: float
    cores: float


def cost(command: Sequence[str], folder: Path, most_cores: int | None = None) -> Cost:
    """Run the command to its end, on this many cores; raises `RuntimeError` where it fails."""
    before, began = _busy(), time.perf_counter()
    status = _start(command, folder, most_cores).wait()
    wall, busy = time.perf_counter() - began, _busy() - before
    _must_be_well(status, command, folder)
    return Cost(wall, busy)


def _busy() -> float:
    """Seconds for which the cores of the machine have worked until now."""
    times = psutil.cpu_times()
    return float(sum(getattr(times, kind, 0.0) for kind in _WORK))


def peak(command: Sequence[str], folder: Path) -> float:
    """MiB that the command takes at the most."""
    most = 0.0
    process = psutil.Process(_start(command, folder).pid)
    while True:
        most = max(most, sum(_pss(one) for one in [process, *_children(process)]))
        with suppress(psutil.TimeoutExpired):
            _must_be_well(process.wait(_LOOK_SECONDS), command, folder)
            return most / 2**20


def median(costs: Iterable[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(*map(statistics.median, zip(*map(astuple, costs), strict=True)))


def machine() -> str:
    """What the figures were measured on, in a line."""
    memory = psutil.virtual_memory().total / 2**30
    with suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(": ")[1] for line in lines if line.startswith("model name"))
        return f"{cores()} cores ({name}), {memory:.0f} GiB"
    return f"{cores()} cores, {memory:.0f} GiB"


def cores() -> int:
    """Cores that may be used here."""
    return len(os.sched_getaffinity(0))


def _start(
    command: Sequence[str], folder: Path, most_cores: int | None = None
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    there = sorted(os.sched_getaffinity(0))[:most_cores]
    with (folder / "bench.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            preexec_fn=partial(os.sched_setaffinity, 0, there),
        )


def _must_be_well(status: int | None, command: Sequence[str], folder: Path) -> None:
    if status:
        said = (folder / "bench.log").read_text(errors="replace")
        raise RuntimeError(f"{' '.join(command)} ended with {status}:\n{said[-2000:]}")


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return list(process.children(recursive=True))
    return []


def _pss(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        try:
            return float(process.memory_full_info().pss)
        except psutil.AccessDenied:  # more than its share, then: what it shares is counted again
            return float(process.memory_info().rss)
    return 0.0


if __name__ == "__main__":
    print(cost(sys.argv[1:], Path.cwd()))
