"""A period added up by hand; the store's own figures are tested in tests/service/store/test_figures.py."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import update

from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.dashboard.measures import Share
from service.dashboard.period import Period
from service.dashboard.summary import Dimension, summary
from service.store import Store
from service.store.database.columns import now
from service.store.referrals.steps import Step
from service.store.tables.campaign_tables import Campaign
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import Review, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from service.store.tables.sighting_tables import Outcome, Sighting
from service.text.thai_calendar import local_day

Decide = Callable[..., int]


def today() -> Period:
    return Period(local_day(now()), local_day(now()))


def test_a_day_is_added_up(store: Store, decide: Decide) -> None:
    """Three of four flags are borne out; two claims of one label were confirmed, one was rejected."""
    decide(store, "1", Verdict.PROHIBITED)
    decide(store, "2", Verdict.NEEDS_PERMIT, change={"product_class": ProductClass.COSMETIC})
    decide(store, "3", Verdict.PROHIBITED, confirmed=(), change={"verdict": Verdict.NEEDS_REVIEW})
    decide(store, "4", Verdict.CLEAR, confirmed=(), rejected=[0])
    decide(store, "5", Verdict.CLEAR, text="หมอนยางพารา")
    with store.database.writing() as session:
        for number in range(1, 6):
            session.execute(
                update(CaseOutcome).where(CaseOutcome.listing_id == number).values(seconds=number * 60)
            )
    found = summary(store, today(), now(), None)
    assert (found.total.received, found.total.flagged, found.total.decided, found.total.taken_down) == (
        5,
        4,
        5,
        0,
    )
    assert found.total.decision_seconds == [60, 120, 180, 240, 300]
    assert found.flags == {
        Verdict.PROHIBITED: Share(2, 3), Verdict.NEEDS_PERMIT: Share(0, 0), Verdict.NEEDS_REVIEW: Share(1, 1),
    }  # fmt: skip
    assert found.claims == {ClaimLabel.DISEASE.value: Share(2, 3)}
    classes = found.by[Dimension.CLASS]
    assert {key: (line.received, line.decided) for key, line in classes.items()} == {
        ProductClass.FOOD_SUPPLEMENT: (4, 4), ProductClass.COSMETIC: (1, 1),
    }  # fmt: skip
    labels = found.by[Dimension.LABEL]
    assert {key: (line.received, line.flagged) for key, line in labels.items()} == {
        ClaimLabel.DISEASE: (4, 4)
    }
    assert list(found.by[Dimension.PLATFORM]) == [""]
    assert found.decisions == {Verdict.PROHIBITED: 2, Verdict.NEEDS_PERMIT: 1, Verdict.CLEAR: 2}
    assert [(row.name, row.decided) for row in found.reviewers] == [("นก ผู้ตรวจ", 5)]


def test_shares_are_compared_with_the_period_before(store: Store, decide: Decide) -> None:
    """Today 1 of 2 with the label, yesterday 2 of 2."""
    for name, text in (("1", "รักษาเบาหวาน"), ("2", "หมอน"), ("3", "รักษาเบาหวาน"), ("4", "รักษาเบาหวาน")):
        decide(store, name, Verdict.CLEAR, text=text, confirmed=())
    with store.database.writing() as session:
        session.execute(
            update(QueueEntry).where(QueueEntry.listing_id > 2).values(received_at=now() - timedelta(days=1))
        )
    found = summary(store, today(), now(), None)
    label = found.drifts[0]
    assert (label.key, label.now, label.before) == (ClaimLabel.DISEASE, Share(1, 2), Share(2, 2))
    assert label.drift is not None
    assert not label.drift.is_real
    assert [line.of for line in found.drifts[1:]] == ["verdict", "class", "platform"]


def test_what_became_of_a_campaign(store: Store, decide: Decide) -> None:
    """Of three listings two were sent on, one to two offices, and one disappeared after two hours."""
    reviews = [decide(store, name, Verdict.PROHIBITED) for name in "123"]
    lead = store.users.create("lek", "a long password", role=Role.LEAD).id
    with store.database.writing() as session:
        session.add(Campaign(id=5, sketch="s", minima=b"", size=3))
        session.execute(update(QueueEntry).values(campaign_id=5))
    moment = now()
    for review, recipient in (
        (reviews[0], Recipient.PLATFORM), (reviews[0], Recipient.CYBER_POLICE), (reviews[1], Recipient.PLATFORM),
    ):  # fmt: skip
        row = store.referrals.create(review, lead, recipient, "รท")
        store.referrals.record(
            row.id, lead, Step(ReferralStatus.SENT, moment, Channel.EMAIL, "a@example.org")
        )
    with store.database.writing() as session:
        number = session.get_one(Review, reviews[0]).listing_id
        gone = moment + timedelta(hours=2)
        session.add(
            Sighting(
                listing_id=number, outcome=Outcome.GONE.value, first_at=gone, at=gone, version=1, status=404,
                sha256="0" * 64, warc_file="a.warc.gz", warc_record_id="<urn:uuid:1>",
            )
        )  # fmt: skip
    day = today()
    (line,) = summary(store, Period(day.first, day.last + timedelta(days=1)), moment, None).campaigns
    assert (line.counts.campaign_id, line.counts.size, line.counts.received, line.counts.decided) == (
        5,
        3,
        3,
        3,
    )
    assert line.sent == {Recipient.PLATFORM: 2, Recipient.CYBER_POLICE: 1}
    assert [round(seconds / 3600) for seconds in line.takedown_seconds] == [2]
    # A campaign that only was sent on, and of which nothing came in, is there too.
    with store.database.writing() as session:
        session.execute(update(QueueEntry).values(received_at=moment - timedelta(days=90)))
    (line,) = summary(store, day, moment, None).campaigns
    assert (line.counts.received, line.sent.total()) == (0, 3)


def test_an_empty_store_has_no_figures_and_no_errors(store: Store) -> None:
    found = summary(store, Period(date(2026, 1, 1), date(2026, 1, 30)), now(), None)
    assert found.total.received == 0
    assert found.drifts == [] or all(line.drift is None for line in found.drifts)
    assert [row.by_age for row in found.open_cases] == [(0, 0, 0, 0, 0)] * 2
