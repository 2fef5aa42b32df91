"""Recognizes elements that a page hides by itself."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.shown.zones import UNSEEN

_DECLARATION: Final = re.compile(
    r"(?:^|;)\s*(display|visibility)\s*:\s*([a-z-]+)\s*(!\s*important)?", re.IGNORECASE
)
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_NOT_DISPLAYED: Final = frozenset({"hidden", "hide", "d-none", "is-hidden"})
_OUT_OF_SIGHT: Final = frozenset({"invisible", "visually-hidden", "sr-only", "screen-reader-text"})
_SHOWN_ON_WIDE_SCREENS: Final = re.compile(
    r"(?<!\S)(?:(?:sm|md|lg|x+l|2xl):!?|d-(?:sm|md|lg|x+l)-)"
    r"(?:block|inline|flex|grid|table|contents|list-item|not-sr-only)(?![a-z])"
)
"""Classes that show on a computer what others hide on a telephone, as in Tailwind and Bootstrap."""


def is_hidden(node: HtmlElement) -> bool:
    """Whether an element hides itself, from sight or from screen readers."""
    return is_invisible(node) or (node.get("aria-hidden") or "").lower() == "true"


def is_invisible(node: HtmlElement) -> bool:
    """Whether an element hides itself: by an attribute, its style, a usual class, or as a closed dialog."""
    if not node.attrib:
        return bool(node.tag == "dialog")
    style = _style(node)
    if style.get("visibility") in {"hidden", "collapse"} or style.get("display") == "none":
        return True
    classes = node.get("class") or ""
    names = () if _SHOWN_ON_WIDE_SCREENS.search(classes) else classes.lower().split()
    if not _OUT_OF_SIGHT.isdisjoint(names):
        return True
    if "display" in style:  # it overrides what follows
        return False
    if node.tag == "dialog":
        return node.get("open") is None
    return node.get("hidden") is not None or not _NOT_DISPLAYED.isdisjoint(names)


def _style(node: HtmlElement) -> dict[str, str]:
    """Return display and visibility as the element's style sets them: the last important one, or the last."""
    style = node.get("style") or ""
    if not style:
        return {}
    found = _DECLARATION.findall(_COMMENT.sub(" ", style))
    return {name.lower(): value.lower() for name, value, _ in sorted(found, key=lambda each: bool(each[2]))}


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
