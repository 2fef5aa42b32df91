"""Complaints under the retention rules and a data subject's request."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from labels.schema import Listing
from labels.taxonomy import Verdict
from service.complaints.intake import filing_of
from service.complaints.persons import holding
from service.privacy import wanted as wanting
from service.privacy.redaction import Redactor
from service.privacy.removal import delete_listings
from service.privacy.requests import erase, export, find
from service.privacy.rules import Action, load_rules
from service.privacy.run import preview, run
from service.store import Store
from service.store.appeals.tables import Appellant
from service.store.database.columns import now
from service.store.tables.api_tables import Scope
from service.store.tables.case_tables import QueueEntry
from service.store.tables.complaint_tables import ClosingReason, Complaint
from service.store.tables.core_tables import Listing as Row
from tests.helpers.stored import find_listing

PHONE = "081-234-5678"


def file(store: Store, days: int, **fields: Any) -> int:
    given = {
        "category": "late",
        "detail": f"ผู้ขายเบอร์โทร {PHONE} ส่งช้า {days}",
        "contact_name": "สมศรี",
        **fields,
    }
    number = store.complaints.file(filing_of(given), "form", "form").complaint_id
    with store.database.writing() as session:
        moment = now() - timedelta(days=days)
        session.execute(update(Complaint).where(Complaint.id == number).values(received_at=moment))
    return number


def test_complainants_go_before_their_complaints(store: Store, tmp_path: Any) -> None:
    rules = [rule for rule in load_rules() if rule.name in ("complainants", "complaints")]
    old, middle, fresh = file(store, 800), file(store, 200), file(store, 1)
    counts = {said.dated.rule.name: said.rows.count for said in preview(store, rules, tmp_path)}
    assert counts == {"complainants": 2, "complaints": 1}
    run(store, rules, tmp_path)
    assert store.complaints.get(old) is None
    row = store.complaints.get(middle)
    assert row is not None
    assert (row.contact_name, row.detail) == ("", f"ผู้ขายเบอร์โทร {PHONE} ส่งช้า 200")
    assert row.contact_removed_at is not None
    assert store.complaints.get(fresh).contact_name == "สมศรี"  # type: ignore[union-attr]


def test_a_complainant_in_another_spelling_is_neither_listed_nor_left(store: Store, tmp_path: Any) -> None:
    said = f"โทรกลับ {PHONE} หรือ somying@shop.example สมหญิง ใจดี"
    number = file(
        store,
        200,
        category="health_ad",
        detail=said,
        contact_name="นางสมหญิง ใจดี",
        contact="0812345678, Somying@shop.example",
    )
    before = store.complaints.get(number)
    assert before is not None
    listing = store.listing(before.listing_id or 0)
    assert listing is not None
    assert listing.text == "โทรกลับ ████████████ หรือ ████████████████████ ███████████"
    run(store, [rule for rule in load_rules() if rule.name == "complainants"], tmp_path)
    row = store.complaints.get(number)
    assert row is not None
    assert row.contact_removed_at is not None
    assert row.detail == listing.text
    assert list(holding(store, wanting.wanted(PHONE))) == []


def test_the_trail_names_the_listing_in_which_a_complainant_was_masked(store: Store, tmp_path: Any) -> None:
    said = {"category": "health_ad", "detail": "ร้านว่ารักษาหาย", "contact_name": "สมศรี", "contact": PHONE}
    number, other = file(store, 200, **said), file(store, 200, **said | {"detail": "อีกโฆษณาหนึ่งว่าหายขาด"})
    row = store.complaints.get(number)
    assert row is not None
    with store.database.writing() as session:
        # As an earlier version stored it, which masked fewer spellings.
        session.get_one(Row, row.listing_id).description = f"ร้านว่ารักษาหาย โทร {PHONE}"
    assert store.complaints.get(other) is not None
    run(store, [rule for rule in load_rules() if rule.name == "complainants"], tmp_path)
    (entry,) = store.audit.newest(9, action="retention.redact")
    assert (entry.subject, entry.detail["listings"]) == ("rule:complainants", [row.listing_id])
    assert PHONE not in str(entry.detail)


def test_the_newest_complaint_keeps_its_number(store: Store, tmp_path: Any) -> None:
    number = file(store, 800)
    run(store, load_rules(), tmp_path)
    row = store.complaints.get(number)
    assert row is not None
    assert row.contact_name == ""


def test_a_complaint_that_a_case_needs_stays_and_others_lower_their_case(
    store: Store, decide: Any, assessor: Any, tmp_path: Any
) -> None:
    decide(store, "bound", Verdict.PROHIBITED, url="https://shop.example/bound")
    shape = Listing(id="waits", description="หมอน", url="https://shop.example/waits")
    waits = store.deposit(shape, source="crawl").listing_id
    store.assessments.record(waits, assessor.assess(shape))
    needed = file(store, 800, category="health_ad", url="https://shop.example/bound")
    gone = file(store, 800, category="health_ad", url="https://shop.example/waits")
    file(store, 1)
    run(store, [rule for rule in load_rules() if rule.name == "complaints"], tmp_path)
    assert store.complaints.get(needed) is not None
    assert store.complaints.get(gone) is None
    with store.database.reading() as session:
        entry = session.get(QueueEntry, waits)
        assert entry is not None
        assert (entry.complaints, entry.urgency) == (0, 2)


def test_a_complaint_does_not_keep_its_listing_and_loses_the_seller_with_it(
    store: Store, tmp_path: Any
) -> None:
    number = store.deposit(
        Listing(id="1", description="หมอน", url="https://shop.example/1"), source="crawl"
    ).listing_id
    store.deposit(Listing(id="2", description="ที่นอน"), source="crawl")
    complaint = file(
        store,
        1,
        category="health_ad",
        url="https://shop.example/1",
        seller="ร้านหนึ่ง",
        advertised=f"โทร {PHONE}",
        detail="ดิฉัน สมศรี ซื้อแล้ว",
    )
    wanted = wanting.wanted(PHONE)
    (found,) = find(store, wanted)
    assert (found.listing_id, found.places, found.kept) == (number, ("complaint",), ())
    exported = export(store, [found], PHONE, "PDPA 1")
    assert [row["advertised"] for row in exported["listings"][0]["complaints"]] == [f"โทร {PHONE}"]
    assert "สมศรี" not in str(exported)
    erase(store, wanted, [found], tmp_path, action=Action.DELETE, request="PDPA 1")
    assert store.listing(number) is None
    row = store.complaints.get(complaint)
    assert row is not None
    assert (row.listing_id, row.seller, row.url) == (None, "", "")
    assert PHONE not in row.advertised + row.detail


def test_redacting_a_listing_redacts_what_its_complaints_say_of_the_seller(
    store: Store, tmp_path: Any
) -> None:
    complaint = file(store, 1, category="health_ad", advertised=f"แคปซูลวิเศษ โทร {PHONE}")
    wanted = wanting.wanted(PHONE)
    erase(store, wanted, list(find(store, wanted)), tmp_path, action=Action.REDACT, request="PDPA 1")
    row = store.complaints.get(complaint)
    assert row is not None
    assert row.listing_id is not None
    assert PHONE not in row.advertised + row.detail
    assert row.contact_name == "สมศรี"
    with store.database.reading() as session:
        assert session.scalar(select(Complaint.listing_id)) == row.listing_id


def test_what_was_added_to_a_complaint_later_is_found_and_redacted_too(store: Store, tmp_path: Any) -> None:
    fields = {
        "category": "health_ad",
        "detail": "โฆษณายา",
        "contact_name": "closed",
        "contact": "somsri@a.example",
    }
    number = store.complaints.file(filing_of(fields), "form", "form").complaint_id
    handling = store.complaint_handling
    handling.add(number, f"ร้านให้โทร {PHONE}")
    handling.answer(number, "ตรวจสอบแล้ว", "reviewer:nok")
    handling.close(number, ClosingReason.ACTED, "reviewer:nok")
    wanted = wanting.wanted(PHONE)
    assert [(row.id, places) for row, places in holding(store, wanted)] == [(number, ["history"])]
    (found,) = find(store, wanted)
    assert found.places == ("complaint",)
    erase(store, wanted, [found], tmp_path, action=Action.REDACT, request="PDPA 1")
    assert PHONE not in str([event.text for event in handling.events(number)])
    # The progress is no text, even where a name is spelled like it.
    store.complaints.remove_contact(number, "cli", "PDPA 2")
    assert [event.text for event in handling.events(number) if event.kind == "progress"][-1] == "closed"


def test_an_appeal_is_found_redacted_and_goes_with_its_listing(
    store: Store, decide: Any, tmp_path: Any
) -> None:
    key = store.api_keys.create("shop", [Scope.READ]).row
    decide(store, "1", Verdict.PROHIBITED.value)
    number = find_listing(store, "1", "api:shop").id  # type: ignore[union-attr]
    store.appeals.file(number, key, Appellant.SELLER, f"โทร {PHONE}", f"ถามได้ที่ {PHONE}")
    (found,) = find(store, wanting.wanted(PHONE))
    assert found.places == ("appeal",)
    assert PHONE in str(export(store, [found], PHONE, "1/2569")["listings"][0]["appeals"])
    with store.database.writing() as session:
        Redactor().redact(session, session.get_one(Row, number), now())
    (filed,) = store.appeals.of_listing(number)
    assert PHONE not in filed.appeal.reason + filed.appeal.evidence
    with store.database.writing() as session:
        delete_listings(session, [number], "test", now())
    assert store.appeals.of_listing(number) == []
