"""The page "A class on one machine" is followed, as far as a test may change a machine.

`sudo` is left out, folders of the system lie below a folder of the test, and what takes long or
needs accounts is replaced: packages are those of this environment. By hand it was all followed, on
a bare Debian: the page says so.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "one-machine.md").read_text(encoding="utf-8")
SYSTEM = ("/opt", "/etc", "/usr/local/share")
LEFT_OUT = ("apt-get", "groupadd", "usermod", "useradd", "chgrp", "pip install -q -r")
"""What needs root, other accounts or a network."""
PROJECT = "/opt/layers-grading"


def commands(kind: str) -> list[str]:
    """The page's commands of a kind, in their order."""
    blocks = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.M | re.S)
    return [line.removeprefix("sudo ") for block in blocks for line in block.strip().split("\n")]


def below(line: str, top: Path) -> str:
    """The command, with the system's folders below this one."""
    places = "|".join(map(re.escape, SYSTEM))
    return re.sub(rf"(?<![\w.])({places})(?=/|\s|$)", rf"{top}\1", line)


def run(line: str, folder: Path, top: Path) -> str:
    """Run it as it stands there; what it said."""
    home = top / "home"
    tools = f"{top}/opt/layers-grading/.venv/bin{os.pathsep}{os.environ['PATH']}"
    own = {"HOME": str(home), "PATH": tools, "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    own |= {"JUPYTER_CONFIG_PATH": str(top / "etc" / "jupyter"), "USER": "instructor"}
    ours = {name: value for name, value in os.environ.items() if name != "JUPYTER_NO_CONFIG"}
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=folder,
        env=ours | own,
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A machine's folders, after the administrator's part of the page."""
    if not (ROOT / ".git").exists():
        pytest.skip("the page begins with a clone of this folder, which is none here")
    top = tmp_path_factory.mktemp("machine")
    for name in (*SYSTEM, "/etc/profile.d", "/home"):
        (top / name.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for line in commands("sh machine"):
        if any(words in line for words in LEFT_OUT):
            continue
        if f"make -C {PROJECT}" in line:
            (top / "opt/layers-grading/.venv").symlink_to(sys.prefix)
            continue
        if "compileall" in line:  # all of the environment would take a minute
            line = line.partition(f" {PROJECT}/.venv/lib")[0]
        line = line.replace("grader pack", "grader pack 01-first-layers")  # all take half a minute
        run(below(line, top), ROOT, top)
        if line.startswith("python3 -m venv"):  # the packages of this environment are its own
            [packages] = (top / "opt/layers/lib").glob("python*/site-packages")
            (packages / "ours.pth").write_text(sysconfig.get_path("purelib"))
    return top


def test_graders_and_students_have_each_their_installation(machine: Path) -> None:
    grading, students = machine / "opt/layers-grading", machine / "opt/layers"
    assert grading.stat().st_mode & 0o777 == 0o750
    assert (grading / "grader/exercises/pooling/held_digits.npz").exists()
    [package] = students.glob("lib/python*/site-packages/grader")
    assert (package / "check.py").exists()
    assert (package / "_data" / "digits.npz").exists()
    for teachers in ("grading", "commands", "exercises/pooling/held_digits.npz"):
        assert not (package / teachers).exists()
    assert not list((machine / "opt").glob("layer-by-layer*"))
    check = f"from grader import check; print(check.__module__, {str(package)!r})"
    python = students / "bin" / "python"
    done = subprocess.run([python, "-c", check], capture_output=True, text=True, cwd=machine)
    assert done.stdout.startswith("grader"), done.stderr


def test_everybodys_jupyter(machine: Path) -> None:
    etc = machine / "etc"
    assert (etc / "jupyter/nbgrader_config.py").exists()
    assert (etc / "jupyter/labconfig/page_config.json").exists()
    assert (etc / "profile.d/layer-by-layer.sh").stat().st_mode & 0o777 == 0o644
    exchange = machine / "usr/local/share/nbgrader/exchange"
    assert exchange.stat().st_mode & 0o1777 == 0o1777


def test_an_instructor_comes_to_a_unit_that_is_released(machine: Path) -> None:
    exchange = machine / "usr/local/share/nbgrader/exchange"
    config = machine / "etc/jupyter/nbgrader_config.py"
    config.write_text(below(config.read_text(), machine))
    said = [run(below(line, machine), ROOT, machine) for line in commands("sh")]
    course = machine / "home" / "layer-by-layer"
    assert course.stat().st_mode & 0o777 == 0o700
    assert (machine / "home").stat().st_mode & 0o777 == 0o700
    assert any("the Keras version that the course is judged with" in text for text in said)
    assert list((exchange / "layer-by-layer/outbound/01-first-layers").glob("*.ipynb"))
    own = (machine / "home/.jupyter/nbgrader_config.py").read_text()
    assert f'c.CourseDirectory.root = "{course}"' in own
