"""Which limit of a submission stands behind an exception: Python's own words do not say it."""

from __future__ import annotations

from collections.abc import Mapping

_MIB = 1 << 20
DROPPED = "\n[the rest of this output was dropped]\n"
"""Stands where a cell wrote more than it may."""


def met(kind: str, message: str, limits: Mapping[str, float]) -> str:
    """A sentence on the limit that this exception comes from; nothing where there is none."""
    if kind.endswith("MemoryError") or kind == "ResourceExhaustedError":
        return f"a submission may use {limits['memory'] / _MIB:g} MiB of memory"
    if message.startswith("[Errno 24]"):
        return f"a submission may have {limits['open_files']:g} files open at once"
    if message.startswith(("[Errno 27]", "[Errno 28]")):
        return f"a submission may write {limits['scratch'] / _MIB:g} MiB of files"
    if message.startswith("[Errno 1]"):
        return (
            "this is not allowed while grading: a submission may not start another process or set "
            "limits"
        )
    return ""
