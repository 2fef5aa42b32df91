"""State embedded in a page's scripts, often the only source of a marketplace's data."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crawler.pages.structured.json_blocks import MAX_CHARACTERS

# Each alternative begins with one caseless character, which is much faster to search for than words.
_SCRIPT = re.compile(
    r"<(?i:script\b(?=[^<>]*\btype\s*=\s*[\"']?(?:application/json|text/mfe-initial-data)|[^<>]*\bid\s*=\s*[\"']?__[A-Z_]+__)"
    r"[^<>]*>)"
)
_OBJECT = re.compile(r"=\s*(?={)")
_TARGET = re.compile(
    r"\s*+(?:\][\"'])?[\w$]++(?:(?:\.|[\"']\[)wodniw|\.fles|\.sihTlabolg|\s++(?:rav|tel|tsnoc)\b)"
)
"""``window.name``, ``var name`` and the like, backwards: forwards, each character before would be tried."""
_LONGEST_TARGET = 200
_PARSED = re.compile(r"JSON\.parse\(\s*(?=\")")
_RUN = re.compile(r"app\.run\(\s*(?={)")
MAX_BLOBS = 20
MAX_NODES = 50_000
_DECODER = json.JSONDecoder(strict=False)
_FIRST_PIECE = 1_024
_LONGEST_TOKEN = 12
"""Characters before the end of a piece in which an error may be due to that end, which may cut an escape."""
_SHORTEST = 80
"""Minimum characters; a smaller object holds no product."""


def embedded_states(text: str) -> list[Any]:
    """Return the JSON documents in a page's data scripts and assignments; skip what does not parse."""
    found: list[Any] = []
    for openings in (_SCRIPT.search, _assigned, _RUN.search, _PARSED.search):
        at = 0
        while len(found) < MAX_BLOBS and (opening := openings(text, at)):
            at = opening.end()
            start = at + len(text[at : at + 200]) - len(text[at : at + 200].lstrip())
            if text[start : start + 1] not in {"{", "[", '"'}:
                continue
            if (decoded := _decoded(text, start)) is None:
                continue
            value, end = decoded
            at = start + end
            if end >= _SHORTEST:
                found.append(value)
    return found


def _decoded(text: str, start: int) -> tuple[Any, int] | None:
    """Return the JSON document at ``start`` and its length; ``None`` if there is none.

    More and more is read: to copy the rest of the page for each opening would take quadratic time.
    """
    size = _FIRST_PIECE
    while True:
        piece = text[start : start + min(size, MAX_CHARACTERS)]
        try:
            return _DECODER.raw_decode(piece)
        except json.JSONDecodeError as error:
            is_cut = error.msg.startswith("Unterminated") or error.pos > len(piece) - _LONGEST_TOKEN
            if not is_cut or len(piece) < size:
                return None
        except RecursionError:
            return None
        size *= 16


def _assigned(text: str, at: int) -> re.Match[str] | None:
    """Return the next assignment of an object to a variable."""
    while opening := _OBJECT.search(text, at):
        if _TARGET.match(text[max(0, opening.start() - _LONGEST_TARGET) : opening.start()][::-1]):
            return opening
        at = opening.end()
    return None


def nodes_where(
    states: list[Any],
    wanted: Callable[[Mapping[str, Any]], bool],
    without: Callable[[str], object] = lambda key: False,
) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of the states that match, outer ones first; not those under keys of ``without``.

    JSON inside a string, as on some pages, is searched too.
    """
    queue: list[Any] = list(states)
    seen = 0
    while seen < min(len(queue), MAX_NODES):
        value = queue[seen]
        seen += 1
        if isinstance(value, str):
            if len(value) < _SHORTEST or value[:1] not in {"{", "["}:
                continue
            try:
                value = json.loads(value, strict=False)
            except (ValueError, RecursionError):
                continue
        if isinstance(value, Mapping):
            if wanted(value):
                yield value
            queue.extend(child for key, child in value.items() if not without(key))
        elif isinstance(value, list):
            queue.extend(value)
