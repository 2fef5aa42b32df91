"""The history of a referral: reading and appending events."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.referrals.steps import Step
from service.store.tables.core_tables import Reviewer
from service.store.tables.referral_tables import ReferralEvent, ReferralRow, ReferralStatus


def newest_event(session: Session, referral_id: int) -> int:
    """The number of a referral's newest event."""
    query = select(func.max(ReferralEvent.id)).where(ReferralEvent.referral_id == referral_id)
    return session.scalar(query) or 0


def first_sent(session: Session, referral_id: int) -> datetime | None:
    """When a referral was first sent, as stated; ``None`` if it was not."""
    query = select(func.min(ReferralEvent.happened_at)).where(
        ReferralEvent.referral_id == referral_id, ReferralEvent.status == ReferralStatus.SENT.value
    )
    return session.scalar(query)


def add_event(
    session: Session, row: ReferralRow, reviewer: Reviewer, step: Step, moment: datetime
) -> ReferralEvent:
    """Append a step to the history; the caller holds the lock and copies the step to ``row``."""
    event = ReferralEvent(
        referral_id=row.id,
        at=moment,
        reviewer_id=reviewer.id,
        status=step.status.value,
        happened_at=step.happened_at,
        channel=step.channel.value if step.channel else None,
        address=step.address,
        reference=step.reference,
        pack_sha256=step.pack_sha256,
        note=step.note,
    )
    session.add(event)
    session.flush()
    return event
