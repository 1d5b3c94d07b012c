"""A PostgreSQL server for tests: its own data, no network, gone in the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def programs() -> Path | None:
    """The folder of the server's programs, which Debian keeps out of PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in installed), key=_version, default=None)


def _version(folder: Path) -> int:
    return int(folder.parent.name)


@contextmanager
def server(bin_: Path) -> Iterator[str]:
    """A server that listens on a socket in a folder of its own; its URL, to be given a database.

    The server refuses to run as root: where the tests do, it is the user postgres.
    """
    # The socket's path may have some hundred characters only: pytest's own folders are too deep.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = "postgres" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)

        def run(program: str, *words: str) -> None:
            command = [str(bin_ / program), "--pgdata", str(folder / "data"), *words]
            subprocess.run(
                command, cwd=folder, user=user, stdout=subprocess.DEVNULL, check=True, timeout=120
            )

        run("initdb", "--auth=trust", "--username=grader", "--no-sync", "--encoding=UTF8")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run("pg_ctl", "start", "--wait", "--log", str(folder / "log"), "--options", options)
        try:
            yield f"postgresql+psycopg://grader@/postgres?host={folder}"
        finally:
            run("pg_ctl", "stop", "--wait", "--mode", "immediate")
