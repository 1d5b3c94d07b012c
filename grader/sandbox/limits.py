"""What a submission may use. The defaults are as strict as PrairieLearn's, or stricter.

PrairieLearn's grader host gives a job 30 seconds, 2 GiB of memory, 1 GiB of disk and 1024
processes (`apps/grader-host/src/lib/config.ts`); a job there is what a cell is here.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission; times in wall seconds, sizes in bytes."""

    cell: float = 30.0
    """For one cell."""
    probe: float = 20.0
    """For one script of questions put to a layer."""
    notebook: float = 240.0
    """For all cells and questions of a notebook together."""
    start: float = 120.0
    """For a new process to be ready: it may have to load TensorFlow."""
    memory: int = 2048 * MIB
    scratch: int = 64 * MIB
    """For the files that it writes."""
    threads: int = 1024
    """It can start no other process."""
    open_files: int = 256
    output: int = MIB
    """For the outputs of one cell."""
    array: int = 64 * MIB
    """For all arrays of one answer."""
