"""The pictures of the units: each can be drawn, can be read aloud, and is shown."""

from __future__ import annotations

import base64
import importlib
import inspect
import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from matplotlib.figure import Figure

from grader.pictures import Picture, show
from grader.pictures.show import cells, drawing

UNITS = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parents[2] / "solutions").glob("[0-9]*.py"))
}


def modules_of(text):
    """The modules of drawings that a unit imports."""
    lines = re.findall(r"^from grader\.pictures import (.+)$", text, re.MULTILINE)
    names = {name.split()[0] for line in lines for name in line.split(",")}
    return names - {"move", "show"}


MODULES = sorted(set().union(*map(modules_of, UNITS.values())))
PICTURES = {
    f"{module}.{name}": draw
    for module in MODULES
    for name, draw in inspect.getmembers(
        importlib.import_module(f"grader.pictures.{module}"), inspect.isfunction
    )
    if name.startswith("draw_")
}


def displayed(act):
    """What it puts on the page."""
    InteractiveShell.instance()
    with capture_output() as captured:
        act()
    InteractiveShell.clear_instance()
    return [rich.data for rich in captured.outputs]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_something_and_says_what(name):
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt.split()) > 15
    assert picture.alt.endswith(".")
    buffer = io.BytesIO()
    picture.figure.savefig(buffer, format="png", dpi=40)
    assert buffer.getvalue().startswith(b"\x89PNG")
    ink = plt.imread(io.BytesIO(buffer.getvalue()))[..., :3]
    assert 0.01 < np.mean(np.abs(ink - ink[0, 0]).sum(axis=-1) > 0.05) < 0.9


@pytest.mark.parametrize("width", [8, 10])
def test_a_long_number_does_not_touch_the_sides_of_its_cell(width):
    _, axes = drawing(columns=24, rows=4, width=width)
    cells(axes, [["7", "-0.25", "100.75"]], 1, 1)
    cell = axes.transData.transform([(0, 0), (1, 0)])
    short, *long = axes.texts
    assert all(text.get_window_extent().width < np.ptp(cell[:, 0]) for text in long)
    assert short.get_fontsize() == 12


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_shown_in_a_unit(name):
    draw = re.escape(name.partition(".")[2])
    call = re.compile(rf"{draw}\(.*?\)\.show\(\)|move\(\s*\w+\.{draw},|return \w+\.{draw}\(")
    assert any(call.search(text) for text in UNITS.values())


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_pictures_of_its_own(unit):
    modules = modules_of(UNITS[unit])
    assert modules
    for module in modules:
        assert any(name.startswith(f"{module}.") for name in PICTURES)


def test_a_picture_comes_as_an_image_with_its_alt_text():
    (page,) = displayed(PICTURES["first_layers.draw_reshape"]().show)
    assert f'alt="{page["text/plain"]}"' in page["text/html"]
    data = re.search(r'src="data:image/png;base64,([^"]+)"', page["text/html"]).group(1)
    assert base64.b64decode(data).startswith(b"\x89PNG")


def test_an_alt_text_is_no_markup():
    (page,) = displayed(lambda: show(Figure(figsize=(1, 1)), 'a "quoted" <b>'))
    assert 'alt="a &quot;quoted&quot; &lt;b&gt;"' in page["text/html"]


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_picture_without_words_is_refused(alt):
    with pytest.raises(ValueError, match="needs an alt text"):
        show(Figure(), alt)


def test_a_shown_figure_is_closed():
    figure, _ = plt.subplots()
    displayed(lambda: show(figure, "an empty frame"))
    assert figure.number not in plt.get_fignums()
