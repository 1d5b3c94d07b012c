"""nbgrader's exchange need not be a folder: ngshare and others take its place, class by class.

    c.ExchangeFactory.exchange = ngshare_exchange.Exchange
    c.ExchangeFactory.release_feedback = ngshare_exchange.ExchangeReleaseFeedback

The course's own configuration, which is read last, names our `collect` and `release_feedback`. So
ours look at the exchange, and if that is another, use the classes that come with it.
"""

from __future__ import annotations

import importlib
from typing import Any

from nbgrader.exchange import ExchangeError, ExchangeFactory, abc, default

_STEPS: dict[type, tuple[str, str]] = {
    abc.ExchangeReleaseFeedback: ("release_feedback", "no feedback was released"),
    abc.ExchangeCollect: ("collect", "nothing was collected"),
}
"""What the factory calls a class, and what is to be said where there is none."""


def configured(parent: Any) -> type:
    """The exchange that an application of nbgrader uses."""
    factory = getattr(parent, "exchange", None) or ExchangeFactory(parent=parent)
    found: type = factory.exchange
    return found


def release_feedback_of(exchange: type) -> type[Any] | None:
    """The class with which this exchange releases feedback: see `class_of`."""
    return class_of(exchange, abc.ExchangeReleaseFeedback)


def class_of(exchange: type, step: type) -> type[Any] | None:
    """The class with which this exchange does a step, such as `abc.ExchangeCollect`; None for
    nbgrader's folder.

    It stands in the module of the exchange or in a package around it, and is called as the
    exchange is, with the step's name behind it. Raises `ExchangeError` where there is none.
    """
    if exchange is default.Exchange:
        return None
    name = exchange.__name__ + step.__name__.removeprefix("Exchange")
    place = exchange.__module__
    while place:
        found = getattr(importlib.import_module(place), name, None)
        if isinstance(found, type) and issubclass(found, step):
            return found
        place = place.rpartition(".")[0]
    if issubclass(exchange, default.Exchange):  # a folder, too
        return None
    option, nothing = _STEPS[step]
    raise ExchangeError(
        f"{nothing}: {exchange.__module__}.{exchange.__name__} is the exchange, and which class "
        f"does this through it is not known. Name it as the last line of the course's "
        f"nbgrader_config.py: c.ExchangeFactory.{option}"
    )
