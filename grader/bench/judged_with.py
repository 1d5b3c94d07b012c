"""Which Keras and backend the course is judged with, and what to do where others are found."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
from pathlib import Path
from typing import Any

KERAS = "3.15.1"
BACKEND = "tensorflow"
_JUDGED = f"This course is judged with Keras {KERAS} on TensorFlow"


class WrongBackend(ImportError):
    """Keras runs on another backend. In a notebook it shows as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"WrongBackend: {self}"]


def backend() -> str:
    """The backend that Keras has, or would have if it were imported now."""
    loaded: Any = sys.modules.get("keras")
    if hasattr(loaded, "config"):
        return str(loaded.config.backend())
    return os.environ.get("KERAS_BACKEND") or _configured()


def keras_version() -> str:
    """The version of Keras that is imported, or would be; empty where there is none."""
    loaded: Any = sys.modules.get("keras")
    if hasattr(loaded, "__version__"):
        return str(loaded.__version__)
    try:
        return importlib.metadata.version("keras")
    except importlib.metadata.PackageNotFoundError:
        return ""


def trouble() -> str:
    """One line that says what is another here and how to get the right one; else empty."""
    if backend() != BACKEND:
        return (
            f"{_JUDGED}; here Keras runs on {backend()}. Set the environment variable "
            f'KERAS_BACKEND={BACKEND} (or "backend": "{BACKEND}" in {_file()}), then restart the '
            "kernel."
        )
    if keras_version() != KERAS:
        return (
            f"{_JUDGED}; here is Keras {keras_version() or 'not installed'}, and a right answer "
            f"may be called wrong. Run: pip install keras=={KERAS}, then restart the kernel."
        )
    return ""


def refuse_other_backend() -> None:
    """Raise `WrongBackend` where Keras does not run on TensorFlow: nothing can be judged then."""
    if backend() != BACKEND:
        raise WrongBackend(trouble())


def _file() -> Path:
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path("~/.keras").expanduser()) / "keras.json"


def _configured() -> str:
    """What Keras's own file says of the backend."""
    try:
        return str(json.loads(_file().read_text()).get("backend") or BACKEND)
    except (OSError, ValueError, AttributeError):
        return BACKEND
