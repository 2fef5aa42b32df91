"""Reads the items of a feed; one that is not well-formed costs no other item its text."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from lxml import etree

from labels.evidence.decoding import decode_page

Items = list[tuple[str, Mapping[str, Any] | str]]
"""The items of a feed with their places; text instead of an item is its problem."""

_ITEMS: Final = ("item", "entry", "product")
_TORN: Final = ("its end", "the file ends inside an element: send it again")
_OPEN: Final = "has no end tag: correct the feed"
_SWALLOWED: Final = "and holds what follows: correct the feed"
_NO_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not allow."""
_MARK: Final = "<![CDATA["
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_TOKEN: Final = re.compile(
    rf"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|{_CDATA.pattern}|"
    r"</?(?P<name>(?![\d.-])[^\s<>/!?=\"'&]++)(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>",
    re.DOTALL,
)
"""A tag, or what may hold things that only look like tags."""
_BARE: Final = re.compile(
    rf"{_CDATA.pattern}|&(?!(?:amp|lt|gt|quot|apos|#\d{{1,7}}|#x[0-9a-f]{{1,6}});)", re.DOTALL | re.IGNORECASE
)
"""An ampersand that begins no reference of XML, as in an address or ``&nbsp;``; or what may hold one."""


def decode_feed(body: bytes) -> str:
    """Decode a feed; many declare no encoding or a wrong one, with which a parser reads other letters."""
    return decode_page(body, "text/xml; charset=utf-16" if b"\0" in body[:4] else None)[0]


def read_feed(text: str) -> Items:
    """Return the items of a feed, and what cannot be read; nothing if it is no feed."""
    text = _NO_XML.sub(" ", text)
    root = _parsed(text)
    if root is None:
        return list(_items(text))
    nodes = root.iter(*(f"{{*}}{name}" for name in _ITEMS))
    return [(f"item {number}", _row(node)) for number, node in enumerate(nodes, 1)]


def _parsed(text: str) -> Any:
    """Return the root of a well-formed text, or ``None``; undeclared namespaces are allowed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None
    return None if any(x.level == etree.ErrorLevels.FATAL for x in parser.error_log) else root


def _items(text: str) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    """Yield the items of a feed that is not well-formed, each read by itself.

    An XML parser would recover as well, but by putting the next items into an element that is not closed.
    """
    item = field = root = ""
    fields: list[str] = []
    number = start = inside = depth = before = 0
    for token in _TOKEN.finditer(text):
        if not (name := token["name"]):
            continue
        is_end, is_empty = token[0].startswith("</"), token[0].endswith("/>")
        if not item or name == item:
            if is_empty:
                continue
            if item:
                is_whole = is_end and not field
                yield f"item {number}", _item(fields) if is_whole else f"<{field or item}> {_OPEN}"
                item = ""
            if not is_end and name.rpartition(":")[2] in _ITEMS:
                item, field, fields = name, "", []
                number += 1
            elif not root and not is_end:
                root, depth, before = name, 1, number
            elif name == root:
                depth += -1 if is_end else 1
                root = root if depth else ""
        elif not field and is_empty:
            fields.append(_field(token[0], "", name))
        elif not field and not is_end:
            field, start, inside = name, token.start(), token.end()
        elif name == field and is_end:
            fields.append(_field(text[start:inside], text[inside : token.start()], name))
            field = ""
    if item or (root and number > before):  # programs also print warnings around the feed
        yield _TORN


def _item(fields: list[str]) -> Mapping[str, Any] | str:
    node = _parsed(f"<item>{''.join(fields)}</item>")
    return "not XML: correct the feed" if node is None else _row(node)


def _field(tag: str, content: str, name: str) -> str:
    """Return an element as well-formed XML; tags that are not closed are HTML, which stays as text."""
    whole = f"{tag}{content}" if tag.endswith("/>") else f"{tag}{content}</{name}>"
    whole = _BARE.sub(lambda found: "&amp;" if found[0] == "&" else found[0], whole)
    if _parsed(whole) is not None:
        return whole
    return f"<{name}>{escape(_CDATA.sub(lambda found: found[1], content), quote=False)}</{name}>"


def _row(node: Any) -> Mapping[str, Any] | str:
    row: dict[str, list[str]] = {}
    for child in node:
        if not isinstance(child.tag, str):
            continue
        name = child.tag.rpartition("}")[2].rpartition(":")[2]
        value = " ".join(child.itertext()) if len(child) else (child.text or child.get("href") or "")
        if _MARK in value:
            earlier, _, last = value.rpartition(_MARK)
            if "]]>" not in last and f"{name}>" in earlier:
                return f"<{name}> has a CDATA section without an end, {_SWALLOWED}"
            value = value.replace(_MARK, "").replace("]]>", "")  # was escaped, or inside another
        values = row.setdefault(name, [])
        # An entry links to its comments and feeds as well, and to its page in other languages.
        is_other = name == "link" and (values or child.get("rel", "alternate") != "alternate")
        if (text := value.strip()) and text not in values and not is_other:
            values.append(text)
    return {name: ", ".join(values) for name, values in row.items()}
