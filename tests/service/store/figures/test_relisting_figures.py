"""Re-listings appeared after a decision and share a contact, words or a picture; on both databases."""

from collections.abc import Callable
from datetime import timedelta
from inspect import unwrap

import pytest
from sqlalchemy import update

from labels.schema import ContactKind, Listing
from labels.taxonomy import Platform, Verdict
from service.store import Store
from service.store.database.columns import now
from service.store.database.periods import Span
from service.store.figures import relisting_figures
from service.store.figures.relisting_figures import Sharing
from service.store.pictures.likeness import FoundLikeness
from service.store.pictures.repository import NewPicture
from service.store.tables.campaign_tables import Campaign, CampaignMember, SellerContact
from service.store.tables.core_tables import Listing as Row
from tests.helpers.stored import add_pictures

Decide = Callable[..., int]
HOUR = timedelta(hours=1)


def later(store: Store, name: str, after: timedelta) -> int:
    """Add a listing first seen this long from now."""
    number = store.deposit(Listing(id=name, description=f"โฆษณา {name}", platform=Platform.LINE)).listing_id
    with store.database.writing() as session:
        session.execute(update(Row).where(Row.id == number).values(first_seen=now() + after))
    return number


def show(store: Store, number: int, digit: str = "a") -> None:
    add_pictures(store, number, [NewPicture(digit * 64, "image/png", 300, 200, 1000)])


def name_contact(store: Store, number: int, value: str = "@shop") -> None:
    with store.database.writing() as session:
        session.add(SellerContact(listing_id=number, kind=ContactKind.LINE_ID.value, value=value))


def join(store: Store, number: int, campaign: int) -> None:
    with store.database.writing() as session:
        session.add(
            CampaignMember(listing_id=number, campaign_id=campaign, text_sha256="0" * 64, sketch="test")
        )


def test_what_appears_after_a_decision_is_found_by_contact_words_and_picture(
    store: Store, decide: Decide
) -> None:
    earlier = later(store, "earlier", -HOUR)
    review = store.reviews.get(decide(store, "1", Verdict.PROHIBITED))
    assert review is not None
    decided = review.listing_id
    by_picture, by_contact, other = (later(store, name, 2 * HOUR) for name in ("picture", "contact", "other"))
    for number in (earlier, decided, by_picture):
        show(store, number)
    show(store, other, "b")
    for number in (earlier, decided, by_contact, by_picture):
        name_contact(store, number)
    span = Span(now() - HOUR, now() + HOUR)
    (watched,) = store.relistings.watched(span)
    assert watched.listing_id == decided
    assert {item.relisted_id: item.sharing for item in watched.relistings} == {
        by_picture: {Sharing.PICTURE, Sharing.CONTACT},
        by_contact: {Sharing.CONTACT},
    }
    assert 7000 < watched.relistings[0].seconds <= 7200
    assert [row.id for _, row in store.relistings.of(decided)] == [by_picture, by_contact]
    assert [row.id for _, row in store.relistings.decided_before(by_contact)] == [decided]
    assert store.relistings.decided_before(earlier) == store.relistings.of(other) == []


def test_members_of_one_campaign_share_words(store: Store, decide: Decide) -> None:
    review = store.reviews.get(decide(store, "1", Verdict.PROHIBITED))
    assert review is not None
    again = later(store, "again", HOUR)
    with store.database.writing() as session:
        campaign = Campaign(sketch="test", minima=b"", size=2)
        session.add(campaign)
        session.flush()
        number = campaign.id
    for listing in (review.listing_id, again):
        join(store, listing, number)
    ((item, row),) = store.relistings.of(review.listing_id)
    assert (row.id, item.sharing) == (again, {Sharing.WORDS})


def test_a_withdrawn_decision_is_not_watched(store: Store, decide: Decide) -> None:
    number = decide(store, "1", Verdict.PROHIBITED)
    review = store.reviews.get(number)
    assert review is not None
    show(store, review.listing_id)
    show(store, later(store, "again", HOUR))
    assert len(store.relistings.of(review.listing_id)) == 1
    store.reviews.withdraw(number, review.reviewer_id)
    assert store.relistings.of(review.listing_id) == []
    assert store.relistings.watched(Span(now() - HOUR, now() + HOUR)) == []


def test_a_picture_that_everybody_shows_says_nothing(
    store: Store, decide: Decide, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = store.reviews.get(decide(store, "1", Verdict.PROHIBITED))
    assert review is not None
    show(store, review.listing_id)
    for name in ("a", "b"):
        show(store, later(store, name, HOUR))
    assert len(store.relistings.of(review.listing_id)) == 2
    monkeypatch.setattr(relisting_figures, "MOST_SHARING", 2)
    # The query is made once, with the bound of that time.
    monkeypatch.setattr(relisting_figures, "_pictures", unwrap(vars(relisting_figures)["_pictures"]))
    assert store.relistings.of(review.listing_id) == []


@pytest.mark.parametrize("common", ["a", "b"], ids=["known", "new"])
def test_an_edited_picture_says_nothing_if_everybody_shows_it_or_its_original(
    store: Store, decide: Decide, monkeypatch: pytest.MonkeyPatch, common: str
) -> None:
    review = store.reviews.get(decide(store, "1", Verdict.PROHIBITED))
    assert review is not None
    again = later(store, "again", HOUR)
    show(store, review.listing_id, "a")
    show(store, again, "b")
    assert store.likeness.record("b" * 64, (), {"a" * 64: FoundLikeness(40, False)}, None)
    ((item, _),) = store.relistings.of(review.listing_id)
    assert (item.relisted_id, item.sharing) == (again, {Sharing.LIKE_PICTURE})
    for name in ("old", "older"):
        show(store, later(store, name, -HOUR), common)
    assert len(store.relistings.of(review.listing_id)) == 1
    monkeypatch.setattr(relisting_figures, "MOST_SHARING", 2)
    monkeypatch.setattr(
        relisting_figures, "_like_pictures", unwrap(vars(relisting_figures)["_like_pictures"])
    )
    assert store.relistings.of(review.listing_id) == []
    assert store.relistings.decided_before(again) == []
