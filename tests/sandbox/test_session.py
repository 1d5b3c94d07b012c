"""A submission's run: whatever a cell or a layer does, the others keep what is theirs."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import bad_citizens as bad
import numpy as np
import pytest

from grader.bench.probe import Fault, Script, Step
from grader.sandbox import jail
from grader.sandbox.limits import Limits
from grader.sandbox.outputs import TRUNCATED
from grader.sandbox.session import Session
from grader.sandbox.start import Warm
from tests.processes import children, runners

Outputs = list[dict[str, Any]]
CALL = Script({}, (Step("call", {"inputs": np.ones((2, 3), "float32"), "call": {}}),))
APPLY = Script({}, (Step("apply"),))


def shown(outputs: Outputs) -> str:
    """All text of a cell's outputs."""
    return "".join(o.get("text", "") + o.get("data", {}).get("text/plain", "") for o in outputs)


def error(outputs: Outputs) -> str:
    """The type of the exception that a cell ended with; empty where it did not."""
    names = [output["ename"] for output in outputs if output["output_type"] == "error"]
    assert len(names) <= 1
    return names[0] if names else ""


def fault(session: Session, name: str, script: Script = APPLY) -> Fault:
    """The fault that a script with one step ends with."""
    [answer] = session.subject(name).run(script)
    assert answer.fault is not None
    return answer.fault


def value(session: Session, name: str) -> Any:
    """What the function of this name gives."""
    [answer] = session.subject(name).run(APPLY)
    assert answer.fault is None, answer.fault
    return answer.value


# Cells


def test_cells_share_their_names_and_show_what_a_notebook_shows(session: Session) -> None:
    assert session.run("x = 20") == []
    assert shown(session.run("print('printed'); display(x); x + 2")) == "printed\n2022"


def test_what_a_student_calls_for_help_does_nothing_and_is_no_error(session: Session) -> None:
    import grader

    names = ", ".join(grader.__all__)
    functions = [name for name in grader.__all__ if name[0].islower()]
    calls = "\n".join(f"{name}(None, seed=3)" for name in functions)
    assert len(functions) > 4
    assert session.run(f"from grader import {names}\n{calls}\nCheckFailed('x')\nNone") == []
    assert session.run("from grader.check import check, CheckFailed") == []


def test_the_parts_of_a_cell_before_an_exception_count(session: Session) -> None:
    assert error(session.run("def before(): return 1\n1 / 0\ndef after(): return 2")) == (
        "ZeroDivisionError"
    )
    assert value(session, "before") == 1
    assert fault(session, "after") == Fault(
        "Missing",
        "the notebook defines no after; an earlier cell stopped with "
        "ZeroDivisionError: division by zero",
    )


UNTOUCHED = """# YOUR CODE HERE
raise NotImplementedError()
class Decoder:
    def __init__(self, blocks):
        # YOUR CODE HERE
        raise NotImplementedError()

    # YOUR CODE HERE
    raise NotImplementedError()
    def call(self, tokens):
        # YOUR CODE HERE
        raise NotImplementedError()
"""
WRITTEN = UNTOUCHED.replace("        raise NotImplementedError()", "        pass")
LEFT = "raise NotImplementedError()"


@pytest.mark.parametrize("cell", [UNTOUCHED, UNTOUCHED.replace(LEFT, "", 1)])
def test_a_stub_before_a_class_or_in_its_body_leaves_it_untouched(
    session: Session, cell: str
) -> None:
    """Units give a place for helpers there, and the class behind it is not defined."""
    session.run(cell)
    assert fault(session, "Decoder").untouched


@pytest.mark.parametrize(("cell", "line"), [(WRITTEN, 2), (WRITTEN.replace(LEFT, "x = 1", 1), 9)])
def test_where_the_class_is_written_the_stub_that_stands_in_its_way_is_named(
    session: Session, cell: str, line: int
) -> None:
    session.run(cell)
    assert fault(session, "Decoder") == Fault(
        "Missing",
        f"the notebook defines no Decoder: its cell stopped at line {line}: {LEFT}. Delete this "
        "line, or write a helper in its place",
    )


def test_a_cell_that_stops_in_another_answers_stub_is_not_taken_for_untouched(
    session: Session,
) -> None:
    session.run(UNTOUCHED.replace(LEFT, "", 1).replace(f"    {LEFT}\n    def", "    def"))
    session.run(f"model = Decoder(2)\ndef name_writer():\n    {LEFT}")
    assert fault(session, "name_writer").type == "Missing"


@pytest.mark.parametrize(("cell", "kind"), bad.RAISE.values(), ids=bad.RAISE.keys())
def test_a_cell_that_raises_is_no_end(session: Session, cell: str, kind: str) -> None:
    session.run("x = 1")
    assert error(session.run(cell)) == kind
    assert shown(session.run("x")) == "1"


@pytest.mark.parametrize("cell", bad.CANNOT_BE_SHOWN.values(), ids=bad.CANNOT_BE_SHOWN.keys())
def test_an_exception_is_an_error_even_if_it_cannot_be_shown(session: Session, cell: str) -> None:
    """nbgrader gives full marks to a test cell that shows no error."""
    assert error(session.run(cell))
    assert shown(session.run("1")) == "1"


@pytest.mark.slow
def test_endless_recursion_is_told(session: Session) -> None:
    session.run("import keras")
    assert error(session.run(bad.RECURSE)) == "RecursionError"


@pytest.fixture
def crowd() -> Iterator[None]:
    """Many processes that want every core."""
    command = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(command) for _ in range(8 * len(os.sched_getaffinity(0)))]
    yield
    for process in processes:
        process.kill()
        process.wait()


def test_sleeping_and_working_are_counted_on_a_busy_machine(hasty: Session, crowd: None) -> None:
    assert error(hasty.run("import time; time.sleep(100)")) == "TimeLimit"
    assert error(hasty.run("while True: pass")) == "TimeLimit"


@pytest.mark.parametrize("line", ["%matplotlib inline", "!pip install keras", "%pip list"])
def test_what_notebooks_begin_with_does_not_cost_the_rest_of_the_cell(
    session: Session, line: str
) -> None:
    session.run(f"{line}\ndef one(): return 1")
    assert value(session, "one") == 1


@pytest.mark.parametrize("cell", bad.MEDDLE.values(), ids=bad.MEDDLE.keys())
def test_after_a_cell_that_meddles_the_next_ones_run(session: Session, cell: str) -> None:
    session.run("def one(): return 1")
    session.run(cell)
    assert shown(session.run("print(one() + 1)")) == "2\n"
    assert value(session, "one") == 1


@pytest.mark.parametrize("cell", bad.TAKE_FOR_EVER.values(), ids=bad.TAKE_FOR_EVER.keys())
def test_a_cell_that_takes_for_ever_is_stopped(hasty: Session, cell: str) -> None:
    hasty.run("x = 1")
    before = hasty._left
    [output] = hasty.run(cell)
    assert (output["ename"], output["evalue"]) == (
        "TimeLimit",
        "the cell took longer than 1.5 seconds",
    )
    assert before - hasty._left < 3  # of its own time: that for which it waited is not counted
    assert shown(hasty.run("x = x + 1; x")) == "2"


@pytest.mark.parametrize("cell", bad.END_THE_PROCESS.values(), ids=bad.END_THE_PROCESS.keys())
def test_cells_before_and_after_a_lost_process_keep_what_is_theirs(
    session: Session, cell: str
) -> None:
    session.run("x = 1\ndef before(): return x")
    assert error(session.run(cell)) == "ProcessLost"
    session.run("x = 2\ndef after(): return x")
    assert value(session, "before") == value(session, "after") == 2


def test_a_name_lost_with_its_process_is_explained(session: Session) -> None:
    session.run(f"def before(): return 1\n{bad.EXIT_AT_ONCE}")
    assert fault(session, "before") == Fault(
        "Missing",
        "the notebook defines no before; an earlier cell was stopped: the process ended",
    )


def test_a_cell_that_cannot_be_run_twice_is_left_out(session: Session) -> None:
    session.run("x = 1")
    session.run("import os, pathlib\nx = 2")
    session.run(
        "import time\nstart = time.time()\n"
        "later = lambda: os._exit(0) if time.time() - start > 0 else None"
    )
    session.run("later()")
    assert shown(session.run("x")) == "2"


def test_the_notebook_as_a_whole_has_its_time(warm: Warm) -> None:
    limits = replace(warm.limits, cell=1.5, notebook=2.0)
    with Session(warm.start, limits) as session:
        met = [session.run(cell)[-1] for cell in (*[bad.LOOP_FOR_EVER] * 3, "1")]
    assert {one["ename"] for one in met} == {"TimeLimit"}
    first, *later = [one["evalue"] for one in met]
    assert first == "the cell took longer than 1.5 seconds"
    assert later == ["the notebook has used up its 2 seconds"] * 3


# Output


@pytest.mark.parametrize("cell", bad.FLOODS.values(), ids=bad.FLOODS.keys())
def test_a_flood_is_cut(session: Session, warm: Warm, cell: str) -> None:
    outputs = session.run(cell)
    assert len(str(outputs)) < 4 * warm.limits.output
    assert shown(session.run("1")) == "1"


def test_the_beginning_of_a_flood_is_kept_and_the_cut_is_said(session: Session) -> None:
    text = shown(session.run(bad.FLOOD))
    assert text.startswith("line 0\nline 1\n")
    assert "dropped" in text


def test_all_cells_together_show_no_more_than_eight_full_ones(session: Session, warm: Warm) -> None:
    most = warm.limits.output
    cells = [session.run(f"print('x' * {most - 100})") for _ in range(30)]
    assert [TRUNCATED in shown(outputs) for outputs in cells] == [False] * 8 + [True] * 22
    assert len(str(cells)) < 8 * most + 30 * 1500
    assert error(session.run("assert 1 == 2, 'x' * 10_000")) == "AssertionError"
    assert shown(session.run("0.5")) == "0.5"


@pytest.mark.parametrize("cell", [bad.FLOOD, bad.FLOOD_WITHOUT_NEWLINE, bad.FLOOD_WITH_DISPLAYS])
def test_a_failed_assertion_is_seen_after_a_flood(session: Session, cell: str) -> None:
    """nbgrader gives full marks to a test cell that shows no error."""
    assert error(session.run(f"{cell}\nassert False")) == "AssertionError"


# Memory


def test_memory_that_cannot_be_had_is_an_exception(session: Session) -> None:
    session.run("x = 1")
    assert error(session.run("y = bytearray(2**30)")) == "MemoryError"
    assert shown(session.run("x")) == "1"


def test_a_process_that_dies_of_its_memory_says_so(own_warm: Warm) -> None:
    with Session(own_warm.start, own_warm.limits) as session:
        session.run("x = 1")
        [output] = session.run(bad.DIE_OF_MEMORY)
        assert shown(session.run("x")) == "1"
    assert output["ename"] == "MemoryLimit"
    assert output["evalue"] == "it needed more than 2048 MiB of memory"


def test_memory_that_no_limit_on_data_counts(session: Session, warm: Warm) -> None:
    session.run("x = 1")
    assert error(session.run(bad.CALL_IT_A_STACK)) == "MemoryError"
    [output] = session.run(bad.FILL_PAGE_TABLES)
    assert output["ename"] == "MemoryLimit"
    assert output["evalue"] == f"it needed more than {warm.limits.memory >> 20} MiB of memory"
    assert shown(session.run("x")) == "1"


def test_the_stacks_of_a_thread_for_each_core_are_no_memory_of_a_submission(
    session: Session, monkeypatch: pytest.MonkeyPatch, warm: Warm
) -> None:
    limit = int(shown(session.run("import resource\nresource.getrlimit(resource.RLIMIT_DATA)[0]")))
    assert limit == jail.most_data(warm.limits.memory)
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    assert jail.most_data(1 << 30) == (1 << 30) + 258 * (8 << 20)


@pytest.mark.parametrize(
    "cell", [bad.SHARE_ALL_MEMORY, bad.HIDE_MEMORY_IN_FILES], ids=["mmap", "memfd"]
)
def test_shared_memory_counts_too(session: Session, cell: str) -> None:
    """Each takes one and a half times the limit."""
    assert error(session.run(cell)) in ("MemoryLimit", "MemoryError", "OSError", "PermissionError")


# Probes


def test_a_layer_that_loops_is_stopped_and_asked_no_more(hasty: Session) -> None:
    hasty.run("def one(): return 1")
    hasty.run(bad.LAYER_THAT_LOOPS)
    subject = hasty.subject("Loops")
    before = hasty._left
    answers = [subject.run(CALL)[0] for _ in range(20)]
    assert before - hasty._left < 3  # it was asked once
    assert {answer.fault for answer in answers} == {
        Fault("TimeLimit", "an answer took longer than 1.5 seconds")
    }
    assert value(hasty, "one") == 1


def test_a_layer_that_ends_the_process(session: Session) -> None:
    session.run("def one(): return 1")
    session.run(bad.LAYER_THAT_EXITS)
    assert fault(session, "Exits", CALL) == Fault("ProcessLost", "the process ended")
    assert value(session, "one") == 1


def test_a_layer_that_raises_no_exception_but_an_interrupt(session: Session) -> None:
    session.run("def one(): return 1\ndef interrupts(): raise KeyboardInterrupt")
    assert fault(session, "interrupts").type in ("KeyboardInterrupt", "ProcessLost")
    assert value(session, "one") == 1


def test_a_function_that_looks_like_another(session: Session) -> None:
    """What a student calls by the name of an exercise is asked, whatever it is."""
    session.run("class Sly(type):\n  def __eq__(self, other): return True\n  __hash__ = None")
    session.run("class odd(metaclass=Sly):\n  def __new__(cls): return 3")
    assert value(session, "odd") == 3


# The warm process


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that are still there, and no zombies."""

    def runs(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return {pid for pid in pids if runs(pid)}


def wait_until(done: Callable[[], bool]) -> bool:
    """Whether it happens within a minute: an idle machine needs no second."""
    end = time.monotonic() + 60
    while not (met := done()) and time.monotonic() < end:
        time.sleep(0.05)
    return met


@pytest.fixture(scope="module")
def own_warm(warm: Warm) -> Iterator[Warm]:
    """A warm process with the limits of everyday, which may be killed."""
    warm.start().close()
    with Warm(Limits()) as process:
        yield process


@pytest.fixture
def kill(warm: Warm, own_warm: Warm) -> Callable[[], None]:
    """Kills `own_warm` in its box, as the system does that has run out of memory."""
    own_warm.close()
    others = children()

    def kill_now() -> None:
        for pid in children() - others:
            os.kill(pid, signal.SIGKILL)

    return kill_now


@pytest.mark.slow
def test_a_session_survives_the_warm_process_killed_between_cells(
    own_warm: Warm, kill: Callable[[], None]
) -> None:
    with Session(own_warm.start, own_warm.limits) as session:
        session.run("x = [1]\ndef last(): return x[-1]")
        session.run("x.append(2)")
        kill()
        assert shown(session.run("x.append(3); x")) == "[1, 2, 3]"
        kill()
        assert value(session, "last") == 3


@pytest.mark.long
def test_a_session_survives_the_warm_process_killed_within_a_cell(
    own_warm: Warm, kill: Callable[[], None]
) -> None:
    with Session(own_warm.start, own_warm.limits) as session:
        session.run("import time\nx = [1]")
        killer = threading.Timer(0.3, kill)
        killer.start()
        outputs = session.run("time.sleep(1); x.append(2); x")
        killer.join()
        assert shown(outputs) == "[1, 2]"
        assert shown(session.run("x")) == "[1, 2]"


def test_a_runner_killed_from_outside_costs_nothing(own_warm: Warm) -> None:
    others = children()
    with Session(own_warm.start, own_warm.limits) as session:
        session.run("import time\nx = [1]")
        [runner] = runners(others)
        killer = threading.Timer(0.3, os.kill, (runner, signal.SIGKILL))
        killer.start()
        assert shown(session.run("time.sleep(1); x.append(2); x")) == "[1, 2]"
        killer.join()
        assert not alive({runner})
        assert (session.losses, session.killed) == (0, False)


def test_a_runner_killed_again_and_again_is_given_up_and_told(own_warm: Warm) -> None:
    others = children()
    over = threading.Event()

    def kill_all() -> None:
        while not over.wait(0.2):
            for runner in runners(others):
                os.kill(runner, signal.SIGKILL)

    with Session(own_warm.start, own_warm.limits) as session:
        session.run("import time\nx = 1")
        killer = threading.Thread(target=kill_all)
        killer.start()
        [output] = session.run("time.sleep(30)")
        over.set()
        killer.join()
        assert output["ename"] == "Killed"
        assert output["evalue"] == (
            "the process was killed from outside 3 times: the machine may have run out of memory"
        )
        assert session.killed
        assert shown(session.run("x")) == "1"


def test_two_sessions_at_once_do_not_meet(own_warm: Warm) -> None:
    with (
        Session(own_warm.start, own_warm.limits) as one,
        Session(own_warm.start, own_warm.limits) as other,
    ):
        one.run("x = 'one'")
        other.run("x = 'other'")
        assert error(one.run(bad.EXIT_AT_ONCE)) == "ProcessLost"
        assert (shown(one.run("x")), shown(other.run("x"))) == ("'one'", "'other'")


def test_a_closed_session_leaves_no_process(warm: Warm) -> None:
    warm.start().close()
    before = children()
    with Session(warm.start, warm.limits) as session:
        session.run("1")
        during = children() - before
    assert during
    assert wait_until(lambda: not alive(during))


def test_a_closed_warm_process_leaves_no_process(own_warm: Warm) -> None:
    before = children()
    with Warm(Limits(), confined=True) as warm:
        session = Session(warm.start, warm.limits)
        session.run("1")
        started = children() - before
    assert len(started) >= 3  # the box, the warm process, the runner
    assert wait_until(lambda: not alive(started))
    assert before <= children()


def test_an_unconfined_warm_process_ends_with_its_runners() -> None:
    before = children()
    with Warm(Limits(), confined=False) as warm:
        Session(warm.start, warm.limits).run("1")
        started = children() - before
    assert started
    assert wait_until(lambda: not alive(started))
