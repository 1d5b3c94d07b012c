"""Less than a core: what counts is a submission's own time, not that of the clock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

GROUPS = {  # where the kernel's two versions of control groups have the quota of a group
    Path("/sys/fs/cgroup/cpu"): {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "25000"},
    Path("/sys/fs/cgroup"): {"cpu.max": "25000 100000"},
}
WORK = """
import time
began, wall = time.process_time(), time.monotonic()
while time.process_time() - began < {seconds}: pass
print(time.monotonic() - wall)
"""


@pytest.fixture
def quarter() -> Iterator[Path]:
    """A control group whose processes have a quarter of a core together."""
    for root, quota in GROUPS.items():
        group = root / f"layer-by-layer-{os.getpid()}"
        with suppress(OSError):
            group.mkdir()
            try:
                for name, value in quota.items():
                    (group / name).write_text(value)
            except OSError:
                group.rmdir()
                continue
            yield group
            _leave(group, root)
            return
    pytest.skip("no control group with a quota can be made here: that takes the rights of root")


def _leave(group: Path, root: Path) -> None:
    """Take the group away. What still ends in it, slowly, ends outside."""
    end = time.monotonic() + 60
    while group.exists():
        with suppress(OSError):
            for process in (group / "cgroup.procs").read_text().split():
                (root / "cgroup.procs").write_text(process)
            group.rmdir()
        assert time.monotonic() < end, f"{group} could not be taken away"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_quarter_of_a_core_costs_a_right_cell_nothing_and_saves_no_endless_one(
    quarter: Path,
) -> None:
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    limits = replace(Limits(), cell=2.0)
    before = set(psutil.Process().children(recursive=True))
    with Warm(limits) as warm, Session(warm.start, limits) as session:
        assert session.run("pass") == []
        for process in set(psutil.Process().children(recursive=True)) - before:
            (quarter / "cgroup.procs").write_text(str(process.pid))
        [output] = session.run(WORK.format(seconds=1.2))
        assert output["output_type"] == "stream", output
        assert float(output["text"]) > limits.cell  # by the clock it had no time left
        [output] = session.run(WORK.format(seconds=100))
        assert output["ename"] == "TimeLimit"
