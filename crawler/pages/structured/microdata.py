"""A page's microdata (https://html.spec.whatwg.org/multipage/microdata.html), read in linear time.

Items may lie inside one another without end, and the text of each contains that of all within: an item's
values are read only when they are asked for.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, Final
from urllib.parse import urljoin

from lxml import etree
from lxml.html import HtmlElement

from crawler.pages.plain_text import element_text, to_text
from crawler.pages.shown.zones import MOST_ELEMENTS, texts_of
from crawler.pages.structured.main_product import BESIDE

_VALUES: Final = {
    "meta": "content", "a": "href", "area": "href", "link": "href", "object": "data", "data": "value",
    "meter": "value", "time": "datetime",
} | dict.fromkeys(("audio", "embed", "iframe", "img", "source", "track", "video"), "src")  # fmt: skip
"""The attribute that holds an element's value."""
_ADDRESSES: Final = frozenset({"href", "src", "data"})
_MOST_REFERENCES: Final = 50
"""Other places of a page that its items name as theirs; each is searched once."""
_BRIEF: Final = 40


class _Properties:
    """The elements of an item's properties, or of those in another place of the page, by name."""

    def __init__(self) -> None:
        self.elements: dict[str, list[HtmlElement]] = {}
        self.told: set[str] = set()
        """Names whose values are not empty."""
        self.size = 0
        """Number of characters of all values."""
        self._brief: dict[str, str] = {}
        self._open: dict[str, HtmlElement] = {}
        self._begun: dict[HtmlElement, int] = {}

    def begin(self, node: HtmlElement, at: int) -> None:
        """Add an element; ``at`` is the number of letters before it on the page."""
        for name in node.get("itemprop", "").split():
            value = _attribute(node)
            if value is None and node.get("itemscope") is None:
                if name in self._open:
                    continue  # its text is part of the value that is open
                self._open[name] = node
            self.elements.setdefault(name, []).append(node)
            if value or node.get("itemscope") is not None:
                self.told.add(name)
            self.size += len(value or "")
        self._begun[node] = at

    def end(self, node: HtmlElement, at: int) -> None:
        """Note where an element ends."""
        letters = at - self._begun.pop(node)
        for name in node.get("itemprop", "").split():
            if self._open.get(name) is node:
                del self._open[name]
                self.size += letters
                if letters:
                    self.told.add(name)

    def brief(self, name: str, page: "_Page") -> str:
        """Return the first words of a property; places are shared, so it is read once."""
        if name not in self.told:
            return ""
        if name not in self._brief:
            found = (page.brief(node) for node in self.elements[name])
            self._brief[name] = next(filter(None, found), "")
        return self._brief[name]


class Item(Mapping[str, Any]):
    """An item, shaped like a JSON-LD node: a name's only value, or a list of its values."""

    def __init__(self, node: HtmlElement, parent: "Item | None", page: "_Page") -> None:
        self.node, self.parent = node, parent
        self.is_beside = False
        """Whether its products are not sold on this page."""
        self._page = page
        self._places = [_Properties()]
        self._read: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._read:
            self._read[name] = self._value(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        names = (name for place in self._places for name in place.elements)
        return iter(dict.fromkeys(["@type", *(["@id"] if self.node.get("itemid") else []), *names]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def names(self) -> frozenset[str]:
        """The properties of its parent that it is a value of."""
        return self._named if self.parent is not None else frozenset()

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(self.node.get("itemprop", "").split())

    @property
    def own(self) -> _Properties:
        """The properties within the item's element."""
        return self._places[0]

    @property
    def size(self) -> int:
        """Number of characters of its values."""
        return sum(place.size for place in self._places)

    def refer(self, place: _Properties) -> None:
        """Add the properties of another place that the item names."""
        self._places.append(place)

    def says(self, name: str) -> bool:
        """Whether a property is not empty."""
        return any(name in place.told for place in self._places)

    def brief(self, name: str) -> str:
        """Return the first words of a property, without reading on."""
        if name == "@id":
            return str(self.node.get("itemid", "")).strip()
        return next(filter(None, (place.brief(name, self._page) for place in self._places)), "")

    def _elements(self, name: str) -> Iterator[HtmlElement]:
        return (node for place in self._places for node in place.elements.get(name, ()))

    def _value(self, name: str) -> Any:
        if name == "@type":
            return self.node.get("itemtype", "").split()
        if name == "@id" and self.node.get("itemid"):
            return self.node.get("itemid", "").strip()
        values = [self._page.value(node) for node in self._elements(name)]
        if not values:
            raise KeyError(name)
        return values[0] if len(values) == 1 else values


class _Page:
    def __init__(self, tree: HtmlElement, base_url: str) -> None:
        self.tree, self.base_url = tree, base_url
        self.items: dict[HtmlElement, Item] = {}

    def value(self, node: HtmlElement) -> Any:
        """Return the value of a property's element."""
        if node in self.items:
            return self.items[node]
        value = _attribute(node)
        return _text_content(node) if value is None else self._joined(node, value)

    def brief(self, node: HtmlElement) -> str:
        """Return the first words of a property's element."""
        value = _attribute(node)
        if value is None:
            shown = " ".join(islice(texts_of(node), _BRIEF))
            # Names may lie in one another: each reads only the beginning of what it holds.
            return shown or " ".join(to_text(" ".join(_fragments(node, 2 * MOST_ELEMENTS))).split()[:_BRIEF])
        return self._joined(node, value).strip() if value.strip() else ""

    def _joined(self, node: HtmlElement, value: str) -> str:
        if _VALUES.get(node.tag) not in _ADDRESSES:
            return value
        try:
            return urljoin(self.base_url, value.strip())
        except ValueError:
            return ""


def microdata_items(tree: HtmlElement, base_url: str) -> list[Item]:
    """Return a page's items in document order, also those that are the value of another's property."""
    page = _Page(tree, base_url)
    scopes: list[Item] = []
    for event, node, at in _walk(tree):
        is_item, is_property = node.get("itemscope") is not None, bool(node.get("itemprop"))
        if event == "start":
            if is_property and scopes:
                scopes[-1].own.begin(node, at)
            if is_item:
                scopes.append(Item(node, scopes[-1] if is_property and scopes else None, page))
                page.items[node] = scopes[-1]
        else:
            if is_item:
                scopes.pop()
            if is_property and scopes:
                scopes[-1].own.end(node, at)
    _resolve(page)
    _mark_beside(page.items.values())
    return list(page.items.values())


def _walk(tree: HtmlElement) -> Iterator[tuple[str, HtmlElement, int]]:
    """Yield each element's start and end, and how many letters the page has before it."""
    at = 0
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            yield event, node, at
            at += len((node.text or "").strip())
        else:
            yield event, node, at
            at += len((node.tail or "").strip())


def _resolve(page: _Page) -> None:
    """Add to each item the properties of the places that its ``itemref`` names."""
    named = [(item, item.node.get("itemref", "").split()) for item in page.items.values()]
    wanted = list(dict.fromkeys(name for _, names in named for name in names))[:_MOST_REFERENCES]
    if not wanted:
        return
    places: dict[str, HtmlElement] = {}
    for node in page.tree.iter():
        if node.get("id") in wanted:
            places.setdefault(node.get("id", ""), node)
    found = {name: _properties_in(node) for name, node in places.items()}
    taken: set[str] = set()
    for item, names in named:
        for name in dict.fromkeys(names):
            if name in found:
                item.refer(found[name])
                if name not in taken:
                    taken.add(name)
                    _adopt(item, found[name], page)


def _adopt(parent: Item, place: _Properties, page: _Page) -> None:
    """Make an item the parent of those in a place that it names; one in several items keeps its first."""
    for node in (node for nodes in place.elements.values() for node in nodes):
        item = page.items.get(node)
        if item is not None and item.parent is None and item is not parent:
            item.parent = parent


def _mark_beside(items: Iterable[Item]) -> None:
    """Note which items belong to other products, or lie in one that does; references may form a circle."""
    known: set[HtmlElement] = set()
    for item in items:
        path: dict[HtmlElement, Item] = {}
        each: Item | None = item
        while each is not None and each.node not in known and each.node not in path:
            path[each.node] = each
            if each.names & BESIDE:
                break
            each = each.parent
        is_beside = each is not None and (bool(each.names & BESIDE) or each.is_beside)
        for inner in path.values():
            inner.is_beside = is_beside
        known.update(path)


def _properties_in(place: HtmlElement) -> _Properties:
    """Return the properties in a place, without those of the items inside it."""
    found, inside = _Properties(), 0
    is_one = place.get("itemscope") is not None and bool(place.get("itemprop"))
    for event, node, at in _walk(place):
        opens_item = node.get("itemscope") is not None and (node is not place or is_one)
        if event == "end" and opens_item:
            inside -= 1
        if node.get("itemprop") and not inside:
            (found.begin if event == "start" else found.end)(node, at)
        if event == "start" and opens_item:
            inside += 1
    return found


def _attribute(node: HtmlElement) -> str | None:
    """Return the attribute that holds an element's value; ``None`` if its text or the item is the value."""
    if node.get("itemscope") is not None:
        return None
    name = _VALUES.get(node.tag)
    if name and (name in node.attrib or name != "datetime"):
        return str(node.get(name, ""))
    content: str | None = node.get("content")
    return content or None


def _text_content(node: HtmlElement) -> str:
    """Return an element's text, also where it is not shown, as in a ``<button>`` or a ``<noscript>``."""
    return element_text(node) or to_text(" ".join(_fragments(node)))


def _fragments(node: HtmlElement, most: int | None = None) -> Iterator[str]:
    """Yield the text in an element without code, of its first ``most`` starts and ends if given."""
    walk = etree.iterwalk(node, events=("start", "end"))
    for event, each in islice(walk, most):
        if event == "start" and each.tag in {"script", "style"}:
            walk.skip_subtree()
        else:
            yield (each.text if event == "start" else each.tail if each is not node else "") or ""
