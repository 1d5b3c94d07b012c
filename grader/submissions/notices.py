"""What an instructor should look at in an answer: words that no exercise has any use for.

They cost no point. Some stand for what no process can be kept from, such as running a copy of
Keras's own source; whoever does it on purpose can also hide it.
"""

from __future__ import annotations

import re

_ODD = frozenset(
    [
        *("__code__", "__globals__", "__builtins__", "__import__", "FunctionType", "CodeType"),
        *("getsource", "getsourcelines", "importlib", "exec", "eval", "marshal", "ctypes", "gc"),
        *("_getframe", "f_back", "f_locals", "modules", "settrace", "setprofile", "_exit", "fork"),
        *("ast_transformers", "input_transformers_cleanup", "input_transformers_post"),
        *("showtraceback", "tf_keras"),
    ]
)
_PARTS = re.compile(r"\b(?:keras\.src|grader\.(?!check\b|data\b|pictures\b)\w+(?:\.\w+)?)")


def remark(grade_id: str, source: str) -> list[str]:
    """At most one remark, in words, on the answer of this cell."""
    words = dict.fromkeys(word for word in re.findall(r"\w+", source) if word in _ODD)
    words.update(dict.fromkeys(_PARTS.findall(source)))
    if not words:
        return []
    return [f"the answer {grade_id} speaks of {', '.join(words)}: look at it"]
