"""A course in a folder such as `[WS 24] Kurs`.

nbgrader looks for files with `glob`, to which [ ] * ? are not letters, and finds nothing there.
"""

from __future__ import annotations

import glob
import os
from functools import partial
from types import SimpleNamespace
from typing import Any


def find(root: str, pattern: str, **options: Any) -> list[str]:
    """The paths that the pattern describes, where its beginning, `root`, is not a pattern."""
    if pattern.startswith(root):
        pattern = glob.escape(root) + pattern[len(root) :]
    return glob.glob(pattern, **options)


def take_as_it_is(root: str) -> None:
    """Have nbgrader take this folder's name letter by letter, also where it could be a pattern."""
    if glob.escape(root) == root:
        return
    from nbgrader import utils
    from nbgrader.apps import api
    from nbgrader.converters import base
    from nbgrader.exchange.default import release_feedback

    own = SimpleNamespace(glob=partial(find, os.path.abspath(root)), escape=glob.escape)
    for module in (utils, api, base, release_feedback):
        vars(module)["glob"] = own
