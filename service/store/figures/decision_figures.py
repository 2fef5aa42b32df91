"""Dashboard figures, aggregated by the database from covering indexes.

A time span is half-open, ``since <= moment < before``. Groups carry the model's labels as stored in
``queue_entry``, ``|a|b|``; callers sum by class, label or platform.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from labels.taxonomy import Verdict
from service.store.database.periods import Span, within
from service.store.figures.campaign_figures import CampaignFigures, is_flagged, numbers_in
from service.store.index.entries import CaseState, in_state, unmarked
from service.store.index.finding import unindexed
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Review, Reviewer
from service.text.thai_calendar import BANGKOK

LONG = timedelta(days=92)
"""From this length on, SQLite is steered to an index in the order of the groups, as sorting would cost more.
"""
AGES = (1, 3, 7, 30)
"""Age limits, in days, between the groups of open cases."""


@dataclass(frozen=True)
class Group:
    """Listings that share verdict, class, platform and labels; ``verdict`` is ``None`` if not assessed."""

    verdict: Verdict | None
    product_class: str
    platform: str
    labels: tuple[str, ...]
    number: int


@dataclass(frozen=True)
class Decided:
    """Decided texts with the same values in all queried fields; ``seconds`` has one sorted entry per text.

    ``by_hand`` is whether a person decided on this very text, rather than in bulk over a campaign.
    """

    verdict: Verdict
    decision: Verdict
    product_class: str
    platform: str
    labels: tuple[str, ...]
    by_hand: bool
    seconds: tuple[int, ...]


@dataclass(frozen=True)
class Open:
    """Open cases by age in days since their text arrived: one number per group of :data:`AGES`."""

    state: CaseState
    by_age: tuple[int, ...]
    oldest: datetime | None
    oldest_listing: int | None


@dataclass(frozen=True)
class ReviewerFigures:
    """The cases that one person decided within a span, whatever was decided on them later."""

    reviewer_id: int
    name: str
    decided: int
    by_hand: int


class FigureRepository(CampaignFigures):
    """Repository of figures on received, flagged and decided listings."""

    def received(self, span: Span) -> list[Group]:
        """Listings first deposited within the span, by their newest assessment."""
        columns = (QueueEntry.verdict, QueueEntry.product_class, QueueEntry.platform, QueueEntry.labels)
        moment: Any = QueueEntry.received_at
        if self.database.is_sqlite and span.before - span.since > LONG:
            moment = unindexed(moment)
        query = select(*columns, func.count()).where(*within(moment, span)).group_by(*columns)
        with self.database.reading() as session:
            return [
                Group(
                    Verdict(verdict) if verdict else None, kind or "", place or "", unmarked(labels), number
                )
                for verdict, kind, place, labels, number in session.execute(query)
            ]

    def decided(self, span: Span) -> list[Decided]:
        """Texts decided within the span whose decision stands."""
        columns = (
            CaseOutcome.verdict,
            CaseOutcome.decision,
            CaseOutcome.product_class,
            CaseOutcome.platform,
            CaseOutcome.labels,
            _by_hand().label("by_hand"),
        )
        seconds = func.aggregate_strings(cast(CaseOutcome.seconds, String), ",")
        query = select(*columns, seconds).where(*within(CaseOutcome.decided_at, span)).group_by(*columns)
        with self.database.reading() as session:
            return [
                Decided(
                    Verdict(verdict),
                    Verdict(decision),
                    kind,
                    place or "",
                    unmarked(labels),
                    bool(by_hand),
                    numbers_in(spent),
                )
                for verdict, decision, kind, place, labels, by_hand, spent in session.execute(query)
            ]

    def by_day(self, span: Span) -> dict[date, tuple[int, int, int]]:
        """Received, flagged and decided listings per day in Bangkok; days without any are left out."""
        flagged = func.sum(case((is_flagged(QueueEntry.verdict), 1), else_=0))
        came, ended = self._day(QueueEntry.received_at), self._day(CaseOutcome.decided_at)
        received = select(came, func.count(), flagged).where(*within(QueueEntry.received_at, span))
        decided = select(ended, func.count()).where(*within(CaseOutcome.decided_at, span))
        with self.database.reading() as session:
            days: dict[str, tuple[int, int, int]] = {
                day: (number, marked, 0) for day, number, marked in session.execute(received.group_by(came))
            }
            for day, number in session.execute(decided.group_by(ended)):
                days[day] = (*days.get(day, (0, 0, 0))[:2], number)
        return {date.fromisoformat(day): numbers for day, numbers in sorted(days.items())}

    def claim_marks(self, span: Span) -> tuple[Counter[str], Counter[str]]:
        """Confirmed and rejected claims by label, from texts decided one by one within the span."""
        columns = (CaseOutcome.confirmed, CaseOutcome.rejected)
        some = or_(CaseOutcome.confirmed != "", CaseOutcome.rejected != "")
        query = (
            select(*columns, func.count())
            .where(*within(CaseOutcome.decided_at, span), some, _by_hand())
            .group_by(*columns)
        )
        right: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        with self.database.reading() as session:
            for confirmed, rejected, number in session.execute(query):
                for counter, marks in ((right, confirmed), (wrong, rejected)):
                    for label in filter(None, marks.split("|")):
                        counter[label] += number
        return right, wrong

    def open_cases(self, moment: datetime) -> list[Open]:
        """Cases that are waiting or "unsure", by age at ``moment``."""
        with self.database.reading() as session:
            return [_open(session, state, moment) for state in (CaseState.WAITING, CaseState.UNSURE)]

    def reviewers(self, span: Span, only: int | None = None) -> list[ReviewerFigures]:
        """The decisions of each person within the span, most first; ``only`` narrows to one person.

        Several decisions of a person on the same assessment count once.
        """
        decided = func.count(Review.assessment_id.distinct())
        by_hand = case((_by_hand(Review.id), Review.assessment_id))
        query = (
            select(Review.reviewer_id, Reviewer.display_name, decided, func.count(by_hand.distinct()))
            .join(Reviewer, Reviewer.id == Review.reviewer_id)
            .where(*within(Review.created_at, span), Review.decision.not_in((UNSURE, WITHDRAWN)))
            .group_by(Review.reviewer_id, Reviewer.display_name)
            .order_by(decided.desc(), Review.reviewer_id)
        )
        if only is not None:
            query = query.where(Review.reviewer_id == only)
        with self.database.reading() as session:
            return [ReviewerFigures(*row) for row in session.execute(query)]

    def daily_capacity(self, span: Span) -> float:
        """Mean number of texts decided one by one per day with any, 0 if there are none."""
        day = self._day(CaseOutcome.decided_at)
        each = select(func.count().label("number")).where(*within(CaseOutcome.decided_at, span), _by_hand())
        days = each.group_by(day).subquery()
        with self.database.reading() as session:
            return float(session.scalar(select(func.avg(days.c.number))) or 0)

    def _day(self, moment: Any) -> ColumnElement[str]:
        """The day in Bangkok of a column, ``2026-11-24``."""
        if self.database.is_sqlite:
            return func.date(moment, "+7 hours")
        hours = BANGKOK.utcoffset(None)
        assert hours is not None
        return func.to_char(func.timezone("UTC", moment) + literal(hours), "YYYY-MM-DD")


def _by_hand(review_id: Any = CaseOutcome.review_id) -> ColumnElement[bool]:
    found: ColumnElement[bool] = review_id.not_in(select(BulkReview.review_id))
    return found


def _open(session: Session, state: CaseState, moment: datetime) -> Open:
    here = in_state(QueueEntry.urgency.expression, state)
    edges = [None, *(moment - timedelta(days=days) for days in AGES), None]
    counts = [
        select(func.count()).select_from(QueueEntry).where(here, *_between(younger, older)).scalar_subquery()
        for younger, older in pairwise(edges)
    ]
    numbers = session.execute(select(*counts)).one()
    oldest = session.execute(
        select(QueueEntry.arrived_at, QueueEntry.listing_id)
        .where(here)
        .order_by(QueueEntry.arrived_at, QueueEntry.listing_id)
        .limit(1)
    ).first()
    return Open(state, tuple(numbers), *(oldest or (None, None)))


def _between(younger: datetime | None, older: datetime | None) -> Iterable[ColumnElement[bool]]:
    if younger is not None:
        yield QueueEntry.arrived_at <= younger
    if older is not None:
        yield QueueEntry.arrived_at > older
