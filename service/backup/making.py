"""Makes a backup."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from inference.model.versioned_folder import POINTER
from labels.files.private import make_folder
from labels.version import VERSION
from service.backup.archive import new_archive
from service.backup.databases import snapshot
from service.backup.errors import BackupError
from service.backup.manifest import BUNDLES, EVIDENCE, PICTURES, Manifest
from service.settings import Settings
from service.store.database.engine import Database


@dataclass(frozen=True)
class BackupReport:
    """What was backed up; ``size`` is the archive's, in bytes."""

    manifest: Manifest
    size: int


def back_up(settings: Settings, path: Path, with_evidence: bool = True) -> BackupReport:
    """Write the database, the evidence, the pictures and the promoted bundles into the archive ``path``.

    The service may keep running.  The secret key, the settings and the registry are not included.  Raises
    :class:`BackupError` or :class:`~service.store.StoreError`; then no file is left behind.
    """
    database = Database(settings.database.url, settings.database.busy_timeout_seconds)
    kind: Literal["sqlite", "postgresql"] = "sqlite" if database.is_sqlite else "postgresql"
    name = database.engine.url.database
    if database.is_sqlite and not (name and Path(name).is_file()):
        raise BackupError(f"there is no database {name}: check RUTHAN_DATABASE_URL and the current folder")
    try:
        make_folder(path.parent)
        with new_archive(path) as archive, tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
            created = datetime.now(UTC)
            # The database first: evidence is on disk before a row refers to it.
            with snapshot(database, Path(folder)) as (member, copy, content):
                archive.add(member, copy)
            for member, file in _files(settings, with_evidence):
                archive.add(member, file)
            manifest = Manifest(
                created=created, ruthan=VERSION, database=kind, content=content, files=archive.files
            )
            archive.finish(manifest)
    except OSError as error:
        raise BackupError(f"{path} cannot be written: {error}") from error
    finally:
        database.dispose()
    return BackupReport(manifest, path.stat().st_size)


def _files(settings: Settings, with_evidence: bool) -> Iterator[tuple[str, Path]]:
    if with_evidence:
        yield from _below(settings.evidence.folder, EVIDENCE)
        yield from _below(settings.pictures.folder, PICTURES)
    # The pointer first: the bundle that it names already exists and is never removed.
    pointer = settings.model.bundles / POINTER
    if pointer.is_file():
        yield f"{BUNDLES}/{POINTER}", pointer
        yield from (
            (member, file) for member, file in _below(settings.model.bundles, BUNDLES) if file != pointer
        )


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Yield each file below a folder, except dotfiles (drafts and locks)."""
    for file in sorted(folder.rglob("*")):
        parts = file.relative_to(folder).parts
        if file.is_file() and not file.is_symlink() and not any(part.startswith(".") for part in parts):
            yield "/".join((name, *parts)), file
