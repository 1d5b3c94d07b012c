"""What the units say of their experiments, with the figures that hold it: `make claims`.

It runs the tests of the claims, and prints for each assertion about numbers what was found there.
`python -m tests.long.claims 10 18` is for some units only; `--quick` leaves out the claims that
take minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# What pytest has compiled before has no hook for assertions.
sys.pycache_prefix = tempfile.mkdtemp(prefix="claims-")

import pytest  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = ROOT / "tests" / "notebooks" / "claims"
_COMPARED = re.compile(r"\d.*( < | > | <= | >= )|( < | > | <= | >= ).*\d|approx|±")
_NUMPY = re.compile(r"np\.\w+\(([^()]*)\)")
_LONG = re.compile(r"-?\d+\.\d{4,}(e[-+]\d+)?")
_UNIT = re.compile(r'^(?:UNIT|[A-Z_]*UNIT[A-Z_]*) = "(\d\d)-', re.MULTILINE)
_LONGEST = 100


@dataclass(frozen=True)
class Held:
    """One assertion that passed: where, what it asks, and the same with its numbers."""

    unit: str
    claim: str
    asked: str
    found: str


class Figures:
    """Pytest's plugin that keeps what each assertion about numbers compared."""

    def __init__(self) -> None:
        self.held: list[Held] = []
        self.failed: list[str] = []

    def pytest_assertion_pass(self, item: pytest.Item, orig: str, expl: str) -> None:
        """Keep it."""
        first = _short(expl.splitlines()[0])
        if _COMPARED.search(first):
            claim = item.name.removeprefix("test_").replace("_", " ")
            asked = " ".join(orig.split())
            held = Held(unit_of(item.path), claim, asked, first)
            if held not in self.held:
                self.held.append(held)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what failed: it has no figures to be printed."""
        if report.failed:
            self.failed.append(report.nodeid)


def unit_of(path: Path) -> str:
    """The number of the unit whose claims a file holds."""
    found = _UNIT.search(path.read_text())
    return found[1] if found else path.stem.split("_")[1]


def _short(text: str) -> str:
    """The numbers with four digits, without NumPy's names for their types."""
    return _LONG.sub(lambda found: f"{float(found[0]):.4g}", _NUMPY.sub(r"\1", text))


def table(held: list[Held]) -> Table:
    """A line for each assertion."""
    made = Table("unit", "claim", "asked", "found", title="The claims of the experiments")
    for one in held:
        made.add_row(one.unit, one.claim, one.asked[:_LONGEST], one.found[:_LONGEST])
    return made


def main() -> int:
    """Run the claims' tests; pytest's exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.long.claims", description=__doc__)
    parser.add_argument("units", nargs="*", help="numbers of units (all of them)")
    parser.add_argument("--quick", action="store_true", help="without those that take minutes")
    given = parser.parse_args()
    paths = [
        p for p in sorted(CLAIMS.glob("test_*.py")) if not given.units or unit_of(p) in given.units
    ]
    if not paths:
        parser.error(f"no claims of unit {', '.join(given.units)}: give numbers such as 03")
    os.chdir(ROOT)
    figures = Figures()
    marks = ["-m", "not long"] if given.quick else []
    options = ["-q", "-o", "enable_assertion_pass_hook=true", "-p", "no:cacheprovider", *marks]
    status = pytest.main([*options, *map(str, paths)], plugins=[figures])
    console = Console(width=None if sys.stdout.isatty() else 260)
    console.print(table(figures.held))
    for name in figures.failed:
        console.print(f"NOT held: {name}", highlight=False)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
