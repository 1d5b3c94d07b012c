"""Text that a student wrote, made harmless: formgrader shows it in the instructor's own browser.

A script in a text cell would run there with the instructor's rights and could write any grade. So
each text is rendered as formgrader will render it, and every tag of the page is looked at. Where
one is not harmless, `<` is escaped in the text; a text that still renders to one is shown as code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, unquote

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.notebooknode import NotebookNode

_MOST_RENDERED = 20_000
"""Characters of a text that is rendered here: a longer one is shown as code where it has a tag."""
_PLAIN = (
    *("a", "b", "i", "u", "em", "strong", "s", "del", "sub", "sup", "small", "kbd", "code", "pre"),
    *("br", "hr", "p", "ul", "ol", "li", "blockquote", "details", "summary", "div", "span", "img"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
    *("dl", "dt", "dd", "input"),
)
"""Elements that stay, with the attributes that Markdown itself gives them."""
_ATTRIBUTE = (
    r'(?:href|src|alt|title|start|id)="[^"<>]*"'
    r'|class="(?:[\w-]{1,3}|language-[\w+#.-]*|highlight|anchor-link|jp-Mermaid|mermaid'
    r'|task-list-item(?:-checkbox)?)"'
    r'|style="text-align: ?\w+;?"|type="checkbox"|disabled|checked|open'
)
_HARMLESS = re.compile(rf"</?(?:{'|'.join(_PLAIN)})(?:\s+(?:{_ATTRIBUTE}))*\s*/?>")
_ADDRESS = re.compile(r'\s(?:href|src)="([^"]*)"')
_IN_A_BROWSER = re.compile(r"<(?=[A-Za-z/!?])")
"""What begins a tag for a browser."""
_TAG = re.compile(r"<(?=/?[A-Za-z][A-Za-z0-9-]*(?:[\s/>]|$)|!--|![A-Za-z]|!\[CDATA\[|\?)")
"""What may begin a tag for CommonMark."""
_CODE = re.compile(
    r"^ {0,3}(?P<fence>`{3,}|~{3,}).*?(?:^ {0,3}(?P=fence)[`~]*[ \t]*$|\Z)"
    r"|(?<!`)(?P<span>`+)(?!`).*?(?<!`)(?P=span)(?!`)",
    re.DOTALL | re.MULTILINE,
)
_EVENT = (
    r"on(?:abort|animation|before|begin|blur|canplay|change|click|context|copy|cut|dblclick|drag"
    r"|drop|end|error|focus|form|hashchange|input|invalid|key|load|message|mouse|page|paste|pause"
    r"|play|pointer|popstate|reset|resize|scroll|search|select|show|start|storage|submit|toggle"
    r"|touch|transition|unload|webkit|wheel)\w*"
)
_RUN = re.compile(
    r"<(script|iframe|frame|object|embed|applet|base|meta|link|form|svg|style|template)(?=[\s/>])"
    rf"|<[^>]{{0,300}}[\s/\"']({_EVENT})\s*=",
    re.IGNORECASE,
)
"""What does more than to look otherwise: nobody writes it to have bold letters."""
_SCRIPT = r"(?:(?:java|vb)script:|data:text)"
_ADDRESS_IS_SCRIPT = re.compile(_SCRIPT, re.IGNORECASE)
_LINK_TO_SCRIPT = re.compile(
    rf"(?:\](?:\(|:)<?|<|\b(?:href|src)=[\"']?){_SCRIPT}",
    re.IGNORECASE,
)
"""What makes a link of such an address, in Markdown or in a tag: in a sentence `JavaScript:` is a
word. It is looked for in a text without blanks."""
_NUMBER = re.compile(r"&#0*(\d{1,8})\d*", re.ASCII)
"""A character by its number. Any number of 8 digits is too high, and so is what begins with it."""
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURES = ("image/png", "image/jpeg", "image/gif")
_ATTACHED = re.compile(r"attachment:(?!picture-\d+\b)[^)\s\"'>]*", re.IGNORECASE)


def make_harmless(cell: NotebookNode) -> tuple[str, ...]:
    """Take from a text cell what a browser could run; its names.

    No word of the text is cut out.
    """
    if cell.cell_type == "raw":
        cell.metadata["raw_mimetype"] = "text/plain"  # no page shows it
        return ()
    if cell.cell_type != "markdown":
        return ()
    attachments = _rename_pictures(cell)
    ran = _ran(cell.source, attachments) if is_active(cell.source, attachments) else ()
    for source in _ways(cell.source):
        if not is_active(source, attachments):
            cell.source = source
            return ran
    cell.source = "\n".join(f"    {line}" for line in cell.source.split("\n"))
    return ran


def is_active(source: str, attachments: Mapping[str, dict[str, str]] | None = None) -> bool:
    """Whether a browser would do more with this text, as formgrader renders it, than show it."""
    if _links_to_script(source):
        return True
    if len(source) > _MOST_RENDERED:
        return bool(_IN_A_BROWSER.search(source))
    page = _rendered(source, attachments)
    if page is None:
        return True
    tags = (_HARMLESS.match(page, found.start()) for found in _IN_A_BROWSER.finditer(page))
    return any(tag is None or any(map(_is_script, _ADDRESS.findall(tag[0]))) for tag in tags)


def _rendered(source: str, attachments: Mapping[str, dict[str, str]] | None) -> str | None:
    """The page that formgrader makes of it; None where it would end in an exception."""
    renderer = IPythonRenderer(escape=False, attachments=dict(attachments or {}))
    try:
        return str(MarkdownWithMath(renderer=renderer).render(source))
    except Exception:  # whatever it is, formgrader and feedback would end with it too
        return None


def _is_script(address: str) -> bool:
    return bool(_ADDRESS_IS_SCRIPT.search(_as_address(address)))


def _links_to_script(source: str) -> bool:
    plain = _as_address(source)
    if "href{" in plain:  # in a formula, whose macros can write the address in pieces
        return bool(_ADDRESS_IS_SCRIPT.search(plain))
    return bool(_LINK_TO_SCRIPT.search(plain))


def _as_address(source: str) -> str:
    """As a browser reads it: without blanks, every letter written as itself."""
    # Python refuses to read a number of thousands of digits.
    plain = html.unescape(_NUMBER.sub(r"&#\1", source))
    return re.sub(r"[\\\s\0-\x1f]", "", unquote(plain))


def _ran(source: str, attachments: Mapping[str, dict[str, str]] | None) -> tuple[str, ...]:
    """What a browser would run of this text, by name: a `<` that is no tag is none on the page."""
    page = None if len(source) > _MOST_RENDERED else _rendered(source, attachments)
    found = _RUN.findall(source if page is None else page)
    names = dict.fromkeys((one or other).lower() for one, other in found)
    if _links_to_script(source):
        names["an address that is a script"] = None
    return tuple(names)[:5]


def _ways(source: str) -> Iterator[str]:
    """The text as it is; with its tags escaped, but not in code; with all of them escaped."""
    yield source
    yield _outside_code(_TAG, source)
    yield _outside_code(_IN_A_BROWSER, source)
    yield _IN_A_BROWSER.sub("&lt;", source)


def _outside_code(tag: re.Pattern[str], source: str) -> str:
    parts, end = [], 0
    for code in _CODE.finditer(source):
        parts += [_escaped(tag, source[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, _escaped(tag, source[end:])])


def _escaped(tag: re.Pattern[str], text: str) -> str:
    """The text without tags, except for those that are harmless."""
    return tag.sub(lambda m: m[0] if _HARMLESS.match(text, m.start()) else "&lt;", text)


def _rename_pictures(cell: NotebookNode) -> dict[str, NotebookNode]:
    """Give the pictures in a cell plain names: nbconvert gives the whole page up for one that it
    does not find, and it looks for some names otherwise than they are written."""
    given = cell.pop("attachments", {})
    pictures = [(name, _pictures(files)) for name, files in given.items()]
    kept: dict[str, NotebookNode] = {}
    # A name may begin with another one.
    for name, files in sorted(pictures, key=lambda pair: -len(pair[0])):
        if not files:
            continue
        plain = f"picture-{len(kept) + 1}"
        kept[plain] = files
        for written in {name, quote(name), quote(name, safe="!#$&'()*+,/:;=?@"), html.escape(name)}:
            if written:
                cell.source = cell.source.replace(f"attachment:{written}", f"attachment:{plain}")
    if kept:
        cell.attachments = NotebookNode(kept)
    cell.source = _ATTACHED.sub("missing:", cell.source)
    return kept


def _pictures(files: object) -> NotebookNode:
    found = files.items() if isinstance(files, dict) else ()
    return NotebookNode(
        {
            kind: data
            for kind, data in found
            if kind in _PICTURES and isinstance(data, str) and _BASE64.fullmatch(data)
        }
    )
