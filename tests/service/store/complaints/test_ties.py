"""Which listing a complaint is linked to, and what a listing made of a complaint holds."""

import re
from typing import Any

import pytest
from sqlalchemy import delete

from inference.contacts import find_contacts
from labels.schema import Listing as ListingShape
from service.campaigns.grouping import group
from service.complaints.intake import filing_of
from service.privacy.redaction import Redactor
from service.store import Store
from service.store.complaints.repository import Receipt
from service.store.complaints.ties import ListingLink, blacked_address
from service.store.database.columns import now
from service.store.listings.told import is_told
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import Listing

AD = (
    "แคปซูลใบรุ่งเรือง รักษาเบาหวานให้หายขาดใน 7 วัน ไม่ต้องพึ่งหมอ ลูกค้ายืนยันน้ำตาลลดจริง"
    " คัดสรรจากสมุนไพรไทย บำรุงร่างกายให้สดชื่นทุกวัน"
)
NAME, PHONE = "สมศรี ใจดี", "081-000-0000"


def file(store: Store, **fields: Any) -> Receipt:
    given = {"category": "health_ad", "detail": "พบโฆษณาอ้างว่ารักษาโรคได้", **fields}
    return store.complaints.file(filing_of(given), "form", "form")


def listing_of(store: Store, receipt: Receipt) -> Listing:
    row = store.listing(receipt.listing_id or 0)
    assert row is not None
    return row


def assess(store: Store, assessor: Any, listing_id: int) -> None:
    """Assess a listing with the contacts that its text has."""
    row = store.listing(listing_id)
    assert row is not None
    found = assessor.assess(row.shape()).model_copy(update={"contacts": find_contacts(row.text)})
    store.assessments.record(listing_id, found)


def redact(store: Store, listing_id: int) -> None:
    with store.database.writing() as session:
        Redactor().redact(session, session.get_one(Listing, listing_id), now())


def test_neither_seller_nor_address_of_a_listing_names_the_complainant(store: Store) -> None:
    page = "https://network.example/somsri.jaidee"
    person = {"contact_name": NAME, "contact": f"{PHONE} {page}"}
    first = listing_of(store, file(store, seller=f"ร้านใบรุ่งเรือง โทรหา {NAME} {PHONE}", url=page, **person))
    assert re.fullmatch("ร้านใบรุ่งเรือง โทรหา █+ █+", first.seller or "")
    assert first.url is None
    # Sellers are told apart by their names: a name that is blacked out whole would be one for many.
    second = listing_of(store, file(store, detail="อีกเรื่อง", seller=PHONE, **person))
    assert second.seller is None
    third = listing_of(store, file(store, url="https://shop.example/1", seller="ร้านหนึ่ง", **person))
    assert (third.url, third.seller) == ("https://shop.example/1", "ร้านหนึ่ง")


def test_a_complainant_is_taken_out_of_seller_and_address_too(store: Store) -> None:
    number = file(store, category="fraud", seller=f"โทร {PHONE}", url=f"line.example/{PHONE}").complaint_id
    assert store.complaints.remove_contact(number, "cli", "PDPA 7/2569", [PHONE])
    row = store.complaints.get(number)
    assert row is not None
    assert re.fullmatch("โทร █+", row.seller)
    assert re.fullmatch("line.example/█+", row.url)


def test_the_complainants_own_telephone_does_not_link_two_shops(store: Store, assessor: Any) -> None:
    asked = "ขอให้ตรวจสอบโฆษณาของร้านนี้ด้วย ติดต่อกลับผู้ร้องได้ที่ 081-234-5678"
    first = file(store, detail=f"เซรั่มหน้าขาว {asked}", url="https://a.example/1").listing_id or 0
    second = file(store, detail=f"น้ำผึ้งชุมชน {asked}", url="https://b.example/2").listing_id or 0
    said = {"detail": asked, "advertised": f"{AD} สั่งซื้อโทร 089-876-5432"}
    third = file(store, url="https://c.example/3", **said).listing_id or 0
    fourth = file(store, url="https://d.example/4", **said).listing_id or 0
    for number in (first, second, third, fourth):
        assess(store, assessor, number)
    group(store)
    assert store.contacts.linked(first) == store.contacts.linked(second) == []
    # What the advertisement itself says is the seller's.
    assert [each.listing.id for each in store.contacts.linked(third)] == [fourth]


def test_a_redacted_listing_keeps_whether_its_text_was_told(store: Store) -> None:
    told, copied = file(store), file(store, advertised=AD, url="https://a.example/1")
    for receipt in (told, copied):
        redact(store, receipt.listing_id or 0)
    assert is_told(listing_of(store, told))
    assert not is_told(listing_of(store, copied))


def test_a_listing_keeps_whether_its_text_was_told_when_the_complaint_is_gone(
    store: Store, assessor: Any
) -> None:
    said = {"detail": "ขอให้ตรวจสอบ", "advertised": f"{AD} สั่งซื้อโทร 089-876-5432"}
    first = file(store, url="https://a.example/1", **said).listing_id or 0
    second = file(store, url="https://b.example/2", **said).listing_id or 0
    with store.database.writing() as session:
        session.execute(delete(Complaint))
    for number in (first, second):
        assess(store, assessor, number)
    group(store)
    assert [each.listing.id for each in store.contacts.linked(first)] == [second]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Ann", "https://shop.example/channel-oil-i.123.456"),
        ("May", "https://shop.example/maybelline?q=mayonnaise"),
        ("shop", "https://shop.example/x-i.1.2"),
        ("example", "shop.example:8080/x"),
        ("123", "https://shop.example/i.123.456"),
    ],
    ids=["ann", "may", "shop", "host", "number"],
)
def test_a_short_name_is_not_found_within_an_address(store: Store, name: str, address: str) -> None:
    assert blacked_address(address, [name]) == address
    first = file(store, url=address, contact_name=name)
    assert listing_of(store, first).url == address
    store.complaints.remove_contact(first.complaint_id, "cli", "PDPA 7/2569")
    row = store.complaints.get(first.complaint_id)
    assert row is not None
    assert row.url == address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://network.example/ann", "https://network.example/███"),
        ("https://network.example/@ANN?x=1", "https://network.example/@███?x=1"),
        ("https://network.example/?seller=ann&x=1", "https://network.example/?seller=███&x=1"),
        ("https://network.example/call-0810000000-now", "https://network.example/call-██████████-now"),
        ("ann@mail.example", "███@mail.example"),
    ],
)
def test_a_part_of_an_address_that_is_the_complainants_is_masked(address: str, shown: str) -> None:
    assert blacked_address(address, ["ann", PHONE]) == shown


def test_complaints_about_an_address_that_is_left_out_share_a_listing(store: Store) -> None:
    url = "https://network.example/0810000000"
    first = file(store, url=url, contact=PHONE)
    assert listing_of(store, first).url is None
    again = file(store, url=url, detail="คนที่สอง")
    assert (again.listing_id, again.tie) == (first.listing_id, ListingLink.ADDRESS)
    # All telephone numbers are soon tried.
    store.complaints.remove_contact(first.complaint_id, "cli", "PDPA 7/2569")
    assert listing_of(store, first).address_key is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"seller": "Healthy Shop"}, {"seller": "healthy shop"}),
        ({"seller": "ร้าน หนึ่ง"}, {"seller": "ร้าน  หนึ่ง"}),
        *[({"seller": f"ร้านเอ โทร {PHONE}", "contact": PHONE},) * 2],
    ],
)
@pytest.mark.parametrize("grouped", [True, False])
def test_sellers_are_the_same_in_other_spellings(
    store: Store, assessor: Any, one: dict[str, str], other: dict[str, str], grouped: bool
) -> None:
    unnamed = file(store, advertised=AD).listing_id or 0
    if grouped:
        assess(store, assessor, unnamed)
        group(store)
    for number, fields in enumerate((one, other)):
        assert file(store, advertised=AD, detail=f"คนที่ {number}", **fields).listing_id == unnamed
    assert file(store, advertised=AD, seller="ร้านอื่น").tie is ListingLink.INGESTED


@pytest.mark.parametrize("grouped", [True, False])
def test_a_complaint_about_another_seller_is_not_linked_by_its_text(
    store: Store, assessor: Any, grouped: bool
) -> None:
    first = file(store, advertised=AD, seller="ร้านหนึ่ง")
    if grouped:
        assess(store, assessor, first.listing_id or 0)
        group(store)
    other = file(store, advertised=AD, seller="ร้านสอง")
    assert other.tie is ListingLink.INGESTED
    assert listing_of(store, other).seller == "ร้านสอง"
    same = file(store, advertised=AD, seller=" ร้านหนึ่ง ", detail="คนที่สาม")
    assert (same.listing_id, same.tie) == (first.listing_id, ListingLink.TEXT)
    unnamed = file(store, advertised=AD, detail="คนที่สี่")
    assert unnamed.tie is ListingLink.TEXT


def test_a_listing_without_a_seller_is_of_the_first_whom_a_complaint_names(store: Store) -> None:
    unnamed = file(store, advertised=AD)
    first = file(store, advertised=AD, seller="ร้านหนึ่ง")
    assert (first.listing_id, first.tie) == (unnamed.listing_id, ListingLink.TEXT)
    other = file(store, advertised=AD, seller="ร้านสอง")
    assert other.tie is ListingLink.INGESTED


def test_a_complaint_about_a_redacted_listing_makes_another(store: Store, assessor: Any) -> None:
    url = "https://shop.example/item/9"
    number = store.deposit(ListingShape(id="1", description=AD, url=url), source="crawl").listing_id
    assess(store, assessor, number)
    group(store)
    redact(store, number)
    by_address = file(store, advertised="น้ำผึ้งป่า รักษาเบาหวาน", url=url, harm="injury")
    assert by_address.tie is ListingLink.INGESTED
    assert [row.id for row in store.unassessed(assessor.model_id)] == [by_address.listing_id]
    by_text = file(store, advertised=AD)
    assert by_text.tie is ListingLink.INGESTED
    again = file(store, advertised=AD, detail="คนที่สอง")
    assert again.listing_id == by_text.listing_id
