"""The examiner's clock: what counts as a process's own time."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from grader.sandbox import wire
from grader.sandbox.child import Child, TimeLimit
from grader.sandbox.clock import Use, cores, own_time, use_of

LIMIT = 0.4


def answering(after: float, use: Callable[[], Use]) -> Child:
    """A process that answers its first request after so many seconds."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        with theirs, theirs.makefile("rb") as requests:
            name = wire.decode(requests.read, 1 << 20)["id"]
            time.sleep(after)
            with contextlib.suppress(BrokenPipeError):  # nobody waits any more
                theirs.sendall(wire.encode({"id": name, "reply": "done"}, 1 << 20))

    threading.Thread(target=serve, daemon=True).start()
    return Child(ours, lambda gone: {}, 1 << 20, 1 << 30, use)


def test_waiting_for_a_core_is_not_counted() -> None:
    child = answering(
        5 * LIMIT, lambda: Use(delayed=time.monotonic())
    )  # it has waited all the time
    assert child.ask({"do": "something"}, LIMIT) == "done"
    assert child.spent < LIMIT


def test_all_else_is_counted() -> None:
    child = answering(5 * LIMIT, lambda: Use(delayed=7.0))  # that was before the request
    with pytest.raises(TimeLimit, match=f"within {LIMIT} seconds"):
        child.ask({"do": "something"}, LIMIT)


def tenth_of_a_core() -> Use:
    return Use(0.1 * time.monotonic(), 0.9 * time.monotonic())


def test_a_tenth_of_a_core_is_ten_times_the_time() -> None:
    child = answering(1.5 * LIMIT, tenth_of_a_core)
    assert child.ask({"do": "something"}, LIMIT) == "done"
    late = answering(60.0, lambda: Use(time.monotonic() / 2, time.monotonic() / 2))
    with pytest.raises(TimeLimit):
        late.ask({"do": "something"}, LIMIT)


def test_patience_has_an_end() -> None:
    # 600 seconds would be how long this test takes
    child = answering(600.0, lambda: Use(delayed=time.monotonic()))
    with pytest.raises(TimeLimit):
        child.ask({"do": "something"}, 0.05)


def test_a_clock_that_is_gone_is_no_excuse() -> None:
    def gone() -> Use:
        raise OSError("the warm process ended")

    with pytest.raises(TimeLimit):
        answering(5 * LIMIT, gone).ask({"do": "something"}, LIMIT)


def test_a_clock_that_goes_meanwhile_is_no_excuse() -> None:
    """What it said before stands, and it has not waited since."""
    said = iter([Use(3.0, 100.0)])

    def gone() -> Use:
        for use in said:
            return use
        raise OSError("the process has ended")

    child = answering(2 * LIMIT, gone)
    with pytest.raises(TimeLimit):
        child.ask({"do": "something"}, LIMIT)
    assert child.spent >= LIMIT


TRAINS = """
import hashlib, sys, threading, time
count, seconds, rest = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
def train():
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        hashlib.sha256(bytes(1 << 20)).digest()  # without the interpreter's lock
        time.sleep(rest)
    done.wait()
    time.sleep(60)
print("begins", flush=True)
done = threading.Barrier(count + 1)
for _ in range(count): threading.Thread(target=train, daemon=True).start()
done.wait()
print("ends", flush=True)
time.sleep(60)
"""
"""As TensorFlow does it: several threads work, and the first one sleeps until they are done."""


def wall_and_own_time(count: int, seconds: float, rest: float = 0.0) -> tuple[float, float]:
    """The seconds that threads need which work for so many, by the clock and of their own."""
    command = [sys.executable, "-c", TRAINS, str(count), str(seconds), str(rest)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        began, before = time.monotonic(), use_of(process.pid)
        process.stdout.readline()
        wall, after = time.monotonic() - began, use_of(process.pid)
        process.kill()
    assert before
    assert after
    return wall, own_time(wall, after - before, cores())


@contextlib.contextmanager
def crowd(size: int) -> Iterator[None]:
    """So many other processes that want a core all the time."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(size)]
    try:
        yield
    finally:
        for process in others:
            process.kill()
            process.wait()


@pytest.mark.parametrize("count", [1, cores()])
def test_threads_that_others_keep_from_a_core_lose_no_time(count: int) -> None:
    """Also where the first one sleeps meanwhile, as it does when a network is trained."""
    with crowd(4 * cores()):
        wall, own = wall_and_own_time(count, 0.2)
    assert wall > 0.6
    assert own < 0.4 * wall


def test_who_keeps_himself_from_a_core_gets_nothing_for_it() -> None:
    count = 8 * cores()
    wall, own = wall_and_own_time(count, 0.25)
    assert own >= 0.95 * count * 0.25 / cores()
    assert wall >= own


def test_a_crowd_of_threads_that_rest_together_gains_little() -> None:
    """All are ready at the same moments, and keep each other waiting there."""
    wall, own = wall_and_own_time(100, 0.02, rest=0.2)
    assert own > 0.3 * wall


def test_time_is_what_it_would_take_alone() -> None:
    assert own_time(8.0, Use(2.0, 6.0), cores=2) == 2.0  # one thread, a quarter of a core
    assert own_time(8.0, Use(4.0, 12.0), cores=2) == 2.0  # two threads, a quarter of a core each
    assert own_time(8.0, Use(4.0, 12.0), cores=1) == 4.0  # one of them would have had to wait
    assert own_time(8.0, Use(16.0, 32.0), cores=2) == 8.0  # six threads on two cores of their own
    assert own_time(8.0, Use(1.0, 1.0), cores=2) == 7.0  # it slept for six seconds
    assert own_time(8.0, Use(), cores=2) == 8.0  # it slept, or nobody knows


def test_of_a_process_that_has_ended_nobody_knows() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert use_of(ended.pid) is None
