"""Folders of batches: the upload, its pictures and its results."""

import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from labels.files.private import make_folder
from labels.files.whole import write_whole

UPLOAD = "upload"
ARCHIVE = "archive"
_HAS_ARCHIVE = "has-archive"
"""An empty file that marks a batch with an archive, so that a lost archive is noticed."""

_PREFIX = "b_"


def new_name() -> str:
    """Return an unguessable name for a batch and its folder."""
    return _PREFIX + secrets.token_hex(16)


class BatchFolder:
    """The folder with the files of all batches, readable by its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self, name: str) -> Path:
        """Create the folder of a new batch and return the path of its upload.  Raises ``OSError``."""
        make_folder(self.root / name)
        return self.upload(name)

    def upload(self, name: str) -> Path:
        """Return the path of a batch's decompressed upload."""
        return self.root / name / UPLOAD

    def archive(self, name: str) -> Path | None:
        """Return the path of the archive with a batch's pictures; ``None`` for a batch without one."""
        path = self.root / name / ARCHIVE
        return path if (self.root / name / _HAS_ARCHIVE).exists() or path.exists() else None

    def set_apart(self, name: str) -> Path:
        """Make the upload of a batch its archive, and return its path.  Raises ``OSError``."""
        path = self.root / name / ARCHIVE
        (self.root / name / _HAS_ARCHIVE).touch()
        return self.upload(name).rename(path)

    def read_upload(self, name: str, start: int, length: int, beyond: int = 0) -> bytes:
        """Read a part of the upload, and up to ``beyond`` bytes after it.

        Raises ``OSError``, and ``EOFError`` if the upload has become shorter.
        """
        with self.upload(name).open("rb") as file:
            file.seek(start)
            content = file.read(length + beyond)
        if len(content) < length:
            raise EOFError(f"{self.upload(name)} ends before byte {start + length}")
        return content

    def result(self, name: str, result: str) -> Path:
        """Return the path of a result file."""
        return self.root / name / result

    def write_result(self, name: str, result: str, content: bytes) -> None:
        """Write a result file, durably.  Raises ``OSError``."""
        write_whole(self.result(name, result), content)

    def drop_upload(self, name: str) -> None:
        """Delete the upload of a finished batch."""
        self.upload(name).unlink(missing_ok=True)
        (self.root / name / ARCHIVE).unlink(missing_ok=True)
        (self.root / name / _HAS_ARCHIVE).unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Delete all files of a batch, if any.  Raises ``OSError``."""
        try:
            shutil.rmtree(self.root / name)
        except FileNotFoundError:
            return

    def older_than(self, seconds: float) -> Iterator[str]:
        """Yield the names of folders that have not changed for so long."""
        if not self.root.is_dir():
            return
        before = time.time() - seconds
        for path in self.root.iterdir():
            if path.name.startswith(_PREFIX) and path.is_dir() and _touched(path) < before:
                yield path.name


def _touched(path: Path) -> float:
    try:
        upload = path / UPLOAD
        return max(path.stat().st_mtime, upload.stat().st_mtime if upload.exists() else 0.0)
    except FileNotFoundError:  # another worker cleans up too
        return time.time()
