"""With an exchange that is no folder, its own class releases feedback, and ours keeps out of it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from nbgrader.exchange import ExchangeError, ExchangeFactory, abc, default
from traitlets.config import Config

from grader.gradebook.course import application
from grader.lms.other_exchange import release_feedback_of
from grader.lms.release_feedback import ReleaseFeedback

OURS = "grader.lms.release_feedback.ReleaseFeedback"
CONFIG = """c = get_config()
import sys; sys.path.insert(0, {place!r})
c.CourseDirectory.course_id = "layer-by-layer"
c.ExchangeFactory.exchange = "stub_exchange.Exchange"
c.ExchangeFactory.release_feedback = {ours!r}
"""
STUB = """
from nbgrader.exchange import abc

class Exchange(abc.Exchange):
    pass

class ExchangeReleaseFeedback(Exchange, abc.ExchangeReleaseFeedback):
    def start(self):
        with open({log!r}, "a") as log:
            print("released", self.coursedir.assignment_id, file=log)
"""


def plugin(name: str, **classes: type) -> ModuleType:
    """A module with these classes, as if it were installed."""
    made = ModuleType(name)
    for called, cls in classes.items():
        cls.__module__, cls.__name__ = name, called
        setattr(made, called, cls)
    return made


def released_by(config: Config) -> Any:
    """What nbgrader makes to release feedback, with ours in the configuration."""
    config.ExchangeFactory.release_feedback = OURS
    parent = SimpleNamespace(exchange=ExchangeFactory(config=config))
    made = ReleaseFeedback.__new__(ReleaseFeedback, parent=parent)
    return type(made)


def test_a_folder_is_ours() -> None:
    assert released_by(Config()) is ReleaseFeedback


def test_stock_nbgrader_asks_the_stub(tmp_path: Path) -> None:
    """Through nbgrader's own command, in a course whose last configuration names ours."""
    (tmp_path / "stub_exchange.py").write_text(STUB.format(log=str(tmp_path / "log")))
    config = CONFIG.format(place=str(tmp_path), ours=OURS)
    (tmp_path / "nbgrader_config.py").write_text(config)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "release_feedback", "unit"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "log").read_text() == "released unit\n"
    assert "did not hand in" not in done.stderr


def test_the_class_stands_beside_its_exchange_or_above(monkeypatch: pytest.MonkeyPatch) -> None:
    """ngshare's exchange is `ngshare_exchange.exchange.Exchange`; its class is one package up."""
    exchange = type("NgExchange", (abc.Exchange,), {})
    release = type("NgExchangeReleaseFeedback", (abc.ExchangeReleaseFeedback,), {})
    monkeypatch.setitem(sys.modules, "ng", plugin("ng", NgExchangeReleaseFeedback=release))
    monkeypatch.setitem(sys.modules, "ng.exchange", plugin("ng.exchange", NgExchange=exchange))
    assert release_feedback_of(exchange) is release


def test_another_folder_without_a_class_of_its_own_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = type("ElsewhereExchange", (default.Exchange,), {})
    monkeypatch.setitem(sys.modules, "elsewhere", plugin("elsewhere", ElsewhereExchange=exchange))
    assert release_feedback_of(exchange) is None


def test_where_no_class_is_known_nothing_is_released_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = type("LoneExchange", (abc.Exchange,), {})
    monkeypatch.setitem(sys.modules, "lone", plugin("lone", LoneExchange=exchange))
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    app = application(tmp_path)
    app.exchange = ExchangeFactory(exchange=exchange)
    log = logging.getLogger("test-lone")
    made = ReleaseFeedback(coursedir=app.coursedir, parent=app, log=log)
    with pytest.raises(ExchangeError, match="no feedback was released"):
        made.start()
    [line] = [record.getMessage() for record in caplog.records]
    assert "lone.LoneExchange" in line
    assert "c.ExchangeFactory.release_feedback" in line
