"""Deletes the listings that a request had to leave until there were newer ones."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.privacy.removal import delete_listings
from service.store.audit import names as audit_names
from service.store.audit.actions import AuditAction
from service.store.audit.trail import append, take_turn
from service.store.campaigns.placements import take_place
from service.store.cases.protection import free, newest_rows
from service.store.database.columns import now
from service.store.database.engine import Database
from service.store.tables.core_tables import Listing
from service.store.tables.retention_tables import AwaitedDeletion


def rule_of(request: str) -> str:
    """Return the rule under which a request's removals are recorded."""
    return f"erase:{request}"


def await_deletion(session: Session, listing_id: int, request: str, moment: datetime) -> None:
    """Note that a listing is to be deleted once there are newer ones."""
    session.merge(AwaitedDeletion(listing_id=listing_id, request=request, since=moment))


def delete_awaited(database: Database, actor: str) -> list[int]:
    """Delete those that nothing protects and that are no longer the newest; returns their numbers.

    Each is deleted in a transaction with its audit entry.
    """
    with database.reading() as session:
        query = select(AwaitedDeletion.listing_id).order_by(AwaitedDeletion.listing_id)
        waiting = session.scalars(query).all()
    return [number for number in waiting if _delete(database, number, actor)]


def _delete(database: Database, listing_id: int, actor: str) -> bool:
    with database.writing() as session:
        take_place(session)
        take_turn(session)
        query = select(Listing.id).where(Listing.id == listing_id, free(), ~newest_rows())
        if session.scalar(query.with_for_update(of=Listing)) is None:
            return False
        awaited = session.get(AwaitedDeletion, listing_id)
        if awaited is None:
            return False
        request = awaited.request
        delete_listings(session, [listing_id], rule_of(request), now())
        detail = {"request": request, "action": "delete"}
        append(session, actor, AuditAction.PRIVACY_ERASE, audit_names.listing(listing_id), detail)
    return True
