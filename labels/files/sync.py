"""Syncs folders, so that a power cut does not lose the names of files."""

import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Sync a folder's entries to disk: a synced file is still lost without its name.

    Raises ``OSError``.
    """
    if os.name != "posix":
        return  # Folders cannot be opened on Windows.
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
