"""Pages that declare one canonical address: variants of one product, or products of their own."""

from typing import Any

from crawler.pages.item import ShopProduct
from crawler.pipeline.identity import Identities
from crawler.pipeline.mapping import listing_from_product, listing_id
from labels.schema import Listing
from tests.every import every

CANONICAL = "https://raan.co.th/product"


def page(
    address: str, name: str = "ชาขิง", text: str = "ชาขิงผง 10 ซอง", canonical: str = CANONICAL, **more: Any
) -> Listing:
    product = ShopProduct(url=address, canonicalUrl=canonical, name=name, description=text, **more)
    return listing_from_product(product, url=address)


def own_id(query: str) -> str:
    return listing_id(f"{CANONICAL}?{query}")


def test_pages_that_show_one_product_share_its_id() -> None:
    def shared(query: str, more: dict[str, Any]) -> None:
        identities = Identities()
        assert identities.identify(page(CANONICAL), {}).listing.id == listing_id(CANONICAL)
        found = identities.identify(page(f"{CANONICAL}?{query}", **more), {})
        assert (found.listing.id, found.is_apart) == (listing_id(CANONICAL), False)

    every(
        (
            ("ref=facebook", {}),
            ("ref=facebook", {"text": "ชาขิงผง 12 ซอง"}),
            ("variant=2", {"sku": "K-2", "price": "20"}),
            ("attribute_pa_size=2", {"name": "ชาขิง - ถุงใหญ่"}),
            ("variant=2", {"text": "ชาขิงผง ถุงใหญ่"}),
            ("utm_source=line", {"name": "น้ำผึ้ง", "text": "น้ำผึ้งแท้"}),
        ),
        shared,
    )


def test_another_product_that_declares_the_address_is_a_listing_of_its_own() -> None:
    def apart(query: str, more: dict[str, Any]) -> None:
        identities = Identities()
        identities.identify(page(CANONICAL, sku="K-1", price="10"), {})
        found = identities.identify(page(f"{CANONICAL}?{query}", **{"sku": "K-1", "price": "10", **more}), {})
        assert found.is_apart
        assert (found.listing.id, found.listing.url) == (own_id(query), f"{CANONICAL}?{query}")

    every(
        (
            ("id=2", {"name": "น้ำผึ้ง"}),
            ("id=2", {"text": "รักษาเบาหวาน"}),
            ("id=2", {"sku": "K-2"}),
            ("id=2", {"price": "20"}),
            ("variant=2", {"name": "น้ำผึ้ง", "text": "รักษาเบาหวาน"}),
        ),
        apart,
    )


def test_the_page_at_the_address_owns_the_id_whichever_is_fetched_first() -> None:
    identities = Identities()
    assert identities.identify(page(f"{CANONICAL}?id=1", "น้ำผึ้ง"), {}).listing.id == listing_id(CANONICAL)
    found = identities.identify(page(CANONICAL), {})
    assert (found.listing.id, found.displaced) == (listing_id(CANONICAL), f"{CANONICAL}?id=1")
    assert identities.identify(page(f"{CANONICAL}?id=1", "น้ำผึ้ง"), {}).listing.id == own_id("id=1")
    assert not identities.identify(page(CANONICAL, "ชื่อใหม่"), {}).displaced


def test_later_crawls_compare_number_and_name_with_the_store() -> None:
    def found(query: str, more: dict[str, Any], earlier: Listing, *, is_apart: bool) -> None:
        listing = page(f"{CANONICAL}?{query}", **more)
        assert Identities().identify(listing, {earlier.id: earlier}).is_apart is is_apart

    stored = page(CANONICAL, sku="K-1", price="10")
    every(
        (
            ("id=2", {"sku": "K-1", "name": "ชาขิง ลดราคา", "text": "ใหม่", "price": "8"}, stored),
            ("id=2", {"text": "ใหม่", "price": "8"}, page(CANONICAL)),
            ("variant=2", {"sku": "K-2", "name": "ชาขิง ถุงใหญ่"}, stored),
            ("id=2", {"name": "น้ำผึ้ง"}, page(f"{CANONICAL}?id=2")),
            ("id=2", {"name": "น้ำผึ้ง"}, stored.model_copy(update={"title": None})),
        ),
        lambda *case: found(*case, is_apart=False),
    )
    every(
        (
            ("id=2", {"sku": "K-2"}, stored),
            ("id=2", {"name": "น้ำผึ้ง"}, stored),
            ("id=2", {}, page(f"{CANONICAL}?id=2", canonical="")),  # apart in an earlier crawl
        ),
        lambda *case: found(*case, is_apart=True),
    )


def test_what_is_remembered_is_bounded_and_only_other_addresses_are_looked_up() -> None:
    identities = Identities(size=2)
    for number in range(5):
        identities.identify(page(f"{CANONICAL}/{number}", canonical=""), {})
    assert (
        identities.identify(page(f"{CANONICAL}/0?id=2", "น้ำผึ้ง", canonical=f"{CANONICAL}/0"), {}).is_apart
        is False
    )
    assert identities.asked(page(f"{CANONICAL}?utm_source=line")) == []
    assert identities.asked(page(f"{CANONICAL}?id=2")) == [listing_id(CANONICAL), own_id("id=2")]
    assert identities.asked(Listing(id="1", description="ชา")) == []
