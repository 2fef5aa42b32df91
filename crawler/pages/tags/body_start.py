"""Begins the body where browsers begin it: the parser keeps many elements in a head that is not ended."""

import re
from typing import Final

from crawler.pages.tags.scanner import RAW, Scanner

_OF_HEAD: Final = frozenset(
    re.findall(r"\w+", "html head base basefont bgsound link meta noframes script style title")
)
_WITH_CONTENT: Final = frozenset(("noscript", "template"))
"""Elements of the head that may hold those of a body."""


def with_body(text: str) -> str:
    """Return HTML that has a ``<body>`` before the first element that belongs to it. Takes linear time."""
    scanner = Scanner(text, RAW | {"noscript"})
    around = 0
    tags = iter(scanner)
    for tag in tags:
        if tag.name in _WITH_CONTENT:
            around = max(0, around + (-1 if tag.is_end else 1))
        elif not (tag.is_end or around or tag.name in _OF_HEAD):
            break
    else:
        return text
    if tag.name in {"body", "frameset"}:
        return text
    # To browsers, a tag that comes later adds its attributes, unless it is in a template.
    late = next((x for x in tags if x.name in {"body", "template"} and not x.is_end), None)
    body = text[late.start : late.end] if late and late.name == "body" else "<body>"
    return f"{text[: tag.start]}{body}{text[tag.start :]}"
