"""Distinguishes the parts of a page about its product from menus, other products and reviews."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

_FRAME_TAGS: Final = frozenset({"nav", "footer", "aside"})
UNSEEN: Final = frozenset({"script", "style", "noscript", "template", "head", "iframe"})
_OTHERS: Final = re.compile(
    r"(?:\b|_)(?:nav|navbar|menu|footer|sidebar|breadcrumbs?|cookie|consent|related|recommend\w*|similar|upsells?|"
    r"cross-?sells?|you-?may|also-?like|recently|mini-?cart|comments?|reviews?-?(?:list|items?|content)|"
    r"product-?ratings?|product-?reviews?|feedbacks?)(?:\b|_)",
    re.IGNORECASE,
)
"""Words in the id, class or role of elements that do not belong to the product."""
_TAB_PANEL: Final = re.compile(r"(?<![a-z])tab-?(?:panel?|content)s?(?![a-z])", re.IGNORECASE)
_OF_A_MENU: Final = re.compile(r"(?<![\w-])nav[-_](?=\w)", re.IGNORECASE)
"""Beginning of the id of a tab's content that is named after its link (``nav-description``)."""
MOST_ELEMENTS: Final = 300
"""Maximum elements in a label or a value."""
PICTURE_FILE: Final = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:[_?#!@]|$)", re.IGNORECASE)


def own_elements(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the body's elements in document order, without menus, other products, reviews and their links.

    Links to other pages are skipped with their content, because cards of other products are links; links
    within the page or to a picture are not. The elements around the page's heading always count, whatever
    their names (``<body class="has-sidebar">``).
    """
    body = next(tree.iter("body"), tree)
    around = around_heading(body)
    walk = etree.iterwalk(body, events=("start",))
    for _, node in walk:
        if not isinstance(node.tag, str) or node.tag in UNSEEN or (node not in around and is_foreign(node)):
            walk.skip_subtree()
            continue
        yield node


def around_heading(body: HtmlElement) -> set[HtmlElement]:
    """Return the body and the elements around its first heading."""
    return {body, *(x for heading in islice(body.iter("h1"), 1) for x in heading.iterancestors())}


def is_foreign(node: HtmlElement) -> bool:
    """Whether an element is a menu, holds other products or reviews, or links to another page."""
    if node.tag in _FRAME_TAGS:
        return True
    if node.tag == "a":
        return leads_away(node.get("href") or "")
    if not node.attrib:
        return False
    mark = mark_of(node)
    if _OTHERS.search(mark) is None:
        return False
    return not _TAB_PANEL.search(mark) or bool(_OTHERS.search(_OF_A_MENU.sub("", mark)))


def leads_away(href: str) -> bool:
    """Whether a link opens another page, rather than a picture or a place on this one."""
    href = href.strip()
    if not href or href.startswith("#") or href.lower().startswith("javascript:"):
        return False
    try:
        return not PICTURE_FILE.search(urlsplit(href).path)
    except ValueError:
        return False


def is_in_a_sentence(node: HtmlElement) -> bool:
    """Whether loose words stand beside an element in its parent."""
    parent = node.getparent()
    return parent is not None and any(
        text and text.strip() for text in (parent.text, *(each.tail for each in parent))
    )


def mark_of(node: HtmlElement) -> str:
    """Return an element's id, class and role."""
    return f"{node.get('id') or ''} {node.get('class') or ''} {node.get('role') or ''}"


def short_text(node: HtmlElement, limit: int) -> str:
    """Return an element's text on one line; empty, without reading the rest, if longer than ``limit``."""
    parts: list[str] = []
    size = 0
    for part in texts_of(node):
        size += len(part) + 1
        if size > limit + 1:
            return ""
        parts.append(part)
    return " ".join(parts)


def short_texts(root: HtmlElement, limit: int) -> dict[HtmlElement, str]:
    """Return the text of an element, and of each in it, where there is one of up to ``limit`` characters.

    Unlike :func:`short_text` for each of them, this reads a text once, however many elements are around it.
    """
    found: dict[HtmlElement, str] = {}
    above: list[list[str]] = [[]]
    sizes = [0]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, node in walk:
        if event == "start":
            above.append([])
            sizes.append(0)
            if isinstance(node.tag, str) and node.tag not in UNSEEN:
                text = node.text
            else:
                walk.skip_subtree()
                continue
        else:
            parts, size = above.pop(), sizes.pop()
            sizes[-1] += size
            if parts and size <= limit + 1:
                found[node] = " ".join(parts)
                if sizes[-1] <= limit + 1:
                    above[-1] += parts
            text = node.tail
        if text and (plain := " ".join(text.split())):
            sizes[-1] += len(plain) + 1
            if sizes[-1] <= limit + 1:
                above[-1].append(plain)
    return found


def texts_of(node: HtmlElement) -> Iterator[str]:
    """Yield an element's text fragments in order, with normalized spaces and without code.

    Stops after :data:`MOST_ELEMENTS`, because this is called for every element and must not read the whole
    page.
    """
    while len(node) == 1 and not node.text and node.tag not in UNSEEN:  # in a chain, the last has the words
        only = node[0]
        if only.tail or not isinstance(only.tag, str):
            break
        node = only
    if not len(node):  # most labels and values
        if node.tag not in UNSEEN and node.text and (plain := " ".join(node.text.split())):
            yield plain
        return
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, each in islice(walk, 2 * MOST_ELEMENTS):
        if event == "start":
            if not isinstance(each.tag, str) or each.tag in UNSEEN:
                walk.skip_subtree()
                continue
            text = each.text
        else:
            text = each.tail if each is not node else None
        if text and (plain := " ".join(text.split())):
            yield plain
