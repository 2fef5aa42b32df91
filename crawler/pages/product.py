"""The page of one product."""

from functools import cached_property

import attrs
from web_poet import Returns, field
from zyte_common_items import AdditionalProperty, AggregateRating, Brand, Gtin, Image, ProductPage

from crawler.pages.absence import absence, absence_instead
from crawler.pages.document import PageDocument, address_of_one
from crawler.pages.item import ShopProduct
from crawler.pages.other_text import other_text
from crawler.pages.plain_text import squash
from crawler.pages.readable import READABLE, main_text, readable_facts
from crawler.pages.shown.gallery import each_once, shown_pictures
from crawler.pages.shown.popularity import shown_popularity
from crawler.pages.shown.zones import short_texts
from crawler.pages.structured.facts import Facts, facts_of
from crawler.pages.structured.main_product import PageClues, candidates, choose
from crawler.pages.structured.marketplaces import embedded_facts, embedded_rows
from crawler.pages.structured.markup import OPEN_GRAPH, microdata_facts, microdata_products, open_graph_facts
from crawler.pages.visible import (
    VISIBLE,
    block_description,
    longer_description,
    own_price,
    separate_blocks,
    visible_facts,
    visible_seller,
    with_block,
)

JSON_LD = "json-ld"
_LONGEST_NAME = 300


@attrs.define(slots=False, kw_only=True)
class ShopProductPage(ProductPage, Returns[ShopProduct]):
    """Reads a product from JSON-LD, embedded data, microdata, OpenGraph, visible elements or readable text.

    Fields missing from one source are filled from the next. :attr:`is_product` says whether there is a
    product at all; :attr:`why_not` gives the reason if not.
    """

    document: PageDocument

    take_anyway = False
    """Set before reading: a person named the page, so it becomes a listing whatever it contains."""

    _is_in_doubt = False
    """Set once the only product in the data turns out to be named nowhere on the page."""

    @cached_property
    def facts(self) -> Facts | None:
        """The product of the page, or ``None``."""
        document = self.document
        if absence_instead(document) and not self.take_anyway:
            return None
        facts = self._marked_up(self._clues)
        is_list = self.products_named > 1 and not self.take_anyway
        if facts is None and not is_list:
            facts = visible_facts(document)
        if facts is None and self._is_in_doubt and (self.take_anyway or not absence(document)):
            # Nothing else is shown, so the heading that does not name the only product is the shop's.
            facts = self._marked_up(PageClues())
        if facts is None and not is_list:
            facts = readable_facts(document, anyway=self.take_anyway)
        return facts and self._completed(facts)

    @property
    def is_product(self) -> bool:
        """Whether the page is about one product."""
        return self.facts is not None and bool(self.facts.name or self.facts.description)

    @property
    def why_not(self) -> str:
        """The reason why the page is no product page, for display."""
        if said := absence_instead(self.document):
            return f"it says that its product is gone: {said}"
        if self.products_named > 1:
            return f"it lists {self.products_named} products and none is the page's own"
        return (
            "it has no schema.org Product (JSON-LD or microdata), no OpenGraph product, "
            "no heading with a price and a way to buy, and no text that offers something for sale"
        )

    @cached_property
    def products_named(self) -> int:
        """How many products the page's JSON-LD and microdata name."""
        own, beside = self.document.products
        return len(own) + len(beside) or len(microdata_products(self.document))

    @cached_property
    def _clues(self) -> PageClues:
        document = self.document
        titles = (*document.headings, document.meta("og:title"), document.title)
        urls = (document.url, document.canonical)
        return PageClues(urls, titles, bool(document.headings), self._shows)

    def _shows(self, name: str) -> bool:
        own = set(self.document.own_elements)
        texts = short_texts(self.document.tree, _LONGEST_NAME)
        is_shown = any(node in own and squash(text) == name for node, text in texts.items())
        self._is_in_doubt = not is_shown or self._is_in_doubt
        return is_shown

    def _marked_up(self, clues: PageClues) -> Facts | None:
        """Return the product from all sources other than visible text."""
        data, microdata = self._json_ld(clues), None
        if data is None or not data.description or not data.name:
            microdata = microdata_facts(self.document, clues)
        embedded = embedded_facts(self.document, clues, known=data or microdata)
        found = [x for x in (data, embedded, microdata) if x is not None]
        if found or self.products_named <= 1 or self.take_anyway:
            found += [x for x in [open_graph_facts(self.document)] if x is not None]
        if not found:
            return None
        facts = found[0]
        if embedded and len(embedded.description) > len(facts.description):
            facts.description = embedded.description  # markup for search engines is cut short
        for other in found[1:]:
            if facts.images and other.source == OPEN_GRAPH:
                other.images = []  # often the site's sign
            facts.fill(other)
        return facts

    def _json_ld(self, clues: PageClues) -> Facts | None:
        own, _ = self.document.products
        node = choose(candidates(own), clues)
        return facts_of(node, JSON_LD) if node is not None else None

    def _completed(self, facts: Facts) -> Facts:
        document = self.document
        if not facts.name:
            facts.name = document.headings[0] if document.headings else document.title
        if facts.description:
            facts.description = with_block(document, longer_description(document, facts.description))
        else:
            facts.description = block_description(document) or self._running_text(facts)
        if facts.source in {OPEN_GRAPH, VISIBLE, READABLE}:
            # Markup may give the marketplace as the seller; the page may show the actual one.
            facts.seller = visible_seller(document) or facts.seller
        if not facts.price:
            facts.price, currency = own_price(document)
            facts.currency = currency or facts.currency
        named = [document.absolute(x) or x for x in facts.images]
        described = {x for block in separate_blocks(document) for x in block.iter()}
        shown = shown_pictures(document.own_elements, named, described=described, absolute=document.absolute)
        found = [*named, *shown]
        facts.images = each_once(x for x in found if not document.is_copy(x))
        facts.add_properties(embedded_rows(document, (facts.name, *document.headings)))
        facts.add_properties((row.name, row.value) for row in document.rows)
        if facts.sold is None or facts.ratings is None:
            facts.add_popularity(shown_popularity(document.own_elements))
        return facts

    def _running_text(self, facts: Facts) -> str:
        """Return the text of the page's head, or all visible text if nothing marks a description."""
        told = self.document.meta("og:description", "description")
        if told and facts.source != VISIBLE:
            return told
        return max(told, main_text(self.document), key=len)

    @property
    def _found(self) -> Facts:
        return self.facts or Facts()

    @field
    def url(self) -> str:
        return self.document.url

    @field
    def canonicalUrl(self) -> str | None:
        named = self.document.canonical or self.document.absolute(self._found.url)
        return (named if self.document.is_fetched else address_of_one(named)) or None

    @field
    def name(self) -> str | None:
        return self._found.name or None

    @field
    def description(self) -> str | None:
        return self._found.description or None

    @field
    def brand(self) -> Brand | None:
        return Brand(name=self._found.brand) if self._found.brand else None

    @field
    def sku(self) -> str | None:
        return self._found.sku or None

    @field
    def mpn(self) -> str | None:
        return self._found.mpn or None

    @field
    def gtin(self) -> list[Gtin] | None:
        kinds = {8: "gtin8", 12: "upc", 13: "gtin13", 14: "gtin14"}
        return [Gtin(type=kinds[len(x)], value=x) for x in self._found.gtins] or None

    @field
    def price(self) -> str | None:
        return self._found.price or None

    @field
    def currency(self) -> str | None:
        return self._found.currency or None

    @field
    def availability(self) -> str | None:
        return self._found.availability or None

    @field
    def images(self) -> list[Image] | None:
        return [Image(url=x) for x in self._found.images if x.startswith(("http://", "https://"))] or None

    @field
    def aggregateRating(self) -> AggregateRating | None:
        found = self._found
        if found.rating is None and found.ratings is None:
            return None
        return AggregateRating(ratingValue=found.rating, reviewCount=found.ratings)

    @field
    def sold(self) -> int | None:
        return self._found.sold

    @field
    def mainImage(self) -> Image | None:
        images = self.images
        return images[0] if images else None

    @field
    def additionalProperties(self) -> list[AdditionalProperty] | None:
        return [AdditionalProperty(name=n, value=v) for n, v in self._found.properties] or None

    @field
    def seller(self) -> str | None:
        return self._found.seller or None

    @field
    def sellerUrl(self) -> str | None:
        named = self._found.seller_url
        return (named and self.document.absolute(named)) or None

    @field
    def source(self) -> str | None:
        return self._found.source or None

    @field
    def otherText(self) -> str | None:
        facts = self._found
        known = (facts.name, facts.seller, facts.description, *map(": ".join, facts.properties))
        return other_text(self.document, known) or None
