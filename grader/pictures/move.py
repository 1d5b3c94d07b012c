"""A picture under the reader's hand: sliders above it, and a new drawing at each move.

The picture is an output of its own beside the sliders. A page on which widgets do not run (a saved
notebook on the web, an editor without them) still shows it, as it was drawn last.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from IPython.display import display

from grader.pictures.show import Picture

_WIDGET = "application/vnd.jupyter.widget-view+json"


def move(draw: Callable[..., Picture], **controls: Any) -> None:
    """Show what `draw` gives, below a control for each of the named arguments.

    A control is given as `ipywidgets.interact` takes it: (least, most) or (least, most, step) for a
    slider, a list for a choice, a text, True or False. It starts at the argument's own default.

    Raises `TypeError` for an argument that `draw` does not have.
    """
    from ipywidgets import VBox, interactive

    usual = {name: p.default for name, p in inspect.signature(draw).parameters.items()}
    unknown = ", ".join(set(controls) - set(usual))
    if unknown:
        raise TypeError(f"there is nothing to move by the name of {unknown}")
    widgets = {
        name: interactive.widget_from_abbrev(abbreviation, usual[name])
        for name, abbreviation in controls.items()
    }
    for name, widget in widgets.items():
        widget.description = name.replace("_", " ")
        widget.style.description_width = "7em"
    box = VBox(tuple(widgets.values()))
    names = ", ".join(widget.description for widget in widgets.values())
    bundle = {_WIDGET: {"version_major": 2, "version_minor": 0, "model_id": box.model_id}}
    display({**bundle, "text/plain": f"(In a live notebook, move: {names}.)"}, raw=True)

    def drawn() -> dict[str, str]:
        return draw(**{name: widget.value for name, widget in widgets.items()}).bundle()

    picture = display(drawn(), raw=True, display_id=True)

    def again(change: Any) -> None:
        if picture is not None:  # outside of IPython there is no page to draw on
            picture.update(drawn(), raw=True)

    for widget in widgets.values():
        widget.observe(again, "value")
