"""Removes tags that nest too deep for the parser: beyond 2,048 open elements it drops the rest of a page."""

import re
from typing import Final

from crawler.pages.tags.open_elements import OpenElements
from crawler.pages.tags.scanner import RAW, Scanner, ends_in_slash

LIMITS: Final = (1900, 900, 300, 60)
"""Elements around one. The estimate may be too low: while the parser still drops text, the next is tried."""

_INLINE: Final = frozenset(
    re.findall(r"\w+", "a abbr b big cite em font i mark s small span strong sub sup u")
)
"""Elements that part no words."""


def without_deepest_tags(text: str, limit: int) -> str:
    """Return HTML without the tags of elements more than ``limit`` deep; their text stays in place.

    Takes linear time.
    """
    elements = OpenElements()
    kept: list[str] = []
    copied = 0
    for tag in Scanner(text):
        if tag.is_end:
            is_deep = elements.close(tag.name) >= limit
        elif ends_in_slash(text, tag):
            is_deep = False
            elements.pass_by(tag.name)
        else:
            is_deep = tag.name not in RAW and elements.open(tag.name) > limit
        if is_deep:
            kept.append(text[copied : tag.start] + ("" if tag.name in _INLINE else " "))
            copied = tag.end
    return "".join((*kept, text[copied:])) if kept else text
