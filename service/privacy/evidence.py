"""Removes single records or whole WARC files from the evidence folder.

The decision is stored before a file is touched, and files are replaced atomically: a killed run leaves either
the old or the new file, and the next run completes what is pending.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from glob import escape
from hashlib import file_digest
from pathlib import Path
from typing import IO, Final

from labels.evidence.warc import Damage, Record, read_warc
from labels.files.locks import try_lock
from labels.files.sync import sync_folder
from labels.files.whole import whole_file

ENDING: Final = ".warc.gz"
_STILL: Final = timedelta(days=1)
"""Time since its last change after which no crawl writes to a file."""
_TELLING: Final = frozenset({"response", "resource", "revisit", "metadata"})
"""Record types with captured content; a file is kept while it has any."""
OnFound = Callable[[frozenset[str]], None]
"""Receives the ids that exist, before anything is removed."""


class EvidenceInUse(OSError):
    """A crawl is writing to this file."""


class EvidenceUnusable(OSError):
    """The file cannot be edited: it is outside the folder, or not compressed record by record."""


class EvidenceFolder:
    """The folder of the WARC files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def files(self) -> Iterator[tuple[str, datetime]]:
        """Yield every WARC file's name within the folder, and when it was last modified."""
        for path in sorted(self.path.rglob(f"*{ENDING}")):
            if path.is_file() and not path.is_symlink():
                at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                yield path.relative_to(self.path).as_posix(), at

    def at_rest(self) -> Iterator[tuple[str, int]]:
        """Yield name and size in bytes of every WARC file that no crawl is writing to."""
        for name, at in self.files():
            try:
                with self._file(name).open("rb") as file:
                    size = os.fstat(file.fileno()).st_size
                    if size and _is_at_rest(file, at):
                        yield name, size
            except OSError:
                continue  # gone meanwhile

    def size(self, name: str) -> int:
        """Return the size of a file in bytes; raises ``OSError``."""
        return self._file(name).stat().st_size

    def digest(self, name: str) -> str:
        """Return the hex SHA-256 of a file; raises ``OSError``."""
        with self._file(name).open("rb") as file:
            return file_digest(file, "sha256").hexdigest()

    def remove(self, name: str, on_found: Callable[[], None] = lambda: None) -> bool:
        """Remove a file; returns whether it existed.  ``on_found`` is called before.  Raises ``OSError``."""
        path = self._file(name)
        if not path.exists():
            return False
        with path.open("rb") as file, _alone(file):
            on_found()
            path.unlink()
        sync_folder(path.parent)
        return True

    def drop(
        self, name: str, record_ids: Collection[str], on_found: OnFound = lambda found: None
    ) -> frozenset[str]:
        """Remove records and their requests from a file; returns the ids found.

        A file left with only descriptions and requests is deleted.  A truncated last record, as after a
        killed crawl, is dropped.  Raises :class:`EvidenceInUse`, :class:`EvidenceUnusable` and other
        ``OSError``.
        """
        path = self._file(name)
        if not path.exists():
            return frozenset()
        with path.open("rb") as file, _alone(file):
            records = list(_records(path, name))
            gone = [r for r in records if r.id in record_ids or r.concurrent_to in record_ids]
            if not gone:
                return frozenset()
            kept = [r for r in records if r not in gone]
            found = frozenset(record.id for record in gone) & frozenset(record_ids)
            on_found(found)
            if any(record.kind in _TELLING for record in kept):
                _copy(file, kept, path)
            else:
                path.unlink()
        sync_folder(path.parent)
        return found

    def _file(self, name: str) -> Path:
        path = self.path / name
        inside = path.resolve().is_relative_to(self.path.resolve())
        if not name.endswith(ENDING) or not inside or path.is_symlink():
            raise EvidenceUnusable(f"{name!r} is not a {ENDING} file within {self.path}: it is left as it is")
        return path


def _is_at_rest(file: IO[bytes], changed_at: datetime) -> bool:
    try:
        return try_lock(file)
    except OSError:  # a file system without locks
        return datetime.now(UTC) - changed_at > _STILL


@contextmanager
def _alone(file: IO[bytes]) -> Iterator[None]:
    """Lock the file, which fails while the crawler writes to it."""
    if not try_lock(file):
        raise EvidenceInUse(f"{file.name} is being written to: run again after the crawl")
    yield  # closing the file releases the lock


def _records(path: Path, name: str) -> Iterator[Record]:
    """Yield a file's records without their bodies; omits a truncated last one."""
    for found in read_warc(path):
        if isinstance(found, Damage):
            if not found.torn:
                raise EvidenceUnusable(f"{name} is damaged: {found.detail}")
        elif not found.own_member:
            raise EvidenceUnusable(f"{name} is not compressed by record")
        else:
            yield replace(found, body=b"")


def _copy(file: IO[bytes], records: list[Record], path: Path) -> None:
    for draft in path.parent.glob(f".{escape(path.name)}.*"):
        draft.unlink()  # left by a killed run: removed data must not stay in a draft
    times = path.stat()
    with whole_file(path) as out:
        for record in records:
            file.seek(record.start)
            left = record.length
            while left:
                piece = file.read(min(left, 1 << 20))
                left -= len(piece)
                out.write(piece)
        out.flush()
        # Its age counts from the crawl, not from this edit.
        os.utime(out.fileno(), ns=(times.st_atime_ns, times.st_mtime_ns))
