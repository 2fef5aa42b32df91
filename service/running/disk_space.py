"""Checks the free space on the disks that the service writes to."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import make_url

from service.settings import Settings

LEAST_ROOM = 64 * 2**20
"""Bytes that must be free, for a database, its log and an upload at once."""


def is_full(settings: Settings) -> bool:
    """Whether a disk that the service writes to has less than :data:`LEAST_ROOM` left."""
    return any(_free(folder) < LEAST_ROOM for folder in _folders(settings))


def _folders(settings: Settings) -> Iterator[Path]:
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and url.database:
        yield Path(url.database).parent
    yield settings.batch.folder
    yield settings.evidence.folder
    yield settings.pictures.folder


def _free(folder: Path) -> int:
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), Path())
    try:
        return shutil.disk_usage(there).free
    except OSError:
        return 0
