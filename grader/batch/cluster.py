"""Tasks on a Dask cluster: workers on other machines, or several on this one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

LOCAL = "local:"


class NoCluster(Exception):
    """Why there is no cluster to grade on, in one line."""


@contextmanager
def cluster(address: str, seconds: float = 30) -> Iterator[tuple[Callable[[], Executor], int]]:
    """Connect to the scheduler at `address`, or start `local:N` workers here.

    Gives how to get an executor, and the number of workers. A worker that is lost has its tasks
    done by another one: Dask sees to that. Raises `NoCluster`.
    """
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError:
        raise NoCluster("--cluster needs Dask: pip install 'layer-by-layer[cluster]'") from None
    if address.startswith(LOCAL):
        count = _number(address)
        # One task at a time in each: a process has one warm process. Not daemons: they start it.
        local = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
        with local, Client(local) as client:
            yield lambda: client.get_executor(pure=False), count
        return
    try:
        client = Client(address, timeout=seconds)
    except (OSError, ValueError, TimeoutError) as error:
        raise NoCluster(f"no Dask scheduler answers at {address} ({error})") from None
    with client:
        count = len(client.scheduler_info(n_workers=-1)["workers"])
        if not count:
            raise NoCluster(
                f"the scheduler at {address} has no workers: start some, then try again"
            )
        yield lambda: client.get_executor(pure=False), count


def _number(address: str) -> int:
    text = address.removeprefix(LOCAL)
    if not text.isdigit() or int(text) < 1:
        raise NoCluster(f"{address} has no number of workers: write local:2 for two")
    return int(text)


def lost() -> tuple[type[Exception], ...]:
    """What Dask raises where it has given a task up because its workers were lost."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    return (KilledWorker, FutureCancelledError)
