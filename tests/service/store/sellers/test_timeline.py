"""The timeline of a seller, on every database."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from labels.schema import Listing
from labels.taxonomy import ProductClass
from service.complaints.intake import filing_of
from service.store import Store
from service.store.listings.contacts import add_contacts
from service.store.referrals.steps import Step
from service.store.sellers.timeline import SellerEventKind, Unseen
from service.store.tables.complaint_tables import Complaint
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus

KIND = SellerEventKind


@pytest.fixture
def seller(store: Store, decide: Callable[..., int]) -> dict[str, int]:
    """Three listings of one seller and one of another; the first was decided, with all that follows."""
    review = decide(store, "one", "prohibited", text="รักษาเบาหวาน ทักไลน์ @ruay")
    listing = store.reviews.get(review)
    assert listing is not None
    found = {"review": review, "one": listing.listing_id}
    for name in ("two", "three", "other"):
        found[name] = store.deposit(Listing(id=name, description=f"ของ {name}", seller="ร้านรวย")).listing_id
    with store.database.writing() as session:
        for name in ("one", "two", "three"):
            add_contacts(session, found[name], [("line_id", "@ruay")])
        add_contacts(session, found["three"], [("phone", "0800000001")])
    lead = store.users.create("mali", "a long password", "มะลิ", role=Role.LEAD)
    letter = store.referrals.create(review, lead.id, Recipient.PLATFORM, "รท")
    sent = Step(ReferralStatus.SENT, datetime.now(UTC), Channel.POST, "ผู้รับ")
    store.referrals.record(letter.id, lead.id, sent)
    alert = store.alerts.publish(review, lead.id, "ปต", ProductClass.FOOD_SUPPLEMENT, "เตือน", "อย่าหลงเชื่อ")
    store.alerts.withdraw(alert.id, lead.id, "ตรวจใหม่")
    said = {"category": "health_ad", "url": "https://shop.example/1", "advertised": "รักษาเบาหวาน ทักไลน์ @ruay"}
    filed = store.complaints.file(filing_of(said | {"detail": "เห็นโฆษณา"}), "form", "form")
    with store.database.writing() as session:
        session.get_one(Complaint, filed.complaint_id).listing_id = found["one"]
    return found | {"letter": letter.id, "alert": alert.id}


def test_all_that_happened_to_listings_with_a_shared_contact_stands_in_one_order(
    store: Store, seller: dict[str, int]
) -> None:
    summary = store.sellers.summary(seller["two"])
    assert set(summary.listings) == {seller["one"], seller["two"], seller["three"]}
    assert (summary.total, summary.names) == (3, [("ร้านรวย", 2)])
    assert [(contact.value, contact.listings) for contact in summary.contacts] == [
        ("@ruay", 3),
        ("0800000001", 1),
    ]
    events = store.sellers.timeline(summary.listings)
    kinds = [event.kind for event in events]
    happened = [KIND.LISTING] * 3 + [KIND.CONTACT] * 2 + [KIND.STEP]
    happened += [KIND.DECISION, KIND.LETTER, KIND.COMPLAINT, KIND.ALERT, KIND.WITHDRAWAL]
    assert sorted(kinds) == sorted(happened)
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)
    assert sum(store.sellers.counts(summary.listings).values()) == len(events)
    whose = {event.kind: event.who for event in events}
    assert (whose[KIND.ALERT], whose[KIND.LETTER], whose[KIND.COMPLAINT]) == ("มะลิ", "มะลิ", "")
    steps = [event.step.status for event in events if event.step]
    assert steps == [ReferralStatus.SENT]


def test_pages_of_the_timeline_neither_repeat_nor_leave_out(store: Store, seller: dict[str, int]) -> None:
    listings = store.sellers.summary(seller["one"]).listings
    whole = store.sellers.timeline(listings)
    parts = [store.sellers.timeline(listings, offset=at, limit=5) for at in range(0, 15, 5)]
    assert [(e.kind, e.at) for part in parts for e in part] == [(e.kind, e.at) for e in whole]


def test_what_would_tell_a_hidden_decision_is_left_out(store: Store, seller: dict[str, int]) -> None:
    listings = store.sellers.summary(seller["one"]).listings
    told = {KIND.DECISION, KIND.LETTER, KIND.STEP, KIND.ALERT, KIND.WITHDRAWAL}

    def shown(unseen: Unseen) -> set[Any]:
        return {event.kind for event in store.sellers.timeline(listings, unseen)}

    hidden = frozenset({seller["one"]})
    assert not shown(Unseen(hidden, seller["review"])) & told
    assert shown(Unseen(frozenset({seller["two"]}), seller["review"])) & told == set()
    assert shown(Unseen(frozenset({seller["two"]}), seller["review"] + 1)) & told == told
    own = Unseen(hidden, seller["review"], kept_alerts=frozenset({seller["alert"]}))
    assert shown(own) & told == {KIND.ALERT, KIND.WITHDRAWAL}
