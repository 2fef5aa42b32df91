"""The queue of messages to complainants."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.repository import Repository
from service.store.tables.complaint_tables import (
    Channel,
    Complaint,
    ComplaintEvent,
    ComplaintMessage,
    MessageState,
)


@dataclass(frozen=True)
class DueMessage:
    """A message that is due."""

    id: int
    channel: Channel
    address: str
    """The address; empty if the complainant's contact was removed."""
    number: str
    """The complaint's number."""
    text: str
    attempts: int
    """Number of previous attempts."""


class MessageRepository(Repository):
    """Repository of messages to complainants."""

    def claim(self, moment: datetime, lease: timedelta) -> DueMessage | None:
        """Claim the next due message for ``lease``, after which another sender may claim it."""
        query = (
            select(ComplaintMessage)
            .where(ComplaintMessage.state == MessageState.WAITING, ComplaintMessage.next_at <= moment)
            .order_by(ComplaintMessage.next_at, ComplaintMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with self.database.writing() as session:
            row = session.scalars(query).first()
            if row is None:
                return None
            before = row.attempts
            row.attempts, row.next_at = before + 1, moment + lease
            complaint = session.get_one(Complaint, row.complaint_id)
            event = session.get_one(ComplaintEvent, row.event_id)
            return DueMessage(
                row.id, Channel(row.channel), complaint.contact, complaint.number, event.text, before
            )

    def sent(self, message_id: int, moment: datetime) -> None:
        """Record that a message was handed to its channel."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(ComplaintMessage, message_id)
            if row is not None:
                row.state, row.sent_at, row.error = MessageState.SENT.value, moment, ""
                _audit(session, row)

    def failed(self, message_id: int, error: str, again_at: datetime | None) -> None:
        """Record a failed attempt; without ``again_at`` the message is given up."""
        with self.database.writing() as session:
            take_turn(session)
            row = session.get(ComplaintMessage, message_id)
            if row is None:
                return
            row.error = error
            if again_at is not None:
                row.next_at = again_at
                return
            row.state = MessageState.FAILED.value
            _audit(session, row)


def _audit(session: Session, row: ComplaintMessage) -> None:
    # Neither address nor text: the trail outlives the complainant's data.
    detail = {"channel": row.channel, "state": row.state, "event": row.event_id}
    subject = audit_names.complaint(row.complaint_id)
    append(session, audit_names.WORKER, AuditAction.COMPLAINT_TELL, subject, detail)
