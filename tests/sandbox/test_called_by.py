"""The box starts by whatever path Python was called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox.confine import CannotConfine, bwrap, command
from grader.sandbox.limits import MIB


@pytest.mark.parametrize("way", ["plain", "up and down again", "by a link"])
def test_the_box_starts_by_any_path_to_python(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    folder, name = os.path.split(sys.executable)
    if way == "up and down again":
        folder = f"{folder}/../{os.path.basename(folder)}"
    elif way == "by a link":
        (tmp_path / "link").symlink_to(folder)
        folder = str(tmp_path / "link")
    monkeypatch.setattr(sys, "executable", f"{folder}/{name}")
    done = subprocess.run(command(["-c", "print(6 * 7)"], MIB), capture_output=True, text=True)
    assert done.stdout == "42\n", done.stderr
