"""Two weeks of a notice, a request for seller data and two complaints, on a clock that the test turns."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from labels.marketplaces.designated import DutyKind, designated
from service.complaints.intake import filing_of
from service.store import Store
from service.store.audit.actions import AuditAction
from service.store.duties.requests import RequestRefused
from service.store.duties.tables import Outcome
from service.store.referrals.steps import Step
from service.store.tables.complaint_tables import ClosingReason, Complaint, Harm
from service.store.tables.core_tables import Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus

MONDAY = datetime(2026, 11, 2, 2, tzinfo=UTC)
DAY = timedelta(days=1)
NOTICE, DATA, COMPLAINT = DutyKind.NOTICE, DutyKind.SELLER_DATA, DutyKind.COMPLAINT


def late(store: Store, moment: datetime) -> set[tuple[DutyKind, str]]:
    """What is open and late, by kind and name."""
    of_a_year, still_open = (
        {(clock.kind, clock.name) for clock in clocks if clock.ended_at is None and clock.is_late(moment)}
        for clocks in (store.duties.clocks(moment - 365 * DAY), store.duties.clocks())
    )
    assert of_a_year == still_open
    return still_open


def late_by_the_trail(store: Store, moment: datetime) -> set[tuple[DutyKind, str]]:
    """The same from the audit trail alone."""
    begun = {AuditAction.REFERRAL_SENT: NOTICE, AuditAction.SELLER_DATA_ASK: DATA}
    begun |= {AuditAction.COMPLAINT_FILE: COMPLAINT, AuditAction.COMPLAINT_HARM: COMPLAINT}
    ended = {AuditAction.REFERRAL_ACTED, AuditAction.REFERRAL_DECLINED, AuditAction.REFERRAL_CLOSED}
    ended |= {AuditAction.SELLER_DATA_ANSWER, AuditAction.COMPLAINT_ANSWER}
    due: dict[Any, tuple[DutyKind, str, datetime]] = {}
    for entry in store.audit.entries(limit=1000):
        key = entry.subject, entry.detail.get("request")
        if entry.action in begun and entry.detail.get("due_at"):
            name = entry.detail.get("reference") or entry.detail.get("number") or due[key][1]
            due[key] = begun[AuditAction(entry.action)], name, datetime.fromisoformat(entry.detail["due_at"])
        elif entry.action in ended:
            due.pop(key, None)
    return {(kind, name) for kind, name, at in due.values() if at < moment}


def test_what_is_late_over_two_weeks_is_seen_and_proved_by_the_trail(
    store: Store, decide: Callable[..., int]
) -> None:
    place = next(item for item in designated().marketplaces.values() if item.hosts)
    with time_machine.travel(MONDAY, tick=False) as clock:
        lead = store.users.create("mali", "a long password", "มะลิ", role=Role.LEAD)
        review = decide(store, "one", "prohibited", url=f"https://{place.hosts[0]}/item/1")
        listing = store.reviews.get(review).listing_id  # type: ignore[union-attr]
        letter = store.referrals.create(review, lead.id, Recipient.PLATFORM, "รท")
        sent = Step(ReferralStatus.SENT, MONDAY, Channel.SYSTEM, "ศูนย์รับแจ้ง")
        store.referrals.record(letter.id, lead.id, sent)
        request = store.seller_data.ask(listing, lead.id, "สธ 1/2569", MONDAY)
        said = {"category": "late", "detail": "ได้รับช้า", "url": f"https://{place.hosts[0]}/item/2"}
        slow = store.complaints.file(filing_of(said), "form", "form")
        hurt = store.complaints.file(filing_of(said | {"detail": "แพ้"}), "form", "form")
        handling = store.complaint_handling
        notice, data = (NOTICE, letter.number), (DATA, "สธ 1/2569")
        first, second = (COMPLAINT, slow.number), (COMPLAINT, hurt.number)
        days: dict[int, set[tuple[DutyKind, str]]] = {}
        for day in range(17):
            clock.move_to(MONDAY + day * DAY + timedelta(hours=1))
            if day == 1:
                handling.set_harm(hurt.complaint_id, Harm.ILLNESS, "reviewer:mali")
            if day == 5:
                handling.answer(hurt.complaint_id, "เรียน ผู้ร้อง", "reviewer:mali")
                handling.close(hurt.complaint_id, ClosingReason.ACTED, "reviewer:mali")
            if day == 6:
                step = Step(ReferralStatus.ACTED, MONDAY + day * DAY, note="ระงับแล้ว")
                store.referrals.record(letter.id, lead.id, step)
            if day == 9:
                store.seller_data.answer(request.id, lead.id, Outcome.PROVIDED, MONDAY + day * DAY)
            moment = MONDAY + day * DAY + timedelta(hours=2)
            days[day] = late(store, moment)
            assert late_by_the_trail(store, moment) == days[day], day
    expected = [
        set(),
        {second},
        {second},
        {second, notice},
        {second, notice},
        {notice},
        set(),
        {data},
        {data},
    ]
    expected += [set()] * 6 + [{first}, {first}]
    assert list(days.values()) == expected
    clocks = list(store.duties.clocks(MONDAY - DAY))
    assert list(store.duties.clocks()) == [item for item in clocks if item.ended_at is None]
    assert {item.marketplace for item in clocks} == {place.id}
    assert [item.kind for item in store.duties.clocks(MONDAY - DAY, {listing + 1})].count(NOTICE) == 1
    assert NOTICE not in {item.kind for item in store.duties.clocks(MONDAY - DAY, {listing})}
    assert sum(item.is_late(MONDAY + 16 * DAY) for item in clocks) == 4, "what was done too late stays late"
    assert store.audit.verify().broken_at is None


def test_the_clock_of_a_complaint_stops_at_its_first_answer(store: Store) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        filed = [
            store.complaints.file(
                filing_of({"category": "late", "detail": detail}), "form", "form"
            ).complaint_id
            for detail in ("ตอบแล้วจึงปิด", "ยังไม่ตอบ")
        ]
        handling = store.complaint_handling
        clock.move_to(MONDAY + DAY)
        handling.answer(filed[0], "เรียน ผู้ร้อง", "reviewer:mali")
        handling.take(filed[1], "mali", "reviewer:mali")
        clock.move_to(MONDAY + 2 * DAY)
        handling.close(filed[0], ClosingReason.ACTED, "reviewer:mali")
        ended = {item.subject: item.ended_at for item in store.duties.clocks(MONDAY - DAY)}
    assert [ended[number] for number in filed] == [MONDAY + DAY, None]


def test_a_complaint_closed_as_a_duplicate_is_open_until_its_complainant_has_an_answer(store: Store) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        main, tied = (
            store.complaints.file(
                filing_of({"category": "late", "detail": detail}), "form", "form"
            ).complaint_id
            for detail in ("เรื่องหลัก", "เรื่องซ้ำ")
        )
        handling = store.complaint_handling
        handling.link(tied, main, "reviewer:mali")
        handling.close(tied, ClosingReason.DUPLICATE, "reviewer:mali")
        for since in (None, MONDAY - DAY):
            assert {item.subject: item.ended_at for item in store.duties.clocks(since)} == {
                main: None,
                tied: None,
            }
        clock.move_to(MONDAY + DAY)
        handling.answer(main, "เรียน ผู้ร้อง", "reviewer:mali")
        ended = {item.subject: item.ended_at for item in store.duties.clocks(MONDAY - DAY)}
        assert ended == {main: MONDAY + DAY, tied: MONDAY + DAY}
        assert list(store.duties.clocks()) == []


@pytest.mark.parametrize("reason", [ClosingReason.NO_VIOLATION, ClosingReason.DUPLICATE])
def test_the_clock_of_one_that_was_closed_and_can_get_no_answer_ended_when_it_was_closed(
    store: Store, reason: ClosingReason
) -> None:
    """As before an answer was required, or after retention deleted the complaint it was linked to."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        main, tied = (
            store.complaints.file(
                filing_of({"category": "late", "detail": detail}), "form", "form"
            ).complaint_id
            for detail in ("เรื่องหลัก", "เรื่องซ้ำ")
        )
        store.complaint_handling.link(tied, main, "reviewer:mali")
        clock.move_to(MONDAY + DAY)
        store.complaint_handling.close(tied, ClosingReason.DUPLICATE, "reviewer:mali")
        with store.database.writing() as session:
            row = session.get(Complaint, tied)
            assert row is not None
            row.closed_for, row.duplicate_of = reason.value, None
        ended = {item.subject: item.ended_at for item in store.duties.clocks(MONDAY - DAY)}
        assert ended == {main: None, tied: MONDAY + DAY}
        assert [item.subject for item in store.duties.clocks()] == [main]


def test_a_request_is_recorded_by_a_lead_with_a_number_and_a_day_and_answered_once(
    store: Store, decide: Callable[..., int]
) -> None:
    review = store.reviews.get(decide(store, "one", "prohibited"))
    assert review is not None
    lead = store.users.create("mali", "a long password", "มะลิ", role=Role.LEAD)
    today = datetime.now(UTC)
    bad = ((review.reviewer_id, "1/2569", today), (lead.id, " ", today), (lead.id, "1/2569", today + 3 * DAY))
    for who, reference, day in bad:
        with pytest.raises(RequestRefused):
            store.seller_data.ask(review.listing_id, who, reference, day)
    noon = datetime(2026, 12, 29, 5, tzinfo=UTC)
    with time_machine.travel(noon + timedelta(hours=3), tick=False):
        # Forms give the noon of a day in Bangkok.
        with pytest.raises(RequestRefused):
            store.seller_data.ask(review.listing_id, lead.id, "1/2569", noon + DAY)
        asked = store.seller_data.ask(review.listing_id, lead.id, "2/2569", noon)
        with pytest.raises(RequestRefused):
            store.seller_data.answer(asked.id, lead.id, Outcome.PROVIDED, noon + DAY)
        store.seller_data.answer(asked.id, lead.id, Outcome.PROVIDED, noon - timedelta(hours=2))
    row = store.seller_data.ask(review.listing_id, lead.id, "1/2569", today - DAY)
    with pytest.raises(RequestRefused):
        store.seller_data.answer(row.id, lead.id, Outcome.REFUSED, today - 2 * DAY)
    store.seller_data.answer(row.id, lead.id, Outcome.REFUSED, today)
    with pytest.raises(RequestRefused):
        store.seller_data.answer(row.id, lead.id, Outcome.PROVIDED, today)
    kept, _ = store.seller_data.of_listings([review.listing_id])
    assert (kept.outcome, kept.marketplace) == ("refused", "")
