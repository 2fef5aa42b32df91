"""Receives an upload: unpacked, bounded, hashed, on disk."""

import os
import zlib
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from labels.files.private import open_bytes
from labels.files.sync import sync_folder
from service.batches.problems import BadFile, too_many_bytes

ENCODINGS = ("identity", "gzip", "x-gzip")

_GZIP = 16 + zlib.MAX_WBITS
_STEP = 2**20
"""Most decompressed bytes in memory at a time."""


class Upload:
    """A file being written to ``path``; use it in a ``with`` block and call :meth:`finish` at the end.

    Every method may raise ``OSError``, and :class:`~service.batches.problems.BadFile`.
    """

    def __init__(self, path: Path, gzipped: bool, max_bytes: int) -> None:
        self.path, self.size = path, 0
        self._max_bytes, self._hash = max_bytes, sha256()
        self._file = open_bytes(path, "xb")
        self._unpacker = zlib.decompressobj(_GZIP) if gzipped else None
        self._began = False

    def feed(self, data: bytes) -> None:
        """Process the next bytes of the body."""
        if self._unpacker is None:
            self._keep(data)
            return
        self._began = self._began or bool(data)
        try:
            while data:
                if self._unpacker.eof:  # a gzip file may hold several, one after the other
                    self._unpacker = zlib.decompressobj(_GZIP)
                self._keep(self._unpacker.decompress(data, _STEP))
                data = self._unpacker.unconsumed_tail or self._unpacker.unused_data
        except zlib.error as error:
            raise _damaged() from error

    def finish(self) -> str:
        """Finish the file: fsync it, and return the SHA-256 of its content."""
        if self._unpacker is not None and self._began and not self._unpacker.eof:
            raise _damaged()
        self._file.flush()
        os.fsync(self._file.fileno())
        sync_folder(self.path.parent)
        sync_folder(self.path.parent.parent)
        return self._hash.hexdigest()

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._max_bytes:
            raise too_many_bytes(self._max_bytes)
        self._hash.update(data)
        self._file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _damaged() -> BadFile:
    return BadFile(
        "the body is not complete gzip data, though Content-Encoding says gzip: compress the file again and"
        " resend it",
        "เนื้อหาไม่ใช่ข้อมูล gzip ที่สมบูรณ์ ทั้งที่ Content-Encoding ระบุ gzip ให้บีบอัดไฟล์ใหม่แล้วส่งอีกครั้ง",
    )
