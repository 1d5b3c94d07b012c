"""`make` installs with uv where it is there, and with pip elsewhere. Both are played by scripts."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """A folder with the Makefile, and an environment whose Python only writes what it is told."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(root / name, tmp_path)
    bin_ = tmp_path / ".venv" / "bin"
    bin_.mkdir(parents=True)
    script(bin_ / "python", f'echo "pip: $*" >> {tmp_path}/done')
    (bin_ / "pip").touch()
    return tmp_path


def script(path: Path, line: str) -> None:
    """A program that does this."""
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def make(
    folder: Path, target: str = ".venv/.installed", *settings: str
) -> tuple[list[str], str, int]:
    """What was called, what was said, and the exit status."""
    environment = os.environ | {"PATH": f"{folder}:/usr/bin:/bin"}
    made = subprocess.run(
        ["make", target, "UV=./uv", *settings],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    done = folder / "done"
    calls = done.read_text().splitlines() if done.exists() else []
    return [call.split()[0] for call in calls], made.stdout, made.returncode


def test_with_uv_where_it_is_there(folder: Path) -> None:
    script(folder / "uv", '[ "$1" = --version ] || echo "uv: $*" >> done')
    called, said, status = make(folder)
    assert (called, status) == (["uv:"], 0)
    assert "into .venv with uv (once; about 20 seconds)" in said
    assert (folder / ".venv" / ".installed").exists()


def test_with_pip_where_it_is_not(folder: Path) -> None:
    called, said, status = make(folder)
    assert (called, status) == (["pip:"], 0)
    assert "uv (once" not in said
    assert "into .venv with pip (once; about 3 minutes" in said
    assert (folder / ".venv" / ".installed").exists()


def test_with_pip_where_uv_fails(folder: Path) -> None:
    script(folder / "uv", '[ "$1" = --version ] || { echo "uv: $*" >> done; exit 2; }')
    called, said, status = make(folder)
    assert (called, status) == (["uv:", "pip:"], 0)
    assert "uv could not install them. Once more, with pip." in said


def test_nothing_stands_as_installed_where_both_fail(folder: Path) -> None:
    script(folder / ".venv" / "bin" / "python", "exit 1")
    assert make(folder)[2] != 0
    assert not (folder / ".venv" / ".installed").exists()


def test_the_hubs_proxy_comes_from_npm(folder: Path) -> None:
    script(folder / "npm", 'echo "npm: $*" >> done')
    called, _, status = make(folder, ".venv/.installed-proxy", "NPM=./npm")
    assert (called, status) == (["pip:", "npm:"], 0)
    assert "configurable-http-proxy@" in (folder / "done").read_text()
    assert (folder / ".venv" / ".installed-proxy").exists()


def test_without_npm_it_is_said_and_nothing_fails(folder: Path) -> None:
    called, said, status = make(folder, ".venv/.installed-proxy", "NPM=./npm")
    assert (called, status) == (["pip:"], 0)
    assert "the test with a JupyterHub is skipped" in said
    assert not (folder / ".venv" / ".installed-proxy").exists()
