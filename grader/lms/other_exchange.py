"""nbgrader's exchange need not be a folder: ngshare and others take its place, class by class.

    c.ExchangeFactory.exchange = ngshare_exchange.Exchange
    c.ExchangeFactory.release_feedback = ngshare_exchange.ExchangeReleaseFeedback

The course's own configuration, which is read last, names our `release_feedback`. So ours looks at
the exchange, and if that is another, uses the class that comes with it.
"""

from __future__ import annotations

import importlib
from typing import Any

from nbgrader.exchange import ExchangeError, ExchangeFactory, abc, default

_KIND = "ReleaseFeedback"


def configured(parent: Any) -> type:
    """The exchange that an application of nbgrader uses."""
    factory = getattr(parent, "exchange", None) or ExchangeFactory(parent=parent)
    found: type = factory.exchange
    return found


def release_feedback_of(exchange: type) -> type[Any] | None:
    """The class with which this exchange releases feedback; None for nbgrader's folder.

    It stands in the module of the exchange or in a package around it, and is called as the
    exchange is, with ReleaseFeedback behind it. Raises `ExchangeError` where there is none.
    """
    if exchange is default.Exchange:
        return None
    place = exchange.__module__
    while place:
        found = getattr(importlib.import_module(place), exchange.__name__ + _KIND, None)
        if isinstance(found, type) and issubclass(found, abc.ExchangeReleaseFeedback):
            return found
        place = place.rpartition(".")[0]
    if issubclass(exchange, default.Exchange):  # a folder, too
        return None
    raise ExchangeError(
        f"no feedback was released: {exchange.__module__}.{exchange.__name__} is the exchange, and "
        "which class releases feedback through it is not known. Name it as the last line of the "
        "course's nbgrader_config.py: c.ExchangeFactory.release_feedback"
    )
