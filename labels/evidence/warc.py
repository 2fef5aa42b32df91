"""Reads WARC files record by record, skipping damage."""

import mmap
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeadersParser

from labels.evidence.content import CannotUnpack, content_of

_MAGIC: Final = b"\x1f\x8b\x08"
_PLAIN: Final = b"WARC/"
_PIECE: Final = 1 << 16
_CUT: Final = "it ends inside a record"
MAX_RECORD: Final = 256_000_000
"""Maximum bytes of one unpacked record; the crawler's own are far smaller."""
BODIES: Final = frozenset({"response", "resource"})
"""Types of records that hold fetched or imported content."""
VIEW: Final = "urn:view:"
"""Prefix of the page's address in the record of its screenshot, as other web archives write it."""


@dataclass(frozen=True)
class Record:
    """A record; ``body`` as received, ``headers`` those of HTTP with one character for each byte.

    ``start`` and ``length`` say where its bytes are in the file; ``own_member`` means that they are one gzip
    member. The length is 0 if several records share a member.
    """

    id: str
    kind: str
    url: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    status: int | None
    """The HTTP status, if there is one."""
    content_type: str
    concurrent_to: str
    sound: bool | None
    """Whether its own digests match; ``None`` if it has none."""
    problems: tuple[str, ...]
    date: str
    """When it was fetched, according to the record."""
    ip_address: str
    start: int
    length: int
    own_member: bool = False
    protocol: str = ""
    """The HTTP version of a response, such as ``HTTP/1.1``."""
    reason: str = ""
    """What follows the status in a response's first line."""

    @cached_property
    def sha256(self) -> str:
        """Hex SHA-256 of the body."""
        return sha256(self.body).hexdigest()

    @cached_property
    def content(self) -> bytes:
        """The body without its transfer and content encodings; as received if they are unknown or wrong."""
        if self.kind != "response":
            return self.body
        try:
            return content_of(self.body, self.headers, MAX_RECORD)[0]
        except CannotUnpack:
            return self.body


@dataclass(frozen=True)
class Damage:
    """Bytes that are no complete record; ``torn`` if the file ends inside a record, as after a killed run."""

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
        head = file.read(len(_PLAIN))
        # Check the name too: a compressed file whose first bytes are damaged has intact records after them.
        if head == _PLAIN or (not head.startswith(_MAGIC) and path.suffix != ".gz"):
            file.seek(0)
            yield from _parsed(file, 0, path.stat().st_size)
        elif file.seek(0, os.SEEK_END):  # Otherwise the crawler was killed before it wrote the first record.
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                yield from _packed(data)


def read_warc_bytes(data: bytes) -> Iterator[Record | Damage]:
    """Yield records and damage of a file's content as :func:`read_warc` does."""
    return _packed(data) if data.startswith(_MAGIC) else _parsed(BytesIO(data), 0, len(data))


def _packed(data: mmap.mmap | bytes) -> Iterator[Record | Damage]:
    start = 0
    while start < len(data):
        member = _member(data, start)
        if isinstance(member, str):
            resumed = _next_record(data, start + 1)
            # A power cut may leave a tail of zeros.
            torn = resumed == len(data) and (member == _CUT or not data[start:].strip(b"\0"))
            yield Damage(start, resumed - start, torn=torn, detail=member)
            start = resumed
            continue
        plain, end = member
        records = list(_parsed(BytesIO(plain), start, end - start))
        own = len(records) == 1
        length = end - start if own else 0
        for found in records:
            if isinstance(found, Damage):
                yield found
            else:
                yield replace(found, start=start, length=length, own_member=own)
        start = end


def _member(data: mmap.mmap | bytes, start: int) -> tuple[bytes, int] | str:
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
    return _CUT


def _next_record(data: mmap.mmap | bytes, start: int) -> int:
    """Return where the next member that holds a record begins, or the end of the file."""
    while (start := data.find(_MAGIC, start)) >= 0:
        try:
            head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[start : start + _PIECE], 5)
        except zlib.error:
            head = b""
        if head == _PLAIN:
            return start
        start += 1
    return len(data)


class _HttpParser(StatusAndHeadersParser):  # type: ignore[misc]
    """Keeps every byte of a header; warcio would decode those that look like UTF-8."""

    @staticmethod
    def decode_header(line: bytes) -> str:
        # Not as Latin-1: the parser strips white space, which some bytes of Thai letters would be.
        return line.decode("ascii", "surrogateescape")


def _parsed(stream: IO[bytes], start: int, length: int) -> Iterator[Record | Damage]:
    try:
        archive = ArchiveIterator(stream, check_digests=True)
        loader = archive.loader
        loader.http_parser = _HttpParser(loader.HTTP_TYPES, verify=False)
        loader.http_req_parser = _HttpParser(loader.HTTP_VERBS, verify=False)
        for record in archive:
            yield _record(archive, record)
    # warcio raises AttributeError for a truncated header.
    except (ArchiveLoadFailed, EOFError, ValueError, AttributeError, zlib.error) as error:
        yield Damage(start, length, torn=False, detail=str(error))


def _record(archive: Any, record: Any) -> Record:
    head, http = record.rec_headers, record.http_headers
    body: bytes = record.raw_stream.read()
    if record.raw_stream.limit > 0:
        raise EOFError(_CUT)
    checker = record.digest_checker
    kind = str(record.rec_type)
    status, _, reason = http.statusline.partition(" ") if http and kind != "request" else ("", "", "")
    return Record(
        id=head.get_header("WARC-Record-ID") or "",
        kind=kind,
        url=head.get_header("WARC-Target-URI") or "",
        body=body,
        headers=tuple((_latin(name), _latin(value)) for name, value in http.headers) if http else (),
        status=int(status) if status.isdigit() else None,
        content_type=_latin(_content_type(http if kind == "response" else head)),
        concurrent_to=head.get_header("WARC-Concurrent-To") or "",
        sound=checker.passed,
        problems=tuple(str(x) for x in checker.problems),
        date=head.get_header("WARC-Date") or "",
        ip_address=head.get_header("WARC-IP-Address") or "",
        start=archive.get_record_offset(),
        length=archive.get_record_length(),
        protocol=_latin(http.protocol) if http and kind != "request" else "",
        reason=_latin(reason),
    )


def _latin(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _content_type(headers: Any) -> str:
    return (headers.get_header("Content-Type") if headers else "") or ""
