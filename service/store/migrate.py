"""Migration of a database to the current schema."""

import re
import time
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, inspect, text

from service.store.database.engine import Database
from service.store.database.errors import StoreBusy, StoreUnavailable
from service.store.index.search import TABLE as SEARCH_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

_POSTGRES_LOCK = 5_128_210
"""Arbitrary key of the advisory lock that serializes migrations."""


def upgrade(database: Database) -> None:
    """Run pending migrations in one transaction; safe with several processes at once.

    Raises :class:`StoreUnavailable` for a database created by a newer version.
    """
    with database.reading() as session:
        found = _revision(session.connection())
    if found == head():
        return
    # Imported only if needed: every command opens the store, and importing Alembic takes a second.
    from alembic import command  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = _config()
    if database.is_sqlite:
        _write_ahead_log(database)
    with database.connection() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        found = _revision(connection)
        known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise StoreUnavailable(
                f"the database {database.url} has schema {found!r}, which this version of ruthan does"
                " not know: a newer version created it. Install that version, or name another database."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def current(database: Database) -> str | None:
    """The schema revision of a database, ``None`` for an empty one."""
    with database.reading() as session:
        return _revision(session.connection())


@cache
def head() -> str:
    """The newest schema revision of this version: the number in the name of the last migration's file."""
    names = [file.name for file in resources.files("service.store").joinpath("migrations/versions").iterdir()]
    return max(found[0] for name in names if (found := re.match(r"\d{4}(?=_)", name)))


def is_compared(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic should compare this table with the models; false for the search index."""
    return kind != "table" or name is None or not name.startswith(SEARCH_TABLE)


def _config() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resources.files("service.store").joinpath("migrations")))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _write_ahead_log(database: Database) -> None:
    """Enable write-ahead logging, so that readers are not blocked by a writer. The file stores the mode.

    SQLite ignores the busy timeout here, so this function retries.
    """
    deadline = time.monotonic() + database.busy_timeout
    while True:
        try:
            with database.raw_connection() as cursor:
                cursor.execute("PRAGMA journal_mode = WAL")
                return
        except StoreBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
