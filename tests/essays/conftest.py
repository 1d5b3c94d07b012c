"""The course of the class with written answers: made once, and copied for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.essays.written_class import copied, written_course


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It is only to be read."""
    return written_course(tmp_path_factory.mktemp("written") / "course")


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    """A copy that a test may write to."""
    return copied(written, tmp_path / "course")
