"""What goes wrong in a run: each trouble is made for real, at a line of nbgrader's log."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from small_course import Course

Act = Callable[[int], object]
"""Something done to the run, given nbgrader's process id."""


@dataclass
class Run:
    """A run of `nbgrader autograde`: how it ended, what it said, and when it said it."""

    status: int = 0
    log: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def lines(self, words: str) -> list[str]:
        """The lines of the log that hold these words."""
        return [line for line in self.log if words in line]

    @property
    def ran(self) -> list[str]:
        """The students whose cells were run, in their order."""
        return [re.split("/autograded/|/", line)[-3] for line in self.lines("] Autograding ")]


def grade(course: Course, *words: str, acts: Sequence[tuple[str, Act]] = ()) -> Run:
    """Grade the class; the acts are done in their order, each at a line that holds its words."""
    waiting = list(acts)
    run = Run()
    process = course.start("autograde", "small", *words)
    assert process.stderr is not None
    try:
        for line in process.stderr:
            run.log.append(line.rstrip())
            run.times.append(time.monotonic())
            if waiting and re.search(waiting[0][0], line):
                waiting.pop(0)[1](process.pid)
    finally:
        if sys.exc_info()[0]:  # the tests themselves were interrupted
            process.kill()
        run.status = process.wait()
        process.stderr.close()
    assert not waiting, f"never said: {waiting}"
    return run


# Processes


def _stat(pid: int) -> tuple[str, int]:
    """Name and parent of a process."""
    text = Path(f"/proc/{pid}/stat").read_text()
    name, _, rest = text.partition("(")[2].rpartition(")")
    return name, int(rest.split()[1])


def _family(pid: int) -> dict[int, tuple[str, int]]:
    """Name and parent of each process that stems from this one."""
    known = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            known[int(folder.name)] = _stat(int(folder.name))
    family = {pid}
    while more := {p for p, (_, parent) in known.items() if parent in family} - family:
        family |= more
    return {p: known[p] for p in family if p in known}


def warm_of(pid: int) -> set[int]:
    """The warm process: the first one in the box that is not bubblewrap's."""
    family = _family(pid)
    boxes = {p for p, (name, _) in family.items() if name == "bwrap"}
    return {p for p, (_, parent) in family.items() if parent in boxes} - boxes


def runners_of(pid: int) -> set[int]:
    """The students' processes: children of keepers, which are children of the warm process."""
    family, warm = _family(pid), warm_of(pid)
    keepers = {p for p, (_, parent) in family.items() if parent in warm}
    return {p for p, (_, parent) in family.items() if parent in keepers}


def boxes(mark: str) -> list[str]:
    """Command lines of the boxes that bear this mark among their options."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            found += [" ".join(words)] if mark in words and "bwrap" in words[0] else []
    return found


def soon(met: Callable[[], object], seconds: float = 60.0) -> bool:
    """Whether it is met within so many seconds."""
    end = time.monotonic() + seconds
    while not (now := met()) and time.monotonic() < end:
        time.sleep(0.02)
    return bool(now)


@dataclass
class Killer:
    """Kills what it is told to, in the middle of a student's cell."""

    whom: Callable[[int], set[int]]
    killed: dict[int, int] = field(default_factory=dict)
    """Process ids, and how readily the system would have killed them for want of memory."""

    def __call__(self, pid: int) -> None:
        """Wait for a student's process and for a cell that takes its time; then kill."""
        soon(lambda: runners_of(pid))
        time.sleep(0.4)
        for victim in self.whom(pid):
            score = Path(f"/proc/{victim}/oom_score_adj").read_text()
            os.kill(victim, signal.SIGKILL)
            self.killed[victim] = int(score)


def interrupt(pid: int) -> None:
    """What Ctrl-C does: a signal to the whole group, in the middle of a cell."""
    soon(lambda: runners_of(pid))
    os.killpg(pid, signal.SIGINT)


def kill(pid: int) -> None:
    """Kill nbgrader itself, in the middle of a cell."""
    soon(lambda: runners_of(pid))
    os.kill(pid, signal.SIGKILL)


# The disk


def mounted(folder: Path, size: str) -> bool:
    """Whether a small disk of its own could be put at this folder."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "layer-by-layer", str(folder)]
    try:
        return subprocess.run(words, capture_output=True).returncode == 0
    except OSError:  # there is no such command
        return False


@dataclass
class Ballast:
    """A file that takes all the room of a disk."""

    path: Path

    def fill(self, _: int = 0) -> None:
        """Take every byte that is left."""
        with self.path.open("ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self, _: int = 0) -> None:
        """Give it back."""
        self.path.unlink()


# The gradebook


@dataclass
class Lock:
    """Another program that keeps the gradebook to itself for a while."""

    gradebook: Path
    seconds: float
    released: float = 0.0

    def __call__(self, _: int) -> None:
        """Take it now, and give it back later."""
        taken = threading.Event()
        threading.Thread(target=self._hold, args=(taken,)).start()
        taken.wait()

    def _hold(self, taken: threading.Event) -> None:
        with closing(sqlite3.connect(self.gradebook, timeout=60)) as database:
            database.execute("BEGIN EXCLUSIVE")
            taken.set()
            time.sleep(self.seconds)
            self.released = time.monotonic()
            database.rollback()
