"""The page of feedback: nbgrader's own, but it names the exercises, says its language, and shows
formulas without a network.

nbgrader's page loads MathJax from another's server, which sees who reads which feedback. Here each
formula is written into the page as MathML, which browsers show by themselves.
"""

from __future__ import annotations

import html
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode

_HEADING = re.compile(r"^(?:> *)?#{1,6} +(?:Exercise: *)?(.+?) *#*$", re.M)
_ATTRIBUTES = {
    *("xmlns", "display", "displaystyle", "scriptlevel", "mathvariant", "stretchy", "fence"),
    *("form", "minsize", "maxsize", "lspace", "rspace", "width", "height", "depth", "voffset"),
    *("columnalign", "columnspacing", "rowspacing", "columnlines", "rowlines", "linethickness"),
    *("accent", "accentunder", "movablelimits", "separator", "symmetric", "notation", "mathcolor"),
}
_LEADS_SOMEWHERE = ("#", "https://", "http://", "mailto:")
_LONGEST = 5000
"""Characters of a formula; a longer one is shown as it was typed."""
_MATHJAX = re.compile(
    r"<!-- Loading mathjax macro -->.*?<!-- End of mathjax configuration -->", re.DOTALL
)
_TABLES = """<style>
.text_cell_render th, .text_cell_render td { padding: .2em .8em; border: 1px solid #ccc }
.text_cell_render table { margin: .5em 0 }
</style>
"""
"""nbgrader's page sets the cells of a text's table without any space between them."""
_ENTRY = re.compile(
    r'<a href="#([^"]*)">(Test cell|Coding free-response|Written response|Task)</a>'
)
_GRADED = re.compile(r"(?:Grade cell|Task): <code>([^<]*)</code>")


class FeedbackExporter(HTMLExporter):
    """Writes the page. In nbgrader_config.py: `c.GenerateFeedback.exporter_class`."""

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **given: Any
    ) -> tuple[Any, dict[str, Any]]:
        """The page and its resources."""
        page, resources = super().from_notebook_node(nb, resources, **given)
        page = page.replace("<html>", f'<html lang="{self.language_code}">', 1)
        page = page.replace("</head>", f"{_TABLES}</head>", 1)
        return _named(_MATHJAX.sub("", page, count=1), exercise_names(nb)), resources

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Text with its formulas."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Renderer(escape=False, attachments=attachments)
        return str(MarkdownWithMath(renderer=renderer).render(source))


class _Renderer(IPythonRenderer):
    """Formulas become MathML; a link to a file beside the notebook becomes its text."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return super().link(text, url, title) if url.lower().startswith(_LEADS_SOMEWHERE) else text

    def block_math(self, body: str) -> str:
        return f"<p>{mathml(body, block=True)}</p>"

    def inline_math(self, body: str) -> str:
        return mathml(body)

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")


def mathml(formula: str, block: bool = False) -> str:
    """A formula in LaTeX as MathML; one that cannot be read stays as it was typed."""
    typed = f"<code>{html.escape(formula)}</code>"
    if len(formula) > _LONGEST:
        return typed
    try:
        from latex2mathml.converter import convert_to_element

        made = convert_to_element(formula, display="block" if block else "inline")
        return _written(made)
    except Exception:  # what students type, RecursionError, an older installation without it
        return typed


def _written(made: ElementTree.Element) -> str:
    """The library's own way leaves tags in a \\text as they are, and links."""
    for part in made.iter():
        part.text = html.unescape(part.text) if part.text else part.text
        for name in part.attrib.keys() - _ATTRIBUTES:
            del part.attrib[name]
    return ElementTree.tostring(made, encoding="unicode")


def exercise_names(notebook: NotebookNode) -> dict[str, str]:
    """The heading above each cell of nbgrader's, by its grade id."""
    names: dict[str, str] = {}
    heading = ""
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "markdown" and not cell.metadata.get("nbgrader", {}).get("solution"):
            found = _HEADING.findall(cell.source)
            heading = found[-1] if found else heading
        if grade_id and heading:
            names[grade_id] = heading
    return names


def _named(page: str, names: Mapping[str, str]) -> str:
    """nbgrader's list and headings, with the names of the exercises."""

    def name(grade_id: str, otherwise: str) -> str:
        return html.escape(names.get(html.unescape(grade_id), otherwise))

    page = _ENTRY.sub(lambda one: f'<a href="#{one[1]}">{name(one[1], one[2])}</a>', page)
    return _GRADED.sub(lambda one: f"Exercise: {name(one[1], one[1])}", page)
