"""One letter about several listings: which it covers, and how it follows their decisions."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from labels.taxonomy import Verdict
from service.store import Store
from service.store.audit.trail import AuditFilter
from service.store.database.columns import now
from service.store.database.periods import Span
from service.store.listings.contacts import add_contacts
from service.store.referrals.candidates import of_campaign, of_seller
from service.store.referrals.listed import ReferralFilter
from service.store.referrals.steps import MAX_LISTINGS, Passages, ReferralRefused, Step
from service.store.tables.core_tables import UNSURE, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralRow, ReferralStatus
from service.text.referral_texts import REMOVED
from tests.helpers.stored import reviews_behind

Decide = Callable[..., int]


def people(store: Store) -> tuple[int, int]:
    """A reviewer and a lead."""
    lead = store.users.create("lek", "a long password", role=Role.LEAD)
    nok = store.users.find("nok")
    assert nok is not None
    return nok.id, lead.id


def three(store: Store, decide: Decide) -> list[int]:
    return [decide(store, str(number), Verdict.PROHIBITED) for number in (1, 2, 3)]


def still_stands(store: Store, row: ReferralRow) -> bool:
    return all(item.stands for item in store.referrals.covered(row.id) if item.item.removed_at is None)


def sent() -> Step:
    return Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1")


def test_one_number_covers_several_cases_and_stands_on_each(store: Store, decide: Decide) -> None:
    reviews = three(store, decide)
    nok, _ = people(store)
    row = store.referrals.create_joint(reviews[::-1], nok, Recipient.PLATFORM, "รท")
    assert row.serial == 1
    assert [found.item.listing_id for found in store.referrals.covered(row.id)] == [1, 2, 3]
    assert [review.id for review in reviews_behind(store, row)] == reviews
    for number in (1, 2, 3):
        assert [found.id for found in store.referrals.of_listing(number)] == [row.id]
        (entry,) = store.audit.search(AuditFilter(listing=number, actions=["referral.*"]), 10)
        assert entry.detail["reviews"] == reviews
    (listed,) = store.referrals.page(ReferralFilter())
    assert listed.others == 2
    assert store.referrals.under_way(reviews[2]) == {Recipient.PLATFORM}
    with pytest.raises(ReferralRefused, match="already refers case 2"):
        store.referrals.create(reviews[1], nok, Recipient.PLATFORM, "รท")
    with pytest.raises(ReferralRefused, match="already refers case 3"):
        store.referrals.create_joint(
            [decide(store, "4", Verdict.PROHIBITED), reviews[2]], nok, Recipient.PLATFORM, "รท"
        )
    assert store.referrals.create_joint(reviews, nok, Recipient.REVENUE, "รท").serial == 2


def test_what_cannot_stand_in_one_letter_is_refused_with_its_cases(store: Store, decide: Decide) -> None:
    reviews = three(store, decide)
    nok, _ = people(store)
    clear = decide(store, "4", Verdict.CLEAR, confirmed=[])
    with pytest.raises(ReferralRefused, match="case 4 "):
        store.referrals.create_joint([*reviews, clear], nok, Recipient.PLATFORM, "รท")
    with pytest.raises(ReferralRefused, match="standing decision"):
        store.referrals.create_joint([*reviews, 999], nok, Recipient.PLATFORM, "รท")
    with pytest.raises(ReferralRefused, match="at least one"):
        store.referrals.create_joint([], nok, Recipient.PLATFORM, "รท")
    with pytest.raises(ReferralRefused, match=f"{MAX_LISTINGS} at most"):
        store.referrals.create_joint(range(1, MAX_LISTINGS + 2), nok, Recipient.PLATFORM, "รท")
    assert store.referrals.count(ReferralFilter()) == 0


def test_a_draft_follows_a_renewed_decision_and_loses_an_overturned_listing(
    store: Store, decide: Decide
) -> None:
    reviews = three(store, decide)
    nok, lek = people(store)
    row = store.referrals.create_joint(reviews, nok, Recipient.PLATFORM, "รท")
    store.referrals.edit(row.id, nok, Passages(closing="ด้วยความนับถือ"))
    renewed = decide(store, "2", Verdict.PROHIBITED)
    assert [review.id for review in reviews_behind(store, row)] == [reviews[0], renewed, reviews[2]]
    decide(store, "3", UNSURE, confirmed=[])
    assert len(reviews_behind(store, row)) == 3
    decide(store, "1", Verdict.CLEAR, confirmed=[])
    found = store.referrals.get(row.id)
    assert found is not None
    assert (found.listing_id, found.review_id) == (2, renewed)
    assert found.is_edited_before
    assert [(item.item.listing_id, item.item.removed_at is None, item.stands) for item in store.referrals.covered(row.id)] == [
        (1, False, False), (2, True, True), (3, True, True)
    ]  # fmt: skip
    assert store.referrals.of_listing(1) == []
    assert store.referrals.events(row.id)[-1][0].note == REMOVED.format(case=1)
    (entry,) = store.audit.newest(5, action="referral.remove")
    assert (entry.subject, entry.detail["listing"], entry.detail["from"]) == (
        f"referral:{row.id}",
        1,
        reviews[0],
    )
    # A new decision does not restore it, since nobody has checked it in this letter.
    again = decide(store, "1", Verdict.PROHIBITED)
    assert len(reviews_behind(store, row)) == 2
    assert store.referrals.create(again, nok, Recipient.PLATFORM, "รท").serial == 2
    with pytest.raises(ReferralRefused, match="earlier decision"):
        store.referrals.record(row.id, lek, sent())
    store.referrals.edit(row.id, nok, Passages(closing="ด้วยความนับถือ"))
    store.referrals.record(row.id, lek, sent())
    assert store.audit.verify().broken_at is None


def test_a_withdrawn_decision_leaves_a_joint_draft_too_and_the_last_one_stays_bound(
    store: Store, decide: Decide
) -> None:
    reviews = three(store, decide)[:2]
    nok, lek = people(store)
    row = store.referrals.create_joint(reviews, nok, Recipient.PLATFORM, "รท")
    store.reviews.withdraw(reviews[1], nok)
    assert [review.id for review in reviews_behind(store, row)] == reviews[:1]
    store.reviews.withdraw(reviews[0], nok)
    assert [review.id for review in reviews_behind(store, row)] == reviews[:1]
    assert not still_stands(store, row)
    with pytest.raises(ReferralRefused, match="withdrawn or replaced"):
        store.referrals.record(row.id, lek, sent())
    store.referrals.record(row.id, lek, Step(ReferralStatus.CLOSED, now(), note="ไม่ใช้"))


def test_a_sent_letter_keeps_every_listing_and_tells_which_no_longer_stands(
    store: Store, decide: Decide
) -> None:
    reviews = three(store, decide)
    nok, lek = people(store)
    row = store.referrals.create_joint(reviews, nok, Recipient.PLATFORM, "รท")
    store.referrals.record(row.id, lek, sent())
    decide(store, "2", Verdict.CLEAR, confirmed=[])
    assert [(item.item.removed_at, item.stands) for item in store.referrals.covered(row.id)] == [
        (None, True), (None, False), (None, True)
    ]  # fmt: skip
    assert not still_stands(store, row)
    assert [review.id for review in reviews_behind(store, row)] == reviews
    around = Span(now() - timedelta(days=1), now() + timedelta(days=1))
    assert sorted(item.listing_id for item in store.figures.sent(around)) == [1, 2, 3]


def test_who_must_not_know_one_decision_sees_no_letter_about_it(store: Store, decide: Decide) -> None:
    reviews = three(store, decide)
    nok, lek = people(store)
    row = store.referrals.create_joint(reviews, nok, Recipient.PLATFORM, "รท")
    assert store.referrals.own_of(lek, [3]) == []
    assert store.referrals.count(ReferralFilter(without=frozenset({3}))) == 0
    assert store.referrals.count(ReferralFilter(without=frozenset({3}), kept=frozenset({row.id}))) == 1
    assert [own.id for own in store.referrals.own_of(nok, [3, 9])] == [row.id]
    decide(store, "3", Verdict.CLEAR, confirmed=[])
    assert store.referrals.own_of(nok, [3]) == []
    assert store.referrals.count(ReferralFilter(without=frozenset({3}))) == 0


def test_candidates_are_the_standing_decisions_that_no_open_letter_has(store: Store, decide: Decide) -> None:
    words = "รักษาเบาหวานหายขาด สั่งซื้อไลน์ @example-shop"
    reviews = [
        decide(store, str(number), Verdict.PROHIBITED, text=f"{words} รุ่น {number}") for number in range(1, 6)
    ]
    decide(store, "6", Verdict.CLEAR, confirmed=[], text=words)
    nok, lek = people(store)
    with store.database.writing() as session:
        for number in range(1, 7):
            add_contacts(session, number, [("line_id", "@example-shop")])
    seller = of_seller(1)

    def found(**more: object) -> list[int]:
        made = store.referrals.candidates(seller, Recipient.PLATFORM, **more)  # type: ignore[arg-type]
        assert made.total >= len(made.decided)
        return [decided.listing.id for decided in made.decided]

    assert found() == [1, 2, 3, 4, 5]
    assert found(without=[2], limit=2) == [1, 3]
    row = store.referrals.create_joint(reviews[:2], nok, Recipient.PLATFORM, "รท")
    assert found() == [3, 4, 5]
    assert store.referrals.candidates(seller, Recipient.PLATFORM).under_way == 2
    assert len(store.referrals.candidates(seller, Recipient.REVENUE).decided) == 5
    store.referrals.record(row.id, lek, Step(ReferralStatus.CLOSED, now(), note="ไม่ใช้"))
    decide(store, "5", Verdict.CLEAR, confirmed=[], text=f"{words} รุ่น 5")
    assert found() == [1, 2, 3, 4]
    assert store.referrals.candidates(of_campaign(99), Recipient.PLATFORM).decided == []
