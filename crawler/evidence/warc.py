"""Reads WARC files record by record, skipping damage."""

import mmap
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

try:
    import brotli
except ImportError:  # then the crawler does not accept that encoding
    brotli = None

_MAGIC: Final = b"\x1f\x8b\x08"
_PIECE: Final = 1 << 16
MAX_RECORD: Final = 256_000_000
"""Maximum bytes of one unpacked record; the crawler's own are far smaller."""
BODIES: Final = frozenset({"response", "resource"})
"""Types of records that hold what was fetched or handed in."""


@dataclass(frozen=True)
class Record:
    """One record; ``body`` as received, ``content`` without its Content-Encoding."""

    id: str
    kind: str
    url: str
    body: bytes
    content: bytes
    content_type: str
    concurrent_to: str
    sound: bool | None
    """Whether its own digests match; ``None`` if it has none."""
    problems: tuple[str, ...] = ()
    date: str = ""
    """When it was fetched, according to the record."""

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the body."""
        return sha256(self.body).hexdigest()


@dataclass(frozen=True)
class Damage:
    """Bytes that are no complete record; ``torn`` at the end of the file, as after a killed run."""

    start: int
    length: int
    torn: bool
    detail: str = field(default="")


def read_warc(path: Path) -> Iterator[Record | Damage]:
    """Yield every complete record of a file, and every stretch of damage.

    A damaged record of a compressed file does not affect others: reading resumes at the next gzip member that
    begins a record. Raises ``OSError`` if the file cannot be opened.
    """
    with path.open("rb") as file:
        # Check the name too: a compressed file whose first bytes are damaged has intact records after them.
        if file.read(len(_MAGIC)) == _MAGIC or path.suffix == ".gz":
            yield from _packed(file)
        else:
            file.seek(0)
            yield from _parsed(file, 0, path.stat().st_size)


def _packed(file: IO[bytes]) -> Iterator[Record | Damage]:
    if file.seek(0, os.SEEK_END) == 0:
        return  # killed before the first record was written
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = 0
        while start < len(data):
            found = _member(data, start)
            if isinstance(found, str):
                resumed = _next_record(data, start + 1)
                yield Damage(start, resumed - start, torn=resumed == len(data), detail=found)
                start = resumed
                continue
            plain, end = found
            yield from _parsed(BytesIO(plain), start, end - start)
            start = end


def _member(data: mmap.mmap, start: int) -> tuple[bytes, int] | str:
    """Return a gzip member's content and its end, or what is wrong with it."""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain = bytearray()
    position = start
    while position < len(data):
        piece = data[position : position + _PIECE]
        try:
            plain += unpacker.decompress(piece, MAX_RECORD + 1 - len(plain))
        except zlib.error as error:
            return str(error)
        if len(plain) > MAX_RECORD:
            return f"a record of more than {MAX_RECORD} bytes"
        if unpacker.eof:
            return bytes(plain), position + len(piece) - len(unpacker.unused_data)
        position += len(piece)
    return "it ends inside a record"


def _next_record(data: mmap.mmap, start: int) -> int:
    """Return where the next member that holds a record begins, or the end of the file."""
    while (start := data.find(_MAGIC, start)) >= 0:
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[start : start + _PIECE], 5)
        except zlib.error:
            head = b""
        if head == b"WARC/":
            return start
        start += 1
    return len(data)


def _parsed(stream: IO[bytes], start: int, length: int) -> Iterator[Record | Damage]:
    try:
        for record in ArchiveIterator(stream, check_digests=True):
            yield _record(record)
    except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
        yield Damage(start, length, torn=False, detail=str(error))


def _record(record: Any) -> Record:
    head = record.rec_headers
    body: bytes = record.raw_stream.read()
    checker = record.digest_checker
    kind = str(record.rec_type)
    encoding = record.http_headers.get_header("Content-Encoding") if record.http_headers else None
    return Record(
        id=head.get_header("WARC-Record-ID") or "",
        kind=kind,
        url=head.get_header("WARC-Target-URI") or "",
        body=body,
        content=unpacked(body, encoding) if encoding and kind == "response" else body,
        content_type=_content_type(record),
        concurrent_to=head.get_header("WARC-Concurrent-To") or "",
        sound=checker.passed,
        problems=tuple(str(x) for x in checker.problems),
        date=head.get_header("WARC-Date") or "",
    )


def _content_type(record: Any) -> str:
    headers = record.http_headers if record.rec_type == "response" else record.rec_headers
    return (headers.get_header("Content-Type") if headers else "") or ""


def unpacked(body: bytes, encoding: str) -> bytes:
    """Decode a body's Content-Encoding; return the body unchanged if the encoding is unknown."""
    name = encoding.strip().lower()
    if name == "br" and brotli is not None:
        try:
            return bytes(brotli.decompress(body))
        except brotli.error:
            return body
    if name not in {"gzip", "x-gzip", "deflate"}:
        return body
    for window in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # some servers send deflate without its header
        try:
            return zlib.decompressobj(window).decompress(body, MAX_RECORD)
        except zlib.error:
            continue
    return body
