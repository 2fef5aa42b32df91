"""Atomic, durable file writes: after a kill or a power cut a file is complete or absent."""

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
    """Open a temporary file beside ``path`` that is synced and renamed to it when the block ends.

    If the block raises, ``path`` is unchanged. With ``private`` only the owner may read the file. Without
    ``replace``, an existing file is kept and ``FileExistsError`` raised. Raises ``OSError``.
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
    """Write a file atomically; see :func:`whole_file`."""
    with whole_file(path, private, replace) as file:
        file.write(content)
