"""Ends elements where browsers end them, so that none that is not shown takes the rest of a page with it.

To the parser, ``<noscript>``, SVG and MathML are elements like others; and it does not close a ``<button>``
or a ``<template>`` in which a ``<div>`` is open.
"""

import html
import re
from functools import cache
from typing import Final

from crawler.pages.tags.open_elements import HOLD_NONE, RANKS, OpenElements
from crawler.pages.tags.scanner import (
    ATTRIBUTES,
    CDATA,
    RAW,
    SPACE,
    WORDS,
    Scanner,
    Tag,
    ends_in_slash,
)

_FOREIGN: Final = frozenset(("svg", "math"))
_HIDING: Final = frozenset((*_FOREIGN, "button", "object", "select", "template"))
"""Elements that browsers close whatever is open in them; the text of most is not read."""
_ENDS_SCOPE: Final = ("applet", "caption", "html", "marquee", "object", "table", "td", "template", "th")
"""Elements in which a ``<button>`` does not end one around them (HTML 13.2.4.2)."""
_END_SELECT: Final = frozenset(("select", "input", "textarea"))
_IN_TABLES: Final = frozenset(("caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"))
"""Tags that end what is open in a cell, or in a table outside its cells."""
_HTML_WITHIN: Final = {
    "svg": frozenset(("foreignobject", "desc", "title")),
    "math": frozenset(("mi", "mo", "mn", "ms", "mtext")),
}
_HTML_ENCODING: Final = re.compile(
    rf"encoding[{SPACE}]*=[{SPACE}]*[\"']?(?:text/html|application/xhtml\+xml)", WORDS
)
_FONT: Final = re.compile(rf"[{SPACE}/\"'](?:color|face|size)\b", WORDS)
_LEAVES: Final = frozenset(
    re.findall(
        r"\w+",
        "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li "
        "listing menu meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var",
    )
)
"""Tags that end SVG and MathML."""
_RENAMED: Final = RAW | {"noscript", "select", "template"}
_SUBSTITUTES: Final = {"svg": "template", "math": "mrow"}
"""Names for these in SVG and MathML, where none is raw; MathML shows their text."""

_DRAWING: Final = (
    rf"<svg(?=[{SPACE}/>]){ATTRIBUTES}(?:[^<]++|</?(?:g|path|use|defs|rect|circle|ellipse|line|poly\w+|text|tspan|"
    rf"symbol|clippath|mask|\w+gradient|stop|filter|fe\w+|animate\w*|pattern|marker)(?=[{SPACE}/>]){ATTRIBUTES}|"
    r"<title>[^<]*+</title>|<desc>[^<]*+</desc>|<style>[^<]*+</style>)*+</svg>"
)
_VOID: Final = rf"<(?:area|br|col|embed|hr|img|input|link|meta|source|track|wbr)(?=[{SPACE}/>]){ATTRIBUTES}"
_INLINE: Final = (
    rf"</?(?!(?:div|t[dhr]|thead|tbody|tfoot|table|head|body|html|script|style|title|textarea|xmp|iframe|noembed|"
    rf"noframes|plaintext|noscript|svg|math|button|object|template|select)[{SPACE}/>])"
    rf"[a-z][^{SPACE}/<>]*+{ATTRIBUTES}(?<!/>)"
)
_IN_LINES: Final = rf"[^<]++|{_VOID}|{_INLINE}|{_DRAWING}|<iframe(?=[{SPACE}/>]){ATTRIBUTES}</iframe>"
_DIV: Final = rf"<div(?=[{SPACE}/>]){ATTRIBUTES}(?<!/>)(?:{_IN_LINES})*+</div>"
_DIVS: Final = rf"<div(?=[{SPACE}/>]){ATTRIBUTES}(?<!/>)(?:{_IN_LINES}|{_DIV})*+</div>"
_MAY_HIDE: Final = re.compile(
    rf"<(?:svg|math|noscript|button|object|template|select|noembed|noframes)(?=[{SPACE}/>])", WORDS
)
_RAW_TAG: Final = re.compile(rf"<(?:{'|'.join(sorted(RAW))})(?=[{SPACE}/])", WORDS)
_AS_TEXT: Final = frozenset(("noembed", "noframes", "noscript"))
"""Elements whose tags are text to browsers, but not to the parser."""
_TAG_END: Final = re.compile(ATTRIBUTES)
_ENDS_EARLIER: Final = re.compile(r"<noscript.*?</noscript.*</noscript|<select.*<input", WORDS | re.DOTALL)
"""An element that ends to browsers at an ``<input>``, or where an attribute holds its end."""


@cache
def _harmless() -> re.Pattern[str]:
    """Return the pattern of an element that the parser ends where browsers do, as most are."""
    return re.compile(
        rf"{_DRAWING}|<(noscript|button|object|template|select)(?=[{SPACE}/>]){ATTRIBUTES}"
        rf"(?:{_IN_LINES}|{_DIVS})*+</\1>",
        WORDS,
    )


def with_browsers_scopes(text: str) -> str:
    """Return HTML whose elements the parser ends where browsers do. Takes linear time."""
    return _Scopes(text).mended() if _may_differ(text) else text


def _may_differ(text: str) -> bool:
    read = 0
    for found in _MAY_HIDE.finditer(text):
        harmless = _harmless().match(text, found.start())
        read += harmless.end() - harmless.start() if harmless else 0
        if not harmless or read > 2 * len(text) or _ENDS_EARLIER.match(harmless[0]):
            return True
    for found in _RAW_TAG.finditer(text):
        end = _TAG_END.match(text, found.end())
        read += end.end() - end.start() if end else 0
        if not end or read > 2 * len(text) or text[end.end() - 2] == "/":
            return True
    return False


class _Scopes:
    def __init__(self, text: str) -> None:
        self._text = text
        self._open = OpenElements()
        self._roots: list[tuple[int, str]] = []
        """Places and names of the open SVG and MathML elements."""
        self._within: list[int] = []
        """Places of the open elements in them that hold HTML."""
        self._renamed: dict[int, str] = {}
        """Places of the open elements that have another name now."""
        self._pieces: list[str] = []
        self._copied = 0

    def mended(self) -> str:
        """Return the text with its elements ended."""
        scanner = Scanner(self._text, RAW | {"noscript"})
        for tag in scanner:
            is_foreign = scanner.is_foreign
            if is_foreign and self._leaves(tag):
                self._leave(tag.start)
                is_foreign = False
            if tag.is_end:
                self._end(tag)
            elif tag.name == CDATA:
                self._replace(tag.start, tag.end, html.escape(self._text[tag.start + 9 : tag.end - 3]))
            elif is_foreign:
                self._begin_foreign(tag)
            elif tag.name in _END_SELECT and self._open.place_of("select") >= 0:
                self._insert_ends(self._open.close_anyway("select"), tag.start, "</select>")
                self._replace(tag.start, tag.end, "") if tag.name == "select" else None
            elif tag.name in _AS_TEXT:
                if ends_in_slash(self._text, tag):
                    self._ignore_slash(tag)
                self._pass_over(tag.end, scanner.end_of_raw(tag.name, tag.end))
            elif tag.name not in RAW:
                self._begin_html(tag)
            elif ends_in_slash(self._text, tag):
                self._ignore_slash(tag)
            scanner.is_foreign = self._is_foreign()
        return "".join((*self._pieces, self._text[self._copied :]))

    def _replace(self, start: int, end: int, new: str) -> None:
        self._pieces += [self._text[self._copied : start], new]
        self._copied = end

    def _begin_html(self, tag: Tag) -> None:
        if tag.name == "button" and self._is_in_button():
            self._insert_ends(self._open.close_anyway("button"), tag.start, "</button>")
        elif tag.name in _IN_TABLES:
            self._end_in_cell(tag.start)
        is_root = tag.name in _FOREIGN
        if tag.name in HOLD_NONE or not ends_in_slash(self._text, tag):
            self._begin(tag.name, is_root=is_root)
        elif not is_root and any(self._open.place_of(name) >= 0 for name in _HIDING):
            self._ignore_slash(tag)
            self._begin(tag.name, is_root=False)
        else:
            self._open.pass_by(tag.name)

    def _end_in_cell(self, at: int) -> None:
        place_of = self._open.place_of
        around = max(map(place_of, ("table", *_IN_TABLES)))
        is_table = place_of("table") > place_of("template")
        if is_table and max(map(place_of, _HIDING)) > around:
            names = self._open.close_from(around + 1)
            self._replace(at, at, "".join(f"</{name}>" for name in names if name in RANKS or name in _HIDING))

    def _ignore_slash(self, tag: Tag) -> None:
        # To browsers, the slash says nothing; to the parser, the element ends here.
        self._replace(tag.end - 1, tag.end, " >")

    def _is_in_button(self) -> bool:
        """Whether a ``<button>`` ends the one around it."""
        around = (*map(self._open.place_of, _ENDS_SCOPE), *self._within[-1:])
        return self._open.place_of("button") > max(around)

    def _begin(self, name: str, *, is_root: bool) -> int:
        """Open an element and return its place; -1 if it holds none."""
        place = self._open.open(name) - 1
        self._renamed.pop(place, None)
        if is_root:
            self._is_foreign()
            self._roots.append((place, name))
        return place

    def _begin_foreign(self, tag: Tag) -> None:
        is_empty, root = ends_in_slash(self._text, tag), self._roots[-1][1]
        is_drawing = tag.name == "svg" and self._open.innermost == "annotation-xml"
        is_renamed = tag.name in _RENAMED or (tag.name == "svg" and root == "math" and not is_drawing)
        substitute = _SUBSTITUTES[root] if is_renamed else ""
        if substitute:
            self._replace(tag.start, tag.end, "" if is_empty else f"<{substitute}>")
        if is_empty:
            return
        place = self._begin(tag.name, is_root=is_drawing)
        if substitute:
            self._renamed[place] = substitute
        holds_html = tag.name in _HTML_WITHIN[root] or (
            tag.name == "annotation-xml" and bool(_HTML_ENCODING.search(self._text, tag.start, tag.end))
        )
        if holds_html and place >= 0:
            self._within.append(place)

    def _end(self, tag: Tag) -> None:
        place = self._open.place_of(tag.name)
        renamed = self._renamed.get(place)
        if renamed or tag.name in _HIDING or place in self._within[-1:]:
            self._insert_ends(self._open.close_anyway(tag.name)[:-1], tag.start)
            if renamed:
                self._replace(tag.start, tag.end, f"</{renamed}>")
        else:
            self._open.close(tag.name)

    def _leaves(self, tag: Tag) -> bool:
        """Whether a tag ends SVG and MathML."""
        if tag.is_end:
            return tag.name in {"p", "br"}
        return tag.name in _LEAVES or (
            tag.name == "font" and bool(_FONT.search(self._text, tag.start, tag.end))
        )

    def _leave(self, at: int) -> None:
        inner = self._within[-1] if self._within else -1
        while self._roots and self._roots[-1][0] > inner:
            first, _ = self._roots.pop()
        self._insert_ends(self._open.close_from(first), at)

    def _insert_ends(self, names: list[str], at: int, last: str = "") -> None:
        ends = "".join(f"</{name}>" for name in names if name in RANKS or name in _FOREIGN) + last
        if ends:
            self._replace(at, at, ends)

    def _pass_over(self, start: int, end: int) -> None:
        """Write a ``<noscript>`` or the like as the text that it is to browsers, if no element ends in it."""
        if end > start and not _is_whole(content := self._text[start:end]):
            self._replace(start, end, html.escape(content, quote=False))

    def _is_foreign(self) -> bool:
        """Whether the next tag is in SVG or MathML."""
        while self._roots and self._roots[-1][0] >= len(self._open):
            self._roots.pop()
        while self._within and self._within[-1] >= len(self._open):
            self._within.pop()
        return bool(self._roots) and (not self._within or self._roots[-1][0] > self._within[-1])


def _is_whole(content: str) -> bool:
    """Whether all elements of a text end in it, and none is one of those above."""
    names: list[str] = []
    end = 0
    for tag in Scanner(content, ()):
        if tag.name in RAW or tag.name in _HIDING or tag.name in {"noscript", "html", "head", "body"}:
            return False
        if tag.is_end and (not names or names.pop() != tag.name):
            return False
        if not tag.is_end and tag.name not in HOLD_NONE:
            names.append(tag.name)
        end = tag.end
    return not names and "<" not in content[end:]
