"""Removes attributes that are too many for a tag: the parser compares each with all others of the tag."""

import re
from collections.abc import Iterator
from typing import Final

from crawler.pages.tags.scanner import NAMED, SPACE, Scanner
from labels.evidence.picture_addresses import DISPLAYED, LARGE, SOURCE_SETS

MOST: Final = 256
"""Most attributes of a tag; pages have some ten."""
READ: Final = frozenset(
    (
        *(
            "aria-hidden",
            "aria-label",
            "class",
            "content",
            "data",
            "data-utime",
            "datetime",
            "hidden",
            "href",
        ),
        *("id", "itemid", "itemprop", "itemref", "itemscope", "itemtype", "name", "open", "poster"),
        *("property", "rel", "role", "shadowrootmode", "srcdoc", "style", "title", "type", "url", "value"),
        *(*DISPLAYED, *LARGE, *SOURCE_SETS),
    )
)
"""Attributes that are read, which are kept however many stand before them."""
_NAME: Final = re.compile(rf"</?[^{SPACE}/>]++")
_ATTRIBUTE: Final = re.compile(rf"[{SPACE}/]*+({NAMED})")
_NAME_END: Final = re.compile(rf"[{SPACE}=]")


def without_excess_attributes(text: str) -> str:
    """Return HTML in which no tag has more than :data:`MOST` attributes beside :data:`READ`.

    Takes linear time.
    """
    kept: list[str] = []
    copied = 0
    for start, end in _long_tags(text):
        for first, last in _excess(text, start, end):
            kept.append(text[copied:first])
            copied = last
    return "".join((*kept, text[copied:])) if kept else text


def _long_tags(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of tags that may have so many attributes; one that does not end is the last."""
    scanner = Scanner(text)
    for tag in scanner:
        if scanner.unfinished >= 0:
            break
        if tag.end - tag.start > 2 * MOST:
            yield tag.start, tag.end
    if scanner.unfinished >= 0:
        yield scanner.unfinished, len(text)


def _excess(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the places of a tag's attributes that are too many."""
    name = _NAME.match(text, start, end)
    at = name.end() if name else end
    seen: set[str] = set()
    number = 0
    while found := _ATTRIBUTE.match(text, at, end):
        at, number = found.end(), number + 1
        if number > MOST:
            attribute = _NAME_END.split(found[1], maxsplit=1)[0].lower()
            if attribute in READ - seen:
                seen.add(attribute)
            else:
                yield found.start(), at
