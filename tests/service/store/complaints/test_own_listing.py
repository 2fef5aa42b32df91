"""A complainant who is erased is masked in the listing that was made of the complaint too."""

import re
from typing import Any

import pytest

from inference.contacts import find_contacts
from labels.law.catalogue import law_for
from labels.schema import Assessment, Claim, Finding
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.complaints.intake import filing_of
from service.privacy.requests import find
from service.privacy.wanted import wanted
from service.store import Store
from service.store.cases.protection import protections
from service.store.cases.reviews import Decision
from service.store.complaints.repository import Receipt
from service.store.database.columns import now
from service.store.referrals.steps import Step, Wording
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import Listing, Review, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from tests.helpers.stored import assessments_of

NAME, PHONE, LINE = "สมศรี ใจดี", "089-777-6666", "@somsri-jaidee"
QUOTED = f"รักษาหาย {NAME} ยืนยัน"
STORY = f"ร้านว่า{QUOTED} โทรหาดิฉันที่ {PHONE} หรือไลน์ {LINE} ร้านอยู่ที่ 081-111-1111"
ALSO = [NAME, PHONE, LINE]


def decided(store: Store) -> tuple[Receipt, int, int]:
    """File a complaint that names the complainant in its text alone, and decide against its listing."""
    given = {"category": "health_ad", "detail": STORY, "seller": f"ร้านของเพื่อน {NAME}"}
    receipt = store.complaints.file(filing_of(given), "form", "public")
    start = STORY.index(QUOTED)
    law = law_for(ClaimLabel.DISEASE, ProductClass.HERBAL, ())
    claim = Claim(
        start=start, end=start + len(QUOTED), label=ClaimLabel.DISEASE, probability=0.9, text=QUOTED, law=law
    )
    row = store.assessments.record(
        receipt.listing_id or 0,
        Assessment(
            id="x", verdict=Verdict.PROHIBITED, risk=0.9, product_class=ProductClass.HERBAL,
            product_class_probability=0.9, offer=True, offer_probability=0.9, claims=[claim],
            contacts=find_contacts(STORY), model="by hand",
            findings=[Finding(code="x", thai=f"ข้อความ “{QUOTED}”", english=QUOTED, start=0, end=3)],
        ),
    )  # fmt: skip
    lead = store.users.create("nok", "a long password", "นก", Role.LEAD).id
    made = Decision(Verdict.PROHIBITED.value, (0,), note=f"โทรถาม {NAME} แล้ว")
    return receipt, store.reviews.record(row, lead, made).id, lead


def listing_of(store: Store, receipt: Receipt) -> Listing:
    row = store.listing(receipt.listing_id or 0)
    assert row is not None
    return row


def everything(store: Store, receipt: Receipt) -> str:
    """All that the store says of the complaint's listing."""
    listing = listing_of(store, receipt)
    (past,) = store.reviews.history(listing.id)
    review = past.review
    said = [listing.text, listing.seller, review.note, review.confirmed_claims]
    return str([*said, *(row.content for row in assessments_of(store, listing.id))])


def test_a_binding_decision_does_not_keep_the_complainant(store: Store) -> None:
    receipt, _, _ = decided(store)
    with store.database.reading() as session:
        assert protections(session, [receipt.listing_id or 0])
    assert store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569", ALSO)
    listing, said = listing_of(store, receipt), everything(store, receipt)
    for word in (*ALSO, "0897776666", "somsri"):
        assert word not in said
    assert len(listing.text) == len(STORY)
    assert re.fullmatch(
        "ร้านว่ารักษาหาย █{10} ยืนยัน โทรหาดิฉันที่ █{12} หรือไลน์ █{14} ร้านอยู่ที่ 081-111-1111", listing.text
    )
    assert list(find(store, wanted(PHONE))) == []
    (entry,) = store.audit.newest(9, action="complaint.erase")
    assert entry.detail == {"request": "PDPA 7/2569", "listings": [listing.id]}


def test_the_case_and_what_is_said_of_the_seller_stay(store: Store) -> None:
    receipt, review, _ = decided(store)
    store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569", ALSO)
    listing = listing_of(store, receipt)
    (row,) = assessments_of(store, listing.id)
    made = row.shape()
    assert made.claims[0].text == listing.text[made.claims[0].start : made.claims[0].end]
    assert [contact.value for contact in made.contacts if contact.value] == ["0811111111"]
    assert re.fullmatch("รักษาหาย █{10} ยืนยัน", made.claims[0].text)
    assert made.findings[0].english == made.claims[0].text
    assert listing.extra == {"told": True}
    with store.database.reading() as session:
        assert session.get_one(Review, review).decision == Verdict.PROHIBITED.value


def test_the_words_of_a_sent_letter_are_masked(store: Store) -> None:
    receipt, review, lead = decided(store)
    letter = store.referrals.create(review, lead, Recipient.CYBER_POLICE, "รท")
    number = receipt.listing_id or 0
    said = {
        "notice": {
            "id": "ใจดี",
            "claims": [{"text": QUOTED, "label": "disease"}],
            "facts": [{"code": "x", "thai": QUOTED, "english": QUOTED}],
            "statement_of_reasons": {"illegal_content_explanation": QUOTED},
        }
    }
    wording = Wording({"facts": [QUOTED], "to": NAME, "annex": {"rows": [[[QUOTED]]]}}, {number: said})
    sent = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1", pack_sha256="a" * 64, wording=wording)
    store.referrals.record(letter.id, lead, sent)
    store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569", [NAME])
    kept = store.referrals.sent_letter(letter.id)
    assert kept is not None
    masked = QUOTED.replace(NAME, "█" * len(NAME))
    assert kept.letter == {"facts": [masked], "to": "█" * len(NAME), "annex": {"rows": [[[masked]]]}}
    assert kept.listings[str(number)]["notice"] == {
        "id": "ใจดี",
        "claims": [{"text": masked, "label": "disease"}],
        "facts": [{"code": "x", "thai": masked, "english": masked}],
        "statement_of_reasons": {"illegal_content_explanation": masked},
    }


@pytest.mark.parametrize("had_lost_it", [False, True])
def test_a_sent_letter_loses_an_address_that_names_the_complainant(store: Store, had_lost_it: bool) -> None:
    receipt, review, lead = decided(store)
    number, url = receipt.listing_id or 0, "https://shop.example/u/somsri-jaidee"
    with store.database.writing() as session:
        # An earlier version took it out of the listing alone.
        session.get_one(Listing, number).url = None if had_lost_it else url
    other = "https://shop.example/law/somsri-jaidee"
    said = {"notice": {"url": url, "ground": [{"reference_url": other}]}}
    wording = Wording({"facts": []}, {number: said, 99: {"notice": {"url": url}}})
    letter = store.referrals.create(review, lead, Recipient.CYBER_POLICE, "รท")
    sent = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1", pack_sha256="a" * 64, wording=wording)
    store.referrals.record(letter.id, lead, sent)
    assert not store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569", ["shop"])
    kept = store.referrals.sent_letter(letter.id)
    assert kept is not None
    assert kept.listings[str(number)] == said
    assert store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 8/2569", ["somsri-jaidee"])
    kept = store.referrals.sent_letter(letter.id)
    assert kept is not None
    assert kept.listings[str(number)]["notice"] == {"url": None, "ground": [{"reference_url": other}]}
    assert kept.listings["99"] == {"notice": {"url": url}}


def test_a_complaint_that_was_erased_before_is_erased_in_its_listing(store: Store) -> None:
    receipt, _, _ = decided(store)
    with store.database.writing() as session:
        session.get_one(Complaint, receipt.complaint_id).detail = "ลบแล้ว"
        session.get_one(Complaint, receipt.complaint_id).seller = ""
    assert store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569", [PHONE])
    assert PHONE not in listing_of(store, receipt).text
    assert not store.complaints.remove_contact(receipt.complaint_id, "cli", "PDPA 7/2569", [PHONE])


@pytest.mark.parametrize("category", ["fraud", "health_ad"])
def test_no_other_listing_is_touched(store: Store, category: str, assessor: Any) -> None:
    first, _, _ = decided(store)
    said = {
        "category": category,
        "detail": "อีกเรื่องหนึ่ง",
        "contact_name": NAME,
        "url": "https://shop.example/2",
    }
    other = store.complaints.file(filing_of(said), "form", "public")
    store.complaints.remove_contact(other.complaint_id, "cli", "PDPA 7/2569")
    assert listing_of(store, first).text == STORY
