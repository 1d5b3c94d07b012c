"""`move`: controls above a picture that is an output of its own."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipywidgets.widgets.widget import _instances

from grader.pictures import Picture, convolution, move
from grader.pictures.show import drawing

WIDGET = "application/vnd.jupyter.widget-view+json"


def draw(rate: float = 0.25, mode: str = "same", shut: bool = False) -> Picture:
    return Picture(drawing(2, 1)[0], f"rate {rate:g}, mode {mode}, shut {shut}")


@pytest.fixture
def page():
    """The outputs of a cell, as a page gets them: their data, and whether they are updates."""
    InteractiveShell.clear_instance()
    InteractiveShell.instance()
    with capture_output() as captured:
        yield captured
    InteractiveShell.clear_instance()


def controls(page):
    """The controls of the page's first output, by their description."""
    box = _instances[page.outputs[0].data[WIDGET]["model_id"]]
    return {control.description: control for control in box.children}


def test_the_picture_is_an_image_beside_the_controls(page):
    move(draw, rate=(0.0, 0.9, 0.05), mode=["valid", "same"], shut=False)
    above, picture = page.outputs
    assert above.data["text/plain"] == "(In a live notebook, move: rate, mode, shut.)"
    assert set(picture.data) == {"text/html", "text/plain"}
    assert 'alt="rate 0.25, mode same, shut False"' in picture.data["text/html"]
    assert "script" not in picture.data["text/html"]


def test_each_move_draws_anew_in_the_same_place(page):
    move(draw, rate=(0.0, 0.9, 0.05), mode=["valid", "same"], shut=False)
    for name, value in (("rate", 0.5), ("mode", "valid"), ("shut", True)):
        controls(page)[name].value = value
    updates = page._outputs[2:]
    assert [update["update"] for update in updates] == [True] * 3
    assert len({output["transient"]["display_id"] for output in page._outputs[1:]}) == 1
    assert updates[-1]["data"]["text/plain"] == "rate 0.5, mode valid, shut True"


def test_a_control_starts_at_the_default_and_has_a_name_to_read(page):
    move(convolution.draw_walk, steps=(4, 10), kernel_size=(1, 5), padding=["valid", "same"])
    values = {name: control.value for name, control in controls(page).items()}
    assert values == {"steps": 8, "kernel size": 3, "padding": "same"}


def test_what_cannot_be_moved_is_said(page):
    with pytest.raises(TypeError, match="there is nothing to move by the name of stride"):
        move(convolution.draw_walk, stride=(1, 4))
    assert page.outputs == []
