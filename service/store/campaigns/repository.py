"""Campaigns: groups of near-duplicate listings, and the state of their cases."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from labels.guidance.severity import Severity
from labels.schema import Assessment
from labels.taxonomy import Verdict
from service.store.cases.queue import EXCERPT
from service.store.database.repository import Repository
from service.store.index.entries import UNREAD, URGENCY, CaseState, state_of, urgency_in
from service.store.tables.campaign_tables import BulkReview, Campaign, CampaignMember
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import AssessmentRow, Listing, Review, Reviewer

_DECIDED = QueueEntry.urgency == URGENCY[CaseState.DECIDED]
_UNDECIDED = QueueEntry.urgency > URGENCY[CaseState.DECIDED]
_WEIGHT = func.sum(func.coalesce(QueueEntry.risk, 0.0))
_PRIORITY = func.sum(func.coalesce(QueueEntry.priority, 0.0))
"""The queue's priority, summed over a campaign: risk weighted with severity."""


@dataclass(frozen=True)
class CampaignRow:
    """A campaign in the list. ``weight`` is its mean risk times its size, ``severity`` the gravest."""

    id: int
    size: int
    weight: float
    severity: Severity
    undecided: int
    sellers: int
    platforms: int
    first_seen: datetime
    last_seen: datetime
    verdicts: dict[Verdict, int]
    example: str


@dataclass(frozen=True)
class Member:
    """A listing of a campaign with its case; ``review`` is the newest review of its current text."""

    id: int
    listing: Listing
    assessment_id: int
    assessment: Assessment
    similarity: float
    joined_at: datetime
    review: Review | None
    reviewer_name: str | None
    last_review: int

    @property
    def state(self) -> CaseState:
        """The state of the case."""
        return state_of(self.review)


class CampaignRepository(Repository):
    """Repository of campaigns and their members.

    ``hidden`` are decided listings that the viewer reads blind and has not decided: they count as waiting.
    """

    def get(self, campaign_id: int) -> Campaign | None:
        """The campaign with this number, or ``None``."""
        with self.database.reading() as session:
            return session.get(Campaign, campaign_id)

    def of(self, listing_id: int) -> Campaign | None:
        """The campaign of a listing's current text, or ``None``."""
        query = (
            select(Campaign)
            .join(CampaignMember, CampaignMember.campaign_id == Campaign.id)
            .join(Listing, Listing.id == CampaignMember.listing_id)
            .where(Listing.id == listing_id, Listing.text_sha256 == CampaignMember.text_sha256)
            .order_by(CampaignMember.id.desc())
            .limit(1)
        )
        with self.database.reading() as session:
            return session.scalars(query).first()

    def count(self, undecided_only: bool = False, hidden: Collection[int] = ()) -> int:
        """The number of campaigns with at least two listings."""
        with self.database.reading() as session:
            weighed = _weighed(undecided_only, _in_campaigns(session, hidden)).subquery()
            return session.scalar(select(func.count()).select_from(weighed)) or 0

    def page(
        self, offset: int = 0, limit: int = 50, undecided_only: bool = False, hidden: Collection[int] = ()
    ) -> list[CampaignRow]:
        """Campaigns with at least two listings, by the sum of their cases' priorities in the queue."""
        with self.database.reading() as session:
            waiting = _in_campaigns(session, hidden)
            query = _weighed(undecided_only, waiting)
            query = query.order_by(_PRIORITY.desc(), QueueEntry.campaign_id.desc())
            found = session.execute(query.offset(offset).limit(limit)).all()
            numbers = [row[0] for row in found]
            spreads = _spreads(session, numbers)
            verdicts = _verdicts(session, numbers)
            severities = _severities(session, numbers)
            examples = _examples(session, [spread.first_member for spread in spreads.values()])
        return [
            CampaignRow(
                id=number,
                size=size,
                weight=weight,
                severity=severities[number],
                undecided=undecided + waiting.get(number, 0),
                sellers=spreads[number].sellers,
                platforms=spreads[number].platforms,
                first_seen=spreads[number].first_seen,
                last_seen=spreads[number].last_seen,
                verdicts=verdicts.get(number, {}),
                example=examples[spreads[number].first_member],
            )
            for number, size, weight, undecided in found
        ]

    def members(
        self,
        campaign_id: int,
        limit: int,
        offset: int = 0,
        undecided_only: bool = False,
        hidden: Collection[int] = (),
    ) -> list[Member]:
        """Assessed listings of a campaign, waiting ones first, then by descending risk."""
        query = _members().where(CampaignMember.campaign_id == campaign_id)
        if undecided_only:
            query = query.where(_UNDECIDED)
        query = (
            query.order_by(_urgency(hidden).desc(), Listing.risk.desc(), Listing.id)
            .offset(offset)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [_member(row) for row in session.execute(query)]

    def member(self, campaign_id: int, listing_id: int) -> Member | None:
        """One listing of a campaign, or ``None``."""
        query = _members().where(CampaignMember.campaign_id == campaign_id, Listing.id == listing_id)
        with self.database.reading() as session:
            row = session.execute(query).first()
            return None if row is None else _member(row)

    def waiting_among(
        self, listing_ids: Collection[int], limit: int, offset: int = 0
    ) -> list[tuple[int | None, Member]]:
        """A page of the undecided ones of these listings with their campaigns, the riskiest first."""
        query = (
            _members()
            .where(Listing.id.in_(listing_ids), _UNDECIDED)
            .order_by(Listing.risk.desc(), Listing.id)
            .offset(offset)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [(row[0].campaign_id, _member(row)) for row in session.execute(query)]

    def newest_decided_among(
        self, listing_ids: Collection[int], decisions: Collection[str], before: int | None = None
    ) -> Member | None:
        """The case among these listings with the newest such decision that was not spread, or ``None``.

        ``before`` leaves out reviews from that one on.
        """
        query = _members().where(
            Listing.id.in_(listing_ids), _DECIDED, ~_spread(), Review.decision.in_(decisions)
        )
        if before is not None:
            query = query.where(Review.id < before)
        with self.database.reading() as session:
            row = session.execute(query.order_by(Review.id.desc()).limit(1)).first()
            return None if row is None else _member(row)

    def newest_decided(self, campaign_id: int) -> Member | None:
        """The most recently decided listing of a campaign, or ``None``."""
        query = (
            _members()
            .where(CampaignMember.campaign_id == campaign_id, _DECIDED, ~_spread())
            .order_by(Review.id.desc())
            .limit(1)
        )
        with self.database.reading() as session:
            row = session.execute(query).first()
            return None if row is None else _member(row)

    def similar(self, listing_id: int, limit: int = 5, hidden: Collection[int] = ()) -> list[Member]:
        """Other listings of the same campaign; decided ones first, because they set a precedent."""
        mine = (
            select(CampaignMember.campaign_id)
            .join(Listing, Listing.id == CampaignMember.listing_id)
            .where(Listing.id == listing_id, Listing.text_sha256 == CampaignMember.text_sha256)
        )
        query = (
            _members()
            .where(CampaignMember.campaign_id.in_(mine), Listing.id != listing_id)
            .order_by(_urgency(hidden), Listing.risk.desc(), Listing.id)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [_member(row) for row in session.execute(query)]

    def undecided(self, campaign_id: int, hidden: Collection[int] = ()) -> int:
        """The number of assessed listings of a campaign whose current text is undecided."""
        query = (
            select(func.count())
            .select_from(QueueEntry)
            .join(CampaignMember, CampaignMember.listing_id == QueueEntry.listing_id)
            .join(Listing, Listing.id == QueueEntry.listing_id)
            .where(
                QueueEntry.campaign_id == campaign_id,
                _UNDECIDED,
                CampaignMember.text_sha256 == Listing.text_sha256,
            )
        )
        with self.database.reading() as session:
            waiting = _in_campaigns(session, hidden).get(campaign_id, 0)
            return (session.scalar(query) or 0) + waiting

    def newest_member(self, campaign_id: int) -> int:
        """The number of the member that joined last, 0 if there is none."""
        query = select(func.max(CampaignMember.id)).where(CampaignMember.campaign_id == campaign_id)
        with self.database.reading() as session:
            return session.scalar(query) or 0

    def sellers(self, campaign_id: int, limit: int = 20) -> list[tuple[str | None, str | None, int]]:
        """Seller's name, platform and number of listings, by descending number."""
        query = (
            select(Listing.seller, Listing.platform, func.count())
            .join(CampaignMember, CampaignMember.listing_id == Listing.id)
            .where(CampaignMember.campaign_id == campaign_id)
            .group_by(Listing.seller, Listing.platform)
            .order_by(func.count().desc(), Listing.seller)
            .limit(limit)
        )
        with self.database.reading() as session:
            return [(seller, platform, number) for seller, platform, number in session.execute(query)]


@dataclass(frozen=True)
class _Spread:
    """The number of sellers and platforms of a campaign, and its first date."""

    sellers: int
    platforms: int
    first_seen: datetime
    last_seen: datetime
    first_member: int


def _spread() -> ColumnElement[bool]:
    """Whether a review was spread to its listing."""
    return (
        select(BulkReview.review_id)
        .where(BulkReview.review_id == Review.id, BulkReview.spread.is_(True))
        .exists()
    )


def _urgency(hidden: Collection[int]) -> ColumnElement[int]:
    """The urgency of a case for a viewer who must not know of these decisions."""
    if not hidden:
        return QueueEntry.urgency.expression
    unknown = QueueEntry.listing_id.in_(hidden)
    waiting = {complaints: urgency_in(CaseState.WAITING, complaints) for complaints in (0, 1)}
    return case(
        (unknown & (QueueEntry.complaints > 0), waiting[1]), (unknown, waiting[0]), else_=QueueEntry.urgency
    )


def _in_campaigns(session: Session, hidden: Collection[int]) -> dict[int, int]:
    """The number of these decided listings in each campaign."""
    if not hidden:
        return {}
    query = (
        select(QueueEntry.campaign_id, func.count())
        .where(QueueEntry.listing_id.in_(hidden), QueueEntry.campaign_id.is_not(None), _DECIDED)
        .group_by(QueueEntry.campaign_id)
    )
    rows: Any = session.execute(query)
    return {campaign: number for campaign, number in rows}


def _weighed(undecided_only: bool, waiting: Collection[int]) -> Any:
    """Number, size, weight and undecided cases of each campaign, from one index of the queue.

    ``waiting`` are additional campaigns that count as undecided.
    """
    undecided = func.sum(case((_UNDECIDED, 1), else_=0))
    query = (
        select(QueueEntry.campaign_id, func.count(), _WEIGHT, undecided)
        .where(QueueEntry.campaign_id.is_not(None), QueueEntry.urgency > UNREAD)
        .group_by(QueueEntry.campaign_id)
        .having(func.count() >= 2)
    )
    if not undecided_only:
        return query
    return query.having(or_(undecided > 0, QueueEntry.campaign_id.in_(waiting)) if waiting else undecided > 0)


def _spreads(session: Session, campaigns: Sequence[int]) -> dict[int, _Spread]:
    query = (
        select(
            CampaignMember.campaign_id,
            func.count(Listing.seller.distinct()),
            func.count(Listing.platform.distinct()),
            func.min(Listing.first_seen),
            func.max(Listing.last_seen),
            func.min(CampaignMember.id),
        )
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .where(CampaignMember.campaign_id.in_(campaigns), Listing.assessment_id.is_not(None))
        .group_by(CampaignMember.campaign_id)
    )
    rows: Any = session.execute(query)
    return {row[0]: _Spread(*row[1:]) for row in rows}


def _members() -> Any:
    last_review = (
        select(func.max(Review.id))
        .where(Review.listing_id == Listing.id)
        .correlate(Listing)
        .scalar_subquery()
    )
    return (
        select(CampaignMember, Listing, AssessmentRow, Review, Reviewer.display_name, last_review)
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .join(AssessmentRow, AssessmentRow.id == Listing.assessment_id)
        .join(QueueEntry, QueueEntry.listing_id == Listing.id)
        .outerjoin(Review, Review.id == QueueEntry.review_id)
        .outerjoin(Reviewer, Reviewer.id == Review.reviewer_id)
        .where(CampaignMember.text_sha256 == Listing.text_sha256)
    )


def _member(row: Any) -> Member:
    member, listing, assessment, review, name, last = row
    return Member(
        member.id,
        listing,
        assessment.id,
        assessment.shape(),
        member.similarity or 0.0,
        member.joined_at,
        review,
        name,
        last or 0,
    )


def _verdicts(session: Session, campaigns: Sequence[int]) -> dict[int, dict[Verdict, int]]:
    query = (
        select(CampaignMember.campaign_id, Listing.verdict, func.count())
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .where(CampaignMember.campaign_id.in_(campaigns), Listing.verdict.is_not(None))
        .group_by(CampaignMember.campaign_id, Listing.verdict)
    )
    found: dict[int, dict[Verdict, int]] = {}
    rows: Any = session.execute(query)
    for campaign, verdict, number in rows:
        found.setdefault(campaign, {})[Verdict(verdict)] = number
    return found


def _severities(session: Session, campaigns: Sequence[int]) -> dict[int, Severity]:
    query = (
        select(QueueEntry.campaign_id, func.max(QueueEntry.severity))
        .where(QueueEntry.campaign_id.in_(campaigns), QueueEntry.urgency > UNREAD)
        .group_by(QueueEntry.campaign_id)
    )
    rows: Any = session.execute(query)
    return {campaign: Severity(severity) for campaign, severity in rows}


def _examples(session: Session, members: Sequence[int]) -> dict[int, str]:
    query = (
        select(CampaignMember.id, Listing.title, func.substr(Listing.description, 1, EXCERPT))
        .join(Listing, Listing.id == CampaignMember.listing_id)
        .where(CampaignMember.id.in_(members))
    )
    return {number: title or excerpt for number, title, excerpt in session.execute(query)}
