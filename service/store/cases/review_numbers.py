"""The shared number sequence of decisions and blind readings, which keeps them indistinguishable."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.tables.blind_tables import BlindReading
from service.store.tables.core_tables import Review


def next_number(session: Session) -> int:
    """The next number unused by decisions and blind readings; the caller holds ``audit.take_turn``."""
    if session.get_bind().dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(Review.__tablename__, "id")
        return int(session.scalars(select(func.nextval(sequence))).one())
    # SQLite alone would number a review after the last review, a number that a blind reading may have.
    columns = (Review.id, BlindReading.number, BlindReading.withdrawn_number)
    return 1 + max(session.scalar(select(func.max(column))) or 0 for column in columns)
