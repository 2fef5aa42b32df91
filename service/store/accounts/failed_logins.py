"""Failed passwords, counted per account and address.

Somebody who knows only a login name can lock it for their own address, not for its owner elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from service.store.accounts.lockout import Lockout
from service.store.tables.session_tables import FailedLogin

KEPT_FOR: Final = timedelta(days=1)
"""How long failures are remembered after the longest lock that they can cause."""


def network(host: str) -> str:
    """The address as it is counted: an IPv6 address stands for its /64 network, which one customer has."""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(address)


def is_locked(session: Session, reviewer_id: int, address: str, lockout: Lockout, at: datetime) -> bool:
    """Whether this account is locked for this address."""
    row = _row(session, reviewer_id, address)
    return row is not None and lockout.holds(row.locked_until, at)


def add(session: Session, reviewer_id: int, address: str, lockout: Lockout, at: datetime) -> FailedLogin:
    """Record a failure. The caller has locked the account's row, so concurrent guesses all count."""
    session.execute(delete(FailedLogin).where(FailedLogin.failed_at < at - lockout.longest - KEPT_FOR))
    row = _row(session, reviewer_id, address)
    if row is None:
        row = FailedLogin(reviewer_id=reviewer_id, address=network(address), failures=0)
        session.add(row)
    row.failures, row.failed_at = row.failures + 1, at
    row.locked_until = lockout.until(row.failures, at)
    session.flush()
    return row


def forget(session: Session, reviewer_id: int, address: str | None = None) -> None:
    """Clear the failures of an account for one address, or for all of them."""
    query = delete(FailedLogin).where(FailedLogin.reviewer_id == reviewer_id)
    if address is not None:
        query = query.where(FailedLogin.address == network(address))
    session.execute(query)


def locks_of(session: Session, reviewer_id: int, at: datetime) -> Sequence[FailedLogin]:
    """The addresses for which an account is currently locked."""
    query = select(FailedLogin).where(
        FailedLogin.reviewer_id == reviewer_id, FailedLogin.locked_until.is_not(None)
    )
    return session.scalars(query.where(FailedLogin.locked_until > at).order_by(FailedLogin.id)).all()


def _row(session: Session, reviewer_id: int, address: str) -> FailedLogin | None:
    return session.scalars(
        select(FailedLogin).where(
            FailedLogin.reviewer_id == reviewer_id, FailedLogin.address == network(address)
        )
    ).first()
