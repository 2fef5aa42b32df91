"""The dashboard's figures, by hand, on both databases."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import resources

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select, text, update

from labels.schema import Assessment, Listing
from labels.taxonomy import ClaimLabel, Platform, ProductClass, Verdict
from service.store import Store, open_store
from service.store.cases.reviews import Decision
from service.store.database.columns import now
from service.store.database.periods import Span
from service.store.figures.decision_figures import Group
from service.store.index.entries import CaseState
from service.store.referrals.steps import Step
from service.store.tables.campaign_tables import BulkDecision, BulkReview, Campaign
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import UNSURE, Review, Role
from service.store.tables.core_tables import Listing as Row
from service.store.tables.referral_tables import Channel, Recipient, ReferralEvent, ReferralStatus
from service.store.tables.sighting_tables import Outcome, Sighting
from tests.helpers.stored import assessments_of

Decide = Callable[..., int]
DAY = timedelta(days=1)
NOVEMBER = Span(datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2026, 11, 30, 17, tzinfo=UTC))
"""November in Bangkok."""


def outcomes(store: Store) -> list[CaseOutcome]:
    with store.database.reading() as session:
        return list(
            session.scalars(select(CaseOutcome).order_by(CaseOutcome.listing_id, CaseOutcome.review_id))
        )


def arrive(store: Store, name: str, at: datetime, assess: Callable[..., object] | None = None) -> int:
    """A listing as if it had been deposited at this time."""
    number = store.deposit(
        Listing(id=name, description="รักษาเบาหวาน หายขาด", platform=Platform.TIKTOK)
    ).listing_id
    if assess is not None:
        store.assessments.record(number, assess(Listing(id=name, description="รักษาเบาหวาน หายขาด")))  # type: ignore[arg-type]
    backdate(store, number, at)
    return number


def backdate(store: Store, number: int, at: datetime) -> None:
    with store.database.writing() as session:
        session.execute(update(Row).where(Row.id == number).values(first_seen=at))
        session.execute(
            update(QueueEntry).where(QueueEntry.listing_id == number).values(received_at=at, arrived_at=at)
        )


def decided_at(store: Store, review: int, at: datetime, seconds: int) -> None:
    with store.database.writing() as session:
        session.execute(
            update(CaseOutcome).where(CaseOutcome.review_id == review).values(decided_at=at, seconds=seconds)
        )
        session.execute(update(Review).where(Review.id == review).values(created_at=at))


def test_an_outcome_follows_the_reviews_of_its_text(store: Store, decide: Decide) -> None:
    first = decide(store, "1", Verdict.PROHIBITED)
    (row,) = outcomes(store)
    assert (row.review_id, row.decision, row.verdict, row.labels, row.confirmed, row.rejected) == (
        first, "prohibited", "prohibited", f"|{ClaimLabel.DISEASE}|", ClaimLabel.DISEASE.value, "",
    )  # fmt: skip
    assert 0 <= row.seconds < 60
    began = row.decided_at
    second = decide(store, "1", Verdict.CLEAR, confirmed=(), rejected=[0])
    (row,) = outcomes(store)
    assert (row.review_id, row.decision, row.rejected) == (second, "clear", ClaimLabel.DISEASE.value)
    assert row.decided_at == began  # the time to a decision is that to the first one
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(second, nok.id)
    assert outcomes(store) == []
    decide(store, "1", UNSURE)
    assert outcomes(store) == []
    decide(store, "1", Verdict.CLEAR)
    assert outcomes(store)[0].decided_at > began


def test_a_changed_text_waits_anew_and_the_old_outcome_stays(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    number = outcomes(store)[0].listing_id
    backdate(store, number, now() - 400 * DAY)
    store.deposit(Listing(id="1", description="รักษาเบาหวาน สูตรใหม่"), source="api:shop")
    store.assessments.record(number, _assessment(store, number))
    assert [row.review_id for row in outcomes(store)] == [review]
    waiting = store.figures.open_cases(now())[0]
    assert (waiting.state, waiting.by_age, waiting.oldest_listing) == (
        CaseState.WAITING,
        (1, 0, 0, 0, 0),
        number,
    )
    decide(store, "1", Verdict.PROHIBITED, text="รักษาเบาหวาน สูตรใหม่")
    assert [row.seconds < 60 for row in outcomes(store)] == [True, True]


def _assessment(store: Store, number: int) -> Assessment:
    (old,) = assessments_of(store, number)
    return old.shape()


def test_what_came_in_by_group_and_by_day_in_bangkok(store: Store, assessor: object) -> None:
    assess = assessor.assess  # type: ignore[attr-defined]
    arrive(store, "before", NOVEMBER.since - timedelta(seconds=1), assess)
    arrive(store, "first", NOVEMBER.since, assess)
    arrive(store, "late", datetime(2026, 11, 10, 16, 59, tzinfo=UTC), assess)
    arrive(store, "unread", datetime(2026, 11, 10, 17, 0, tzinfo=UTC))
    arrive(store, "after", NOVEMBER.before, assess)
    found = {group.verdict: group for group in store.figures.received(NOVEMBER)}
    assert found == {
        Verdict.PROHIBITED: Group(
            Verdict.PROHIBITED, ProductClass.FOOD_SUPPLEMENT, Platform.TIKTOK, (ClaimLabel.DISEASE,), 2
        ),
        None: Group(None, "", Platform.TIKTOK, (), 1),
    }
    assert store.figures.by_day(NOVEMBER) == {
        date(2026, 11, 1): (1, 1, 0),
        date(2026, 11, 10): (1, 1, 0),
        date(2026, 11, 11): (1, 0, 0),
    }


def test_decisions_times_claims_and_people(store: Store, decide: Decide) -> None:
    """Four decided in November, one of them in bulk, and one in December."""
    days = [2, 2, 3, 5, 40]
    reviews = []
    for index, day in enumerate(days):
        decision = Verdict.CLEAR if index == 2 else Verdict.PROHIBITED
        marks: dict[str, object] = {"confirmed": (), "rejected": [0]} if index == 2 else {}
        reviews.append(decide(store, str(index), decision, **marks))
        decided_at(store, reviews[-1], NOVEMBER.since + day * DAY, (index + 1) * 3600)
    with store.database.writing() as session:
        campaign = Campaign(sketch="s", minima=b"", size=2)
        session.add(campaign)
        session.flush()
        nok = session.scalars(text("SELECT id FROM reviewer")).one()
        bulk = BulkDecision(
            campaign_id=campaign.id, reviewer_id=nok, origin_review_id=reviews[0], decision="prohibited",
            after_member=0, spread=False,
        )  # fmt: skip
        session.add(bulk)
        session.flush()
        session.add(BulkReview(review_id=reviews[1], bulk_id=bulk.id, spread=False))
    figures = store.figures
    groups = {(group.decision, group.by_hand): group.seconds for group in figures.decided(NOVEMBER)}
    assert groups == {
        (Verdict.PROHIBITED, True): (3600, 14400),
        (Verdict.PROHIBITED, False): (7200,),
        (Verdict.CLEAR, True): (10800,),
    }
    disease = ClaimLabel.DISEASE.value
    assert figures.claim_marks(NOVEMBER) == (Counter({disease: 2}), Counter({disease: 1}))
    (nok_row,) = figures.reviewers(NOVEMBER)
    assert (nok_row.name, nok_row.decided, nok_row.by_hand) == ("นก ผู้ตรวจ", 4, 3)
    assert figures.reviewers(NOVEMBER, nok + 1) == []
    # By hand: one on the third day, one on the fourth, one on the sixth.
    assert figures.daily_capacity(NOVEMBER) == 1
    assert figures.daily_capacity(Span(NOVEMBER.since - 9 * DAY, NOVEMBER.since)) == 0
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(received_at=NOVEMBER.since))
        session.execute(update(QueueEntry).where(QueueEntry.listing_id < 3).values(campaign_id=campaign.id))
    (found,) = figures.campaigns(NOVEMBER)
    assert (found.received, found.flagged, found.decided, found.seconds) == (2, 2, 2, (3600, 7200))


def test_each_person_has_the_decisions_that_they_made_that_day(store: Store, decide: Decide) -> None:
    """Another's decision on the same case takes nothing away; one's own correction counts no second time."""
    first = decide(store, "1", Verdict.PROHIBITED)
    with store.database.reading() as session:
        review = session.get_one(Review, first)
        assessment, nok = review.assessment_id, review.reviewer_id
    other = store.users.create("bee", "a long password", "บี ผู้ตรวจ").id
    record = store.reviews.record
    corrected = record(assessment, nok, Decision(Verdict.NEEDS_PERMIT, confirmed=(0,)))
    later = record(assessment, other, Decision(Verdict.CLEAR, rejected=(0,)))
    unsure = record(assessment, other, Decision(UNSURE))
    day = Span(NOVEMBER.since, NOVEMBER.since + DAY)
    next_day = Span(day.before, day.before + DAY)
    for made, at in ((first, day), (corrected.id, day), (later.id, next_day), (unsure.id, next_day)):
        decided_at(store, made, at.since, 60)

    def counts(span: Span) -> list[tuple[str, int, int]]:
        return [(row.name, row.decided, row.by_hand) for row in store.figures.reviewers(span)]

    assert counts(day) == [("นก ผู้ตรวจ", 1, 1)]
    assert counts(next_day) == [("บี ผู้ตรวจ", 1, 1)]


def test_the_busiest_campaigns_are_those_with_which_the_most_happened(store: Store, decide: Decide) -> None:
    """Of campaign 1 came in two, of 2 one, of 3 none; a campaign of one listing is none."""
    for number in range(1, 8):
        decide(store, str(number), Verdict.PROHIBITED)
    groups = {1: (1, 2), 2: (3, 4), 3: (5, 6), 4: (7,)}
    with store.database.writing() as session:
        for campaign, members in groups.items():
            session.add(Campaign(id=campaign, sketch="s", minima=b"", size=len(members)))
            here = QueueEntry.listing_id.in_(members)
            session.execute(update(QueueEntry).where(here).values(campaign_id=campaign))
        came = QueueEntry.listing_id.in_((1, 2, 3, 7))
        session.execute(update(QueueEntry).values(received_at=NOVEMBER.since - DAY))
        session.execute(update(QueueEntry).where(came).values(received_at=NOVEMBER.since))
        # The number of flagged ones would say otherwise.
        few = QueueEntry.listing_id.in_((1, 2))
        session.execute(update(QueueEntry).where(few).values(verdict=Verdict.CLEAR))

    def busiest(moves: dict[int, int], limit: int = 20) -> list[tuple[int, int]]:
        return [(row.campaign_id, row.received) for row in store.figures.campaigns(NOVEMBER, moves, limit)]

    assert busiest({}) == [(1, 2), (2, 1)]
    assert busiest({2: 2, 3: 1, 4: 9}) == [(2, 1), (1, 2), (3, 0)]
    assert busiest({3: 5}, limit=1) == [(3, 0)]
    (first, *_) = store.figures.campaigns(NOVEMBER)
    assert (first.size, first.example) == (2, "รักษาเบาหวาน หายขาด")
    with store.database.writing() as session:
        session.execute(update(Row).values(title=""))
    assert store.figures.campaigns(NOVEMBER)[0].example == "รักษาเบาหวาน หายขาด"


def test_sent_once_and_taken_down_as_reported(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    other = decide(store, "2", Verdict.PROHIBITED)
    lead = store.users.create("lek", "a long password", role=Role.LEAD).id
    began = now()
    span = Span(began - 10 * DAY, began + DAY)
    platform = store.referrals.create(review, lead, Recipient.PLATFORM, "รท").id
    police = store.referrals.create(review, lead, Recipient.CYBER_POLICE, "รท").id
    ministry = store.referrals.create(other, lead, Recipient.MINISTRY, "รท").id

    def step(referral: int, status: ReferralStatus, at: datetime) -> None:
        channel = Channel.EMAIL if status is ReferralStatus.SENT else None
        event = store.referrals.record(
            referral, lead, Step(status, began, channel, "a@example.org", note="ดำเนินการแล้ว")
        )
        with store.database.writing() as session:
            session.execute(update(ReferralEvent).where(ReferralEvent.id == event.id).values(happened_at=at))

    step(platform, ReferralStatus.SENT, began - 2 * DAY)
    step(platform, ReferralStatus.SENT, began)  # a reminder
    step(police, ReferralStatus.SENT, began)
    step(ministry, ReferralStatus.SENT, began - 20 * DAY)
    assert store.figures.unanswered() == 2
    assert store.figures.taken_down(span) == []
    step(platform, ReferralStatus.ACTED, began + timedelta(hours=3))
    step(police, ReferralStatus.ACTED, began)
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(campaign_id=7))
    assert [(moved.recipient, moved.campaign_id, moved.labels) for moved in store.figures.sent(span)] == [
        (Recipient.PLATFORM, 7, (ClaimLabel.DISEASE,)),
        (Recipient.CYBER_POLICE, 7, (ClaimLabel.DISEASE,)),
    ]
    assert [
        moved.recipient for moved in store.figures.sent(Span(began - 3 * 10 * DAY, began - 10 * DAY))
    ] == [Recipient.MINISTRY]
    (taken,) = store.figures.taken_down(span)
    assert taken.recipient is Recipient.PLATFORM
    assert taken.seconds == pytest.approx(3 * 3600, abs=60)
    assert store.figures.unanswered() == 1


def test_a_page_that_a_visit_found_gone_is_taken_down_once(store: Store, decide: Decide) -> None:
    review = decide(store, "1", Verdict.PROHIBITED)
    decide(store, "2", Verdict.PROHIBITED)
    cleared = decide(store, "3", Verdict.CLEAR, confirmed=(), rejected=[0])
    with store.database.reading() as session:
        first, second, third = (session.get_one(Review, review + i).listing_id for i in range(3))
    assert cleared == review + 2
    began = now()
    gone = began + timedelta(hours=5)
    for number, at in ((first, gone), (first, gone + DAY), (second, began - DAY), (third, gone)):
        visit(store, number, Outcome.GONE, at)
    span = Span(began - DAY, began + DAY)
    (taken,) = store.figures.taken_down(span)
    assert (taken.listing_id, taken.recipient, taken.labels) == (first, None, (ClaimLabel.DISEASE,))
    assert taken.seconds == pytest.approx(5 * 3600, abs=60)
    # A page already seen gone does not count as taken down again, neither by another visit nor by a later
    # report.
    lead = store.users.create("lek", "a long password", role=Role.LEAD).id
    platform = store.referrals.create(review, lead, Recipient.PLATFORM, "รท").id
    for status in (ReferralStatus.SENT, ReferralStatus.ACTED):
        channel = Channel.EMAIL if status is ReferralStatus.SENT else None
        event = store.referrals.record(
            platform, lead, Step(status, began, channel, "a@example.org", note="ดำเนินการแล้ว")
        )
    with store.database.writing() as session:
        session.execute(
            update(ReferralEvent).where(ReferralEvent.id == event.id).values(happened_at=gone + DAY)
        )
    assert store.figures.taken_down(Span(began + DAY, began + 3 * DAY)) == []

    def report(at: datetime) -> None:
        with store.database.writing() as session:
            session.execute(update(ReferralEvent).where(ReferralEvent.id == event.id).values(happened_at=at))

    hour = timedelta(hours=1)
    for hours, recipient in ((6, None), (1, Recipient.PLATFORM)):
        report(began + hours * hour)
        (taken,) = store.figures.taken_down(span)
        assert taken.recipient is recipient
        assert taken.seconds == pytest.approx(min(hours, 5) * 3600, abs=60)
    # Reported in an earlier period, seen gone in this one.
    (taken,) = store.figures.taken_down(Span(began + hour, began + DAY))
    assert taken.recipient is Recipient.PLATFORM
    assert store.figures.taken_down(Span(began + 2 * hour, began + DAY)) == []


def test_what_was_sent_and_taken_down_is_grouped_as_decided(store: Store, decide: Decide) -> None:
    """The reviewer chose another class, and the seller later removed the claim."""
    review = decide(store, "1", Verdict.PROHIBITED, product_class=ProductClass.DRUG)
    with store.database.reading() as session:
        number = session.get_one(Review, review).listing_id
    lead = store.users.create("lek", "a long password", role=Role.LEAD).id
    referral = store.referrals.create(review, lead, Recipient.PLATFORM, "รท").id
    store.referrals.record(referral, lead, Step(ReferralStatus.SENT, now(), Channel.EMAIL, "a@example.org"))
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(labels=""))
    visit(store, number, Outcome.GONE, now())
    span = Span(now() - DAY, now() + DAY)
    (decided,) = store.figures.decided(span)
    assert (decided.product_class, decided.labels) == (ProductClass.DRUG, (ClaimLabel.DISEASE,))
    for (moved,) in (store.figures.sent(span), store.figures.taken_down(span)):
        assert (moved.product_class, moved.labels) == (decided.product_class, decided.labels)
    # After a withdrawal the letter is still sent; the class is that of the review that it rests on.
    nok = store.users.find("nok")
    assert nok is not None
    store.reviews.withdraw(review, nok.id)
    (moved,) = store.figures.sent(span)
    assert moved.product_class == ProductClass.DRUG


def visit(store: Store, number: int, outcome: Outcome, at: datetime) -> None:
    with store.database.writing() as session:
        session.add(
            Sighting(
                listing_id=number, outcome=outcome.value, first_at=at, at=at, version=1, status=404,
                sha256="0" * 64, warc_file="a.warc.gz", warc_record_id="<urn:uuid:1>",
            )
        )  # fmt: skip


def test_open_cases_by_age(store: Store, assessor: object, decide: Decide) -> None:
    moment = NOVEMBER.before
    ages = {"a": timedelta(hours=23), "b": DAY, "c": 2.9 * DAY, "d": 7 * DAY, "e": 31 * DAY}
    numbers = {name: arrive(store, name, moment - age, assessor.assess) for name, age in ages.items()}  # type: ignore[attr-defined]
    decide(store, "unsure", UNSURE)
    backdate(store, max(numbers.values()) + 1, moment - 4 * DAY)
    waiting, unsure = store.figures.open_cases(moment)
    assert (waiting.by_age, waiting.oldest, waiting.oldest_listing) == (
        (1, 2, 0, 1, 1), moment - 31 * DAY, numbers["e"],
    )  # fmt: skip
    assert (unsure.by_age, unsure.oldest) == ((0, 0, 1, 0, 0), moment - 4 * DAY)


def test_outcomes_go_down_and_come_up_as_they_were(url: str, decide: Decide) -> None:
    """What the migration fills is what the store's own code wrote."""
    with open_store(url) as store:
        decide(store, "1", Verdict.PROHIBITED)
        decide(store, "1", Verdict.CLEAR, confirmed=(), rejected=[0])
        decide(store, "1", Verdict.NEEDS_PERMIT, text="รักษาเบาหวาน ฉบับที่สอง")
        decide(store, "2", UNSURE)
        nok = store.users.find("nok")
        assert nok is not None
        store.reviews.withdraw(decide(store, "3", Verdict.PROHIBITED), nok.id)
        decide(store, "4", Verdict.NOT_AN_AD)
        before = rows(store)
        assert len(before[0]) == 3
        config = Config()
        config.set_main_option(
            "script_location", str(resources.files("service.store").joinpath("migrations"))
        )
        config.set_main_option("path_separator", "os")
        with store.database.connection() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0014")
        assert "case_outcome" not in inspect(store.database.engine).get_table_names()
    with open_store(url) as store:
        assert rows(store) == before


def rows(store: Store) -> tuple[list[tuple[object, ...]], ...]:
    with store.database.reading() as session:
        return tuple(
            [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in (CaseOutcome.__table__, QueueEntry.__table__)
        )
