"""Selects the schema.org Product that a page is about."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from crawler.pages.plain_text import squash
from crawler.pages.structured.facts import Node, each, link, types_of, words

PRODUCT_TYPES = frozenset(
    {
        "Product",
        "IndividualProduct",
        "ProductModel",
        "ProductGroup",
        "SomeProducts",
        "Drug",
        "DietarySupplement",
    }
)
BESIDE = frozenset(
    {
        "isRelatedTo",
        "isSimilarTo",
        "isAccessoryOrSparePartFor",
        "isConsumableFor",
        "itemListElement",
        "hasVariant",
        "isVariantOf",
        "itemReviewed",
        "model",
        "hasOfferCatalog",
    }
)
"""Properties whose Products are not sold on this page."""

MAX_NODES = 300_000
"""Maximum objects and lists that are searched, about as many as a page of 2 MB can hold."""
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class PageClues:
    """Other information on the page that identifies its product."""

    urls: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    has_heading: bool = False
    shows: Callable[[str], bool] = lambda name: False
    """Whether a squashed name is a text of the page's own elements."""


def find_products(documents: list[Any]) -> tuple[list[Node], list[Node]]:
    """Return the standalone Product nodes, and those mentioned along with them (lists, variants)."""
    own: list[Node] = []
    beside: list[Node] = []
    references = _References(documents)
    stack: list[tuple[Any, bool, Node | None]] = [(x, False, None) for x in reversed(documents)]
    seen = 0
    while stack and seen < MAX_NODES:
        value, is_beside, offer = stack.pop()
        seen += 1
        if isinstance(value, list):
            inner = (x for x in reversed(value) if isinstance(x, (list, Mapping)))
            stack.extend((x, is_beside, offer) for x in inner)
            continue
        if not isinstance(value, Mapping):
            continue
        if types_of(value) & PRODUCT_TYPES and (value.get("name") or value.get("description")):
            node = references.joined(value)
            if offer is not None and not node.get("offers"):
                node = {**node, "offers": offer}
            (beside if is_beside else own).append(node)
        for key, child in reversed(list(value.items())):
            if isinstance(child, (list, Mapping)):
                parent = value if key == "itemOffered" else None
                stack.append((child, is_beside or key in BESIDE, parent))
    return own, beside


@dataclass(frozen=True)
class Candidate(Generic[Kind]):
    """A product on the page: its name, address and ``@id``, and how much is said of it."""

    node: Kind
    name: str
    url: str
    id: str
    size: int


def candidates(products: Iterable[Node]) -> Iterator[Candidate[Node]]:
    """Yield what a choice among schema.org Product nodes rests on."""
    for node in products:
        url, other = link(node.get("url")), link(node.get("@id")) or link(node.get("offers"))
        yield Candidate(node, words(node.get("name")), url, other, _size(node))


def choose(products: Iterable[Candidate[Kind]], clues: PageClues) -> Kind | None:
    """Return the page's product; ``None`` if there are several and nothing decides (a list page).

    A lone product counts unless the page has a heading and nothing on it, nor an address, names the product.
    """
    distinct: dict[tuple[str, str], Candidate[Kind]] = {}
    for each_one in products:
        key = (squash(each_one.name), _path(each_one.url))
        known = distinct.get(key)
        distinct[key] = each_one if known is None or each_one.size > known.size else known
    found = [(name, x) for (name, _), x in distinct.items()]
    paths = {_path(url) for url in clues.urls} - {"", "/"}
    if len(found) <= 1:
        return next((x.node for name, x in found if _may_be_own(name, x, paths, clues)), None)
    by_url = [x for _, x in found if _path(x.url or x.id) in paths]
    if len(by_url) == 1:
        return by_url[0].node
    titles = [squash(t)[:_LONGEST_TITLE] for t in clues.titles if t][:_TITLES]
    for matches in (_named, _within):
        by_title = [(name, x) for name, x in found if matches(name, titles)]
        longest = max((name for name, _ in by_title), key=len, default="")
        # A name may hold another's: the title with both names the longer.
        if longest and all(name in longest for name, _ in by_title):
            return max((x for name, x in by_title if name == longest), key=lambda x: x.size).node
    return None


def _may_be_own(name: str, product: Candidate[Kind], paths: set[str], clues: PageClues) -> bool:
    """Whether a page's only product is its own: it may also be the one that is recommended."""
    if not clues.has_heading or not name or _path(product.url or product.id) in paths:
        return True
    titles = [t[:_LONGEST_TITLE] for t in clues.titles if t][:_TITLES]
    return any(_is_alike(product.name, title) for title in titles) or clues.shows(name)


def _is_alike(name: str, title: str) -> bool:
    """Whether a title holds a name, is part of it, or has most of its words."""
    a, b = (_WORD_ENDS.sub(" ", text).casefold().split() for text in (name, title))
    whole, other = "".join(a), "".join(b)
    return whole in other or (other != "" and other in whole) or 2 * len({*a} & {*b}) > len({*a})


_WORD_ENDS = re.compile(r"[^\w\u0e00-\u0e7f]+")


def _named(name: str, titles: list[str]) -> bool:
    return name in titles


def _within(name: str, titles: list[str]) -> bool:
    return bool(name) and any(name in title for title in titles)


def _size(node: Node) -> int:
    """Return the number of characters that a node says, of its first :data:`_MEASURED` values."""
    queue: list[Any] = [node]
    size = at = 0
    while at < min(len(queue), _MEASURED):
        value = queue[at]
        at += 1
        if isinstance(value, Mapping):
            queue.extend(islice(value.values(), _MEASURED))
            size += sum(map(len, islice(value, _MEASURED)))
        elif isinstance(value, list):
            queue.extend(value[:_MEASURED])
        else:
            size += len(str(value))
    return size


_MEASURED = 200
_TITLES, _LONGEST_TITLE = 50, 500
"""Titles of a page that are compared with its products' names, and characters of each."""


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


class _References:
    """The nodes that others name by their ``@id``."""

    def __init__(self, documents: list[Any]) -> None:
        found: dict[str, tuple[int, Node]] = {}
        for document in _flat(documents):
            name = document.get("@id")
            if isinstance(name, str) and len(document) > 1:
                found[name] = max(found.get(name, (-1, document)), (_size(document), document), key=_first)
        self._by_id = {name: node for name, (_, node) in found.items()}
        self._left = _MOST_JOINED

    def joined(self, node: Node) -> Node:
        """Return the node with its references to others (``{"@id": …}``) resolved, two levels deep."""
        joined = self._resolve(dict(node), 3)
        assert isinstance(joined, dict)
        return joined

    def _resolve(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            return value  # nodes that refer to one another can multiply without end
        if isinstance(value, list):
            return [x if isinstance(x, list) else self._resolve(x, depth) for x in value]
        if not isinstance(value, Mapping):
            return value
        name = value.get("@id")
        if len(value) == 1 and isinstance(name, str):
            value = self._by_id.get(name, value)
        return {k: self._resolve(v, depth - 1) for k, v in value.items()} if depth else value


_MOST_JOINED = 500_000


def _first(pair: tuple[int, Node]) -> int:
    return pair[0]


def _flat(documents: list[Any]) -> Iterator[Node]:
    for document in documents:
        for item in each(document):
            if isinstance(item, Mapping):
                yield item
                yield from (x for x in each(item.get("@graph")) if isinstance(x, Mapping))
