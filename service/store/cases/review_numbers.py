"""The numbers of decisions: blind readings take theirs from the same run, so that none tells which it is."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.tables.blind_tables import BlindReading
from service.store.tables.core_tables import Review


def next_number(session: Session) -> int:
    """A number that no decision and no blind reading has; the caller holds the turn (``audit.take_turn``)."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(Review.__tablename__, "id")
        return int(session.scalars(select(func.nextval(sequence))).one())
    # SQLite would give a review the number after the last review, and so one that a blind reading has taken.
    columns = (Review.id, BlindReading.number, BlindReading.withdrawn_number)
    return 1 + max(session.scalar(select(func.max(column))) or 0 for column in columns)
