"""What a notebook shows: in light and dark, in Notebook 7, and under the reader's hand."""

from __future__ import annotations

import json
import re

import pytest
from lab import IDLE, SAVED, code_cell, run, shot
from playwright.sync_api import Locator, Page, expect
from short_course import Site

pytestmark = pytest.mark.browser

CONTRAST = """card => {
    const numbers = colour => colour.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(part => part / 255)
        .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = element => {
        if (!element) return [255, 255, 255];
        const [r, g, b, alpha = 1] = numbers(getComputedStyle(element).backgroundColor);
        if (alpha === 0) return behind(element.parentElement);
        const under = alpha < 1 ? behind(element.parentElement) : [0, 0, 0];
        return [r, g, b].map((part, i) => alpha * part + (1 - alpha) * under[i]);
    };
    const texts = [...card.querySelectorAll('*')].filter(element =>
        [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
    const ratios = texts.map(element => {
        const pair = [numbers(getComputedStyle(element).color), behind(element)].map(light);
        return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    });
    return Math.min(...ratios);
}"""


def open_practice(site: Site, page: Page, practice: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 1100})
    site.to(page, f"lab/tree/{practice}?reset")
    page.wait_for_function(IDLE)


def dense_card(page: Page) -> Locator:
    """Run what the card of Dense needs, and the check."""
    run(code_cell(page, "from grader import check"))
    run(code_cell(page, "class Dense("))
    card = run(code_cell(page, "check(Dense)")).get_by_role("group").first
    expect(card).to_contain_text("Your layer adds the bias after the activation.")
    return card


def test_a_card_is_readable_in_light_and_in_dark(site: Site, page: Page, practice: str) -> None:
    open_practice(site, page, practice)
    card = dense_card(page)
    run(code_cell(page, "def dense_params("))
    run(code_cell(page, "check(dense_params)"))
    progress = run(code_cell(page, "progress()")).get_by_role("group")
    expect(progress.get_by_role("img", name="dense_params: done", exact=True)).to_be_visible()
    expect(progress.get_by_role("img", name="Dense: tried", exact=True)).to_be_visible()
    shot(progress, "progress")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        expect(page.locator("body")).to_have_attribute("data-jp-theme-name", theme)
        assert card.evaluate(CONTRAST) > 3.9, theme
        assert progress.evaluate(CONTRAST) > 4.5, theme
        shot(card, f"card-{theme.split()[1].lower()}")
    page.evaluate(
        "jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})"
    )


def test_validate_says_what_is_wrong_exercise_by_exercise(
    site: Site, page: Page, practice: str
) -> None:
    open_practice(site, page, practice)
    page.get_by_role("button", name="Validate").last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile(r"Dense: \d+(\.\d)? of \d+ right"))
    expect(dialog).to_contain_text("Your layer adds the bias after the activation.")
    expect(dialog).not_to_contain_text("Traceback")
    expect(dialog).not_to_contain_text("CheckFailed")
    shot(page, "validate-wrong")
    dialog.get_by_role("button", name="Ok").click()


def test_notebook_7_shows_the_card(site: Site, page: Page, practice: str) -> None:
    site.to(page, f"notebooks/{practice}")
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_have_count(1)
    card = dense_card(page)
    expect(card.get_by_role("img")).to_be_visible()
    shot(page, "notebook-7")


def test_a_slider_draws_anew_and_what_is_saved_is_a_still(
    site: Site, page: Page, practice: str
) -> None:
    open_practice(site, page, practice)
    cell = run(code_cell(page, "move(convolution.draw_walk"))
    picture = cell.locator("img")
    expect(picture).to_have_attribute("alt", re.compile("strides=1, padding=.same.: 8 windows"))
    cell.get_by_role("slider").press("ArrowRight")
    expect(picture).to_have_attribute("alt", re.compile("strides=2, padding=.same.: 4 windows"))
    cell.get_by_role("combobox").select_option("valid")
    expect(picture).to_have_attribute("alt", re.compile("strides=2, padding=.valid.: 3 windows"))
    shot(cell.locator(".jp-Cell-outputArea"), "slider")

    page.keyboard.press("Control+s")
    page.wait_for_function(SAVED)
    cells = json.loads((site.folder / practice).read_text())["cells"]
    above, still = next(c["outputs"] for c in cells if "draw_walk" in "".join(c["source"]))
    assert "".join(above["data"]["text/plain"]).startswith("(In a live notebook, move: strides,")
    assert "strides=2, padding=&quot;valid&quot;: 3 windows" in "".join(still["data"]["text/html"])
