"""The glossary for students, beside their notebooks: JupyterLab shows nothing above that folder."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

_LINK = re.compile(r"\[([^\]]+)\]\(\.\./notebooks/(([^/)]+)/[^)]+)\)")


def students_glossary(root: Path, units: Collection[str]) -> str:
    """`docs/glossary.md`, with links to these units as they lead from the folder notebooks/."""

    def link(found: re.Match[str]) -> str:
        return f"[{found[1]}]({found[2]})" if found[3] in units else found[1]

    return _LINK.sub(link, (root / "docs" / "glossary.md").read_text(encoding="utf-8"))
