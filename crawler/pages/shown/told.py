"""The words of a page that its markup for search engines leaves out."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.plain_text import RowMarks, element_text, squash
from crawler.pages.shown.zones import UNSEEN, is_foreign, mark_of, short_text
from labels.guidance.phrases import phrases

_HINTS: Final = ("description", "product-detail", "product_detail", "productdetail", "prod-desc", "รายละเอียด")
_OF_OTHERS: Final = ("shop", "store", "seller", "category", "collection", "meta", "shipping", "delivery")
_FRAME: Final = frozenset({"nav", "header", "footer", "aside", "form", "button", "select"})
_LONGEST: Final = 100_000
_LEAST: Final = 20
"""Characters, without spaces, below which a difference is one of wording."""
_MOST_LINES: Final = 50
_SHORTEST_PHRASE: Final = 5


def with_shown(known: str, elements: Iterable[HtmlElement], rows: RowMarks) -> str:
    """Return a description with the lines that only the page shows.

    Data for search engines may be a summary, or say something harmless. What buyers read are the blocks named
    as a description among the page's own elements; on a page without one, the lines that name a phrase which
    regulators list.
    """
    own = list(elements)
    blocks = list(_blocks(own, rows))
    lines = [line for block in blocks for line in block.split("\n")] or list(_flagged(own))
    read = squash(known)
    missing = [line for line in dict.fromkeys(lines) if (plain := squash(line)) and plain not in read]
    if sum(len(squash(line)) for line in missing) < _LEAST and blocks:
        return known
    return "\n".join([known, *missing])[: max(len(known), _LONGEST)]


def _blocks(own: list[HtmlElement], rows: RowMarks) -> Iterator[str]:
    """Yield the texts of the outermost blocks that are named as a description, without menus and the like."""
    inside: set[HtmlElement] = set()
    for node in own:
        if node.getparent() in inside:
            inside.add(node)
            continue
        mark = f"{mark_of(node)} {node.get('itemprop') or ''}".lower() if node.attrib else ""
        if not any(x in mark for x in _HINTS) or any(x in mark for x in _OF_OTHERS):
            continue
        text = element_text(node, rows)
        if len(text) > _LONGEST:
            continue
        inside.add(node)
        foreign = {line for x in _foreign_in(node) for line in element_text(x).split("\n")}
        yield "\n".join(line for line in text.split("\n") if line not in foreign)


def _foreign_in(node: HtmlElement) -> Iterator[HtmlElement]:
    """Yield the outermost menus, other products and reviews within an element."""
    walk = etree.iterwalk(node, events=("start",))
    for _, each in walk:
        if isinstance(each.tag, str) and each is not node and each.tag != "a" and is_foreign(each):
            walk.skip_subtree()
            yield each


def _flagged(own: list[HtmlElement]) -> Iterator[str]:
    """Yield lines of text outside of menus, links and headers that name a listed phrase."""
    kept: set[HtmlElement] = set()
    found = 0
    for node in own:
        if node.tag != "body" and (node.getparent() not in kept or node.tag in _LEFT_OUT):
            continue
        kept.add(node)
        # Only elements that hold loose words: each text is read once.
        if found < _MOST_LINES and _has_words(node) and is_flagged(text := short_text(node, _LONGEST_LINE)):
            found += 1
            yield text


_LEFT_OUT: Final = _FRAME | UNSEEN | {"a"}
_LONGEST_LINE: Final = 600


def _has_words(node: HtmlElement) -> bool:
    return any(text and text.strip() for text in (node.text, *(x.tail for x in node)))


@cache
def _named_phrases() -> tuple[str, ...]:
    texts = (squash(x) for phrase in phrases() for x in phrase.texts if "…" not in x)
    return tuple(dict.fromkeys(x for x in texts if len(x) >= _SHORTEST_PHRASE))


def is_flagged(text: str, terms: Iterable[str] = ()) -> bool:
    """Whether a text contains a phrase that regulators list as prohibited, or one of these terms."""
    read = squash(text)
    return any(x in read for x in _named_phrases()) or any(squash(x) in read for x in terms)
