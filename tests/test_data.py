"""The course's data: in the repository, described, and made by a script."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grader import exercises
from grader.data import load
from grader.sandbox.confine import STUDENT_PART


def test_the_digits_are_small_pictures_of_ink():
    digits = load("digits")
    assert {name: (a.shape, str(a.dtype)) for name, a in digits.items()} == {
        "images": ((1797, 8, 8), "uint8"),
        "labels": ((1797,), "uint8"),
    }
    assert (digits["images"].min(), digits["images"].max()) == (0, 16)
    assert np.unique(digits["labels"]).tolist() == list(range(10))


def test_the_carbon_dioxide_rises_from_month_to_month_of_all_years():
    air = load("co2")
    assert {name: (a.shape, str(a.dtype)) for name, a in air.items()} == {
        "year": ((526,), "int32"),
        "month": ((526,), "int32"),
        "co2": ((526,), "float32"),
    }
    months = 12 * air["year"] + air["month"]
    assert np.all(np.diff(months) == 1)
    assert (air["year"][0], air["month"][0]) == (1958, 3)
    assert np.isnan(air["co2"]).sum() == 5
    assert not np.isnan(air["co2"][air["year"] > 1964]).any()
    means = [air["co2"][air["year"] == year].mean() for year in range(1965, 2002)]
    assert np.all(np.diff(means) > 0)


def test_the_couplets_are_two_lines_of_five_of_500_characters():
    lines = load("couplets")["lines"]
    assert (lines.shape, str(lines.dtype)) == ((5664, 2), "<U5")
    assert {len(line) for line in lines.ravel()} == {5}
    characters = set("".join(lines.ravel()))
    assert len(characters) == 500
    assert all("\u4e00" <= character <= "\u9fff" for character in characters)
    assert len({tuple(couplet) for couplet in lines.tolist()}) == 5664


PACKAGE = {
    "poet.tang.2.json": [["春風春風春，花月花月花。", "花月花月花，春風春風春。"]],
    "poet.tang.10.json": [
        ["花月花月花，春風春風春。"],  # once more
        ["春風春風春風春，花月花月花月花。"],  # of seven
        ["春風□風春，花月花月花。"],  # a character is lost
        ["風春風春風，月花月花月。花花花花花，"],  # an odd number of lines
    ],
    "poet.song.0.json": [["月月月月月，風風風風風。"]],  # of another time
}


def test_couplets_are_taken_from_poems_of_five_characters_a_line(tmp_path, monkeypatch):
    folder = tmp_path / "node_modules/chinese-poetry/dist/quantangshi"
    folder.mkdir(parents=True)
    for name, poems in PACKAGE.items():
        written = [{"author": "", "title": "", "paragraphs": lines} for lines in poems]
        (folder / name).write_text(json.dumps(written), "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert sorted(map(tuple, SCRIPT["couplets"]()["lines"].tolist())) == [
        ("春風春風春", "花月花月花"),
        ("花月花月花", "春風春風春"),
    ]


def test_without_the_package_it_is_said_where_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    with pytest.raises(ModuleNotFoundError, match=r"chinese-poetry .* data/README.md"):
        SCRIPT["couplets"]()


def test_a_name_that_is_not_there_is_answered_with_those_that_are():
    with pytest.raises(FileNotFoundError, match=r"no data set 'digit'; there is: .*digits"):
        load("digit")


@pytest.mark.parametrize("name", ["../data/digits", "/etc/passwd", ""])
def test_a_path_is_no_name(name):
    with pytest.raises(FileNotFoundError):
        load(name)


def test_every_data_set_has_a_source_a_licence_a_script_and_a_line_in_load(root):
    names = [path.stem for path in (root / "data").glob("*.npz")]
    rows = (root / "data" / "README.md").read_text().splitlines()
    for name in names:
        (row,) = [row for row in rows if row.startswith(f"| `{name}.npz`")]
        assert "licence" in row.lower() or "creativecommons.org" in row
        assert "http" in row
        assert f"| {name} " in load.__doc__
    made = runpy.run_path(str(root / "data" / "build.py"))["BUILDERS"]
    learned = runpy.run_path(str(root / "data" / "train.py"))["MODELS"]
    assert set(names) == {*made, *learned}


SCRIPT = runpy.run_path(str(Path(__file__).parents[1] / "data" / "build.py"))


FROM_NPM = "couplets"
"""Its package is large: it is there after `make test-all`, or where a developer installed it."""
PACKAGES = Path(sys.prefix) / "data"


@pytest.fixture(scope="module")
def rebuilt(root, tmp_path_factory):
    """The folder with all data as the script makes them, from the packages in .venv/data."""
    if not PACKAGES.is_dir():
        pytest.skip("no packages to rebuild the data from: `make test` installs them")
    folder = tmp_path_factory.mktemp("data")
    names = {*SCRIPT["BUILDERS"], *SCRIPT["HELD"]}
    if not (PACKAGES / "node_modules" / "chinese-poetry").is_dir():
        names.remove(FROM_NPM)
    command = [sys.executable, str(root / "data" / "build.py"), *sorted(names)]
    subprocess.run(
        [*command, "--into", str(folder)],
        check=True,
        env={**os.environ, "PYTHONPATH": str(PACKAGES)},
    )
    return folder


@pytest.mark.parametrize("name", [*SCRIPT["BUILDERS"], *SCRIPT["HELD"]])
def test_the_script_makes_the_same_arrays_again(name, rebuilt):
    if name == FROM_NPM and not (rebuilt / f"{name}.npz").exists():
        pytest.skip("npm's chinese-poetry is not installed: `make test-all` does it")
    kept = held(name) if name in SCRIPT["HELD"] else load(name)
    with np.load(rebuilt / f"{name}.npz") as made:
        assert kept.keys() == set(made)
        for part in kept:
            assert kept[part].dtype == made[part].dtype
            np.testing.assert_array_equal(kept[part], made[part])


def held(name):
    folder = Path(exercises.__file__).parent / SCRIPT["BESIDE"][name]
    with np.load(folder / f"{name}.npz", allow_pickle=False) as archive:
        return dict(archive)


def test_no_student_can_read_an_image_that_is_held_back():
    kept = {image.tobytes() for image in held("held_digits")["images"]}
    assert len(kept) == 823
    for name in ("digits", "more_digits"):
        assert not kept & {image.tobytes() for image in load(name)["images"]}
    assert "exercises" not in STUDENT_PART
    with pytest.raises(FileNotFoundError):
        load("held_digits")


def test_no_student_can_read_a_name_that_is_held_back():
    kept = set(held("held_names")["last"].tolist())
    assert len(kept) == 500
    given = [*load("names").values(), *load("more_names").values()]
    assert not kept & set(np.concatenate(given).tolist())
    assert len(set(load("more_names")["last"].tolist())) == 20_000
    with pytest.raises(FileNotFoundError):
        load("held_names")


def test_a_data_set_is_small(root):
    for path in (root / "data").glob("*.npz"):
        assert path.stat().st_size < 1 << 20
