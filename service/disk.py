"""What must be on the disk before something else is said."""

import os
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk: a file that was written is lost without its name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
