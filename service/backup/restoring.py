"""Restores a backup."""

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from labels.files.private import make_folder
from service.backup.archive import unpack
from service.backup.databases import check_sqlite, compare, load_postgres
from service.backup.errors import BackupError, WouldOverwrite
from service.backup.manifest import BUNDLES, EVIDENCE, PICTURES, POSTGRES, SQLITE, Manifest
from service.store import open_store
from service.store.audit.trail import AuditCheck
from service.store.database.engine import Database
from service.store.migrate import current

DATABASE = "ruthan.db"
_LOGS = tuple(DATABASE + ending for ending in ("-wal", "-shm", "-journal"))
"""SQLite's logs of :data:`DATABASE`. What a killed service left is replayed into any file of that name."""


@dataclass(frozen=True)
class RestoreReport:
    """What was restored.

    ``database_url`` shows no password.  ``replaced`` is where the earlier files went.  ``audit.broken_at`` is
    not ``None`` if the audit trail was already broken when the backup was made.
    """

    manifest: Manifest
    database_url: str
    audit: AuditCheck
    replaced: Path | None


def restore(path: Path, into: Path, database_url: str | None = None, force: bool = False) -> RestoreReport:
    """Unpack the archive ``path`` to ``ruthan.db``, ``evidence``, ``pictures`` and ``bundles`` in ``into``.

    Every hash is checked, and the database compared with what was backed up, before files are moved into
    place, and once more there; then the store is opened and migrated, and its audit trail verified.  A
    PostgreSQL dump is loaded into the database at ``database_url``.  With ``force``, existing files, SQLite's
    logs included, are moved aside, and such a database loses all its tables.  Raises :class:`BackupError` or
    :class:`~service.store.StoreError`.
    """
    new = False
    try:
        new = not into.exists()
        make_folder(into)
        with tempfile.TemporaryDirectory(dir=into, prefix=".restoring-") as staging:
            return _place(Path(staging), unpack(path, Path(staging)), into, database_url, force)
    except OSError as error:
        raise BackupError(f"{into} cannot be written: {error}") from error
    finally:
        if new:
            with contextlib.suppress(OSError):  # not empty: the restored files
                into.rmdir()


def _place(
    staging: Path, manifest: Manifest, into: Path, database_url: str | None, force: bool
) -> RestoreReport:
    folders = (EVIDENCE, PICTURES, BUNDLES)
    moves = [(staging / name, into / name) for name in folders if (staging / name).exists()]
    if manifest.database == "sqlite":
        if database_url is not None:
            raise BackupError(
                f"this is a backup of SQLite: it is restored to {into / DATABASE}. Leave --database out"
            )
        check_sqlite(staging / SQLITE)
        _compare(f"sqlite:///{staging.absolute() / SQLITE}", manifest)
        moves.append((staging / SQLITE, into / DATABASE))
        url = f"sqlite:///{into.absolute() / DATABASE}"
    elif database_url is None or not database_url.startswith("postgresql"):
        raise BackupError(
            "this is a backup of PostgreSQL: name the database it goes to with --database"
            " postgresql+psycopg://USER@HOST/NAME"
        )
    else:
        url = database_url
    targets = [target for _, target in moves]
    if manifest.database == "sqlite":
        targets += [into / name for name in _LOGS]
    in_the_way = [target for target in targets if target.exists()]
    if in_the_way and not force:
        listed = ", ".join(str(target) for target in in_the_way)
        raise WouldOverwrite(
            f"{listed} already exist. Name another folder, or stop the service and add --force, which moves"
            " them aside"
        )
    if manifest.database == "postgresql":
        _load(url, staging / POSTGRES, force)
        _compare(url, manifest)
    replaced = _set_aside(in_the_way, into)
    for source, target in moves:
        shutil.move(source, target)
    if manifest.database == "sqlite":
        _compare(url, manifest)
    with open_store(url) as store:
        return RestoreReport(manifest, store.database.url, store.audit.verify(), replaced)


def _compare(url: str, manifest: Manifest) -> None:
    database = Database(url)
    try:
        compare(database, manifest.content)
    finally:
        database.dispose()


def _load(url: str, dump: Path, force: bool) -> None:
    database = Database(url)
    try:
        used = current(database) is not None
    finally:
        database.dispose()
    if used and not force:
        raise WouldOverwrite(
            f"{database.url} holds a store already: name an empty database, or stop the service and add"
            " --force, which replaces it"
        )
    load_postgres(url, dump, replace=used)


def _set_aside(in_the_way: list[Path], into: Path) -> Path | None:
    if not in_the_way:
        return None
    folder = into / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
    make_folder(folder)
    for target in in_the_way:
        shutil.move(target, folder / target.name)
    return folder
