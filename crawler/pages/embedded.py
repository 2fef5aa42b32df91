"""Embedded state of a page's scripts, often the only place of a marketplace's data."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crawler.pages.json_blocks import MAX_CHARACTERS

# Each begins with one sign that has no cases: that is looked for far faster than a choice of words.
_SCRIPT = re.compile(
    r"<(?i:script\b(?=[^<>]*\btype\s*=\s*[\"']?(?:application/json|text/mfe-initial-data)|[^<>]*\bid\s*=\s*[\"']?__[A-Z_]+__)"
    r"[^<>]*>)"
)
_OBJECT = re.compile(r"=\s*(?={)")
_TARGET = re.compile(
    r"(?:window(?:\.|\[[\"'])|self\.|globalThis\.|\bvar\s+|\blet\s+|\bconst\s+)[\w$]+(?:[\"']\])?\s*\Z"
)
_LONGEST_TARGET = 200
_PARSED = re.compile(r"JSON\.parse\(\s*(?=\")")
_RUN = re.compile(r"app\.run\(\s*(?={)")
MAX_BLOBS = 20
MAX_NODES = 50_000
_SHORTEST = 80
"""Characters; a smaller object holds no product."""


def embedded_states(text: str) -> list[Any]:
    """The JSON documents in a page's data scripts and assignments; what does not parse is left out."""
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    for openings in (_SCRIPT.search, _assigned, _RUN.search, _PARSED.search):
        at = 0
        while len(found) < MAX_BLOBS and (opening := openings(text, at)):
            at = opening.end()
            start = at + len(text[at : at + 200]) - len(text[at : at + 200].lstrip())
            if text[start : start + 1] not in {"{", "[", '"'}:
                continue
            try:
                value, end = decoder.raw_decode(text[start : start + MAX_CHARACTERS])
            except (ValueError, RecursionError):
                continue
            at = start + end
            if end >= _SHORTEST:
                found.append(value)
    return found


def _assigned(text: str, at: int) -> re.Match[str] | None:
    """The next place where an object is assigned to a variable."""
    while opening := _OBJECT.search(text, at):
        if _TARGET.search(text, max(0, opening.start() - _LONGEST_TARGET), opening.start()):
            return opening
        at = opening.end()
    return None


def nodes_where(
    states: list[Any], wanted: Callable[[Mapping[str, Any]], bool]
) -> Iterator[Mapping[str, Any]]:
    """The objects of the states that are wanted, outer ones first.

    A string that holds JSON itself, as some pages have it, is looked into as well.
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
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)
