"""Dashboard figures of campaigns: listings received and decided within a period."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.orm import Session

from labels.taxonomy import Verdict
from service.store.cases.queue import EXCERPT
from service.store.database.periods import Span, within
from service.store.figures.takedown_figures import TakedownFigures
from service.store.index.finding import unindexed
from service.store.tables.campaign_tables import Campaign
from service.store.tables.case_tables import CaseOutcome, QueueEntry
from service.store.tables.core_tables import Listing

FLAGGED = (Verdict.PROHIBITED, Verdict.NEEDS_PERMIT, Verdict.NEEDS_REVIEW)
"""Verdicts that ask for a review by a person."""
MOST_MOVED = 1000
"""Only this many campaigns, those with the most sent and taken down, are queried for received listings."""


@dataclass(frozen=True)
class CampaignCounts:
    """A campaign's listings received within a span, and its texts decided within it.

    ``size`` is its total number of listings, ``example`` the title or beginning of its first one.
    """

    campaign_id: int
    size: int
    example: str
    received: int
    flagged: int
    decided: int
    seconds: tuple[int, ...]


class CampaignFigures(TakedownFigures):
    """Repository of the most active campaigns."""

    def campaigns(
        self, span: Span, moves: Mapping[int, int] | None = None, limit: int = 20
    ) -> list[CampaignCounts]:
        """The campaigns of at least two listings with the most activity within the span, busiest first.

        Activity is received listings plus ``moves``: by campaign, how often one of its listings was sent on
        or taken down.
        """
        moves = moves or {}
        moved = sorted(moves, key=lambda number: (-moves[number], number))[:MOST_MOVED]
        with self.database.reading() as session:
            # The busiest campaigns are among those with the most received listings or with any moves.
            found = _received(session, span, limit=limit) | _received(session, span, moved)
            sizes = _sizes(session, {*found, *moved})
            busiest = sorted(
                sizes, key=lambda number: (-(found.get(number, (0, 0))[0] + moves.get(number, 0)), number)
            )[:limit]
            examples, seconds = _examples(session, busiest), _decided(session, span, busiest)
        return [
            CampaignCounts(
                number,
                sizes[number],
                examples.get(number, ""),
                *found.get(number, (0, 0)),
                len(times := seconds.get(number, ())),
                times,
            )
            for number in busiest
        ]


def _received(
    session: Session, span: Span, campaigns: Collection[int] | None = None, limit: int | None = None
) -> dict[int, tuple[int, int]]:
    """The number of received listings of each campaign of at least two, and of flagged ones among them."""
    number: Any = QueueEntry.campaign_id
    moment: Any = QueueEntry.received_at
    if session.get_bind().dialect.name == "sqlite":
        # SQLite would use the time index and sort; the index in the order of campaigns covers the query.
        moment = unindexed(moment)
    each = select(
        number.label("number"),
        func.count().label("received"),
        func.sum(case((is_flagged(QueueEntry.verdict), 1), else_=0)).label("flagged"),
    ).where(*within(moment, span), number.is_not(None) if campaigns is None else number.in_(campaigns))
    found = each.group_by(number).subquery().c
    query = (
        select(found.number, found.received, found.flagged)
        .join(Campaign, Campaign.id == found.number)
        .where(Campaign.size > 1)
        .order_by(found.received.desc(), found.number)
        .limit(limit)
    )
    rows: Any = session.execute(query)
    return {campaign: (received, flagged) for campaign, received, flagged in rows}


def _sizes(session: Session, campaigns: Collection[int]) -> dict[int, int]:
    query = select(Campaign.id, Campaign.size).where(Campaign.id.in_(campaigns), Campaign.size > 1)
    rows: Any = session.execute(query)
    return {number: value for number, value in rows}


def _examples(session: Session, campaigns: Collection[int]) -> dict[int, str]:
    firsts = (
        select(QueueEntry.campaign_id, func.min(QueueEntry.listing_id).label("listing_id"))
        .where(QueueEntry.campaign_id.in_(campaigns))
        .group_by(QueueEntry.campaign_id)
        .subquery()
    )
    title = func.coalesce(func.nullif(Listing.title, ""), func.substr(Listing.description, 1, EXCERPT))
    query = select(firsts.c.campaign_id, title).join(Listing, Listing.id == firsts.c.listing_id)
    rows: Any = session.execute(query)
    return {number: value for number, value in rows}


def _decided(session: Session, span: Span, campaigns: Collection[int]) -> dict[int, tuple[int, ...]]:
    query = (
        select(QueueEntry.campaign_id, func.aggregate_strings(cast(CaseOutcome.seconds, String), ","))
        .join(CaseOutcome, CaseOutcome.listing_id == QueueEntry.listing_id)
        .where(QueueEntry.campaign_id.in_(campaigns), *within(CaseOutcome.decided_at, span))
        .group_by(QueueEntry.campaign_id)
    )
    rows: Any = session.execute(query)
    return {number: numbers_in(text) for number, text in rows}


def is_flagged(column: Any) -> ColumnElement[bool]:
    """Whether a verdict asks for a review by a person."""
    found: ColumnElement[bool] = column.in_([verdict.value for verdict in FLAGGED])
    return found


def numbers_in(text: str) -> tuple[int, ...]:
    """Parse comma-separated numbers from the database, ascending."""
    return tuple(sorted(int(part) for part in text.split(",")))
