"""Another Keras, or another backend, is told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import keras
import pytest

from grader.bench import judged_with
from grader.bench.judged_with import KERAS, WrongBackend, refuse_other_backend, trouble
from grader.card.report import Report
from grader.examination.examine import examine
from tests.variants import RIGHT

IMPORTS = """
import sys
try:
    from grader import check
except ImportError as error:
    print(error)
print("tensorflow" in sys.modules)
"""


def test_it_is_the_keras_that_is_pinned(root: Path) -> None:
    pinned = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    assert f"keras=={KERAS}" in pinned
    assert trouble() == ""


def test_another_version_is_told_on_the_card_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "Note" not in str(examine(RIGHT["dense_params"][0], "dense_params"))
    monkeypatch.setattr(keras, "__version__", "3.16.0")
    report = examine(RIGHT["dense_params"][0], "dense_params")
    for shown in (str(report), report._repr_html_()):
        assert f"judged with Keras {KERAS} on TensorFlow; here is Keras 3.16.0" in shown
        assert f"pip install keras=={KERAS}" in shown
    assert report.passed


def test_a_card_without_a_note_has_no_place_for_one() -> None:
    assert "Note" not in Report("Dense", ())._repr_html_()


def test_another_backend_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(WrongBackend) as raised:
        refuse_other_backend()
    [line] = raised.value._render_traceback_()
    assert "here Keras runs on jax" in line
    assert "KERAS_BACKEND=tensorflow" in line
    assert "\n" not in line


@pytest.mark.parametrize("where", ["variable", "file"])
def test_it_is_refused_before_keras_is_even_loaded(where: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    environment["KERAS_HOME"] = str(tmp_path)
    if where == "variable":
        environment["KERAS_BACKEND"] = "jax"
    else:
        (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    line, loaded = done.stdout.splitlines()
    assert "here Keras runs on jax" in line
    assert loaded == "False"


def test_a_file_of_keras_that_cannot_be_read_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    for text in ("", "[1]", '{"backend": null}'):
        (tmp_path / "keras.json").write_text(text)
        assert judged_with._configured() == "tensorflow"
