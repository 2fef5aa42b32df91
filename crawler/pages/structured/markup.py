"""Product facts from markup other than JSON-LD: microdata (through extruct) and OpenGraph."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from lxml import etree

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import to_text
from crawler.pages.prices import price_of
from crawler.pages.structured.facts import Facts, Node, currency_of, facts_of, words
from crawler.pages.structured.main_product import PageClues, choose, find_products

MICRODATA = "microdata"
OPEN_GRAPH = "opengraph"

log = logging.getLogger(__name__)


def microdata_products(document: PageDocument) -> list[Node]:
    """Return the page's microdata products, shaped like JSON-LD; empty if extruct cannot read them."""
    if "itemscope" not in document.text or _is_deep(document):
        return []
    # extruct imports an RDF library: half a second that most pages (JSON-LD) never need.
    from extruct.w3cmicrodata import MicrodataExtractor  # noqa: PLC0415

    try:
        items = MicrodataExtractor(strict=False).extract_items(document.tree, base_url=document.base_url)
    except Exception:
        # Whatever extruct fails on, the page still has OpenGraph and its visible text.
        log.warning("microdata of %s cannot be read", document.url, exc_info=True)
        return []
    return find_products([_node(item) for item in items])[0]


_MOST_LEVELS: Final = 30
"""Deepest nesting of items; extruct takes minutes for some hundreds, and real pages have up to five."""


def _is_deep(document: PageDocument) -> bool:
    depth = 0
    for event, node in etree.iterwalk(document.tree, events=("start", "end")):
        if node.get("itemscope") is not None:
            depth += 1 if event == "start" else -1
            if depth > _MOST_LEVELS:
                log.warning("microdata of %s is left out: it is nested too deep", document.url)
                return True
    return False


def microdata_facts(document: PageDocument, clues: PageClues) -> Facts | None:
    """Return the page's product from microdata."""
    node = choose(microdata_products(document), clues)
    return facts_of(node, MICRODATA) if node is not None else None


def open_graph_facts(document: PageDocument) -> Facts | None:
    """Return the page's product from OpenGraph: ``og:type`` product, or a price with ``og:title``."""
    kind = document.meta("og:type").lower().removeprefix("og:")
    price = price_of(document.meta("product:price:amount", "og:price:amount", "product:sale_price:amount"))
    if not (kind.startswith("product") or price) or not document.meta("og:title"):
        return None
    return Facts(
        name=words(document.meta("og:title")),
        description=to_text(document.meta("og:description")),
        brand=words(document.meta("product:brand", "og:brand")),
        sku=words(document.meta("product:retailer_item_id", "product:sku")),
        price=price,
        currency=currency_of(document.meta("product:price:currency", "og:price:currency")),
        seller=words(document.meta("og:site_name")),
        images=list(dict.fromkeys(document.metas.get("og:image", []))),
        url=document.meta("og:url"),
        source=OPEN_GRAPH,
    )


def _node(item: Any) -> Any:
    if isinstance(item, list):
        return [_node(x) for x in item]
    if not isinstance(item, Mapping):
        return item
    node: dict[str, Any] = {"@type": item.get("type", [])}
    if "id" in item:
        node["@id"] = item["id"]
    for name, value in dict(item.get("properties", {})).items():
        node[name] = _node(value)
    return node
