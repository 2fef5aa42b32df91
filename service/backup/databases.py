"""Copies a database while it is in use, and restores the copy."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, func, inspect, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError

from labels.files.private import touch
from service.backup.errors import ArchiveDamaged, BackupError
from service.backup.manifest import POSTGRES, SQLITE, Content
from service.store.database.engine import Database
from service.store.migrate import current
from service.store.tables.core_tables import AuditEntry, Base

_ANY_OWNER = ("--no-owner", "--no-privileges")
"""Options of ``pg_restore``: whoever restores need not be the user that made the backup."""


@contextmanager
def snapshot(database: Database, folder: Path) -> Iterator[tuple[str, Path, Content]]:
    """Copy the database to ``folder``; yields its name in the archive, its path, and its content.

    SQLite is copied by its online backup, PostgreSQL by ``pg_dump`` in a snapshot; writers are not blocked.
    Raises :class:`BackupError` or :class:`~service.store.StoreError`.
    """
    if current(database) is None:
        raise BackupError(f"{database.url} is empty: there is nothing to back up")
    try:
        if database.is_sqlite:
            path = folder / "ruthan.db"
            yield SQLITE, path, _copy_sqlite(database, path)
        else:
            path = folder / "ruthan.pgdump"
            yield POSTGRES, path, _dump_postgres(database, path)
    except (sqlite3.Error, SQLAlchemyError) as error:
        raise BackupError(f"{database.url} cannot be copied: {error}") from error


def check_sqlite(path: Path) -> None:
    """Raise :class:`ArchiveDamaged` if SQLite's integrity check fails."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise ArchiveDamaged(f"the database of this backup cannot be read: {error}") from error
    if answer != "ok":
        raise ArchiveDamaged(f"the database of this backup is damaged: {answer}")


def load_postgres(url: str, dump: Path, replace: bool) -> None:
    """Load a dump into the database at ``url`` in one transaction; raises :class:`BackupError`.

    With ``replace``, all tables of the schema are dropped first, also those that only a newer version has.
    The dump's SQL is written beside it then.
    """
    if not replace:
        _run("pg_restore", url, "--single-transaction", *_ANY_OWNER, str(dump))
        return
    # pg_restore's own --clean fails if a table that is not in the dump has a foreign key to one that is. Its
    # output is complete before psql starts: a pipe that broke off would be committed.
    drops, script = dump.with_suffix(".drops.sql"), dump.with_suffix(".sql")
    drops.write_text(_drops_of(url), "utf-8")
    _run("pg_restore", None, "--clean", "--if-exists", *_ANY_OWNER, f"--file={script}", str(dump))
    once = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
    _run("psql", url, *once, f"--file={drops}", f"--file={script}")


def content_of(connection: Connection) -> Content:
    """Return the content of the tables, as this connection sees it."""
    newest = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    # A store of an older version may lack a table of this one.
    there = set(inspect(connection).get_table_names())
    rows = {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
        if table.name in there
    }
    return Content(
        schema_revision=connection.scalar(text("SELECT version_num FROM alembic_version")) or "",
        audit_entries=rows.get(AuditEntry.__tablename__, 0),
        audit_head=connection.scalar(newest) or "",
        rows=rows,
    )


def compare(database: Database, wanted: Content) -> None:
    """Raise :class:`BackupError` if a database differs from what was backed up."""
    with database.engine.connect() as connection:
        found = content_of(connection)
    if found != wanted:
        for table, rows in wanted.rows.items():
            if found.rows.get(table) != rows:
                raise BackupError(
                    f"{rows} rows of {table} were backed up, {found.rows.get(table)} were restored"
                )
        raise BackupError("the restored schema or audit trail differs from the backup")


def _copy_sqlite(database: Database, target: Path) -> Content:
    source = str(database.engine.url.database)
    touch(target)
    with (
        closing(sqlite3.connect(source, timeout=database.busy_timeout)) as here,
        closing(sqlite3.connect(target)) as there,
    ):
        here.backup(there)
    copy = Database(f"sqlite:///{target}")
    try:
        with copy.engine.connect() as connection:
            return content_of(connection)
    finally:
        copy.dispose()


def _dump_postgres(database: Database, target: Path) -> Content:
    repeatable = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with repeatable.connect() as connection:
        # pg_dump uses this transaction's snapshot, so the counts match the dump.
        name = connection.scalar(text("SELECT pg_export_snapshot()"))
        url = database.engine.url.render_as_string(hide_password=False)
        _run("pg_dump", url, "--format=custom", f"--snapshot={name}", f"--file={target}")
        return content_of(connection)


def _drops_of(url: str) -> str:
    """Return the SQL that drops all tables of the schema in use, with what depends on them."""
    database = Database(url)
    quoted = database.engine.dialect.identifier_preparer.quote_identifier
    try:
        names = [quoted(name) for name in inspect(database.engine).get_table_names()]
    finally:
        database.dispose()
    return f"DROP TABLE {', '.join(names)} CASCADE;\n" if names else ""


def _run(program: str, url: str | None, *arguments: str) -> None:
    """Run a program of PostgreSQL, on the database at ``url`` if given; raises :class:`BackupError`."""
    found = shutil.which(program)
    if found is None:
        raise BackupError(
            f"{program} is not on the PATH: install postgresql-client, not older than the server, or back"
            " PostgreSQL up with its own tools and the evidence folder with yours"
        )
    where, password = [], {}
    if url is not None:
        parsed = make_url(url)
        address = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        where = [f"--dbname={address}"]
        # The password is passed in the environment: everybody on the machine can read a command line.
        password = {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
    done = subprocess.run(  # noqa: S603 (no shell; the program is the one on the PATH)
        [found, *where, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **password},
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise BackupError(f"{program} failed: {' '.join(lines[:3])}")
