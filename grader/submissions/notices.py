"""What an instructor is told of a submission, in words.

Each notice says what was found, how it can have come about, and whether it changed a point. A line
stands for all cells of its kind. None of it is called tampering: all of it can happen by accident.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_MOST_NAMED = 6
_MOST_LETTERS = 60
_LOST = (
    "a program removed it, or cells were retyped or merged; what they define was graded, so this "
    "alone costs no points"
)


def absent(found: Sequence[str], missing: Sequence[str], *, whole: bool) -> list[str]:
    """Graded cells and answers that do not stand there with their nbgrader metadata: those that
    were `found` all the same, and those that are `missing`; `whole` tells that it is all of them.
    """
    if whole and (found or missing):
        return [f"no cell has nbgrader's metadata: {_LOST}"]
    if found:
        return [f"{_cells([*found, *missing])} without nbgrader's metadata: {_LOST}"]
    if missing:
        return [
            f"{_cells(missing)} missing: deleted by the student or lost by a program; "
            "the tests were put back and run, so this alone costs no points"
        ]
    return []


def doubled(names: Sequence[str]) -> list[str]:
    """Cells of which there are several."""
    if not names:
        return []
    return [
        f"{_cells(names)} there more than once: copied or split; the last one counts, "
        "unless it is blank, and the others run as the student's own cells"
    ]


def unknown(names: Sequence[str]) -> list[str]:
    """Cells whose metadata names a cell that the unit does not have."""
    if not names:
        return []
    return [
        f"{_cells(names)} not in this unit: copied from another notebook, or from an older "
        "version of this one; they run as the student's own cells and give no points"
    ]


def marks(differences: Sequence[str]) -> list[str]:
    """Cells whose metadata is not what the gradebook says."""
    if not differences:
        return []
    return [
        f"nbgrader's metadata differs from the gradebook ({_list(differences, '; ')}): an older "
        "version of the unit, or the file was edited; the gradebook counts"
    ]


def edited(names: Sequence[str]) -> list[str]:
    """Locked cells with another source."""
    if not names:
        return []
    return [
        f"{_cells(names)} locked, but not as released: edited by the student, by a program that "
        "formats code, or from an older version; the released version was run"
    ]


def markup(ran: Collection[str]) -> list[str]:
    """Texts with what a browser would run."""
    if not ran:
        return []
    return [
        f"a text contains what a browser would run ({_list(list(ran))}): it is shown as typed "
        "and does nothing; this costs no points, but look at it"
    ]


_ODD = frozenset(
    [
        *("__code__", "__globals__", "__builtins__", "__import__", "FunctionType", "CodeType"),
        *("getsource", "getsourcelines", "importlib", "exec", "eval", "marshal", "ctypes", "gc"),
        *("_getframe", "f_back", "f_locals", "modules", "settrace", "setprofile", "_exit", "fork"),
        *("ast_transformers", "input_transformers_cleanup", "input_transformers_post"),
        *("showtraceback", "tf_keras", "setrlimit", "prlimit"),
    ]
)
_PARTS = re.compile(r"\b(?:keras\.src|grader\.(?!check\b|data\b|pictures\b)\w+(?:\.\w+)?)")


def remark(name: str, source: str) -> list[str]:
    """At most one remark on an answer: words that no exercise has any use for.

    Some stand for what no process can be kept from, such as running a copy of Keras's own source;
    anyone who does it on purpose can also hide it.
    """
    words = dict.fromkeys(word for word in re.findall(r"\w+", source) if word in _ODD)
    words.update(dict.fromkeys(_PARTS.findall(source)))
    if not words:
        return []
    return [
        f"the answer {name} uses {_list(list(words))}, which no exercise needs: "
        "this cost no points, but look at it"
    ]


def short(words: str) -> str:
    """At most so many letters of a student's own words, and no control character."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in words[:_MOST_LETTERS])
    return plain + "…" * (len(words) > _MOST_LETTERS)


def _cells(names: Sequence[str]) -> str:
    """How many, and which; and the verb that goes with it."""
    one = len(names) == 1
    return f"{len(names)} cell{'' if one else 's'} ({_list(names)}) {'is' if one else 'are'}"


def _list(names: Iterable[str], between: str = ", ") -> str:
    all_ = [short(name) for name in dict.fromkeys(names)]
    more = [f"{len(all_) - _MOST_NAMED} more"] if len(all_) > _MOST_NAMED else []
    return between.join([*all_[:_MOST_NAMED], *more])
