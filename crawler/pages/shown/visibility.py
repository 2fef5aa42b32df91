"""Recognizes elements that a page hides by itself."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.shown.zones import UNSEEN

_STYLE: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CLASSES: Final = frozenset(
    {"hidden", "hide", "d-none", "is-hidden", "invisible", "visually-hidden", "sr-only", "screen-reader-text"}
)


def is_hidden(node: HtmlElement) -> bool:
    """Whether an element hides itself, from sight or from screen readers."""
    return is_invisible(node) or (node.get("aria-hidden") or "").lower() == "true"


def is_invisible(node: HtmlElement) -> bool:
    """Whether an element hides itself: by an attribute, its style, a usual class, or as a closed dialog."""
    if node.tag == "dialog":
        return node.get("open") is None
    if not node.attrib:
        return False
    return (
        node.get("hidden") is not None
        or bool(_STYLE.search(node.get("style") or ""))
        or not _CLASSES.isdisjoint((node.get("class") or "").lower().split())
    )


def visible(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    """Yield the elements, given in document order, that neither they nor their ancestors among them hide."""
    hidden: set[HtmlElement] = set()
    for node in elements:
        if node.getparent() in hidden or is_hidden(node):
            hidden.add(node)
        else:
            yield node


CONTENT: Final = frozenset({"main", "article", "section"})


def visible_text(
    node: HtmlElement, limit: int, without: Collection[str] = (), frames: Collection[str] = ()
) -> str:
    """Return an element's visible text on one line; empty, without reading on, if longer than ``limit``.

    Elements of the tags in ``without`` are left out, those in ``frames`` unless they belong to a section.
    """
    left_out = UNSEEN | set(without)
    parts: list[str] = []
    size = sections = 0
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, each in walk:
        text = None
        if each.tag in CONTENT:
            sections += 1 if event == "start" else -1
        if event == "end":
            text = each.tail if each is not node else None
        elif (
            not isinstance(each.tag, str)
            or each.tag in left_out
            or (each.tag in frames and not sections)
            or (each is not node and is_hidden(each))
        ):
            walk.skip_subtree()
        else:
            text = each.text
        if text and (plain := " ".join(text.split())):
            parts.append(plain)
            size += len(plain) + 1
            if size > limit + 1:
                return ""
    return " ".join(parts)
