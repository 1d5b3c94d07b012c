"""Where formgrader is on a hub: JupyterLab's menu shows it in a frame, and a hub forbids frames."""

from __future__ import annotations

import os
from collections.abc import Mapping


def formgrader_address(environment: Mapping[str, str] = os.environ) -> str:
    """Its own address; empty where this is no server of a JupyterHub.

    The hub tells a server its path (`/user/ada/` or `/services/course/`), and its public URL where
    the hub itself knows that.
    """
    prefix = environment.get("JUPYTERHUB_SERVICE_PREFIX", "")
    if not prefix:
        return ""
    public = environment.get("JUPYTERHUB_PUBLIC_URL", "") or prefix
    return f"{public.rstrip('/')}/formgrader"
