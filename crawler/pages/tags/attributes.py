"""Removes attributes that are too many for a tag: the parser compares each with all others of the tag."""

import re
from typing import Final

from crawler.pages.tags.scanner import NAMED, SPACE, Scanner

MOST: Final = 256
"""Most attributes of a tag; pages have some ten."""
_EXCESS: Final = re.compile(
    rf"(<[a-zA-Z][^{SPACE}/>]*+(?:[{SPACE}/]*+{NAMED}){{{MOST}}})(?:[{SPACE}/]*+{NAMED})++"
)


def without_excess_attributes(text: str) -> str:
    """Return HTML in which no tag has more than :data:`MOST` attributes. Takes linear time."""
    if not _EXCESS.search(text):
        return text
    kept: list[str] = []
    copied = read = 0
    for tag in Scanner(text):  # what looks like a tag in a script is none
        read = tag.end
        if (excess := _EXCESS.match(text, tag.start)) and excess.end() <= tag.end:
            kept.append(text[copied : excess.end(1)])
            copied = excess.end()
    last = _EXCESS.search(text, read)
    if last and text.find(">", last.end()) < 0:  # a tag that does not end
        kept.append(text[copied : last.end(1)])
        copied = last.end()
    return "".join((*kept, text[copied:]))
