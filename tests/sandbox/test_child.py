"""The examiner's clock: what counts as a process's own time."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

import pytest

from grader.sandbox import wire
from grader.sandbox.child import Child, TimeLimit

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


def test_half_a_core_is_twice_the_time() -> None:
    child = answering(1.5 * LIMIT, waited=lambda: time.monotonic() / 2)
    assert child.ask({"do": "something"}, LIMIT) == "done"
    late = answering(4 * LIMIT, waited=lambda: time.monotonic() / 2)
    with pytest.raises(TimeLimit):
        late.ask({"do": "something"}, LIMIT)


def test_patience_has_an_end() -> None:
    child = answering(60.0, waited=time.monotonic)
    began = time.monotonic()
    with pytest.raises(TimeLimit):
        child.ask({"do": "something"}, 0.05)
    assert time.monotonic() - began < 30


def test_a_clock_that_is_gone_is_no_excuse() -> None:
    def gone() -> float:
        raise OSError("the warm process ended")

    with pytest.raises(TimeLimit):
        answering(5 * LIMIT, gone).ask({"do": "something"}, LIMIT)
