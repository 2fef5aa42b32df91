import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.campaigns.grouping import group
from service.complaints.intake import filing_of
from service.store import Store
from service.store.complaints.photos import NewPhoto
from service.store.complaints.repository import ComplaintFilter, Receipt
from service.store.complaints.ties import ListingLink
from service.store.database.columns import now
from service.store.index.entries import CaseState
from service.store.index.finding import QueueFilter
from service.store.tables.complaint_tables import (
    LISTING_SOURCE,
    Agency,
    ClosingReason,
    Complaint,
    ComplaintCategory,
)
from service.text.store_texts import PHOTOS_ONLY
from service.text.thai_calendar import buddhist_year
from tests.helpers.stored import record_review

AD = (
    "แคปซูลใบรุ่งเรือง รักษาเบาหวานให้หายขาดใน 7 วัน ไม่ต้องพึ่งหมอ ลูกค้ายืนยันน้ำตาลลดจริง"
    " คัดสรรจากสมุนไพรไทย บำรุงร่างกายให้สดชื่นทุกวัน"
)
Decide = Callable[..., int]


def file(store: Store, source: str = "form", **fields: Any) -> Receipt:
    given = {"category": "health_ad", "detail": "พบโฆษณาอ้างว่ารักษาโรคได้", **fields}
    return store.complaints.file(filing_of(given), source, source)


def assess(store: Store, assessor: Any, listing_id: int) -> None:
    row = store.listing(listing_id)
    assert row is not None
    store.assessments.record(listing_id, assessor.assess(row.shape()))


def test_numbers_run_by_buddhist_year(store: Store) -> None:
    year = buddhist_year(now())
    first, second = file(store), file(store, detail="อีกเรื่องหนึ่ง")
    assert [first.number, second.number] == [f"รร 0001/{year}", f"รร 0002/{year}"]
    assert store.complaints.find(year, 2).id == second.complaint_id  # type: ignore[union-attr]
    with store.database.writing() as session:
        session.execute(update(Complaint).values(year=year - 1))
    assert file(store, detail="เรื่องแรกของปี").number == f"รร 0001/{year}"


@pytest.mark.slow
def test_complaints_at_the_same_time_get_numbers_of_their_own(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(
            pool.map(lambda n: file(store, detail=f"เรื่องที่ {n}", url=f"https://a.example/{n}"), range(16))
        )
    assert len({receipt.number for receipt in found}) == 16
    assert store.audit.verify().broken_at is None


def test_a_complaint_belongs_to_the_listing_at_its_address(store: Store) -> None:
    listing = Listing(id="1", description=AD, url="https://www.shop.example/item/1?utm_source=x")
    number = store.deposit(listing, source="crawl").listing_id
    receipt = file(store, url="http://shop.example/item/1/")
    assert (receipt.listing_id, receipt.tie) == (number, ListingLink.ADDRESS)
    store.deposit(listing.model_copy(update={"url": "https://shop.example/moved"}), source="crawl")
    moved = file(store, url="https://shop.example/moved", detail="ย้ายที่แล้ว")
    assert moved.listing_id == number


def test_a_complaint_without_an_address_belongs_to_the_listing_with_its_text(
    store: Store, assessor: Any
) -> None:
    number = store.deposit(Listing(id="1", description=AD), source="crawl").listing_id
    assess(store, assessor, number)
    group(store)
    receipt = file(store, advertised=AD.replace("7 วัน", "9 วัน!!") + " โทร 081-000-0000")
    assert (receipt.listing_id, receipt.tie) == (number, ListingLink.TEXT)
    other = file(store, advertised="หมอนยางพารานุ่มสบาย ระบายอากาศดี รับประกันสิบปี ส่งฟรีทั่วประเทศ ลดราคาวันนี้วันเดียว")
    assert other.tie is ListingLink.INGESTED


def test_the_same_text_at_another_address_is_another_listing(store: Store, assessor: Any) -> None:
    number = store.deposit(
        Listing(id="1", description=AD, url="https://a.example/1"), source="crawl"
    ).listing_id
    assess(store, assessor, number)
    group(store)
    receipt = file(store, advertised=AD, url="https://b.example/1")
    assert receipt.tie is ListingLink.INGESTED
    assert receipt.listing_id != number


def test_a_listing_is_made_of_what_the_complaint_holds_and_waits_to_be_assessed(
    store: Store, assessor: Any
) -> None:
    receipt = file(
        store,
        title="แคปซูล",
        advertised=AD,
        url="https://shop.example/x",
        seller="ร้านใบรุ่งเรือง",
        platform="facebook",
    )
    (row,) = store.unassessed(assessor.model_id)
    assert row.id == receipt.listing_id
    assert (row.source, row.external_id) == (LISTING_SOURCE, receipt.number)
    assert row.text == f"แคปซูล\n{AD}"
    assert (row.url, row.seller, row.platform) == ("https://shop.example/x", "ร้านใบรุ่งเรือง", "facebook")
    again = file(store, advertised=f"{AD}!", detail="คนที่สอง")
    assert (again.listing_id, again.tie) == (receipt.listing_id, ListingLink.TEXT)
    assert store.complaints.of_listing(row.id)[1] == 2


def test_a_complaint_raises_its_case_until_it_is_decided(store: Store, assessor: Any) -> None:
    ids = {}
    for name, word in (("risky", "รักษาเบาหวาน"), ("mild", "หมอนยางพารา"), ("mild too", "ที่นอน")):
        shape = Listing(id=name, description=word, url=f"https://shop.example/{name.replace(' ', '')}")
        ids[name] = store.deposit(shape, source="crawl").listing_id
        assess(store, assessor, ids[name])

    def queued() -> list[int]:
        return [row.listing.id for row in store.reviews.queue(QueueFilter(state=CaseState.WAITING)).rows]

    assert queued()[0] == ids["risky"]
    file(store, url="https://shop.example/mild")
    file(store, url="https://shop.example/mild", detail="อีกคนหนึ่ง")
    assert queued() == [ids["mild"], ids["risky"], ids["mild too"]]
    page = store.reviews.queue(QueueFilter())
    assert [row.complaints for row in page.rows] == [2, 0, 0]
    assert {row.state for row in page.rows} == {CaseState.WAITING}
    counts = store.reviews.counts(QueueFilter())
    assert counts.of(state=CaseState.WAITING).number == 3
    assert counts.by_value()["class:food_supplement"].number == 3
    assert store.reviews.waiting() == 3
    for name, following in (("mild", "risky"), ("risky", "mild too")):
        listing = store.listing(ids[name])
        assert listing is not None
        assert store.reviews.next_waiting(QueueFilter(), listing) == ids[following]
    nok = store.users.create("nok", "a long password")
    assessment = store.listing(ids["mild"]).assessment_id  # type: ignore[union-attr]
    assert assessment is not None
    record_review(store, assessment, nok.id, Verdict.CLEAR)
    assert queued() == [ids["risky"], ids["mild too"]]


def test_other_trouble_is_kept_apart(store: Store) -> None:
    receipt = file(store, category="not_delivered", url="https://shop.example/1", advertised=AD)
    assert (receipt.listing_id, receipt.tie) == (None, None)
    assert store.listings.page().rows == []
    row = store.complaints.get(receipt.complaint_id)
    assert row is not None
    assert row.minima is None


def test_the_same_sent_twice_is_one_complaint(store: Store) -> None:
    first = file(store, contact="081-000-0000")
    assert file(store, contact="081-000-0000").status == "known"
    assert file(store, contact="081-000-0001").status == "new"
    assert file(store, source="key:1212", contact="081-000-0000").status == "new"
    with store.database.writing() as session:
        session.execute(update(Complaint).values(received_at=now() - timedelta(days=31)))
    again = file(store, contact="081-000-0000")
    assert again.status == "new"
    assert again.number != first.number


def test_only_the_same_page_of_the_form_repeats_a_complaint_and_only_within_an_hour(store: Store) -> None:
    filing = filing_of({"category": "late", "detail": "ส่งช้า"})

    def send(opened: str) -> Receipt:
        return store.complaints.file(filing, "form", "form", opened=opened)

    first, other = send("a"), send("b")
    assert (first.status, other.status) == ("new", "new")
    assert first.code != other.code
    again = send("a")
    assert (again.status, again.number, again.code) == ("known", first.number, first.code)
    year, serial = buddhist_year(now()), 1
    assert store.complaint_handling.look_up(year, serial, first.code or "")
    # The officer gave the complainant another code: the first is not shown again.
    store.complaint_handling.renew_code(first.complaint_id, "reviewer:nok")
    assert send("a").code is None
    with store.database.writing() as session:
        session.execute(update(Complaint).values(received_at=now() - timedelta(minutes=61)))
    assert send("a").status == "new"


def test_a_closed_complaint_sent_again_by_the_form_is_a_new_one(store: Store) -> None:
    first = file(store, contact="081-000-0000")
    imported = store.complaints.file(filing_of({"category": "late", "detail": "ส่งช้า"}), "file:a.csv", "cli")
    for number in (first.complaint_id, imported.complaint_id):
        store.complaint_handling.answer(number, "ตอบแล้ว", "reviewer:nok")
        store.complaint_handling.close(number, ClosingReason.TOO_LITTLE, "reviewer:nok")
    photos = [NewPhoto(b"1", "image/png")]
    given = {"category": "health_ad", "detail": "พบโฆษณาอ้างว่ารักษาโรคได้", "contact": "081-000-0000"}
    again = store.complaints.file(filing_of(given), "form", "form", photos=photos)
    assert (again.status, again.code is not None) == ("new", True)
    assert store.complaint_photos.of_complaint(first.complaint_id) == []
    assert len(store.complaint_photos.of_complaint(again.complaint_id)) == 1
    assert file(store, contact="081-000-0000").complaint_id == again.complaint_id
    # A file that is imported again creates no duplicates.
    repeated = store.complaints.file(filing_of({"category": "late", "detail": "ส่งช้า"}), "file:a.csv", "cli")
    assert repeated.complaint_id == imported.complaint_id


def test_photos_of_a_complaint_sent_again_are_in_its_history_and_reopen_it(store: Store) -> None:
    filing = filing_of({"category": "late", "detail": "ส่งช้ามาก"})

    def send(*contents: bytes) -> Receipt:
        photos = [NewPhoto(content, "image/png") for content in contents]
        return store.complaints.file(filing, "form", "form", photos=photos)

    def history() -> list[tuple[str, str, str]]:
        return [(event.kind, event.by, event.text) for event in store.complaint_handling.events(number)]

    number = send(b"1").complaint_id
    assert send(b"1").status == "known"  # the button pressed twice
    assert history() == []
    assert send(b"1", b"2").status == "known"
    added = ("added", "form", PHOTOS_ONLY)
    assert history() == [added]
    store.complaint_handling.answer(number, "ตอบแล้ว", "reviewer:nok")
    assert send(b"3").status == "known"
    assert history()[-2:] == [added, ("progress", "form", "with_fda")]
    assert store.complaints.get(number).is_open  # type: ignore[union-attr]
    assert store.audit.verify().broken_at is None


def test_sent_again_with_an_injury_or_an_address_for_the_answer_it_is_another_complaint(store: Store) -> None:
    first = file(store, contact="somsri@person.example")
    hurt = file(store, contact="somsri@person.example", harm="injury")
    told = file(store, contact="somsri@person.example", channel="email")
    assert [first.status, hurt.status, told.status] == ["new", "new", "new"]
    assert file(store, contact="somsri@person.example", harm="injury").complaint_id == hurt.complaint_id


def test_a_number_of_the_source_is_one_complaint(store: Store) -> None:
    first = file(store, external_id="1212-1")
    assert file(store, external_id="1212-1") == Receipt(
        first.complaint_id, first.number, "known", first.listing_id
    )
    changed = file(store, external_id="1212-1", detail="เนื้อความอื่น")
    assert (changed.status, changed.number) == ("differs", first.number)
    assert store.complaints.get(first.complaint_id).detail == "พบโฆษณาอ้างว่ารักษาโรคได้"  # type: ignore[union-attr]
    assert file(store, external_id="1212-2").status == "new"
    assert file(store, source="other", external_id="1212-1").status == "new"


def test_characters_that_no_database_holds_are_replaced(store: Store) -> None:
    receipt = file(store, detail="ก\0ข\ud800", title="\0")
    row = store.complaints.get(receipt.complaint_id)
    assert row is not None
    assert row.detail == "ก\ufffdข\ufffd"


def test_filters_and_counts(store: Store) -> None:
    for category in ComplaintCategory:
        file(store, category=category.value)
    assert len(store.complaints.page(ComplaintFilter())) == len(ComplaintCategory)
    assert [row.category for row in store.complaints.page(ComplaintFilter(health=True))] == [
        "health_product", "health_ad"
    ]  # fmt: skip
    assert [r.category for r in store.complaints.page(ComplaintFilter(agency=Agency.MONEY_LAUNDERING))] == [
        "mule_account"
    ]
    assert store.complaints.counts(ComplaintFilter(health=False))[ComplaintCategory.HEALTH_AD] == 0
    assert store.complaints.page(ComplaintFilter(since=now() + timedelta(days=1))) == []
    assert len(store.complaints.page(ComplaintFilter(), offset=2, limit=3)) == 3


def test_an_export_holds_what_no_export_held_before(store: Store) -> None:
    late = file(store, category="late")
    file(store, category="mule_account")
    health = file(store)
    exports = store.complaint_exports
    assert exports.waiting() == {Agency.ETDA: 1, Agency.CYBER_POLICE: 0, Agency.MONEY_LAUNDERING: 1}
    made, rows = exports.make(Agency.ETDA, "cli")
    assert made is not None
    assert [row.complaint.number for row in rows] == [late.number]
    assert exports.make(Agency.ETDA, "cli") == (None, [])
    damaged = file(store, category="damaged")
    second, rows = exports.make(Agency.ETDA, "cli")
    assert second is not None
    assert [row.complaint.number for row in rows] == [damaged.number]
    repeated, rows = exports.again(made.id, "reviewer:lek")
    assert repeated is not None
    assert [row.complaint.number for row in rows] == [late.number]
    assert exports.again(99, "cli") == (None, [])
    assert [export.id for export in exports.of_complaint(late.complaint_id)] == [made.id]
    assert exports.of_complaint(health.complaint_id) == []
    assert [export.id for export in exports.newest()] == [second.id, made.id]
    assert store.complaints.page(ComplaintFilter(agency=Agency.ETDA, exported=False)) == []
    assert len(store.complaints.page(ComplaintFilter(agency=Agency.ETDA, exported=True))) == 2
    entry = store.audit.newest(1)[0]
    assert (entry.actor, entry.action) == ("reviewer:lek", "complaint.reexport")
    assert entry.detail == {"agency": "etda", "complaints": [late.number]}


def test_a_complainant_is_taken_out_also_of_the_text(store: Store) -> None:
    receipt = file(
        store, contact_name="สมศรี ใจดี", contact="081-000-0000", detail="ดิฉัน สมศรี ใจดี โทร 081-000-0000 พบโฆษณา"
    )
    assert store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569")
    row = store.complaints.get(receipt.complaint_id)
    assert row is not None
    assert (row.contact_name, row.contact) == ("", "")
    assert row.contact_removed_at is not None
    assert re.fullmatch("ดิฉัน █+ โทร █+ พบโฆษณา", row.detail)
    assert not store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569")
    (entry,) = store.audit.newest(9, action="complaint.erase")
    assert entry.detail == {"request": "PDPA 7/2569"}


def test_what_no_field_of_the_form_names_is_taken_out_of_the_text_when_it_is_given(store: Store) -> None:
    number = file(store, detail="โทรหาดิฉันที่ 089-000-0000").complaint_id
    assert not store.complaints.remove_contact(number, "cli", "PDPA 7/2569")
    assert not store.complaints.remove_contact(number, "cli", "PDPA 7/2569", ["081-111-1111"])
    store.complaint_handling.add(number, "เบอร์ใหม่ 087-000-0000")
    both = ["089-000-0000", "087-000-0000"]
    assert store.complaints.remove_contact(number, "cli", "PDPA 8/2569", both)
    row = store.complaints.get(number)
    assert row is not None
    assert re.fullmatch("โทรหาดิฉันที่ █+", row.detail)
    assert (row.digest, row.contact_removed_at is not None) == ("", True)
    assert re.fullmatch("เบอร์ใหม่ █+", store.complaint_handling.events(number)[-1].text)
    (entry,) = store.audit.newest(9, action="complaint.erase")
    assert entry.detail == {"request": "PDPA 8/2569", "listings": [row.listing_id]}


def test_a_listing_made_of_a_complaint_does_not_name_the_complainant(store: Store) -> None:
    receipt = file(
        store, contact_name="สมศรี ใจดี", contact="081-000-0000", detail="ดิฉัน สมศรี ใจดี โทร 081-000-0000 พบโฆษณา"
    )
    assert (receipt.tie, receipt.listing_id is not None) == (ListingLink.INGESTED, True)
    row = store.listing(receipt.listing_id or 0)
    assert row is not None
    assert re.fullmatch("ดิฉัน █+ โทร █+ พบโฆษณา", row.text)


def test_what_stands_in_any_text_is_no_name(store: Store) -> None:
    receipt = file(store, contact_name="ก.", contact="-", detail="กาแฟ ก. - พบโฆษณา")
    row = store.listing(receipt.listing_id or 0)
    assert row is not None
    assert row.text == "กาแฟ ก. - พบโฆษณา"


def test_nothing_is_left_by_which_a_number_that_was_taken_out_can_be_tried(store: Store) -> None:
    """The digest speaks of name and contact: all telephone numbers are soon tried."""
    receipt = file(store, contact="081-000-0000", external_id="1212-1")
    store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569")
    row = store.complaints.get(receipt.complaint_id)
    assert row is not None
    assert row.digest == ""
    # Importing the same file again creates no other complaint, and reports no differing text.
    assert file(store, contact="081-000-0000", external_id="1212-1").status == "known"


def test_each_complaint_is_in_the_trail_of_its_listing(store: Store) -> None:
    receipt = file(store, contact="081-000-0000", detail="ความลับของผู้ร้อง")
    (entry,) = store.audit.newest(9, action="complaint.file")
    assert entry.subject == f"complaint:{receipt.complaint_id}"
    assert entry.detail["listings"] == [receipt.listing_id]
    assert "ความลับ" not in str(entry.detail)
    assert "081" not in str(entry.detail)


def test_the_same_words_about_another_day_or_platform_are_another_complaint(store: Store) -> None:
    first = file(store, complained_on="2026-11-24", platform="facebook")
    assert file(store, complained_on="2026-11-24", platform="facebook").complaint_id == first.complaint_id
    assert file(store, complained_on="2026-11-25", platform="facebook").status == "new"
    assert file(store, complained_on="2026-11-24", platform="line").status == "new"
    assert file(store).status == "new"
