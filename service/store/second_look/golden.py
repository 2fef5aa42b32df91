"""Golden cases: decided cases with a known answer, dealt blind to measure reviewer drift."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.accounts.policy import LEADING
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.cases.reviews import open_account
from service.store.database.columns import now
from service.store.database.errors import StoreError
from service.store.database.repository import Repository
from service.store.index.entries import URGENCY, CaseState
from service.store.listings.repository import require
from service.store.tables.blind_tables import BlindReading, BlindTask, GoldenCase, SecondLook
from service.store.tables.campaign_tables import BulkReview
from service.store.tables.case_tables import QueueEntry
from service.store.tables.core_tables import Listing, Review, Reviewer


class GoldenRefused(StoreError, ValueError):
    """A case that cannot become golden in its current state, or an account that may not choose it."""


@dataclass(frozen=True)
class GoldenRow:
    """A golden case with the columns of its list; ``lapsed`` if its answer is no longer in force."""

    golden: GoldenCase
    title: str
    decision: str
    marked_by: str
    lapsed: bool
    dealt: int
    read: int


class GoldenRepository(Repository):
    """Repository of golden cases."""

    def mark(self, listing_id: int, lead_id: int) -> GoldenCase:
        """Make the decision in force on a listing a known answer. Raises :class:`GoldenRefused`."""
        with self.database.writing() as session:
            take_turn(session)
            lead = _lead(session, lead_id)
            listing = require(session, listing_id)
            review = _settled(session, listing)
            row = session.scalars(select(GoldenCase).where(GoldenCase.review_id == review.id)).first()
            if row is not None and row.retired_at is None:
                raise GoldenRefused(f"listing {listing_id} is a golden case already")
            if row is None:
                row = GoldenCase(listing_id=listing_id, review_id=review.id, marked_by=lead.id)
                session.add(row)
            row.marked_by, row.marked_at, row.retired_at = lead.id, now(), None
            session.flush()
            _trace(session, lead, AuditAction.GOLDEN_MARK, row)
        return row

    def retire(self, golden_id: int, lead_id: int) -> None:
        """Stop dealing a golden case; its readings stay. Raises :class:`GoldenRefused`."""
        with self.database.writing() as session:
            take_turn(session)
            lead = _lead(session, lead_id)
            row = session.get(GoldenCase, golden_id)
            if row is None or row.retired_at is not None:
                raise GoldenRefused(f"there is no golden case {golden_id} to retire")
            row.retired_at = now()
            _trace(session, lead, AuditAction.GOLDEN_RETIRE, row)

    def on(self, listing_id: int) -> GoldenCase | None:
        """The golden case whose answer is the decision in force on a listing, or ``None``."""
        query = (
            select(GoldenCase)
            .join(QueueEntry, QueueEntry.review_id == GoldenCase.review_id)
            .where(GoldenCase.listing_id == listing_id, GoldenCase.retired_at.is_(None))
        )
        with self.database.reading() as session:
            return session.scalars(query).first()

    def all(self) -> Sequence[GoldenRow]:
        """The golden cases that are not retired, newest first."""
        dealt = select(func.count()).where(BlindTask.golden_id == GoldenCase.id)
        read = (
            select(func.count(BlindTask.id.distinct()))
            .join(BlindReading, BlindReading.task_id == BlindTask.id)
            .where(BlindTask.golden_id == GoldenCase.id, BlindReading.withdrawn_at.is_(None))
        )
        title = func.coalesce(func.nullif(Listing.title, ""), func.substr(Listing.description, 1, 160))
        query = (
            select(
                GoldenCase,
                title,
                Review.decision,
                Reviewer.display_name,
                func.coalesce(QueueEntry.review_id, 0) != GoldenCase.review_id,
                dealt.scalar_subquery(),
                read.scalar_subquery(),
            )
            .join(Listing, Listing.id == GoldenCase.listing_id)
            .join(Review, Review.id == GoldenCase.review_id)
            .join(Reviewer, Reviewer.id == GoldenCase.marked_by)
            .outerjoin(QueueEntry, QueueEntry.listing_id == GoldenCase.listing_id)
            .where(GoldenCase.retired_at.is_(None))
            .order_by(GoldenCase.id.desc())
        )
        with self.database.reading() as session:
            return [GoldenRow(*row) for row in session.execute(query)]


def _lead(session: Session, lead_id: int) -> Reviewer:
    lead = open_account(session, lead_id)
    if lead.role not in LEADING:
        raise GoldenRefused(f"{lead.name} is not a lead: only leads choose golden cases")
    return lead


def _settled(session: Session, listing: Listing) -> Review:
    entry = session.get(QueueEntry, listing.id)
    decided = entry is not None and entry.urgency == URGENCY[CaseState.DECIDED]
    review = session.get(Review, entry.review_id) if entry is not None and decided else None
    if review is None:
        raise GoldenRefused(f"listing {listing.id} is not decided: decide it first")
    bulk = session.get(BulkReview, review.id)
    if bulk is not None and bulk.spread:
        raise GoldenRefused(f"a standing order decided listing {listing.id}, and nobody read it")
    if listing.redacted_at is not None:
        raise GoldenRefused(f"contacts were removed from listing {listing.id}: its text has changed")
    look = session.scalars(select(SecondLook).where(SecondLook.review_id == review.id)).first()
    if look is not None and look.settled_at is None and not look.agrees:
        raise GoldenRefused(f"listing {listing.id} is in its second look: wait until that is settled")
    return review


def _trace(session: Session, lead: Reviewer, action: AuditAction, row: GoldenCase) -> None:
    detail = {"golden": row.id, "review": row.review_id}
    append(session, audit_names.reviewer(lead.name), action, audit_names.listing(row.listing_id), detail)
