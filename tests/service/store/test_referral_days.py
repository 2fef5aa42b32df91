"""The days of a letter's steps, and the year of its number."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from labels.taxonomy import Verdict
from service.store import Store
from service.store.database.columns import now
from service.store.referrals.steps import ReferralRefused, Step
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus

Decide = Callable[..., int]

NOON = datetime(2026, 12, 29, 5, tzinfo=UTC)
"""Noon in Bangkok, which forms give as the time of a day."""
DAY = timedelta(days=1)


def people(store: Store) -> tuple[int, int]:
    """A reviewer and a lead."""
    lead = store.users.create("lek", "a long password", role=Role.LEAD)
    nok = store.users.find("nok")
    assert nok is not None
    return nok.id, lead.id


def sent(day: datetime, channel: Channel = Channel.POST) -> Step:
    return Step(ReferralStatus.SENT, day, channel, "ตู้ ปณ. 1")


def test_no_step_is_dated_after_today_at_any_hour(store: Store, decide: Decide) -> None:
    with time_machine.travel(NOON - timedelta(hours=11), tick=False) as clock:
        review = decide(store, "1", Verdict.PROHIBITED)
        nok, lek = people(store)
        row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
        for hours in (0, 10, 12, 22):
            clock.move_to(NOON + timedelta(hours=hours - 11))
            with pytest.raises(ReferralRefused, match="in the future"):
                store.referrals.record(row.id, lek, sent(NOON + DAY))
        clock.move_to(NOON - timedelta(hours=11))
        store.referrals.record(row.id, lek, sent(NOON))


def test_no_answer_is_dated_before_the_letter_was_sent(store: Store, decide: Decide) -> None:
    with time_machine.travel(NOON - 9 * DAY, tick=False) as clock:
        review = decide(store, "1", Verdict.PROHIBITED)
        nok, lek = people(store)
        row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
        clock.move_to(NOON)
        store.referrals.record(row.id, lek, sent(NOON - DAY))
        # It turns out that it went by e-mail before; then a reminder follows.
        store.referrals.record(row.id, lek, sent(NOON - 3 * DAY, Channel.EMAIL))
        store.referrals.record(row.id, lek, sent(now()))
        for status in (ReferralStatus.ACKNOWLEDGED, ReferralStatus.ACTED, ReferralStatus.CLOSED):
            with pytest.raises(ReferralRefused, match="on which the referral was sent"):
                store.referrals.record(row.id, lek, Step(status, NOON - 4 * DAY, note="ลบแล้ว"))
        morning = NOON - 3 * DAY - timedelta(hours=3)
        store.referrals.record(row.id, lek, Step(ReferralStatus.ACTED, morning, note="ลบแล้ว"))


def test_a_draft_whose_date_has_left_the_year_of_its_number_is_not_sent(store: Store, decide: Decide) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        reviews = [decide(store, name, Verdict.PROHIBITED) for name in ("1", "2")]
        nok, lek = people(store)
        followed, kept = (store.referrals.create(one, nok, Recipient.PLATFORM, "รท") for one in reviews)
        clock.move_to(NOON + 7 * DAY)
        renewed = decide(store, "1", Verdict.PROHIBITED)
        with pytest.raises(ReferralRefused, match=r"2569.*2570") as refused:
            store.referrals.record(followed.id, lek, sent(now()))
        assert "จัดทำหนังสือใหม่" in refused.value.thai
        store.referrals.record(followed.id, lek, Step(ReferralStatus.CLOSED, now(), note="ร่างใหม่"))
        redrafted = store.referrals.create(renewed, nok, Recipient.PLATFORM, "รท")
        assert (redrafted.year, redrafted.serial) == (2570, 1)
        # A letter of last year's decision keeps its number and its date.
        for row in (redrafted, kept):
            store.referrals.record(row.id, lek, sent(now()))
