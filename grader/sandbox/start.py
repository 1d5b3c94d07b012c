"""Start runners: forks of one warm process, confined unless the instructor has said otherwise."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

from grader.bench.numerics import GRADING
from grader.sandbox.child import Child, ChildLost, Killed, WarmLost
from grader.sandbox.clock import Use
from grader.sandbox.confine import CannotConfine, command
from grader.sandbox.limits import Limits
from grader.sandbox.remedy import look, remedy

_TRIAL = "import keras\nprint('sum', float(keras.ops.sum(keras.ops.ones((2, 3)))))"
_TRIAL_SECONDS = 30.0


_adopted: dict[tuple[Limits, bool], str] = {}


def adopt(place: str, limits: Limits, confined: bool) -> None:
    """Have this process use the `Shared` warm process at this place, as long as that lives."""
    _adopted[limits, confined] = place


@cache
def shared_warm(limits: Limits, *, confined: bool) -> Warm:
    """The one warm process of this process for these limits; it ends with it."""
    warm = Warm(limits, confined=confined, place=_adopted.get((limits, confined), ""))
    atexit.register(warm.close)
    return warm


class Shared:
    """A warm process that others connect to at `place`: it is loaded once, while they load."""

    def __init__(self, limits: Limits, *, confined: bool) -> None:
        self._folder = tempfile.mkdtemp(prefix="layer-by-layer-")
        self.place = f"{self._folder}/warm"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                listener.bind(self.place)
                listener.listen()
                self._server = _Server(limits, confined=confined, listener=listener)
        except BaseException:
            shutil.rmtree(self._folder)
            raise

    def close(self) -> None:
        """End the process, and every runner with it."""
        self._server.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class Warm:
    """Gives runners. The warm process is started when first needed, and again when it is lost.

    The first fork is put to the test: where TensorFlow does not survive a fork, every runner gets
    a fresh process instead (`forks` is then False), which is slow and just as safe.
    """

    def __init__(self, limits: Limits, *, confined: bool = True, place: str = "") -> None:
        self.limits = limits
        self.confined = confined
        self.forks: bool | None = None
        self._place = place  # of one that is shared
        self._server: _Orders | None = None

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def start(self) -> Child:
        """A new runner; raises `CannotConfine` where this system cannot do what it must."""
        if self.forks is None:
            self.forks = self._fork_works()
        if not self.forks:
            server = _Server(self.limits, confined=self.confined)
            return server.runner(self.limits, fork=False)
        try:
            return self._fork()
        except (OSError, ChildLost):  # the warm process was lost, perhaps killed: once more
            self.close()
            return self._fork()

    def close(self) -> None:
        """End the warm process, and every runner with it."""
        if self._server:
            self._server.close()
            self._server = None

    def _fork(self) -> Child:
        if self._place:
            with contextlib.suppress(OSError, ChildLost):
                return self._shared_fork()
        if self._server is None or not self._server.alive:
            self._server = _Server(self.limits, confined=self.confined)
        return self._server.runner(self.limits, fork=True)

    def _shared_fork(self) -> Child:
        """Of the shared process. That is tried once: where it is lost, this one has its own."""
        place, self._place = self._place, ""
        self._server = _Connected(place, self.limits.start)
        try:
            return self._server.runner(self.limits, fork=True)
        except (OSError, ChildLost):
            self.close()
            raise

    def _fork_works(self) -> bool:
        try:
            child = self._fork()
            outputs = child.ask({"do": "run", "source": _TRIAL}, _TRIAL_SECONDS)
            child.close()
        except Killed:  # from outside: that says nothing of forks
            self.close()
            raise
        except (OSError, ChildLost):
            self.close()
            return False
        return "sum 6.0" in str(outputs)


class _Orders:
    """A socket on which a warm process takes orders."""

    alive = True
    """Whether the process is still there, as far as that is known."""

    def __init__(self, control: socket.socket, seconds: float) -> None:
        self._control = control
        self._control.settimeout(seconds)

    def runner(self, limits: Limits, *, fork: bool) -> Child:
        """A runner: a fork of the process, or, as its last deed, the process itself."""
        name = secrets.token_hex(8)
        ours, theirs = socket.socketpair()
        with theirs:
            order = {"do": "start", "name": name, "limits": asdict(limits), "fork": fork}
            self._ask(order, theirs)
        end = partial(self._end, name) if fork else self.close
        use = partial(self._use, name)
        child = Child(ours, end, limits.array, limits.memory, use)
        child.wait_ready(limits.start)
        return child

    def close(self, gone: bool = False) -> dict[str, Any]:
        """Give no more orders: every runner that was ordered here ends."""
        self._control.close()
        return {}

    def _end(self, name: str, gone: bool) -> dict[str, Any]:
        return self._ask({"do": "end", "name": name, "gone": gone})

    def _use(self, name: str) -> Use:
        use = self._ask({"do": "use", "name": name})["use"]
        if use is None:
            raise OSError("it is not known what the process had of the cores")
        return Use(*map(float, use))

    def _ask(self, order: dict[str, Any], channel: socket.socket | None = None) -> dict[str, Any]:
        data = json.dumps(order).encode()
        socket.send_fds(self._control, [data], [channel.fileno()] if channel else [])
        reply = self._control.recv(1 << 16)
        if not reply:
            raise OSError("the warm process ended")
        return dict(json.loads(reply))


class _Connected(_Orders):
    """A warm process that another process has started."""

    def __init__(self, place: str, seconds: float) -> None:
        control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        control.connect(place)
        super().__init__(control, seconds)


class _Server(_Orders):
    """A warm process of our own. With a `listener` for others nobody waits until it is ready."""

    def __init__(
        self, limits: Limits, *, confined: bool, listener: socket.socket | None = None
    ) -> None:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        super().__init__(control, limits.start)
        numbers = [one.fileno() for one in (theirs, listener) if one]
        words = ["-m", "grader.sandbox.warm", ",".join(map(str, numbers))]
        started = (
            command([*words, "confined"], limits.scratch)
            if confined
            else [sys.executable, *words, "unconfined"]
        )
        self._process = subprocess.Popen(
            started,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=numbers,
            env=None if confined else _unconfined_environment(),
        )
        theirs.close()
        if listener is None and not self._control.recv(1 << 16):
            self._refuse(started[0] if confined else "")

    @property
    def alive(self) -> bool:  # type: ignore[override]
        """Whether the process is still there."""
        return self._process.poll() is None

    def close(self, gone: bool = False) -> dict[str, Any]:
        """End the process, and all that it started."""
        self._control.close()
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        if self._process.stderr:
            self._process.stderr.close()
        return {}

    def _refuse(self, program: str) -> None:
        """`program` is bubblewrap, where that was to start the process."""
        _, errors = self._process.communicate(timeout=10)
        self._control.close()
        if self._process.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL):
            raise WarmLost("the warm process was killed while it started")
        line = errors.decode(errors="replace").strip().rpartition("\n")[2]
        what = f"the students' process does not start here: {line or 'no message'}"
        help_ = remedy(line, look(), program) if program else ""
        raise CannotConfine(". ".join(filter(None, (what, help_))))


def _unconfined_environment() -> dict[str, str]:
    package = str(Path(__file__).resolve().parent.parent.parent)
    ours = {"PYTHONPATH": package, "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
    return {**os.environ, **ours, **GRADING}
