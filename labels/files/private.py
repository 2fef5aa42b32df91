"""Creates files and folders that only their owner may read, whatever the umask.

They hold listings with their sellers, complaints, evidence and secrets.  Existing files keep their
permissions: ``ruthan doctor`` lists those that others may read.
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
        # mkdir(parents=True) would apply the mode to the last folder only.
        if not folder.is_dir():
            folder.mkdir(_FOLDER, exist_ok=True)
            sync_folder(folder.parent)


def touch(path: Path) -> None:
    """Create an empty file if there is none, for a library that then opens it.

    Raises ``OSError``.

    An existing file is not opened: closing it would release this process's POSIX locks on it, and SQLite in
    another process would consider the database unlocked.
    """
    with suppress(FileExistsError):
        os.close(_opener(str(path), os.O_RDWR | os.O_CREAT | os.O_EXCL))


def open_bytes(path: Path, mode: Literal["wb", "xb", "ab", "ab+"], buffering: int = -1) -> BinaryIO:
    """Open a file for writing bytes.  Raises ``OSError``."""
    return open(path, mode, buffering, opener=_opener)


def open_text(path: Path, mode: Literal["w", "x", "a", "a+"], encoding: str = "utf-8") -> TextIO:
    """Open a file for writing text, without newline translation.  Raises ``OSError``."""
    return open(path, mode, encoding=encoding, newline="", opener=_opener)


def _opener(name: str, flags: int) -> int:
    return os.open(name, flags, _FILE)
