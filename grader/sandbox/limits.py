"""What a submission may use. But for training, the defaults are as strict as PrairieLearn's.

PrairieLearn's grader host gives a job 30 seconds, 2 GiB of memory, 1 GiB of disk and 1024
processes (`apps/grader-host/src/lib/config.ts`); a job there is what a cell is here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one submission: bytes, and seconds of its own (see `grader.sandbox.clock`)."""

    cell: float = 30.0
    """For one cell."""
    training: float = 120.0
    """For one cell of a notebook in which a network is to be trained: four times as long, since the
    machine that grades may be four times as slow as a student's."""
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

    def in_training(self) -> Limits:
        """The limits for a notebook in which a network is to be trained."""
        return replace(self, cell=max(self.cell, self.training))
