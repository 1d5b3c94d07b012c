"""Text cells that a student wrote: nothing in them runs in a browser, and none stops grading."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import nbformat
import pytest
from nbconvert import HTMLExporter

from grader.submissions.markup import is_active, make_harmless

LONG = "&#" + "1" * 5000
NUMBERS = {
    "a number that Python does not read": LONG,
    "the same, ended": f"{LONG};",
    "in a link": f"[look]({LONG};)",
    "in base 16": "&#x" + "f" * 5000,
    "nothing": "&#;",
    "a zero of many digits": "&#" + "0" * 5000,
}


@pytest.mark.parametrize("text", NUMBERS.values(), ids=NUMBERS.keys())
def test_a_character_that_does_not_exist_is_no_trouble(text: str) -> None:
    cell = nbformat.v4.new_markdown_cell(text)
    assert make_harmless(cell) == ()
    HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize("zeros", [0, 1, 50, 5000])
def test_a_script_is_found_however_its_letters_are_written(zeros: int) -> None:
    assert is_active(f"[look](&#{'0' * zeros}106;avascript:steal())")
    assert is_active(f"[look](&#{'0' * zeros}106avascript:steal())")
    assert is_active(f"[look](&#x{'0' * zeros}6a;avascript:steal())")


def test_no_released_text_is_changed(root: Path) -> None:
    texts = [
        cell.source
        for path in sorted((root / "notebooks").glob("*/*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "markdown"
    ]
    assert len(texts) > 100
    for text in texts:
        cell = nbformat.v4.new_markdown_cell(text)
        assert make_harmless(cell) == ()
        assert cell.source == text


HONEST = [
    "if x<y",
    "$a<b$ and $c>d$",
    "for i<n",
    r"$$\max_{u<p_h} x_u$$",
    "1 < 2 <3 <4>",
    "`List<int>`",
    "```python\nif a<b: pass\n```",
    "```html\n<script>alert(1)</script>\n```",
    "    <script>in code</script>",
    "<https://keras.io> <ada@uni.example>",
    "<b>bold</b> x<sub>1</sub> <details><summary>More</summary>x</details>",
    '<a href="https://keras.io">Keras</a>',
    "- [x] done",
    "JavaScript: a language",
    "We load the data: text is split as in [1](a.md)",
    "VBScript: [look](x.md), and 1 < 2",
    "[1]: http://a.example\nthe data: text",
    "See the format=data: text, <https://keras.io>",
    "| a | b |\n|:--|--:|\n| 1 | 2 |",
]


@pytest.mark.parametrize("text", HONEST)
def test_what_a_student_writes_stays_as_it_is(text: str) -> None:
    cell = nbformat.v4.new_markdown_cell(text)
    assert make_harmless(cell) == ()
    assert cell.source == text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("if x<y or y>z", "if x&lt;y or y>z"),
        ("<font color='red'>a</font> `<b>`", "&lt;font color='red'>a&lt;/font> `<b>`"),
        ("<!-- note -->", "&lt;!-- note -->"),
        ("<T> List<int>", "&lt;T> List&lt;int>"),
        ("JavaScript: if x<y or y>z", "JavaScript: if x&lt;y or y>z"),
        ("List<int> a, b; with 0 < style of x", "List&lt;int> a, b; with 0 < style of x"),
        ("a <b and onto=1> c", "a &lt;b and onto=1> c"),
        ("Map<T, List<int>> and n <base[0]>", "Map<T, List&lt;int>> and n <base[0]>"),
    ],
)
def test_other_tags_are_escaped_and_nothing_is_said(text: str, made: str) -> None:
    cell = nbformat.v4.new_markdown_cell(text)
    assert make_harmless(cell) == ()
    assert cell.source == made


@pytest.mark.parametrize(
    ("text", "ran"),
    [
        ("<script>steal()</script>", "script"),
        ("<SCRIPT SRC=//x>", "script"),
        ("<img src=x onerror=steal()>", "onerror"),
        ('<a href="https://x.org" onclick="steal()">y</a>', "onclick"),
        ("<details>\n<b$ onmouseover=steal()>\n</details>", "onmouseover"),
        ("```mermaid\n<img src=x onerror=steal()>\n```", "onerror"),
        ('<p title="`"><img src=x onerror=steal()> `">', "onerror"),
        ("[x](javascript:steal())", "an address that is a script"),
        ("[y]: JaVaScRiPt:steal()\n\n[y]", "an address that is a script"),
        (r"$\href{javascript:steal()}{x}$", "an address that is a script"),
        (r"$\href{ {java\script:}steal()}{x}$", "an address that is a script"),
        ("[y]:\n  <java script:steal()>\n\n[y]", "an address that is a script"),
        ("[x]( \tjava&#115;cript:steal())", "an address that is a script"),
        ("<iframe src=x>" * 3, "iframe"),
        ("<script>" + "x" * 30_000, "script"),
    ],
)
def test_what_a_browser_would_run_is_named_and_shown(text: str, ran: str) -> None:
    cell = nbformat.v4.new_markdown_cell(text)
    assert make_harmless(cell) == (ran,)
    assert not is_active(cell.source) or cell.source.startswith("    ")
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    body = page[page.index("<body") :]
    assert not re.search(
        r"<(script|img|iframe|a)\b[^>]*(steal|src=.?x|onerror)", body, re.IGNORECASE
    )


@pytest.mark.parametrize("name", ["a.png", 'a"b.png', "Bild 1.png", "ä.png", "a(1).png", "<x>.png"])
@pytest.mark.parametrize("write", [str, quote])
def test_a_picture_is_found_under_any_name(name: str, write: Callable[[str], str]) -> None:
    picture = {name: {"image/png": "iVBORw0KGgo="}}
    source = f"![p](attachment:{write(name)}) ![q](attachment:none)"
    cell = nbformat.v4.new_markdown_cell(source, attachments=picture)
    assert make_harmless(cell) == ()
    page, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "data:image/png;base64,iVBORw0KGgo=" in page
