"""Pages that declare one canonical address: one product, or products of their own."""

from typing import Any

from crawler.pages.item import ShopProduct
from crawler.pipeline.identity import Identities, is_same
from crawler.pipeline.mapping import listing_from_product, listing_id
from labels.schema import Listing
from tests.helpers.every import every

CANONICAL = "https://raan.co.th/product"
TEA = "ชาขิงผง 10 ซอง ชงดื่มร้อนหรือเย็น ปลูกและคั่วเองในสวน ส่งทุกวันจันทร์ถึงเสาร์ เก็บในที่แห้งและเย็น หลังเปิดควรใช้ให้หมดภายใน 3 เดือน"
HONEY = (
    "น้ำผึ้งดอกลำไยแท้จากภาคเหนือ บรรจุขวดแก้ว 1 กิโลกรัม เหมาะเป็นของฝาก ไม่แช่ตู้เย็น มีใบรับประกันจากกลุ่มเกษตรกรผู้เลี้ยงผึ้งทุกขวด"
)

PLACES = ("เชียงใหม่", "ลำพูน", "น่าน", "แพร่", "พะเยา", "ตาก", "ขอนแก่น", "เลย", "ระยอง", "ตราด", "กระบี่", "สตูล")
SHOP = " ".join(f"แพทย์{one}รับรอง{other}" for one in PLACES for other in PLACES)


def page(
    address: str, name: str = "ชาขิง", text: str = TEA, canonical: str = CANONICAL, **more: Any
) -> Listing:
    product = ShopProduct(url=address, canonicalUrl=canonical, name=name, description=text, **more)
    return listing_from_product(product, url=address)


def own_id(query: str) -> str:
    return listing_id(f"{CANONICAL}?{query}")


def found(identities: Identities, listing: Listing, *stored: Listing) -> tuple[str, bool]:
    known = {each.id: each for each in stored if each.id in identities.asked(listing)}
    answer = identities.identify(listing, known)
    return answer.listing.id, answer.is_apart


SAME: tuple[tuple[str, dict[str, Any]], ...] = (
    ("ref=facebook", {}),
    ("sid=3", {"text": f"{TEA}\nลูกค้าคนล่าสุดจากเชียงใหม่ สั่งซื้อเมื่อ 5 นาทีที่แล้ว", "price": "12.00"}),
    ("ref=line", {"name": "ชาขิง ลด 50%", "text": "ของหมดชั่วคราว"}),
    ("variant=2&_pos=1", {"name": "ชาขิงถุงใหญ่ คุ้มกว่า", "sku": "K-2", "price": "20"}),
    ("id=2", {"name": "Ginger tea", "text": HONEY, "sku": "K-1"}),
    ("utm_source=line", {"name": "น้ำผึ้ง", "text": HONEY}),
)
OTHER: tuple[tuple[str, dict[str, Any]], ...] = (
    ("id=2", {"name": "น้ำผึ้ง", "text": HONEY}),
    ("id=2", {"name": "น้ำผึ้ง", "text": HONEY, "sku": "K-2"}),
    ("id=2", {"name": "น้ำผึ้ง", "text": ""}),
    ("id=2", {"text": HONEY}),
)


def test_pages_of_one_product_share_its_id() -> None:
    def shared(query: str, more: dict[str, Any]) -> None:
        listing = page(f"{CANONICAL}?{query}", **more)
        identities, owner = Identities(), page(CANONICAL, sku="K-1", price="10")
        identities.identify(owner, {})
        assert found(identities, listing) == (listing_id(CANONICAL), False)
        assert found(Identities(), listing, owner) == (listing_id(CANONICAL), False)

    every(SAME, shared)


def test_lines_that_a_shop_repeats_on_each_page_make_no_product_of_two() -> None:
    identities = Identities()
    identities.identify(page(CANONICAL, otherText=SHOP), {})
    listing = page(f"{CANONICAL}?id=2", name="น้ำผึ้ง", text="น้ำผึ้งดอกลำไยแท้", otherText=SHOP)
    assert found(identities, listing) == (own_id("id=2"), True)


def test_another_product_that_declares_the_address_is_a_listing_of_its_own() -> None:
    def apart(query: str, more: dict[str, Any]) -> None:
        listing = page(f"{CANONICAL}?{query}", **more)
        identities, owner = Identities(), page(CANONICAL, sku="K-1", price="10")
        identities.identify(owner, {})
        assert found(identities, listing) == (own_id(query), True)
        assert found(Identities(), listing, owner) == (own_id(query), True)
        assert identities.identify(listing, {}).listing.url == f"{CANONICAL}?{query}"

    every(OTHER, apart)


def test_the_page_at_the_address_owns_the_id_whichever_is_fetched_first() -> None:
    identities = Identities()
    honey = page(f"{CANONICAL}?id=1", "น้ำผึ้ง", HONEY)
    assert found(identities, honey) == (listing_id(CANONICAL), False)
    assert found(identities, page(CANONICAL)) == (listing_id(CANONICAL), False)
    assert found(identities, honey) == (own_id("id=1"), True)


def test_a_shop_with_session_numbers_has_the_same_ids_in_each_crawl() -> None:
    earlier = page(f"{CANONICAL}?sid=1")
    renamed = page(f"{CANONICAL}?sid=2", "น้ำผึ้ง", HONEY)
    assert found(Identities(), renamed, earlier) == (listing_id(CANONICAL), False)


def test_a_listing_of_its_own_keeps_its_id_while_the_other_product_is_unknown() -> None:
    honey = page(f"{CANONICAL}?id=2", "น้ำผึ้ง", HONEY)
    stored = honey.model_copy(update={"id": own_id("id=2"), "url": f"{CANONICAL}?id=2"})
    assert found(Identities(), honey, stored) == (own_id("id=2"), False)
    tea = page(f"{CANONICAL}?id=2")
    assert found(Identities(), tea, stored, page(CANONICAL)) == (listing_id(CANONICAL), False)


def test_what_is_remembered_is_bounded_and_only_other_addresses_are_looked_up() -> None:
    identities = Identities(size=2)
    for number in range(5):
        identities.identify(page(f"{CANONICAL}/{number}", canonical=""), {})
    forgotten = page(f"{CANONICAL}/0?id=2", "น้ำผึ้ง", HONEY, canonical=f"{CANONICAL}/0")
    assert found(identities, forgotten) == (listing_id(f"{CANONICAL}/0"), False)
    assert identities.asked(page(f"{CANONICAL}?utm_source=line")) == []
    assert identities.asked(page(f"{CANONICAL}?id=2")) == [listing_id(CANONICAL), own_id("id=2")]
    assert identities.asked(Listing(id="1", description="ชา")) == []


def test_one_product_at_another_address_needs_an_equal_name_or_number_or_much_the_same_text() -> None:
    known = page(f"{CANONICAL}?id=1", "ชา", TEA, sku="K-1")
    for more in ({"name": "ชา"}, {"sku": "K-1"}, {"text": f"{TEA} ใหม่"}):
        assert is_same(page(CANONICAL, **{"name": "ชาเขียวมัทฉะ", "text": HONEY, **more}), known), more
    # One name contains the other; nothing is written about either.
    assert not is_same(page(CANONICAL, "ชาเขียวมัทฉะ", HONEY), known)
    assert not is_same(page(CANONICAL, "ชาเขียวมัทฉะ", ""), page(f"{CANONICAL}?id=1", "ชา", ""))
