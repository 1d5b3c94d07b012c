"""How long a student waits with `grader watch`, a part of `make bench`: from the end of `nbgrader
submit` to the page in the exchange, for one who hands in, and for many at once.

The submissions are those of the sample class of unit 01, as in `bench_class`. They are copied into
the exchange's inbound folder as nbgrader does it; loading TensorFlow is over by then.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from nbgrader.utils import notebook_hash
from rich.console import Console
from rich.table import Table

from tests.long.bench_class import UNIT, course

_PATIENCE = 1800.0
_EVERY = "1"


class _Exchange:
    """The exchange of a course, and when each page came."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._course = folder
        self._place = root / "layer-by-layer"
        (self._place / "inbound").mkdir(parents=True)
        with (folder / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.Exchange.root = {str(root)!r}\n")
        self._notebooks = sorted((folder / "submitted").glob(f"*/{UNIT}/{UNIT}.ipynb"))
        self._count = 0
        shutil.move(folder / "submitted", folder / "handed-in")

    def submit(self) -> Path:
        """Hand in the next notebook; where its page will be."""
        path = self._notebooks[self._count % len(self._notebooks)]
        source = self._course / "handed-in" / path.relative_to(self._course / "submitted")
        self._count += 1
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        place = self._place / "inbound" / f"s{self._count:05d}+{UNIT}+{stamp}"
        place.mkdir()
        shutil.copy(source, place)
        (place / "timestamp.txt").write_text(stamp)
        secret = f"secret {self._count}"
        (place / "submission_secret.txt").write_text(secret)
        name = notebook_hash(secret=secret, notebook_id=UNIT)
        return self._place / "feedback" / f"{name}.html"


def _wait(pages: list[Path], began: float) -> list[float]:
    """Seconds from then until each page is there."""
    came: dict[Path, float] = {}
    while len(came) < len(pages):
        for page in pages:
            if page not in came and page.exists():
                came[page] = time.time() - began
        if time.time() - began > _PATIENCE:
            raise RuntimeError(f"{len(came)} of {len(pages)} pages came in {_PATIENCE:g} s")
        time.sleep(0.02)
    return sorted(came.values())


@contextmanager
def _watching(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "grader.cli", "watch", UNIT, "--every", _EVERY, "--json"]
    with (folder / "watch.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


def waiting(many: int, runs: int, out: Console) -> None:
    """Print (h): how long one waits, and how long many do who hand in at once."""
    with tempfile.TemporaryDirectory() as place:
        folder = course(Path(place) / "class", min(many, 20))
        exchange = _Exchange(folder, Path(place) / "exchange")
        with _watching(folder):
            began = time.time()
            first = _wait([exchange.submit()], began)[0]  # with the loading of TensorFlow
            alone = []
            for _ in range(runs):
                time.sleep(2)
                began = time.time()
                alone += _wait([exchange.submit()], began)
            time.sleep(2)
            began = time.time()
            together = _wait([exchange.submit() for _ in range(many)], began)
        log = (folder / "watch.log").read_text().splitlines()
        events = [json.loads(line) for line in log if line.startswith("{")]
    failed = [event for event in events if event["failed"]]
    table = Table("", "submissions", "median, s", "last, s")
    table.title = f"(h) grader watch, from submit to the page, {os.cpu_count()} cores"
    table.add_row("the first after the start", "1", f"{first:.1f}", f"{first:.1f}")
    table.add_row("one alone", str(runs), f"{median(alone):.1f}", f"{max(alone):.1f}")
    table.add_row("at once", str(many), f"{median(together):.1f}", f"{together[-1]:.1f}")
    out.print(table)
    out.print(f"(h) {len(failed)} of {len(events)} events ask for the instructor")
