"""A runner process, seen from the examiner: frames out, frames in, and a deadline for each."""

from __future__ import annotations

import os
import secrets
import signal
import socket
from collections.abc import Callable
from typing import Any

from grader.sandbox import wire
from grader.sandbox.clock import Clock, Use
from grader.sandbox.seal import BROKEN

MOST_ASKED = 4000
"""Questions that a process may ask back while it answers one request: more than get an answer."""


class ChildLost(Exception):
    """The process is gone: it ended, said what makes no sense, or was stopped."""


class Killed(ChildLost):
    """The process was killed from outside, not by its own doing: it may be asked once more."""


class WarmLost(Killed):
    """The process that all runners were forked from is gone."""


class TimeLimit(ChildLost):
    """The process took too long, and was ended."""


class MemoryLimit(ChildLost):
    """The process wanted more memory than it may have, and is gone."""


class Tampered(ChildLost):
    """The student's code had replaced what answers for it."""


class Child:
    """One runner. `end` kills it and tells how it ended; what it gets is whether it seems gone."""

    def __init__(
        self,
        channel: socket.socket,
        end: Callable[[bool], dict[str, Any]],
        array: int,
        memory: int,
        use: Callable[[], Use] = Use,
    ) -> None:
        self._channel = channel
        self._end = end
        self._use = use
        self.spent = 0.0
        """Seconds that the last request took, without those for which it waited for a core."""
        self._array = array
        self._memory = memory
        self._closed = False

    def wait_ready(self, seconds: float) -> None:
        """Wait until it can be asked; raises `ChildLost`."""
        if self._receive(Clock(seconds)) != "ready":
            self.close()
            raise ChildLost("the process did not start")

    def ask(
        self,
        request: dict[str, Any],
        seconds: float,
        answer: Callable[[Any], Any] | None = None,
    ) -> Any:
        """The reply to this request; raises `ChildLost`, or `WireError` where it was refused.

        What the process asks back meanwhile goes to `answer`, whose time does not count.
        """
        name = secrets.token_hex(8)
        clock = Clock(seconds, self._use)
        try:
            self._channel.settimeout(seconds)
            self._channel.sendall(wire.encode({**request, "id": name}, self._array))
        except TimeoutError:
            self._stop(TimeLimit(f"no answer within {seconds:g} seconds"))
        except OSError:
            self._stop(ChildLost("the process ended"), gone=True)
        try:
            reply = self._receive(clock)
            asked = 0
            while answer and isinstance(reply, dict) and "asks" in reply:
                asked += 1
                if reply.get("id") != name or asked > MOST_ASKED:
                    self._stop(ChildLost(f"it asked more than {MOST_ASKED} questions"))
                with clock.stopped():
                    given = wire.encode(answer(reply["asks"]), self._array)
                self._reply(given, clock)
                reply = self._receive(clock)
        finally:
            self.spent = clock.spent()
        if not isinstance(reply, dict) or reply.get("id") != name:
            self._stop(ChildLost("the process sent an answer that was not asked for"))
        if "refused" in reply:
            raise wire.WireError(str(reply["refused"])[:200])
        return reply.get("reply")

    def _reply(self, frame: bytes, clock: Clock) -> None:
        try:
            self._channel.settimeout(clock.left())
            self._channel.sendall(frame)
        except TimeoutError:
            self._stop(TimeLimit(f"no answer within {clock.seconds:g} seconds"))
        except OSError:
            self._stop(ChildLost("the process ended"), gone=True)

    def close(self, *, gone: bool = False) -> dict[str, Any]:
        """End the process, and all that it started; how it ended. May be called twice."""
        if self._closed:
            return {}
        self._closed = True
        self._channel.close()
        try:
            return self._end(gone)
        except OSError:
            raise WarmLost("the warm process ended") from None

    def _receive(self, clock: Clock) -> Any:
        def read(size: int) -> bytes:
            parts, missing = [], size
            while missing:
                self._channel.settimeout(clock.left())
                try:
                    part = self._channel.recv(min(missing, 1 << 20))
                except TimeoutError:
                    if clock.is_over():
                        raise
                    continue
                if not part:
                    raise EOFError
                parts.append(part)
                missing -= len(part)
            return b"".join(parts)

        try:
            return wire.decode(read, self._array)
        except wire.WireError as error:
            self._stop(ChildLost(f"the process sent a broken frame ({error})"))
        except TimeoutError:
            self._stop(TimeLimit(f"no answer within {clock.seconds:g} seconds"))
        except (EOFError, OSError):
            self._stop(ChildLost("the process ended"), gone=True)

    def _stop(self, reason: ChildLost, *, gone: bool = False) -> None:
        """End the process and raise the reason, or a better one if its end tells it."""
        late = isinstance(reason, TimeLimit)
        ended = self.close(gone=gone)
        status = os.waitstatus_to_exitcode(ended.get("status", 0))
        if ended.get("why"):
            raise ChildLost(ended["why"]) from None
        if ended.get("over"):
            raise self._over() from None
        if ended.get("before") and status == -signal.SIGKILL:
            raise Killed("the process was killed from outside") from None
        if not late and ended.get("memory", 0) > 0.9 * self._memory:
            raise self._over() from None
        if status == BROKEN:
            raise Tampered("the notebook replaced a part of the grader") from None
        raise reason from None

    def _over(self) -> MemoryLimit:
        return MemoryLimit(f"it needed more than {self._memory >> 20} MiB of memory")
