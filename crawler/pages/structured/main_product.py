"""Selects the schema.org Product that a page is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
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
_BESIDE = frozenset(
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

MAX_NODES = 20_000


@dataclass(frozen=True)
class PageClues:
    """Other information on the page that identifies its product."""

    urls: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


def find_products(documents: list[Any]) -> tuple[list[Node], list[Node]]:
    """Return the standalone Product nodes, and those mentioned along with them (lists, variants)."""
    own: list[Node] = []
    beside: list[Node] = []
    by_id = _index(documents)
    stack: list[tuple[Any, bool, Node | None]] = [(x, False, None) for x in reversed(documents)]
    seen = 0
    while stack and seen < MAX_NODES:
        value, is_beside, offer = stack.pop()
        seen += 1
        if isinstance(value, list):
            stack.extend((x, is_beside, offer) for x in reversed(value))
            continue
        if not isinstance(value, Mapping):
            continue
        if types_of(value) & PRODUCT_TYPES and (value.get("name") or value.get("description")):
            node = _joined(value, by_id)
            if offer is not None and not node.get("offers"):
                node = {**node, "offers": offer}
            (beside if is_beside else own).append(node)
        for key, child in reversed(list(value.items())):
            if isinstance(child, (list, Mapping)):
                parent = value if key == "itemOffered" else None
                stack.append((child, is_beside or key in _BESIDE, parent))
    return own, beside


def choose(products: list[Node], clues: PageClues) -> Node | None:
    """Return the page's product; ``None`` if there are several and nothing decides (a list page)."""
    distinct: dict[tuple[str, str], Node] = {}
    for node in products:
        key = (squash(words(node.get("name"))), _path(link(node.get("url"))))
        distinct[key] = _fuller(distinct.get(key), node)
    nodes = list(distinct.values())
    if len(nodes) <= 1:
        return nodes[0] if nodes else None
    paths = {_path(url) for url in clues.urls} - {"", "/"}
    by_url = [x for x in nodes if _path(link(x.get("url")) or link(dict(x).get("@id"))) in paths]
    if len(by_url) == 1:
        return by_url[0]
    titles = [squash(t) for t in clues.titles if t]
    for matches in (_named, _within):
        by_title = [x for x in nodes if matches(squash(words(x.get("name"))), titles)]
        if by_title and len({squash(words(x.get("name"))) for x in by_title}) == 1:
            best = by_title[0]
            for node in by_title[1:]:
                best = _fuller(best, node)
            return best
    return None


def _named(name: str, titles: list[str]) -> bool:
    return name in titles


def _within(name: str, titles: list[str]) -> bool:
    return bool(name) and any(name in title for title in titles)


def _fuller(one: Node | None, other: Node) -> Node:
    if one is None:
        return other
    return one if len(str(one)) >= len(str(other)) else other


def _path(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")


def _index(documents: list[Any]) -> dict[str, Node]:
    """Index nodes by ``@id``, from the top level and ``@graph``."""
    found: dict[str, Node] = {}
    for document in _flat(documents):
        name = document.get("@id")
        if isinstance(name, str) and len(document) > 1:
            found[name] = _fuller(found.get(name), document)
    return found


def _flat(documents: list[Any]) -> Iterator[Node]:
    for document in documents:
        for item in each(document):
            if isinstance(item, Mapping):
                yield item
                yield from (x for x in each(item.get("@graph")) if isinstance(x, Mapping))


def _joined(node: Node, by_id: dict[str, Node]) -> Node:
    """Return the node with its references to other nodes (``{"@id": …}``) resolved, two levels deep."""

    def resolve(value: Any, depth: int) -> Any:
        if isinstance(value, list):
            return [resolve(x, depth) for x in value]
        if not isinstance(value, Mapping):
            return value
        name = value.get("@id")
        if len(value) == 1 and isinstance(name, str):
            value = by_id.get(name, value)
        return {k: resolve(v, depth - 1) for k, v in value.items()} if depth else value

    joined = resolve(dict(node), 3)
    assert isinstance(joined, dict)
    return joined
