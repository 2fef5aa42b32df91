import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from importlib import resources
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Select, inspect, select, text

from labels.taxonomy import Verdict
from service.console.referrals.referral_panel import standing_review
from service.store import Store, open_store
from service.store.database.columns import now
from service.store.database.engine import Database
from service.store.migrate import current, head
from service.store.referrals.listed import ReferralFilter
from service.store.referrals.steps import (
    MAX_PASSAGE,
    Passages,
    ReferralChanged,
    ReferralRefused,
    Step,
)
from service.store.tables.core_tables import UNSURE, Listing, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralRow, ReferralStatus
from service.text.referral_texts import FOLLOWED
from service.text.thai_calendar import buddhist_year, letter_date

Decide = Callable[..., int]


def people(store: Store) -> tuple[int, int]:
    """A reviewer and a lead."""
    lead = store.users.create("lek", "a long password", role=Role.LEAD)
    nok = store.users.find("nok")
    assert nok is not None
    return nok.id, lead.id


def of_listings(numbers: list[int]) -> Select[Any]:
    return select(Listing.id).where(Listing.id.in_(numbers))


def still_stands(store: Store, row: ReferralRow) -> bool:
    return all(item.stands for item in store.referrals.covered(row.id) if item.item.removed_at is None)


def sent(**more: object) -> Step:
    fields = {"channel": Channel.POST, "address": "ตู้ ปณ. 1", "reference": "EX001", **more}
    return Step(ReferralStatus.SENT, now(), **fields)  # type: ignore[arg-type]


def test_a_referral_runs_from_draft_to_closed(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.CONSUMER_POLICE, "รท")
    assert re.fullmatch(r"รท 0001/\d{4}", row.number)
    assert row.year == buddhist_year(now())
    store.referrals.record(row.id, lek, sent(pack_sha256="ab" * 32))
    store.referrals.record(row.id, lek, sent(channel=Channel.EMAIL, address="police@example.org"))
    for status in (ReferralStatus.ACKNOWLEDGED, ReferralStatus.ACTED, ReferralStatus.CLOSED):
        store.referrals.record(row.id, lek, Step(status, now(), note="รับเรื่องไว้ดำเนินการ"))
    steps = store.referrals.events(row.id)
    assert [event.status for event, _ in steps] == [
        "draft", "sent", "sent", "acknowledged", "acted", "closed"
    ]  # fmt: skip
    assert steps[1][0].pack_sha256 == "ab" * 32
    assert steps[1][0].address == "ตู้ ปณ. 1"
    assert [name for _, name in steps][:2] == ["นก ผู้ตรวจ", "lek"]
    kept = store.referrals.get(row.id)
    assert kept is not None
    assert kept.status == ReferralStatus.CLOSED
    actions = [entry.action for entry in store.audit.newest(20, subject=f"referral:{row.id}")]
    assert actions == [
        "referral.create", "referral.sent", "referral.sent", "referral.acknowledged", "referral.acted", "referral.closed"
    ]  # fmt: skip
    assert store.audit.verify().broken_at is None


@pytest.mark.parametrize(
    "step",
    [
        sent(address=" "),
        sent(channel=None),
        sent(address="ก" * 501),
        Step(ReferralStatus.ACTED, now(), note="ข้ามขั้น"),
        Step(ReferralStatus.CLOSED, now()),
        Step(ReferralStatus.SENT, now() + timedelta(days=3), Channel.POST, "x"),
        Step(ReferralStatus.SENT, now() - timedelta(days=3), Channel.POST, "x"),
    ],
)
def test_a_step_that_says_too_little_or_comes_too_early_is_refused(
    store: Store, decide: Decide, step: Step
) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    with pytest.raises(ReferralRefused) as refused:
        store.referrals.record(row.id, lek, step)
    assert refused.value.thai
    assert len(store.referrals.events(row.id)) == 1


def test_a_reviewer_drafts_and_does_not_send(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.NEEDS_PERMIT)
    nok, _ = people(store)
    row = store.referrals.create(review, nok, Recipient.REVENUE, "รท")
    with pytest.raises(ReferralRefused, match="lead or an admin"):
        store.referrals.record(row.id, nok, sent())


@pytest.mark.parametrize("decision", [Verdict.CLEAR, Verdict.NOT_AN_AD, UNSURE])
def test_only_a_decision_against_the_listing_is_referred(store: Store, decide: Decide, decision: str) -> None:
    review = decide(store, "1", decision, confirmed=[])
    nok, _ = people(store)
    with pytest.raises(ReferralRefused, match="standing decision"):
        store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    assert store.referrals.of_listing(1) == []


def test_what_was_taken_back_is_neither_referred_nor_sent(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    assert still_stands(store, row)
    store.reviews.withdraw(review, nok)
    assert not still_stands(store, row)
    with pytest.raises(ReferralRefused, match="withdrawn or replaced"):
        store.referrals.record(row.id, lek, sent())
    with pytest.raises(ReferralRefused, match="standing decision"):
        store.referrals.create(review, nok, Recipient.REVENUE, "รท")
    store.referrals.record(row.id, lek, Step(ReferralStatus.CLOSED, now(), note="ถอนผล"))


def test_a_doubt_leaves_the_decision_standing(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    decide(store, "1", UNSURE, confirmed=[])
    nok, _ = people(store)
    assert store.referrals.create(review, nok, Recipient.PLATFORM, "รท").serial == 1


def test_a_doubt_that_is_taken_back_leaves_the_decision_standing_and_its_drafts(
    store: Store, decide: Decide
) -> None:
    review, other = decide(store, "1", Verdict.PROHIBITED), decide(store, "2", Verdict.PROHIBITED)
    nok, lek = people(store)
    single = store.referrals.create(review, nok, Recipient.REVENUE, "รท")
    joint = store.referrals.create_joint([review, other], nok, Recipient.CONSUMER_POLICE, "รท")
    store.reviews.withdraw(decide(store, "1", UNSURE, confirmed=[]), nok)
    assert still_stands(store, single)
    assert [item.stands for item in store.referrals.covered(joint.id)] == [True, True]
    assert store.referrals.create(review, nok, Recipient.MINISTRY, "รท").serial == 3
    offered = store.referrals.candidates(of_listings([1, 2]), Recipient.PLATFORM)
    assert [decided.review.id for decided in offered.decided] == [review, other]
    assert standing_review(store.reviews.history(1)).id == review  # type: ignore[union-attr]
    renewed = decide(store, "1", Verdict.PROHIBITED)
    assert [row.review_id for row in store.referrals.of_listing(1)] == [renewed] * 3
    store.referrals.record(single.id, lek, sent())
    # The decision itself can be taken back too: the withdrawal of a doubt is not the only one.
    store.reviews.withdraw(renewed, nok)
    assert not still_stands(store, single)
    assert standing_review(store.reviews.history(1)) is None
    assert [item.item.listing_id for item in store.referrals.covered(joint.id) if item.stands] == [2]


def test_a_draft_follows_to_a_decision_with_the_same_outcome_and_what_was_sent_stays(
    store: Store, decide: Decide
) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    draft = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    gone = store.referrals.create(review, nok, Recipient.REVENUE, "รท")
    closed = store.referrals.create(review, nok, Recipient.MINISTRY, "รท")
    store.referrals.record(gone.id, lek, sent())
    store.referrals.record(closed.id, lek, Step(ReferralStatus.CLOSED, now(), note="ไม่ใช้"))
    decide(store, "1", UNSURE, confirmed=[])
    renewed = decide(store, "1", Verdict.PROHIBITED)
    rows = {row.id: row for row in store.referrals.of_listing(1)}
    assert [rows[row.id].review_id for row in (draft, gone, closed)] == [renewed, review, review]
    assert still_stands(store, rows[draft.id])
    assert not still_stands(store, rows[gone.id])
    steps = store.referrals.events(draft.id)
    assert [(event.status, event.note) for event, _ in steps] == [("draft", ""), ("draft", FOLLOWED)]
    (entry,) = store.audit.newest(5, action="referral.follow")
    assert entry.subject == f"referral:{draft.id}"
    assert (entry.detail["from"], entry.detail["review"]) == (review, renewed)
    # A stale page cannot send a text that its user has not seen.
    with pytest.raises(ReferralChanged):
        store.referrals.record(draft.id, lek, sent(), steps[0][0].id)
    store.referrals.record(draft.id, lek, sent(), steps[1][0].id)
    assert store.audit.verify().broken_at is None


@pytest.mark.parametrize("between", [Verdict.NEEDS_PERMIT, Verdict.CLEAR, None])
def test_a_draft_does_not_follow_past_another_outcome(
    store: Store, decide: Decide, between: Verdict | None
) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, _ = people(store)
    draft = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    if between is None:
        store.reviews.withdraw(review, nok)
    else:
        decide(store, "1", between, confirmed=[])
    decide(store, "1", Verdict.PROHIBITED)
    kept = store.referrals.get(draft.id)
    assert kept is not None
    assert kept.review_id == review
    assert not still_stands(store, kept)


def test_a_draft_keeps_passages_in_the_offices_own_words(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    assert not row.is_edited
    row = store.referrals.edit(row.id, nok, Passages(request=" โปรดระงับโดยด่วน ", closing="ด้วยความนับถือ"))
    assert (row.opening, row.request, row.closing) == ("", "โปรดระงับโดยด่วน", "ด้วยความนับถือ")
    (entry,) = store.audit.newest(5, action="referral.edit")
    assert entry.detail["changed"] == ["request", "closing"]
    assert set(entry.detail["sha256"]) == {"request", "closing"}
    assert "โปรดระงับโดยด่วน" not in str(entry.detail)
    assert store.referrals.events(row.id)[-1][0].note == "แก้ถ้อยคำในหนังสือ: คำขอ คำลงท้าย"
    # The same words again are no step.
    store.referrals.edit(row.id, nok, Passages(request="โปรดระงับโดยด่วน", closing="ด้วยความนับถือ"))
    assert len(store.referrals.events(row.id)) == 2
    row = store.referrals.edit(row.id, nok, Passages())
    assert not row.is_edited
    assert row.edited_for is None
    store.referrals.record(row.id, lek, sent())
    with pytest.raises(ReferralRefused, match="cannot be changed"):
        store.referrals.edit(row.id, nok, Passages(request="แก้ภายหลัง"))


def test_passages_are_bounded_and_those_of_an_old_page_are_refused(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, _ = people(store)
    row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    with pytest.raises(ReferralRefused, match="shorten"):
        store.referrals.edit(row.id, nok, Passages(opening="ก" * (MAX_PASSAGE + 1)))
    ((first, _),) = store.referrals.events(row.id)
    store.referrals.edit(row.id, nok, Passages(opening="ก" * MAX_PASSAGE), first.id)
    with pytest.raises(ReferralChanged):
        store.referrals.edit(row.id, nok, Passages(), first.id)
    with pytest.raises(ReferralRefused, match="no referral"):
        store.referrals.edit(99, nok, Passages())


def test_words_written_for_an_earlier_decision_are_looked_at_before_they_are_sent(
    store: Store, decide: Decide
) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    own = Passages(opening="ตามผลการพิจารณาเมื่อวันที่ 1")
    store.referrals.edit(row.id, nok, own)
    decide(store, "1", Verdict.PROHIBITED)
    with pytest.raises(ReferralRefused, match="earlier decision"):
        store.referrals.record(row.id, lek, sent())
    row = store.referrals.edit(row.id, nok, own)
    assert not row.is_edited_before
    assert "ยืนยัน" in store.referrals.events(row.id)[-1][0].note
    store.referrals.record(row.id, lek, sent())


def test_a_look_ahead_refuses_as_a_draft_would_and_keeps_nothing(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, _ = people(store)
    assert [row.id for row in store.referrals.may_refer([review], Recipient.PROVINCE, "ตาก")] == [review]
    with pytest.raises(ReferralRefused, match="province"):
        store.referrals.may_refer([review], Recipient.PROVINCE)
    store.reviews.withdraw(review, nok)
    with pytest.raises(ReferralRefused, match="standing decision"):
        store.referrals.may_refer([review], Recipient.REVENUE)
    assert store.referrals.of_listing(1) == []


def test_one_open_referral_a_recipient(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.PROVINCE, "รท", "ตาก")
    with pytest.raises(ReferralRefused, match="already refers"):
        store.referrals.create(review, nok, Recipient.PROVINCE, "รท", "ตาก")
    assert store.referrals.create(review, nok, Recipient.PROVINCE, "รท", "ระนอง").serial == 2
    store.referrals.record(row.id, lek, Step(ReferralStatus.CLOSED, now(), note="ผิดจังหวัด"))
    assert store.referrals.create(review, nok, Recipient.PROVINCE, "รท", "ตาก").serial == 3


@pytest.mark.parametrize(("recipient", "province"), [(Recipient.PROVINCE, " "), (Recipient.REVENUE, "ตาก")])
def test_a_province_belongs_to_its_office(
    store: Store, decide: Decide, recipient: Recipient, province: str
) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, _ = people(store)
    with pytest.raises(ReferralRefused, match="province"):
        store.referrals.create(review, nok, recipient, "รท", province)


def test_a_step_on_an_old_page_is_refused(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    row = store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
    ((first, _),) = store.referrals.events(row.id)
    store.referrals.record(row.id, lek, sent(), first.id)
    with pytest.raises(ReferralChanged):
        store.referrals.record(row.id, lek, sent(), first.id)


def test_numbers_have_no_gaps_or_doubles(store: Store, decide: Decide) -> None:
    reviews = [decide(store, str(number), Verdict.PROHIBITED) for number in range(3)]
    nok, _ = people(store)
    # Refusals between them take no number.
    jobs = [(review, recipient) for review in [*reviews, 999] for recipient in list(Recipient)[:4]]
    jobs = [job for job in jobs if job[1] is not Recipient.PROVINCE]

    def make(job: tuple[int, Recipient]) -> int:
        try:
            return store.referrals.create(job[0], nok, job[1], "รท").serial
        except ReferralRefused:
            return 0

    with ThreadPoolExecutor(6) as pool:
        serials = sorted(serial for serial in pool.map(make, jobs) if serial)
    assert serials == list(range(1, len(serials) + 1))
    assert len(serials) == 12


def test_each_year_begins_at_one(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, _ = people(store)
    with store.database.writing() as session:
        session.add(
            ReferralRow(
                prefix="รท",
                year=buddhist_year(now()) - 1,
                serial=41,
                listing_id=1,
                review_id=review,
                recipient="platform",
                province="",
                created_by=nok,
            )
        )
    assert store.referrals.create(review, nok, Recipient.REVENUE, "รท").serial == 1


def test_the_year_is_bangkoks() -> None:
    eve = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)
    assert (buddhist_year(eve), letter_date(eve)) == (2569, "31 ธันวาคม 2569")
    assert buddhist_year(eve + timedelta(minutes=1)) == 2570
    with pytest.raises(ValueError, match="no time zone"):
        buddhist_year(datetime(2026, 1, 1))


def test_the_list_is_filtered_and_counted(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    nok, lek = people(store)
    police = store.referrals.create(review, nok, Recipient.CYBER_POLICE, "รท")
    store.referrals.create(review, nok, Recipient.REVENUE, "รท")
    store.referrals.record(police.id, lek, sent())
    assert [row.referral.serial for row in store.referrals.page(ReferralFilter())] == [2, 1]
    wanted = ReferralFilter(recipient=Recipient.CYBER_POLICE, status=ReferralStatus.SENT, idle_days=0)
    (only,) = store.referrals.page(wanted)
    assert (only.referral.id, only.author) == (police.id, "นก ผู้ตรวจ")
    assert only.title.startswith("รักษาเบาหวาน")
    assert store.referrals.count(wanted) == 1
    assert store.referrals.counts(wanted)[ReferralStatus.DRAFT] == 0
    assert store.referrals.counts(ReferralFilter())[ReferralStatus.DRAFT] == 1
    assert store.referrals.page(ReferralFilter(idle_days=7)) == []
    found = store.referrals.find(police.year, 1)
    assert found is not None
    assert found.id == police.id


def downgrade(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("service.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    with database.connection() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_referrals_go_down_and_up_with_data_in(url: str, decide: Decide) -> None:
    with open_store(url) as store:
        review = decide(store, "1", Verdict.PROHIBITED)
        nok, _ = people(store)
        store.referrals.create(review, nok, Recipient.PLATFORM, "รท")
        downgrade(store.database, "0004")
        assert "referral" not in inspect(store.database.engine).get_table_names()
        with store.database.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM review")) == 1
    with open_store(url) as store:
        assert current(store.database) == head()
        assert store.referrals.create(review, nok, Recipient.PLATFORM, "รท").serial == 1
