"""A script's config as what a constructor takes: what it names is found, what it makes is made."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from grader.bench import inside
from grader.bench.backend import keras
from grader.bench.probe import Made, Ref


def resolve(value: Any) -> Any:
    """The value with every `Ref` as the object that it names, and every `Made` as its maker."""
    if isinstance(value, Ref):
        return _named(value.path)
    if isinstance(value, Made):
        return functools.partial(_named(value.path), **resolve(value.config))
    if isinstance(value, Mapping):
        return {key: resolve(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(resolve(item) for item in value)
    return value


def _named(path: str) -> Any:
    for package, module in (("keras", keras), ("grader.bench.inside", inside)):
        if path.startswith(f"{package}."):
            return functools.reduce(getattr, path[len(package) + 1 :].split("."), module)
    raise ValueError(f"{path} is not a part of keras")


def fresh(value: Any) -> Any:
    """The value with what its makers make: two layers never share a cell."""
    if isinstance(value, functools.partial):
        return value.func(**fresh(value.keywords))
    if isinstance(value, Mapping):
        return {key: fresh(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(fresh(item) for item in value)
    return value
