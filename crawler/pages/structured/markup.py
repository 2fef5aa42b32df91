"""Product facts from markup other than JSON-LD: microdata and OpenGraph."""

from crawler.pages.document import PageDocument
from crawler.pages.plain_text import to_text
from crawler.pages.prices import price_of
from crawler.pages.structured.facts import Facts, currency_of, facts_of, types_of, words
from crawler.pages.structured.main_product import PRODUCT_TYPES, Candidate, PageClues, choose
from crawler.pages.structured.microdata import Item

MICRODATA = "microdata"
OPEN_GRAPH = "opengraph"


def microdata_products(document: PageDocument) -> list[Item]:
    """Return the page's standalone microdata products."""
    return [
        item
        for item in document.microdata
        if not item.is_beside
        and types_of(item) & PRODUCT_TYPES
        and (item.says("name") or item.says("description"))
    ]


def microdata_facts(document: PageDocument, clues: PageClues) -> Facts | None:
    """Return the page's product from microdata."""
    found = (
        Candidate(item, item.brief("name"), item.brief("url"), item.brief("@id"), item.size)
        for item in microdata_products(document)
    )
    item = choose(found, clues)
    if item is None:
        return None
    is_offered = "itemOffered" in item.names and not item.says("offers")
    return facts_of({**item, "offers": item.parent} if is_offered else item, MICRODATA)


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
