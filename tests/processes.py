"""The processes that a run of the tests has started: its own and nobody else's."""

from __future__ import annotations

import os
from pathlib import Path


def children() -> set[int]:
    """All processes that stem from this one and run `grader.sandbox.warm`."""
    parents, warm = {}, set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        parents[int(folder.name)] = int(stat[1])
        if b"grader.sandbox.warm" in words and stat[0] != "Z":
            warm.add(int(folder.name))
    ours = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in ours} - ours:
        ours |= more
    return warm & ours


def runners(others: set[int]) -> set[int]:
    """Students' processes: the system takes them first where it runs out of memory."""
    return {pid for pid in children() - others if _score(pid) == "1000"}


def _score(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/oom_score_adj").read_text().strip()
    except OSError:  # it ended meanwhile
        return ""
