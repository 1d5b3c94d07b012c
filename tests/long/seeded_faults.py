"""Do the tests notice a fault? `make seeded-faults` puts faults into a copy of this folder.

[`seeded_faults.toml`](seeded_faults.toml) has them, for each room and each aspect: a check that is
dropped, a sign that is turned, a limit that is not set. Each is tried by itself, with the tests
that it names, all of `make test`; these must pass without a fault and fail with it. Further words
are parts of paths: `make seeded-faults FAULTS="aspects bench"` tries those in these rooms.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

import grader.bench.backend  # noqa: F401  Keras is loaded once: each run is a fork of this

ROOT = Path(__file__).resolve().parents[2]
FAULTS = Path(__file__).with_suffix(".toml")
MOST_SECONDS = 1800.0
"""For the tests of one fault. A fault that makes them hang has not been noticed."""
_LEFT_OUT = (".git", ".venv", ".*_cache", "__pycache__", "demo", "reports", "dist")
_PASSED, _FAILED, _HUNG = 0, 1, -1


@dataclass(frozen=True)
class Fault:
    """A text in a file of grader/, what stands there instead, and the tests that must fail then."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.new.strip().splitlines()[0]}"

    def put_into(self, root: Path) -> str:
        """Write the fault into a copy; the text of the file as it was."""
        path = root / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: what the fault replaces does not stand there once")
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")
        return text


def known() -> list[Fault]:
    """All faults."""
    rows = tomllib.loads(FAULTS.read_text(encoding="utf-8"))["fault"]
    return [Fault(row["file"], row["old"], row["new"], tuple(row["tests"])) for row in rows]


def run(copy: Path, tests: Sequence[str]) -> int:
    """How these tests of the copy end, in a process of their own: pytest's exit status."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        _test(copy, tests)
    end = time.monotonic() + MOST_SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.1)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return _HUNG


def _test(copy: Path, tests: Sequence[str]) -> None:
    status = 70
    try:
        said = os.open(copy / "pytest.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os.chdir(copy)
        for name in [name for name in sys.modules if name.split(".")[0] in ("grader", "tests")]:
            del sys.modules[name]
        sys.path.insert(0, str(copy))
        os.environ["PYTHONPATH"] = str(copy)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True
        status = pytest.main(
            ["-x", "-q", "-p", "no:cacheprovider", "-m", "not slow and not long", *tests]
        )
    finally:
        os._exit(status)


def try_all(faults: Sequence[Fault], copy: Path) -> Iterator[tuple[Fault, str]]:
    """What came of each fault: "caught", or what is wrong with it."""
    for fault in faults:
        before = run(copy, fault.tests)
        if before != _PASSED:
            yield fault, f"its tests do not pass without it (status {before})"
            continue
        text = fault.put_into(copy)
        status = run(copy, fault.tests)
        (copy / fault.file).write_text(text, encoding="utf-8")
        yield (
            fault,
            {_FAILED: "caught", _PASSED: "MISSED", _HUNG: "MISSED: its tests hang"}.get(
                status, f"its tests cannot be run (status {status})"
            ),
        )


def main() -> int:
    """Try them; the exit status is 1 where one is not caught."""
    parser = argparse.ArgumentParser(description="Do the tests notice a fault?")
    parser.add_argument("parts", nargs="*", help="parts of the paths of files (all by default)")
    wanted = parser.parse_args().parts
    faults = [one for one in known() if not wanted or any(part in one.file for part in wanted)]
    caught = 0
    with tempfile.TemporaryDirectory(prefix="seeded-faults-") as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder) / "copy", ignore=_ignored))
        for fault, what in try_all(faults, copy):
            caught += what == "caught"
            print(f"{what:<8} {fault}", flush=True)
            if what != "caught":
                print("  ".join(["", *_last_lines(copy)]), flush=True)
    print(f"{caught} of {len(faults)} faults were caught")
    return 0 if caught == len(faults) else 1


def _ignored(folder: str, names: Sequence[str]) -> set[str]:
    """What is no part of a copy: what was made, and what lies at the top beside the project."""
    left_out = _LEFT_OUT if Path(folder) == ROOT else ("__pycache__",)
    return {name for name in names if any(fnmatch(name, pattern) for pattern in left_out)}


def _last_lines(copy: Path) -> list[str]:
    return (copy / "pytest.log").read_text(errors="replace").splitlines(keepends=True)[-8:]


if __name__ == "__main__":
    sys.exit(main())
