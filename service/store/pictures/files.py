"""The folder of picture files, each stored once under its hash."""

import os
import re
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import imagesize

from labels.files.private import make_folder
from labels.files.whole import write_whole

_HEADS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class NotAPicture(ValueError):
    """The bytes are not a picture of a known type."""

    def __init__(self) -> None:
        super().__init__("this is not a JPEG, PNG, WebP, GIF, BMP or TIFF file, or its header is damaged")


class PictureFileChanged(ValueError):
    """A stored file does not match the hash under which it is stored."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"the file of picture {digest} does not match its hash: restore it from a backup")


class FileState(NamedTuple):
    """When a file was last written and its status changed, in nanoseconds, and its size in bytes."""

    written: int
    changed: int
    size: int


class PictureFiles:
    """The picture files below ``folder``, readable only by their owner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Store a file unless it is already stored intact, and return its hex SHA-256. Raises ``OSError``."""
        digest = sha256(content).hexdigest()
        path = self.path(digest)
        if self.has(digest):
            os.utime(path)
        else:
            make_folder(path.parent)
            write_whole(path, content)
        return digest

    def has(self, digest: str) -> bool:
        """Whether the file is stored, can be read and matches its hash."""
        try:
            self.read(digest)
        except (OSError, PictureFileChanged):
            return False
        return True

    def stored_before(self, digest: str, moment: datetime) -> bool:
        """Whether the file was last stored before this time, or does not exist. Raises ``OSError``."""
        try:
            return self.path(digest).stat().st_mtime < moment.timestamp()
        except FileNotFoundError:
            return True

    def state(self, digest: str) -> FileState:
        """Return what differs after a file was written again.  Raises ``OSError``."""
        status = self.path(digest).stat()
        return FileState(status.st_mtime_ns, status.st_ctime_ns, status.st_size)

    def read(self, digest: str) -> bytes:
        """Return the content of a stored file.

        Raises:
            OSError: it is missing (``FileNotFoundError``) or cannot be read.
            PictureFileChanged: it is no longer the file that was stored.
        """
        content = self.path(digest).read_bytes()
        if sha256(content).hexdigest() != digest:
            raise PictureFileChanged(digest)
        return content

    def remove(self, digest: str) -> bool:
        """Delete a file; returns whether it existed.  Raises ``OSError``."""
        try:
            self.path(digest).unlink()
        except FileNotFoundError:
            return False
        return True

    def path(self, digest: str) -> Path:
        """Return the path of the file with this hash; raises ``ValueError`` for anything but a hash."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a SHA-256 in hex")
        return self.folder / digest[:2] / digest


def read_header(content: bytes) -> tuple[str, int, int]:
    """Return a picture's media type, width and height from its header; nothing is decoded.

    Raises :class:`NotAPicture`.
    """
    kind = next((kind for head, kind in _HEADS if content.startswith(head)), None)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        kind = "image/webp"
    if kind is None:
        raise NotAPicture
    try:
        width, height = imagesize.get(BytesIO(content))
    except Exception as error:  # The format parsers raise all kinds of exceptions on damaged bytes.
        raise NotAPicture from error
    if width <= 0 or height <= 0:
        raise NotAPicture
    return kind, width, height
