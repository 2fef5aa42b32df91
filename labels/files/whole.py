"""Files that are there whole or not at all, also after a kill or a power cut."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from labels.files.private import open_bytes
from labels.files.sync import sync_folder


@contextmanager
def whole_file(path: Path, private: bool = True, replace: bool = True) -> Iterator[BinaryIO]:
    """A file beside ``path`` that takes its name when the block ends, on the disk by then.

    When an exception leaves the block, ``path`` stays as it was.  With ``private`` only its owner may read
    it.  Without ``replace`` a file of that name is left alone, and ``FileExistsError`` raised.  Raises
    ``OSError``.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with open_bytes(draft, "xb") if private else draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes, private: bool = True, replace: bool = True) -> None:
    """Write a file as :func:`whole_file` does."""
    with whole_file(path, private, replace) as file:
        file.write(content)
