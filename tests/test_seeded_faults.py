"""The faults that the tests must notice: each has its place. `make seeded-faults` tries them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.aspects import ASPECTS
from tests.long.seeded_faults import ROOT, known

FAULTS = known()
FILES = {path.relative_to(ROOT) for path in (ROOT / "grader").rglob("*.py")}
NO_ROOM = {"pipeline"}
"""Old names, without anything of their own."""


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_what_a_fault_replaces_stands_there_once(fault):
    assert (ROOT / fault.file).read_text().count(fault.old) == 1
    assert fault.old != fault.new
    assert (ROOT / fault.tests[0]).is_file()


def test_there_is_one_for_each_room_and_each_aspect():
    assert len(FAULTS) >= 60
    files = {Path(fault.file) for fault in FAULTS}
    rooms = {path.parts[1] for path in FILES if len(path.parts) > 2} - NO_ROOM
    assert {path.parts[1] for path in files if len(path.parts) > 2} == rooms
    modules = {
        Path(*aspect.judge.__module__.split(".")).with_suffix(".py") for aspect in ASPECTS.values()
    }
    assert modules <= files
