"""The project's own folder: what a course folder beside it does not have is taken from there."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
"""In a checkout. A wheel has the package only."""


def project_of(root: Path) -> Path:
    """The folder with the licence, the data and the requirements of the course in `root`."""
    return root if (root / "pyproject.toml").exists() else PROJECT
