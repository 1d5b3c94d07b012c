"""Does confinement work on this system? Each claim is tried, not looked up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

_OPERATION = "import keras\nprint(float(keras.ops.sum(keras.ops.ones((2, 3)))))"
_ESCAPES = {
    "no network": "import socket\nsocket.create_connection(('127.0.0.1', 9), 1)",
    "no other program": "import subprocess\nsubprocess.run(['/bin/true'])",
    "no other process": "import os\nos.fork()",
    "no writing outside its own folder": "open('/usr/x', 'w')",
    "memory is limited": "x = bytearray(8 << 30)",
}


@dataclass(frozen=True)
class Claim:
    """One thing that was tried, and how it went."""

    what: str
    holds: bool
    why: str = ""


def self_test() -> list[Claim]:
    """Try each claim in a confined process; a few seconds."""
    try:
        claims = [Claim("bubblewrap is installed", True, bwrap())]
    except CannotConfine as error:
        return [Claim("bubblewrap is installed", False, str(error))]
    limits = replace(Limits(), cell=20.0, memory=2048 * MIB)
    with Warm(limits) as warm:
        try:
            with Session(warm.start, limits) as session:
                works = "6.0" in str(session.run(_OPERATION))
                claims.append(Claim("a confined TensorFlow works", works))
                way = "by a fork of one warm process" if warm.forks else "each from scratch (slow)"
                claims.append(Claim("submissions start", works, way))
                for what, attempt in _ESCAPES.items():
                    kinds = [output["output_type"] for output in session.run(attempt)]
                    claims.append(Claim(what, "error" in kinds))
        except CannotConfine as error:
            claims.append(Claim("a confined process starts", False, str(error)))
    return claims
