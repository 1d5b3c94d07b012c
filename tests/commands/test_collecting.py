"""`grader collect`: a download, then the same one again, then one in which somebody is left out."""

import json
import zipfile
from pathlib import Path

import pytest

from grader.cli import main
from tests.gradebooks import CANVAS, FIRST, fill


def download(folder: Path, **files: str) -> str:
    """A zip of Canvas with a file of each of these students."""
    users = {"ada": 501, "zoe": 502, "eve": 503}
    with zipfile.ZipFile(folder / "submissions.zip", "w") as archive:
        for number, (student, text) in enumerate(files.items()):
            name = f"{student}_{users[student]}_{9000 + number}_{FIRST}.ipynb"
            archive.writestr(name, text)
    return str(folder / "submissions.zip")


def test_a_download(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    course = tmp_path / "course"
    course.mkdir()
    fill(course)
    config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
    exchange = f"c.Exchange.root = {str(tmp_path / 'exchange')!r}\n"
    (course / "nbgrader_config.py").write_text(config + exchange)
    (course / "roster.csv").write_text(CANVAS, encoding="utf-8")
    monkeypatch.chdir(course)
    assert main(["roster", "roster.csv"]) == 0
    assert main(["collect", FIRST]) == 1
    assert f"nothing was handed in for {FIRST}" in capfd.readouterr().err
    assert main(["collect", FIRST, "no.zip"]) == 1
    assert capfd.readouterr().err == "grader: no.zip: No such file or directory\n"
    assert main(["collect", FIRST, download(tmp_path, ada="first", zoe="first")]) == 0
    assert f"{FIRST}: 2 new, 0 changed, 0 unchanged" in capfd.readouterr().out
    ledger = json.loads((course / "downloaded" / FIRST / "collected.json").read_text())
    kept = [{f"{FIRST}.ipynb": f"ada_501_9000_{FIRST}.ipynb"}]
    assert [row["sent"] for who, row in ledger.items() if who == "ada"] == kept
    assert main(["collect", FIRST, download(tmp_path, ada="second", zoe="first", eve="1")]) == 1
    said = capfd.readouterr()
    assert f"{FIRST}: 0 new, 1 changed, 1 unchanged" in said.out
    assert "Canvas' user 503 is not in the gradebook" in said.err
    (course / "gradebook.db").write_bytes(b"no database" * 100)
    assert main(["collect", FIRST]) == 1
    said = capfd.readouterr()
    assert "the gradebook cannot be read: file is not a database" in said.err
    assert "Traceback" not in said.err
