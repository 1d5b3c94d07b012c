"""The warm process: imports TensorFlow once, and forks a runner for each submission.

    grading process                warm process (in the box)
    Warm ---- control socket ----> serve: "start" with a channel, "end" of a runner
                                     keeper (new namespaces) ---- fork ---- runner (process 1)
    WarmChild -------- channel (a socket of its own) ------------------->   main loop

No operation is ever run here: TensorFlow would start its threads, and a fork would lose them.
The keeper waits for its runner, watches its threads and memory, and tells how it ended; the
runner dies with the keeper.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import re
import select
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import Any

from grader.sandbox import jail
from grader.sandbox.clock import use_of
from grader.sandbox.runner import prepare, serve

_LOOK_MS = 50
"""Time between two looks at a runner's threads."""
_HELD = ("RssAnon", "RssShmem", "VmSwap", "VmPTE")
"""Memory that a process really takes, of any kind; page tables are the last of it."""
_NUMBERS = re.compile(rf"^(Threads|VmData|{'|'.join(_HELD)}):\s*(\d+)", re.MULTILINE)
_NO_DATA = 256 << 20
"""An honest process holds this much less beside its data: what it has of files, and of libraries
that were linked. Only one that takes memory past the limit on data holds more."""
_GRACE_MS = 2000
"""For a runner that seems gone to be gone: its channel closes a little before it ends."""


@dataclass(frozen=True)
class _Runner:
    keeper: int
    process: int
    told: int  # a pipe on which the keeper tells how the runner ended


def main(control: socket.socket, listener: socket.socket | None, confined: bool) -> None:
    """Serve the grading process, and all who come to the listener, until the first hangs up."""
    gc.disable()  # loading makes hardly any garbage, and to look for it takes a sixth of the time
    shell = prepare()
    gc.collect()
    gc.freeze()  # so that the collector of a fork does not copy every page that it looks at
    gc.enable()
    _reply(control, {"ready": True})
    desk = _Desk(shell, confined, control, listener)
    while desk.is_open:
        desk.serve()


class _Desk:
    """Takes the orders. Anyone who hangs up has the runners ended that were ordered."""

    def __init__(
        self, shell: Any, confined: bool, control: socket.socket, listener: socket.socket | None
    ) -> None:
        self._shell, self._confined = shell, confined
        self._control, self._listener = control, listener
        self._runners: dict[socket.socket, dict[str, _Runner]] = {control: {}}

    @property
    def is_open(self) -> bool:
        """Whether the one who started this process is still there."""
        return self._control in self._runners

    def serve(self) -> None:
        """Wait for orders, and do them."""
        for one in select.select(self._sockets(), [], [])[0]:
            if one is self._listener:
                self._runners[one.accept()[0]] = {}
            elif not self._do_next(one):
                one.close()
                for runner in self._runners.pop(one).values():
                    _end(runner)

    def _sockets(self) -> list[socket.socket]:
        return [*self._runners, *([self._listener] if self._listener else [])]

    def _do_next(self, control: socket.socket) -> bool:
        """Do the next order that came there; whether there was one."""
        try:
            data, channels, _, _ = socket.recv_fds(control, 1 << 16, 1)
        except ConnectionError:
            return False
        if data:
            with contextlib.suppress(ConnectionError):  # it wants no answer any more
                self._do(control, json.loads(data), *channels)
        return bool(data)

    def _do(self, control: socket.socket, order: dict[str, Any], channel: int = -1) -> None:
        runners, name = self._runners[control], order["name"]
        if order["do"] == "start" and not order["fork"]:
            _reply(control, {"started": name})
            self._close()
            _serve_here(self._shell, order["limits"], channel, self._confined)
            sys.exit()
        if order["do"] == "start":
            runners[name] = self._start(order["limits"], channel)
            os.close(channel)
            _reply(control, {"started": name})
        elif order["do"] == "use":
            runner = runners.get(name)
            use = use_of(runner.process) if runner else None
            _reply(control, {"use": use and [use.ran, use.delayed]})
        else:
            runner = runners.pop(name, None)
            _reply(control, _end(runner, _GRACE_MS * order["gone"]) if runner else {})

    def _start(self, limits: dict[str, Any], channel: int) -> _Runner:
        told, tell = os.pipe()
        keeper = os.fork()
        if keeper == 0:
            self._close()
            os.close(told)
            try:
                _keep(self._shell, limits, channel, tell, self._confined)
            finally:
                os._exit(0)
        os.close(tell)
        process = int(os.read(told, 16) or 0)
        return _Runner(keeper, process, told)

    def _close(self) -> None:
        for one in self._sockets():
            one.close()


def _serve_here(shell: Any, limits: dict[str, Any], channel: int, confined: bool) -> None:
    """Be the runner, where forks do not work: the box itself keeps it from everything else."""
    if confined:
        _limit(limits)
    serve(shell, channel, limits)


def _limit(limits: dict[str, Any]) -> None:
    jail.bound(limits["memory"], limits["open_files"], limits["scratch"])
    jail.renounce()


def _keep(shell: Any, limits: dict[str, Any], channel: int, tell: int, confined: bool) -> None:
    """In the keeper: fork the runner in new namespaces, wait for it, tell how it ended."""
    if confined:
        processes = os.open("/proc", os.O_RDONLY)  # before the runner covers it
        jail.leave_namespaces()
    process = os.fork()
    if process == 0:
        jail.keep_only(channel)
        os.setsid()  # a signal to the process group must not meet the others
        try:
            if confined:
                jail.hide(limits["scratch"])
                _limit(limits)
            serve(shell, channel, limits)
        finally:
            os._exit(0)
    os.close(channel)
    os.write(tell, f"{process:>16}".encode())
    seen = _watch(process, processes, limits) if confined else _Seen()
    _, status, used = os.wait4(process, 0)
    memory = max(used.ru_maxrss * 1024, seen.data)
    ended = {"status": status, "memory": memory, "seconds": used.ru_utime, **asdict(seen)}
    os.write(tell, json.dumps(ended).encode())


@dataclass
class _Seen:
    """Of a runner: the most data memory, for its limit counts what was asked for, not only what was
    used; why it was killed, and whether for the memory that it held."""

    data: int = 0
    why: str = ""
    over: bool = False


def _watch(process: int, processes: int, limits: dict[str, Any]) -> _Seen:
    """Until the process ends: kill it where it has too many threads or holds too much memory.

    RLIMIT_NPROC would not do: it does not count those of root. Nor does RLIMIT_DATA count all
    memory.
    """
    seen = _Seen()
    most_held = jail.most_data(limits["memory"]) + _NO_DATA
    ended = select.poll()
    ended.register(os.pidfd_open(process), select.POLLIN)
    while not ended.poll(_LOOK_MS):
        found = _numbers(process, processes)
        seen.data = max(seen.data, found.get("VmData", 0) * 1024)
        seen.over = sum(found.get(name, 0) for name in _HELD) * 1024 > most_held
        if found.get("Threads", 0) > limits["threads"]:
            seen.why = f"it started more than {limits['threads']} threads"
        if seen.over or seen.why:
            os.kill(process, signal.SIGKILL)
            break
    return seen


def _numbers(process: int, processes: int) -> dict[str, int]:
    status = os.open(f"{process}/status", os.O_RDONLY, dir_fd=processes)
    text = os.read(status, 1 << 16).decode(errors="replace")
    os.close(status)
    return {name: int(number) for name, number in _NUMBERS.findall(text)}


def _end(runner: _Runner, grace_ms: int = 0) -> dict[str, Any]:
    """Kill the runner, and with it all that it started; how it ended.

    In the answer, "before" says whether it ended before it was killed here.
    """
    ended = select.poll()
    ended.register(runner.told, select.POLLIN)
    before = bool(ended.poll(grace_ms))
    if runner.process:
        with contextlib.suppress(ProcessLookupError):
            os.kill(runner.process, signal.SIGKILL)
    told = os.read(runner.told, 4096)
    os.close(runner.told)
    os.waitpid(runner.keeper, 0)
    if not told:  # the keeper was killed itself, and its runner with it
        return {"status": signal.SIGKILL, "before": True}
    return {**json.loads(told), "before": before}


def _reply(control: socket.socket, value: dict[str, Any]) -> None:
    control.send(json.dumps(value).encode())


if __name__ == "__main__":
    first, *rest = (socket.socket(fileno=int(number)) for number in sys.argv[1].split(","))
    main(first, rest[0] if rest else None, confined=sys.argv[2] == "confined")
