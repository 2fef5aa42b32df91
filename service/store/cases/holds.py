"""Legal holds, which protect listings from all retention rules."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from service.store.accounts.policy import HOLDING
from service.store.accounts.users import login_key
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.database.columns import now
from service.store.database.errors import StoreError
from service.store.database.json_text import storable
from service.store.database.repository import Repository
from service.store.listings.repository import require
from service.store.tables.core_tables import Reviewer
from service.store.tables.retention_tables import LegalHold

MAX_REASON = 500
"""Maximum length of a reason, in characters."""


class HoldRefused(StoreError, ValueError):
    """A hold that cannot be placed or lifted; the message says why."""


@dataclass(frozen=True)
class Holder:
    """The account ``name`` that is responsible for a hold, and the ``actor`` for the audit trail."""

    name: str
    actor: str


class HoldRepository(Repository):
    """Places and lifts holds, each in one transaction with its audit entry."""

    def place(self, listing_id: int, reason: str, holder: Holder) -> LegalHold:
        """Place a hold on a listing. Raises :class:`HoldRefused`, and ``UnknownListing``."""
        words = _reason(reason)
        with self.database.writing() as session:
            # Lock first: a retention run that is processing this listing then ends before or starts after.
            take_turn(session)
            name = _account(session, holder.name)
            require(session, listing_id)
            if session.scalars(select(LegalHold).where(_active(listing_id))).first() is not None:
                raise HoldRefused(f"listing {listing_id} is held already: lift that hold first")
            row = LegalHold(listing_id=listing_id, reason=words, placed_by=name)
            session.add(row)
            session.flush()
            _trace(session, AuditAction.HOLD_PLACE, row, words, holder, name)
        return row

    def lift(self, listing_id: int, reason: str, holder: Holder) -> LegalHold:
        """Lift the hold on a listing. Raises :class:`HoldRefused`."""
        words = _reason(reason)
        with self.database.writing() as session:
            take_turn(session)
            name = _account(session, holder.name)
            row = session.scalars(select(LegalHold).where(_active(listing_id))).first()
            if row is None:
                raise HoldRefused(f"listing {listing_id} is not held")
            row.lifted_at, row.lifted_by = now(), name
            _trace(session, AuditAction.HOLD_LIFT, row, words, holder, name)
        return row

    def on(self, listing_id: int) -> LegalHold | None:
        """The hold on a listing, or ``None``."""
        with self.database.reading() as session:
            return session.scalars(select(LegalHold).where(_active(listing_id))).first()

    def all(self) -> list[LegalHold]:
        """The active holds, oldest first."""
        query = select(LegalHold).where(LegalHold.lifted_at.is_(None)).order_by(LegalHold.id)
        with self.database.reading() as session:
            return list(session.scalars(query))


def _reason(reason: str) -> str:
    words = storable(reason.strip())
    assert isinstance(words, str)
    if not 1 <= len(words) <= MAX_REASON:
        raise HoldRefused(f"give a reason of 1 to {MAX_REASON} characters, such as a file number")
    return words


def _account(session: Session, name: str) -> str:
    row = session.scalars(select(Reviewer).where(Reviewer.name == login_key(name))).first()
    if row is None or row.disabled_at is not None:
        raise HoldRefused(f"there is no open account {name!r}")
    if row.role not in HOLDING:
        raise HoldRefused(f"{row.name} is {row.role}: a lead or an admin places and lifts holds")
    return row.name


def _trace(
    session: Session, action: AuditAction, row: LegalHold, reason: str, holder: Holder, name: str
) -> None:
    detail = {"by": name, "reason": reason}
    append(session, holder.actor, action, audit_names.listing(row.listing_id), detail)


def _active(listing_id: int) -> ColumnElement[bool]:
    return and_(LegalHold.listing_id == listing_id, LegalHold.lifted_at.is_(None))
