"""Our references for positions are KerasHub's layers: equal on all that the exercises ask."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

SCRIPT = "tests.exercises.positions_of_keras_hub"


@pytest.fixture(scope="module")
def differences(root):
    """For each layer its largest differences from KerasHub's; found in a process of its own."""
    assert importlib.util.find_spec("keras_hub"), "it is in requirements-dev.txt"
    ran = subprocess.run(
        [sys.executable, "-m", SCRIPT], cwd=root, capture_output=True, text=True, timeout=600
    )
    assert ran.returncode == 0, ran.stderr
    found: dict[str, list[float]] = {}
    for name, difference in json.loads(ran.stdout.splitlines()[-1]):
        found.setdefault(name, []).append(difference)
    return found


def test_our_references_give_what_keras_hub_gives(differences):
    """All in one test: tests of different exercises may run in different processes."""
    assert differences.keys() == {"PositionEmbedding", "SinePositionEncoding", "RotaryEmbedding"}
    for name, found in differences.items():
        assert len(found) >= 4
        assert max(found) < 5e-5, name  # float32, at angles up to 112
