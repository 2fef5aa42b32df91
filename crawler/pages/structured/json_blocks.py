"""Finds a page's JSON-LD blocks fast and parses them tolerantly.

Shop templates break their JSON in a few common ways (trailing commas, raw line feeds, comments, unescaped
quotes, HTML entities, a stray ``;``, a truncated block), and a broken block must not lose the page.
"""

import html
import json
import re
from typing import Any

_OPEN = re.compile(r"<(?i:script\b(?=[^<>]*>)[^<>]*?\btype\s*=\s*[\"']?application/ld\+json[^<>]*>)")
_CLOSE = re.compile(r"</(?i:script)")
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*+;?\s*+$")
_STRING = r'"(?:[^"\\]|\\[\s\S])*+(?:"|\\?\Z)'
"""A string, possibly truncated; otherwise each quote in it would be tried to the end of the block."""
_COMMENT = re.compile(rf"({_STRING})|/\*.*?(?:\*/|\Z)|(?<!:)//[^\n]*", re.DOTALL)
_TRAILING_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_PRODUCT = re.compile(r'"@type"\s*:\s*\[?\s*"(?:https?://schema\.org/)?Product"')
_SALVAGED = ("name", "description", "sku", "price", "lowPrice", "priceCurrency", "image", "url", "gtin13")
_VALUE = r'"{}"\s*+:\s*+(?:\[\s*+)?(?:(?P<quote>")|(?P<number>-?\d[\d.,]*))'
_END = re.compile(r'"\s*+(?=,\s*+"[@\w]+"\s*+:|\]|\}|$)')
"""The end of a string that may contain unescaped quotes, followed by the next field or the end of an object.
"""

MAX_BLOCKS = 100
MAX_CHARACTERS = 2_000_000
"""Limits on the blocks read from one page, and on the characters of one block."""


def json_ld(text: str) -> list[Any]:
    """Return a page's parsed JSON-LD documents in order, without blocks beyond repair."""
    found: list[Any] = []
    for block in _blocks(text):
        found.extend(parse_tolerantly(block))
    return found


def _blocks(text: str) -> list[str]:
    blocks: list[str] = []
    at = 0
    while len(blocks) < MAX_BLOCKS and (opening := _OPEN.search(text, at)):
        closing = _CLOSE.search(text, opening.end())
        at = closing.start() if closing else len(text)
        blocks.append(text[opening.end() : min(at, opening.end() + MAX_CHARACTERS)])
    return blocks


def parse_tolerantly(block: str) -> list[Any]:
    """Return the JSON documents in one script block, which may hold several."""
    block = _WRAPPING.sub("", _WRAPPING.sub("", block.strip().lstrip("\ufeff"))).strip().rstrip(";").strip()
    if not block:
        return []
    for repair in (_as_is, _tidied, _unescaped):
        try:
            return _documents(repair(block))
        except (ValueError, RecursionError):
            continue
    salvaged = _salvage(block)
    return [salvaged] if salvaged else []


def _documents(text: str) -> list[Any]:
    decoder = json.JSONDecoder(strict=False)  # lets raw line feeds stand inside strings
    documents: list[Any] = []
    at = 0
    while at < len(text):
        document, end = decoder.raw_decode(text, at)
        documents.append(document)
        at = end
        while at < len(text) and text[at] in " \t\r\n;,":
            at += 1
    return documents


def _as_is(block: str) -> str:
    return block


def _tidied(block: str) -> str:
    text = _COMMENT.sub(lambda m: m.group(1) or "", block)
    text = _BAD_ESCAPE.sub(r"\\\\", text)
    return _TRAILING_COMMA.sub(lambda m: m.group(1) or "", text)


def _unescaped(block: str) -> str:
    return _tidied(html.unescape(block))


def _salvage(block: str) -> dict[str, Any] | None:
    """Recover the fields of a Product with unparsable JSON, each up to where the next seems to begin."""
    start = _PRODUCT.search(block)
    if start is None:
        return None
    # Fields may come before or after "@type".
    fields: dict[str, Any] = {}
    for name in _SALVAGED:
        pattern = re.compile(_VALUE.format(name))
        value = _value(block, pattern, start.end())
        if value is None:
            value = _value(block, pattern, 0)
        if value is not None:
            fields[name] = value
    if not fields.get("name"):
        return None
    offer = {
        key: fields.pop(name)
        for name, key in (("price", "price"), ("lowPrice", "price"), ("priceCurrency", "priceCurrency"))
        if name in fields
    }
    return {"@type": "Product", **fields, **({"offers": offer} if offer else {})}


def _value(block: str, pattern: re.Pattern[str], start: int) -> str | None:
    """Return the first value of a field after ``start``, in time linear in the block's length."""
    is_open = False
    for hit in pattern.finditer(block, start):
        if hit["number"] is not None:
            return str(hit["number"])
        if is_open:
            continue  # no string ends behind an earlier one: it would have been that one's end
        end = _END.search(block, hit.end())
        if end is not None:
            return _string(block[hit.end() : end.start()])
        is_open = True
    return None


def _string(text: str) -> str:
    """Decode a JSON string body that may contain unescaped quotes."""
    guarded = _BAD_ESCAPE.sub(r"\\\\", text)
    guarded = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', guarded)
    try:
        return str(json.loads(f'"{guarded}"', strict=False))
    except ValueError:
        return text
