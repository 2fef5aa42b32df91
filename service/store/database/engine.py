"""The database connection: engine, read and write sessions, and readable errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

import labels.files.private
from service.store.database.errors import StoreBusy, StoreError, StoreUnavailable
from service.store.database.json_text import dumps

T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 15.0
SYNCHRONOUS = "FULL"
"""With NORMAL, a power cut could lose the newest, already acknowledged commits in SQLite's write-ahead
log."""

_WRITING = "ruthan_writing"
_ANSWERS = "ruthan_answers"
_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6
_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes carry the primary code in their low byte."""
_POSTGRES_LOCK_NOT_AVAILABLE = "55P03"


class Database:
    """An engine and its two kinds of transactions.

    On SQLite a write transaction takes the write lock at its start (``BEGIN IMMEDIATE``): a deferred one that
    reads first and writes later fails immediately, without waiting, if another process wrote in between.
    """

    def __init__(self, url: str, busy_timeout: float = BUSY_TIMEOUT_SECONDS) -> None:
        """Prepare to connect to ``url``; raises :class:`StoreUnavailable` for an unusable URL."""
        self.busy_timeout = busy_timeout
        self.engine = _create_engine(url, busy_timeout)
        self.url = self.engine.url.render_as_string(hide_password=True)
        self._writer = self.engine.execution_options(**{_WRITING: True})
        self._shared: ContextVar[Session | None] = ContextVar("shared", default=None)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite rather than PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A read-only session. Loaded rows stay readable after it ends.

        Within :meth:`one_reading` it is the session of that block.
        """
        shared = self._shared.get()
        if shared is not None:
            with self._plain_errors():
                yield shared
            return
        with self._plain_errors(), Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def one_reading(self) -> Iterator[None]:
        """Everything read in this block is read in one transaction.

        A page that asks fifty questions pays for one connection and one transaction, not for fifty. Do not
        write in the block, which needs a second connection, nor read again what was written meanwhile.
        """
        with self.reading() as session:
            session.info.setdefault(_ANSWERS, {})
            token = self._shared.set(session)
            try:
                yield
            finally:
                self._shared.reset(token)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back on an exception."""
        with self._plain_errors(), Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A write connection in a transaction, for migrations."""
        with self._plain_errors(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def outside_transactions(self) -> Iterator[Connection]:
        """A PostgreSQL connection in autocommit mode, for locks that outlive a transaction."""
        with self._plain_errors(), self.engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def raw_connection(self) -> Iterator[DBAPICursor]:
        """A cursor outside any transaction, for SQLite statements that require that."""
        with self._plain_errors():
            connection = self.engine.raw_connection()
            try:
                yield connection.cursor()
            except self.engine.dialect.loaded_dbapi.OperationalError as error:
                raise self._explain(error) from error
            finally:
                connection.close()

    def ping(self) -> None:
        """Run a trivial query; raises :class:`StoreError` if the database does not answer."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            raise self._explain(error.orig) from error
        except DatabaseError as error:
            if "not a database" in str(error.orig):
                raise self._explain(error.orig) from error
            raise

    def _explain(self, error: BaseException | None) -> StoreError:
        code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
        sqlstate = getattr(error, "sqlstate", None)
        if code in (_SQLITE_BUSY, _SQLITE_LOCKED) or sqlstate == _POSTGRES_LOCK_NOT_AVAILABLE:
            return StoreBusy(
                f"the database {self.url} is locked: another program has been writing to it for more than"
                f" {self.busy_timeout:g} s. Nothing was lost and nothing was written. Wait for that program"
                " to end or stop it (a stuck crawl, a backup tool, an open database browser), then try again."
            )
        return StoreUnavailable(
            f"the database {self.url} cannot be used: {error}. Check that RUTHAN_DATABASE_URL (or"
            " --database) names a Ruthan database, that its folder exists and is writable, and that the disk"
            " is not full; for PostgreSQL, that the server runs and accepts the login."
        )


def _create_engine(url: str, busy_timeout: float) -> Engine:
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        if name not in ("sqlite", "postgresql"):
            raise StoreUnavailable(
                f"databases of the kind {name!r} are not supported: use sqlite or postgresql"
            )
        if name != "sqlite":
            return create_engine(parsed, json_serializer=dumps, pool_pre_ping=True)
    except ArgumentError as error:
        raise StoreUnavailable(
            f"{url!r} is not a database URL: write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
        ) from error
    except (NoSuchModuleError, ImportError) as error:
        raise StoreUnavailable(f"the driver for {url.split(':', 1)[0]} is not installed: {error}") from error
    if parsed.database in (None, "", ":memory:"):
        raise StoreUnavailable(
            "a database in memory cannot be shared between threads: name a file, sqlite:///FILE"
        )
    engine = create_engine(parsed, json_serializer=dumps, connect_args={"timeout": busy_timeout})

    file = Path(parsed.database or "")

    @event.listens_for(engine, "do_connect")
    def _make(*_arguments: object) -> None:
        # SQLite makes a new file world-readable, and its -wal and -shm inherit the mode. If this fails,
        # SQLite will report the reason.
        if "uri" not in parsed.query:
            with suppress(OSError):
                labels.files.private.touch(file)

    @event.listens_for(engine, "connect")
    def _connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # Python's sqlite3 must not open transactions by itself: _begin does that.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
        # Deleted content is overwritten with zeros, so that retention and erasure apply to the file too.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing: Any = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def once(session: Session, key: tuple[object, ...], ask: Callable[[], T]) -> T:
    """Ask the database only once within :meth:`Database.one_reading`, and each time elsewhere."""
    answers: dict[tuple[object, ...], T] | None = session.info.get(_ANSWERS)
    if answers is None:
        return ask()
    if key not in answers:
        answers[key] = ask()
    return answers[key]


def make_folder(database: Database) -> None:
    """Create the folder of a SQLite file; raises :class:`StoreUnavailable` if that fails."""
    name = database.engine.url.database
    if not database.is_sqlite or name is None:
        return
    folder = Path(name).parent
    try:
        labels.files.private.make_folder(folder)
    except OSError as error:
        raise StoreUnavailable(f"cannot create the folder {folder} for the database: {error}") from error
