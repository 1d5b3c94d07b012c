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


@pytest.mark.parametrize("name", ["PositionEmbedding", "SinePositionEncoding", "RotaryEmbedding"])
def test_a_reference_of_ours_gives_what_keras_hub_gives(differences, name):
    assert len(differences[name]) >= 4
    assert max(differences[name]) < 5e-5  # float32, at angles up to 112
