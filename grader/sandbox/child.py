"""A runner process, seen from the examiner: frames out, frames in, and a deadline for each."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from typing import Any, Protocol

from grader.sandbox import wire


class ChildLost(Exception):
    """The process is gone: it ended, said what makes no sense, or took too long."""


class TimeLimit(ChildLost):
    """The process took too long, and was ended."""


class Child(Protocol):
    """A runner, however it was started. Confinement and warmth are other ways to start one."""

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """The reply; raises `ChildLost`."""
        ...

    def close(self) -> None:
        """End the process; may be called twice."""
        ...


class ProcessChild:
    """A plain child process over a pipe."""

    def __init__(self, seconds: float = 120.0) -> None:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "MPLBACKEND": "agg"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "grader.sandbox.runner"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._count = 0
        if self._receive(seconds) != "ready":
            self.close()
            raise ChildLost("the runner did not start")

    def ask(self, request: dict[str, Any], seconds: float) -> Any:
        """The reply to this request; the process is ended where it gives none in time."""
        self._count += 1
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(wire.encode({**request, "id": self._count}))
            self._process.stdin.flush()
        except OSError:
            self.close()
            raise ChildLost("the process ended") from None
        reply = self._receive(seconds)
        if not isinstance(reply, dict) or reply.get("id") != self._count:
            self.close()
            raise ChildLost("the process answered something that was not asked")
        if "refused" in reply:
            raise wire.WireError(str(reply["refused"])[:200])
        return reply.get("reply")

    def close(self) -> None:
        """End the process and wait for it."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _receive(self, seconds: float) -> Any:
        assert self._process.stdout is not None
        source = self._process.stdout.fileno()
        deadline = time.monotonic() + seconds

        def read(size: int) -> bytes:
            parts, missing = [], size
            while missing:
                left = deadline - time.monotonic()
                if left <= 0 or not select.select([source], [], [], left)[0]:
                    raise TimeLimit(f"no answer within {seconds:g} seconds")
                part = os.read(source, min(missing, 1 << 20))
                if not part:
                    raise ChildLost("the process ended")
                parts.append(part)
                missing -= len(part)
            return b"".join(parts)

        try:
            return wire.decode(read)
        except wire.WireError as error:
            self.close()
            raise ChildLost(f"the process sent a broken frame ({error})") from None
        except ChildLost:
            self.close()
            raise
