"""Refuses to count ages by a clock that jumped ahead: everything would have expired at once."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.database.errors import StoreError
from service.store.tables.core_tables import AuditEntry
from service.store.tables.retention_tables import RetentionRun

MOST_QUIET: Final = timedelta(days=30)
"""Longest time without an entry in the audit trail that counts as ordinary."""


class ClockJumped(StoreError):
    """The clock is far ahead of what was recorded last; the message says what to do."""


def check_clock(session: Session, moment: datetime) -> None:
    """Check that there is no long gap between the last run of the rules and ``moment``.

    A clock that was set ahead leaves one in the audit trail, even if entries were written since. A store
    without any entry has nothing to compare with. Raises :class:`ClockJumped`.
    """
    last = session.scalar(
        select(RetentionRun.started_at)
        .where(RetentionRun.started_at <= moment)
        .order_by(RetentionRun.id.desc())
        .limit(1)
    )
    entries = select(AuditEntry.at).where(AuditEntry.at <= moment).order_by(AuditEntry.at)
    if last is not None:
        entries = entries.where(AuditEntry.at >= last)
    before = last
    for at in (*session.scalars(entries), moment):
        if before is not None and at - before > MOST_QUIET:
            raise ClockJumped(
                f"nothing was recorded from {before:%Y-%m-%d} to {at:%Y-%m-%d}, {(at - before).days:,} days,"
                f" and the clock says {moment:%Y-%m-%d %H:%M} UTC. Nothing was deleted. Check the clock; if"
                " it is right, run `ruthan retention run --clock-is-right`"
            )
        before = at
