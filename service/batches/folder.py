"""Folders of batches: the upload and its results."""

import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from labels.files.private import make_folder
from labels.files.whole import write_whole

UPLOAD = "upload"

_PREFIX = "b_"


def new_name() -> str:
    """A name that nobody can guess, for a batch and its folder."""
    return _PREFIX + secrets.token_hex(16)


class BatchFolder:
    """The folder below which all batches keep their files, readable by its owner only."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def make(self, name: str) -> Path:
        """Make the folder of a new batch and give the path of its upload.  Raises ``OSError``."""
        make_folder(self.root / name)
        return self.upload(name)

    def upload(self, name: str) -> Path:
        """Where the unpacked file of a batch is."""
        return self.root / name / UPLOAD

    def read_upload(self, name: str, start: int, length: int) -> bytes:
        """A part of the upload.  Raises ``OSError``, ``EOFError`` where it is shorter than it was."""
        with self.upload(name).open("rb") as file:
            file.seek(start)
            content = file.read(length)
        if len(content) != length:
            raise EOFError(f"{self.upload(name)} ends before byte {start + length}")
        return content

    def result(self, name: str, result: str) -> Path:
        """Where a result file is."""
        return self.root / name / result

    def write_result(self, name: str, result: str, content: bytes) -> None:
        """Write a result file; it is on the disk when this returns.  Raises ``OSError``."""
        write_whole(self.result(name, result), content)

    def drop_upload(self, name: str) -> None:
        """Delete the upload of a finished batch."""
        self.upload(name).unlink(missing_ok=True)

    def drop(self, name: str) -> None:
        """Delete all files of a batch.  Raises ``OSError``; that they are gone already is none."""
        try:
            shutil.rmtree(self.root / name)
        except FileNotFoundError:
            return

    def older_than(self, seconds: float) -> Iterator[str]:
        """The names of batches' folders that nothing was put into for so long."""
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
    except FileNotFoundError:  # another worker tidies up too
        return time.time()
