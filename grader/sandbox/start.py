"""Start runners: from one warm process, confined unless the instructor has said otherwise."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

from grader.sandbox.child import Child, ChildLost
from grader.sandbox.confine import CannotConfine, command
from grader.sandbox.limits import Limits


@cache
def shared_warm(limits: Limits, *, confined: bool) -> Warm:
    """The one warm process of this process for these limits; it ends with it."""
    warm = Warm(limits, confined=confined)
    atexit.register(warm.close)
    return warm


class Warm:
    """The warm process, started when first needed and again when it is lost."""

    def __init__(self, limits: Limits, *, confined: bool = True) -> None:
        self.limits = limits
        self.confined = confined
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> Child:
        """A new runner; raises `CannotConfine` where this system cannot do what it must."""
        try:
            return self._fork()
        except (OSError, ChildLost):  # the warm process was lost, perhaps killed: once more
            self.close()
            return self._fork()

    def close(self) -> None:
        """End the warm process, and every runner with it."""
        if self._control:
            self._control.close()
        if self._process:
            self._process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
        self._process = self._control = None

    def _fork(self) -> Child:
        if self._process is None or self._process.poll() is not None:
            self._launch()
        name = secrets.token_hex(8)
        ours, theirs = socket.socketpair()
        request = {"do": "start", "name": name, "limits": asdict(self.limits)}
        self._ask(request, theirs)
        theirs.close()
        end = partial(self._ask, {"do": "end", "name": name})
        child = Child(ours, end, self.limits.array, self.limits.memory)
        child.wait_ready(self.limits.start)
        return child

    def _ask(self, request: dict[str, Any], channel: socket.socket | None = None) -> dict[str, Any]:
        if self._control is None:
            raise OSError("there is no warm process")
        self._control.settimeout(self.limits.start)
        socket.send_fds(
            self._control, [json.dumps(request).encode()], [channel.fileno()] if channel else []
        )
        data = self._control.recv(1 << 16)
        if not data:
            raise OSError("the warm process ended")
        return dict(json.loads(data))

    def _launch(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = theirs.fileno()
        words = ["-m", "grader.sandbox.warm", str(number)]
        if self.confined:
            line = command([*words, "confined"], self.limits.scratch)
            environment = None
        else:
            line = [sys.executable, *words, "unconfined"]
            package = str(Path(__file__).resolve().parent.parent.parent)
            environment = {**os.environ, "PYTHONPATH": package, "MPLBACKEND": "agg"}
        self._process = subprocess.Popen(
            line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[number],
            env=environment,
        )
        theirs.close()
        self._control.settimeout(self.limits.start)
        if not self._control.recv(1 << 16):
            self._refuse()

    def _refuse(self) -> None:
        assert self._process is not None
        _, errors = self._process.communicate(timeout=10)
        self.close()
        lines = errors.decode(errors="replace").strip().splitlines() or ["no message"]
        raise CannotConfine(f"the confined process does not start here: {lines[-1]}")
