"""Reads nested elements in linear time."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from lxml import etree
from lxml.html import HtmlElement

_LEVELS: Final = 40
DEEPEST: Final = 64
"""Maximum elements around one. Browsers have a limit too (Chromium's is 512); Lighthouse warns from 32."""
_WHOLE: Final = 24
"""Levels of a part of a page that stays as it is, such as a product, its rows and its description."""
_WRAPPERS: Final = frozenset(("div", "section", "article", "main", "span", "center", "b", "i", "font"))


def flatten(tree: HtmlElement) -> bool:
    """Put elements that are too deep after one another, with their text in order, as browsers do.

    Parts of a few levels move as a whole. Returns whether there were any.
    """
    depth = deepest = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
    if deepest <= DEEPEST:
        return False
    levels: dict[HtmlElement, int] = {}
    for _, node in etree.iterwalk(tree, events=("end",)):
        levels[node] = 1 + max(map(levels.__getitem__, node), default=-1)
    tops = []
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, node in walk:
        depth += 1 if event == "start" else -1
        if event == "start" and depth == DEEPEST - _WHOLE:
            if levels[node] > _WHOLE:
                tops.append(node)
            walk.skip_subtree()
    for top in tops:
        _flatten(top, levels)
    return True


def _flatten(top: HtmlElement, levels: Mapping[HtmlElement, int]) -> None:
    nodes: list[HtmlElement] = []
    tails: list[list[str]] = []
    walk = etree.iterwalk(top, events=("start", "end"))
    for event, node in walk:
        if node is top:
            continue
        if event == "start":
            nodes.append(node)
            tails.append([])
            if levels[node] <= _WHOLE:
                walk.skip_subtree()
        elif node.tail:
            tails[-1].append(node.tail)
    for node, texts in zip(reversed(nodes), reversed(tails), strict=True):
        top.insert(0, node)  # the last first: an element that is moved has only a whole part in it
        node.tail = "".join(texts) or None
        if not len(node) and node.tag in _WRAPPERS and not (node.text or "").strip() and not node.tail:
            top.remove(node)  # it held others only


def outer(elements: Iterable[HtmlElement], levels: int = _LEVELS) -> Iterator[HtmlElement]:
    """Yield the elements, given in document order, except those nested deeply in others of them.

    Each text of the page is then read a limited number of times.
    """
    depths: dict[HtmlElement, int] = {}
    for node in elements:
        above = _inherited(node, depths)
        depths[node] = above + 1
        if above < levels:
            yield node


def outside(elements: Iterable[HtmlElement], is_left_out: Callable[[HtmlElement], bool]) -> list[HtmlElement]:
    """Return the elements that are neither left out nor inside an element that is."""
    known: dict[HtmlElement, bool] = {}

    def is_inside(node: HtmlElement) -> bool:
        path: list[HtmlElement] = []
        each: HtmlElement | None = node
        while each is not None and each not in known and not is_left_out(each):
            path.append(each)
            each = each.getparent()
        found = each is not None and known.get(each, True)
        known.update(dict.fromkeys(path if each is None else [*path, each], found))
        return found

    return [x for x in elements if not is_inside(x)]


def _inherited(node: HtmlElement, depths: dict[HtmlElement, int]) -> int:
    """Return the depth of the closest ancestor with a known one, else 0, and store it for those between."""
    path: list[HtmlElement] = []
    each = node.getparent()
    while each is not None and each not in depths:
        path.append(each)
        each = each.getparent()
    depth = 0 if each is None else depths[each]
    depths.update(dict.fromkeys(path, depth))
    return depth
