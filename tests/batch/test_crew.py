"""Workers: the same outcome with any worker, and also if one is lost meanwhile."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    InvalidStateError,
    ThreadPoolExecutor,
)
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from grader.batch.cluster import NoCluster, cluster, lost
from grader.batch.crew import TRIES, Crew
from grader.batch.workers import Workers
from grader.examination.attempt import ExerciseError
from grader.grading.grade import grade
from grader.grading.task import Cell, Graded, NotGraded, Task
from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import Limits

ANSWERS = {
    "right": "def flatten_shape(shape):\n    return (shape[0], int(np.prod(shape[1:])))",
    "wrong": "def flatten_shape(shape):\n    return (int(np.prod(shape)),)",
    "slow": "def flatten_shape(shape):\n    import time\n    time.sleep(0.05)",
    "broken": "def flatten_shape(shape):\n    return shape[9]",
}
CHECK = "check(flatten_shape)\ncheck(flatten_shape, hidden=True)"


def task(answer: str) -> Task:
    """A notebook with one exercise."""
    code = (Cell("import numpy as np"), Cell(answer), Cell(CHECK, "check-flatten-shape", 2.0))
    return Task("unit", code, seed=71, limits=Limits())


def task_of(source: str) -> Task:
    """A notebook with one cell."""
    return Task("unit", (Cell(source),), seed=1, limits=Limits())


def all_of(crew: Crew, tasks: dict[str, Task]) -> dict[Any, Graded | NotGraded]:
    """All outcomes."""
    for key, each in tasks.items():
        crew.submit(key, each)
    found: dict[Any, Graded | NotGraded] = {}
    while len(crew):
        found.update(crew.finished())
    return found


class Shaky(Executor):
    """Loses its worker the first so many times that a task is put."""

    def __init__(self, failures: list[Exception]) -> None:
        self.failures = failures
        self.pool = ThreadPoolExecutor(1)

    def submit(self, function: Callable[..., Any], /, *words: Any, **more: Any) -> Future[Any]:
        if self.failures:
            future: Future[Any] = Future()
            future.set_exception(self.failures.pop())
            return future
        return self.pool.submit(
            lambda: Graded(tuple([{"source": c.source}] for c in words[0].cells))
        )


@pytest.mark.parametrize("times", range(TRIES))
def test_a_lost_task_is_tried_again(times: int) -> None:
    failures: list[Exception] = [BrokenExecutor("lost")] * times
    made = []

    def make() -> Executor:
        made.append(Shaky(failures))
        return made[-1]

    with Crew(make) as crew:
        found = all_of(crew, {"a": task("a = 1")})
    assert isinstance(found["a"], Graded)
    assert found["a"].outputs[1] == [{"source": "a = 1"}]
    assert len(made) == 1 + times  # what has lost a worker is not asked again


def test_a_task_that_is_always_lost_is_given_up() -> None:
    failures: list[Exception] = [BrokenExecutor("lost")] * TRIES
    with Crew(lambda: Shaky(failures)) as crew:
        [found] = all_of(crew, {"a": task("")}).values()
    assert isinstance(found, NotGraded)
    assert "lost" in str(found)


class Fragile(Executor):
    """Breaks with all that it was given as soon as a certain task is among it."""

    def __init__(self, company: list[int]) -> None:
        self.company = company
        self.open: list[Future[Any]] = []
        self.pool = ThreadPoolExecutor(8)

    def submit(self, function: Callable[..., Any], /, *words: Any, **more: Any) -> Future[Any]:
        self.open = [future for future in self.open if not future.done()]
        self.open.append(Future())
        if words[0].cells[0].source == "kill":
            self.company.append(len(self.open))
            for future in self.open:
                future.set_exception(BrokenExecutor("lost"))
        else:
            self.pool.submit(self._do, self.open[-1])
        return self.open[-1]

    def _do(self, future: Future[Any]) -> None:
        end = time.monotonic() + 30  # on a busy machine the others may be put much later
        while not self.company and time.monotonic() < end:
            time.sleep(0.01)
        with suppress(InvalidStateError):  # lost meanwhile
            future.set_result(Graded(([],)))


def test_only_the_task_that_loses_workers_is_given_up() -> None:
    company: list[int] = []
    tasks = {name: task_of(name) for name in ("a", "b", "kill", "x", "y")}
    with Crew(lambda: Fragile(company)) as crew:
        found = all_of(crew, tasks)
    assert {name for name, made in found.items() if isinstance(made, NotGraded)} == {"kill"}
    assert found.keys() == tasks.keys()
    assert company == [3, 1, 1, 1]


def test_what_cannot_be_graded_is_an_outcome_and_a_bug_is_not() -> None:
    with Crew(lambda: Shaky([NotGraded("no such exercise")])) as crew:
        [found] = all_of(crew, {"a": task("")}).values()
    assert str(found) == "no such exercise"
    with Crew(lambda: Shaky([KeyError("bug")])) as crew, pytest.raises(KeyError):
        all_of(crew, {"a": task("")})


def test_what_goes_wrong_with_one_notebook_is_an_outcome_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(task: Task) -> Graded:
        raise ending

    monkeypatch.setattr("grader.grading.run._run", fail)
    for ending in ValueError("cannot reshape\n<script>"), MemoryError(), OSError("no pipe"):
        with pytest.raises(NotGraded, match=rf"ended with {type(ending).__name__} \(test_crew"):
            grade(task(""))
        with Crew(lambda: ThreadPoolExecutor(1)) as crew:
            [found] = all_of(crew, {"a": task("")}).values()
        assert isinstance(found, NotGraded)
        assert len(str(found).splitlines()) == 1
    ending = ExerciseError("Dense, plain: the reference fails\nwith more")
    with pytest.raises(NotGraded, match=r"is broken: Dense, plain: the reference fails$"):
        grade(task(""))
    for ending in NotGraded("no such exercise"), KeyboardInterrupt(), SystemExit():
        with pytest.raises(type(ending)) as raised:
            grade(task(""))
        assert raised.value is ending


# Real workers


@pytest.fixture(scope="module")
def expected() -> dict[str, Graded]:
    """What this process finds, alone."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    found = {name: grade(task(answer)) for name, answer in ANSWERS.items()}
    points = {name: made.outputs[2][-1]["data"]["text/plain"] for name, made in found.items()}
    assert points == {"right": "2.0", "wrong": "0.0", "slow": "0.0", "broken": "0.0"}
    return found


TASKS = {name: task(answer) for name, answer in ANSWERS.items()}


@pytest.mark.long
def test_two_processes_find_the_same_though_one_is_killed(
    expected: dict[str, Graded],
) -> None:
    with Crew(partial(Workers, 2)) as crew:
        assert all_of(crew, TASKS) == expected
        for key, each in TASKS.items():
            crew.submit(key, each)
        [victim, *_] = crew._executor._pool._processes  # type: ignore[union-attr]
        os.kill(victim, signal.SIGKILL)
        found: dict[Any, Any] = {}
        while len(crew):
            found.update(crew.finished())
    assert found == expected


def warm_processes() -> set[psutil.Process]:
    """Those that stem from this process and serve forks: the parents of all forks are no forks."""
    found = set()
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            if "grader.sandbox.warm" in one.cmdline() and one.name() != "bwrap":
                found |= {one} if one.parent().name() == "bwrap" else set()
    return found


@pytest.mark.long
def test_all_workers_share_a_warm_process_and_outlive_it(expected: dict[str, Graded]) -> None:
    before = warm_processes()
    with Crew(partial(Workers, 2)) as crew:
        assert all_of(crew, TASKS) == expected
        [shared] = warm_processes() - before
        shared.kill()
        assert all_of(crew, TASKS) == expected
        assert shared not in warm_processes() != before
    psutil.wait_procs(warm_processes() - before, timeout=10)
    assert warm_processes() == before


@pytest.mark.long
@pytest.mark.parametrize("error", [CannotConfine("no bwrap"), OSError("AF_UNIX path too long")])
def test_workers_that_cannot_share_have_a_warm_process_each(
    expected: dict[str, Graded], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*words: Any, **more: Any) -> None:
        raise error

    monkeypatch.setattr("grader.batch.workers.Shared", fail)
    with Crew(partial(Workers, 1)) as crew:
        assert all_of(crew, TASKS) == expected


@pytest.fixture
def dask(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers, started by hand as the README tells."""
    pytest.importorskip("distributed")
    with ExitStack() as stack:

        def start(*words: str) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *words], stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        file = str(tmp_path / "scheduler.json")
        start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", file,
              "--no-dashboard")  # fmt: skip
        worker = ("worker", "--scheduler-file", file, "--nthreads", "1", "--no-nanny",
                  "--no-dashboard")  # fmt: skip
        workers = [start(*worker), start(*worker)]
        yield _address(file), workers


def _address(file: str) -> str:
    from distributed import Client

    while not Path(file).exists():
        time.sleep(0.1)
    with Client(scheduler_file=file) as client:
        client.wait_for_workers(2)
        return str(client.scheduler.address)


@pytest.mark.long
def test_a_cluster_finds_the_same_though_a_worker_is_killed(
    dask: tuple[str, list[subprocess.Popen[bytes]]], expected: dict[str, Graded]
) -> None:
    address, workers = dask
    with cluster(address) as (executor, count), Crew(executor, lost()) as crew:
        assert count == 2
        for key, each in TASKS.items():
            crew.submit(key, each)
        found: dict[Any, Any] = {}
        while not found:
            found.update(crew.finished())
        workers[0].kill()  # half-way: it has some, or has done some that nobody has fetched
        while len(crew):
            found.update(crew.finished())
    assert workers[0].wait() == -signal.SIGKILL
    assert workers[1].poll() is None
    assert found == expected


@pytest.mark.parametrize("address", ["local:", "local:none", "local:0"])
def test_a_local_cluster_needs_a_number(address: str) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(NoCluster, match="local:2"), cluster(address):
        pass


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(NoCluster, match=r"127\.0\.0\.1:9"), cluster("tcp://127.0.0.1:9", seconds=1):
        pass


class NeverDone(Executor):
    """Takes tasks, and comes to no end with any."""

    def submit(self, *_: object, **__: object) -> Future[Any]:  # type: ignore[override]
        """One that is never done."""
        return Future()


def test_what_is_forgotten_has_no_outcome_later() -> None:
    made: list[Executor] = []

    def make() -> Executor:
        made.append(NeverDone())
        return made[-1]

    with Crew(make) as crew:
        crew.submit("first", task("right"))
        crew.forget()
        assert len(crew) == 0
        assert crew.finished() == []
        crew.submit("second", task("right"))
        assert (len(crew), len(made)) == (1, 2)
