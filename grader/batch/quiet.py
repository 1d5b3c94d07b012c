"""Loaded first in the process that workers are forks of: Ctrl-C is told by the command alone, and
not by each process that was loading something when it came."""

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])  # see workers.load_ahead


def end_without_a_word() -> None:
    """In a worker: Ctrl-C ends it, as it should, but without a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
