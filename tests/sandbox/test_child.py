"""The examiner's clock: what counts as a process's own time."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.sandbox import wire
from grader.sandbox.child import Child, TimeLimit
from grader.sandbox.warm import _waited

LIMIT = 0.4


def answering(after: float, waited: Callable[[], float]) -> Child:
    """A process that answers its first request after so many seconds."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs, theirs.makefile("rb") as requests:
            name = wire.decode(requests.read, 1 << 20)["id"]
            time.sleep(after)
            with contextlib.suppress(BrokenPipeError):  # nobody waits any more
                theirs.sendall(wire.encode({"id": name, "reply": "done"}, 1 << 20))

    threading.Thread(target=serve, daemon=True).start()
    return Child(ours, lambda gone: {}, 1 << 20, 1 << 30, waited)


def test_waiting_for_a_core_is_not_counted() -> None:
    child = answering(5 * LIMIT, waited=time.monotonic)  # it has waited all the time
    assert child.ask({"do": "something"}, LIMIT) == "done"
    assert child.spent < LIMIT


def test_all_else_is_counted() -> None:
    child = answering(5 * LIMIT, waited=lambda: 7.0)  # that was before the request
    with pytest.raises(TimeLimit, match=f"within {LIMIT} seconds"):
        child.ask({"do": "something"}, LIMIT)


def test_a_tenth_of_a_core_is_ten_times_the_time() -> None:
    child = answering(1.5 * LIMIT, waited=lambda: 0.9 * time.monotonic())
    assert child.ask({"do": "something"}, LIMIT) == "done"
    late = answering(60.0, waited=lambda: 0.5 * time.monotonic())
    with pytest.raises(TimeLimit):
        late.ask({"do": "something"}, LIMIT)


def test_patience_has_an_end() -> None:
    child = answering(600.0, waited=time.monotonic)  # else that is how long this test takes
    with pytest.raises(TimeLimit):
        child.ask({"do": "something"}, 0.05)


def test_a_clock_that_is_gone_is_no_excuse() -> None:
    def gone() -> float:
        raise OSError("the warm process ended")

    with pytest.raises(TimeLimit):
        answering(5 * LIMIT, gone).ask({"do": "something"}, LIMIT)


def test_a_clock_that_goes_meanwhile_is_no_excuse() -> None:
    """What it said before stands: less than nothing, where the process kept itself waiting."""
    said = iter([-100.0])

    def gone() -> float:
        for seconds in said:
            return seconds
        raise OSError("the process has ended")

    child = answering(2 * LIMIT, gone)
    with pytest.raises(TimeLimit):
        child.ask({"do": "something"}, LIMIT)
    assert child.spent >= LIMIT


BUSY = """
import hashlib, sys, threading, time
def hash_on():
    while True: hashlib.sha256(bytes(1 << 20)).digest()  # without the interpreter's lock
for _ in range(int(sys.argv[1])): threading.Thread(target=hash_on, daemon=True).start()
end = time.thread_time() + 0.8
while time.thread_time() < end: pass
print("done", flush=True)
time.sleep(60)
"""


def worked() -> float:
    """Seconds that our cores have worked so far, for whatever process."""
    ours = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    rows = [row.split() for row in Path("/proc/stat").read_text().splitlines()]
    user_nice_system_and_interrupts = (1, 2, 3, 6, 7, 8)
    ticks = [int(row[i]) for row in rows if row[0] in ours for i in user_nice_system_and_interrupts]
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def delay_and_credit(threads: int) -> tuple[float, float, float]:
    """Seconds for which a process waited for a core that has so many threads beside the first,
    those that it gets for it, and those for which other processes had the cores."""
    before = worked()
    command = [sys.executable, "-c", BUSY, str(threads)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        credit = _waited(process.pid)
        delay = int(Path(f"/proc/{process.pid}/schedstat").read_text().split()[1]) / 1e9
        own = sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().split()[13:15]))
        others = worked() - before - own / os.sysconf("SC_CLK_TCK")
        process.kill()
    assert credit is not None
    return delay, credit, max(others, 0.0) / len(os.sched_getaffinity(0))


def test_a_process_that_keeps_itself_from_a_core_gets_nothing_for_it() -> None:
    delay, credit, others = delay_and_credit(8 * len(os.sched_getaffinity(0)))
    assert delay > 1.0
    assert credit < 0.4 * delay + others  # on an idle machine these are none


def test_a_process_that_others_keep_from_a_core_gets_all_of_it() -> None:
    crowd = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
             for _ in range(4 * len(os.sched_getaffinity(0)))]  # fmt: skip
    try:
        delay, credit, _ = delay_and_credit(0)
    finally:
        for process in crowd:
            process.kill()
            process.wait()
    assert delay > 0.5
    assert credit > 0.9 * delay


def test_of_a_process_that_has_ended_nobody_knows() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert _waited(ended.pid) is None
