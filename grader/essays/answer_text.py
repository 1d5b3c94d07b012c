"""What a student wrote, as HTML that can do nothing but be read.

Three walls: Markdown is rendered with its HTML escaped; of the page that comes out, only plain
elements without any attribute are left (bleach); and the page's policy runs no script and loads
nothing. Formulas and attached pictures are ours: they are put in after the second wall, where a
word that nobody can guess holds their place.
"""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import Mapping
from typing import Any

import bleach
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from grader.lms.feedback_page import mathml

_MOST = 20_000
"""Characters of an answer that is rendered; a longer one is shown as it was typed."""
_TAGS = frozenset(
    (
        *("b", "i", "u", "em", "strong", "s", "del", "sub", "sup", "code", "pre", "br", "hr", "p"),
        *("ul", "ol", "li", "blockquote", "h3", "h4", "h5", "h6"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    )
)
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]+")


def shown(source: str, kind: str, attachments: Mapping[str, Any] | None = None) -> str:
    """The answer as HTML; `kind` is that of its cell, `attachments` its pictures."""
    if kind == "code" or len(source) > _MOST:
        return f"<pre>{html.escape(source)}</pre>"
    renderer = _Renderer(attachments or {})
    try:
        rendered = str(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # whatever a student typed: mistune has ends of its own
        return f"<pre>{html.escape(source)}</pre>"
    cleaned = bleach.clean(rendered, tags=_TAGS, attributes={}, protocols=(), strip=True)
    for place, made in renderer.made.items():
        cleaned = cleaned.replace(place, made)
    return cleaned


class _Renderer(IPythonRenderer):
    """Headings below those of the page, addresses as words, and places for what is ours."""

    def __init__(self, attachments: Mapping[str, Any]) -> None:
        super().__init__(escape=True)
        self.pictures = attachments
        self.made: dict[str, str] = {}

    def _place(self, made: str) -> str:
        place = f"xx{secrets.token_hex(16)}xx"
        self.made[place] = made
        return place

    def heading(self, text: str, level: int, **_: Any) -> str:
        return f"<h{min(level + 2, 6)}>{text}</h{min(level + 2, 6)}>"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        return f"{text} ({html.escape(url)})" if url and url != text else text

    def image(self, text: str, url: str, title: str | None = None) -> str:
        name = url.partition("attachment:")[2]
        if name and (picture := _picture(self.pictures.get(name))):
            return self._place(f'<img alt="a picture of the student\'s" src="{picture}">')
        return f"[picture: {html.escape(html.unescape(text))}]"

    def block_math(self, body: str) -> str:
        return f"<p>{self._place(mathml(body, block=True))}</p>"

    def inline_math(self, body: str) -> str:
        return self._place(mathml(body))

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def block_code(self, code: str, info: str | None = None) -> str:
        return f"<pre>{html.escape(code)}</pre>"

    def inline_html(self, source: str) -> str:
        return html.escape(source)

    def block_html(self, source: str) -> str:
        return f"<p>{html.escape(source)}</p>"


def _picture(files: Any) -> str:
    """The address of a picture that lies in the notebook itself."""
    for kind in _PICTURES:
        data = files.get(kind) if isinstance(files, dict) else None
        if isinstance(data, str) and _BASE64.fullmatch(data):
            return f"data:{kind};base64,{''.join(data.split())}"
    return ""
