"""Files and folders that only their owner may read, whatever the umask.

They hold listings with their sellers, complaints, evidence and secrets.  What is there already keeps its
rights: ``ruthan doctor`` names what others may read.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

from labels.files.sync import sync_folder

_FILE, _FOLDER = 0o600, 0o700


def make_folder(path: Path) -> None:
    """Create a folder and its missing parents; they are synced to disk when this returns.

    Raises ``OSError``.
    """
    for folder in (*reversed(path.parents), path):
        # Not by mkdir(parents=True), which gives the mode to the last folder only.
        if not folder.is_dir():
            folder.mkdir(_FOLDER, exist_ok=True)
            sync_folder(folder.parent)


def touch(path: Path) -> None:
    """Make an empty file where there is none, for a library that then opens it.  Raises ``OSError``.

    One that is there is not opened: to close it would end the locks that this process has on it (POSIX), and
    SQLite in another process would take the database for its own.
    """
    with suppress(FileExistsError):
        os.close(_opener(str(path), os.O_RDWR | os.O_CREAT | os.O_EXCL))


def open_bytes(path: Path, mode: Literal["wb", "xb", "ab", "ab+"], buffering: int = -1) -> BinaryIO:
    """Open a file to write bytes to.  Raises ``OSError``."""
    return open(path, mode, buffering, opener=_opener)


def open_text(path: Path, mode: Literal["w", "x", "a", "a+"], encoding: str = "utf-8") -> TextIO:
    """Open a file to write text to, whose lines end as they are given.  Raises ``OSError``."""
    return open(path, mode, encoding=encoding, newline="", opener=_opener)


def _opener(name: str, flags: int) -> int:
    return os.open(name, flags, _FILE)
