"""What a power cut must not lose: the names of files."""

import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk: a file that was written is lost without its name.

    Raises ``OSError``.
    """
    if os.name != "posix":
        return  # folders cannot be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
