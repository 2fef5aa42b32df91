"""Removes deleted data from the files of a SQLite database."""

from service.store.database.engine import Database
from service.store.index.search import drop_deleted


def overwrite_deleted(database: Database) -> None:
    """Remove what was deleted from the search index and the write-ahead log; does nothing on PostgreSQL."""
    if not database.is_sqlite:
        return
    drop_deleted(database)
    with database.raw_connection() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
