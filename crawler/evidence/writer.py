"""Writes requests and responses to WARC files as evidence.

Each record is its own gzip member and each pair of records is written in one call, so that a killed run
leaves complete records. ISO 28500 (WARC 1.1).
"""

import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import urlsplit

from w3lib.url import safe_url_string
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from labels.evidence.warc import Record, read_warc
from labels.files.locks import lock
from labels.files.private import make_folder, open_bytes
from labels.files.sync import sync_folder
from labels.schema import Capture

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and its response; ``body`` as received, still compressed if it came so.

    Headers have one character for each byte (Latin-1), as HTTP libraries give them. ``is_file`` means that
    nothing was fetched: the body is a file that somebody handed in, stored as a WARC ``resource`` without a
    request. ``redacted`` means that tokens were removed from the body.
    """

    url: str
    status: int
    body: bytes
    at: datetime
    reason: str = ""
    response_headers: Headers = ()
    request_headers: Headers = ()
    request_body: bytes = b""
    method: str = "GET"
    ip_address: str = ""
    is_file: bool = False
    redacted: bool = False
    concurrent_to: str = ""
    """The record that this one belongs to, as a screenshot to its page; both are removed together."""
    protocol: str = "HTTP/1.1"
    fields: Headers = ()
    """Further fields of the record's header, such as where a file came from."""
    from_archive: bool = False
    """Whether somebody else fetched it and handed in the record: it is stored without a request."""

    @property
    def was_handed_in(self) -> bool:
        """Whether this crawl sent no request for it."""
        return self.is_file or self.from_archive

    def header(self, name: str) -> str:
        """Return a response header; empty if absent."""
        return next((v for k, v in self.response_headers if k.lower() == name.lower()), "")


@dataclass
class EvidenceFile:
    """The WARC file of one run, created on the first record.

    ``folder`` is the evidence folder that :attr:`Capture.warc_file` is relative to.
    """

    folder: Path
    info: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    _file: IO[bytes] | None = None
    _unsynced: bool = False

    def record(self, exchange: Exchange) -> Capture:
        """Write an exchange and return its location.

        Raises ``OSError`` if it cannot be written.

        A killed process loses nothing that was written; a power cut may, until :meth:`sync` or :meth:`close`.
        """
        file = self._open()
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        digest = sha256(exchange.body).hexdigest()
        response = _response_record(writer, exchange, digest)
        if exchange.was_handed_in:
            writer.write_record(response)
        else:
            writer.write_request_response_pair(_request_record(writer, exchange), response)
        _append(file, buffer.getvalue())
        self._unsynced = True
        return self._capture(exchange, digest, response)

    def trace(self, exchange: Exchange, kept: Capture) -> Capture:
        """Record a visit to a page that shows what ``kept`` shows, without storing its body again.

        An identical body is recorded as a ``revisit`` with request and headers (profile
        identical-payload-digest), any other as ``metadata`` with its status and digest. Raises ``OSError``.
        """
        file = self._open()
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        digest = sha256(exchange.body).hexdigest()
        if digest == kept.sha256:
            record = writer.create_revisit_record(
                exchange.url,
                f"sha256:{digest}",
                kept.url,
                _date(kept.captured_at),
                http_headers=_status_and_headers(exchange),
                warc_headers_dict={
                    "WARC-Date": _date(exchange.at),
                    "WARC-Refers-To": kept.warc_record_id,
                },
            )
            writer.write_request_response_pair(_request_record(writer, exchange), record)
        else:
            fields = f"listing: unchanged\r\nstatus: {exchange.status}\r\npayload-sha256: {digest}\r\n"
            record = writer.create_warc_record(
                exchange.url,
                "metadata",
                payload=BytesIO(fields.encode("ascii")),
                length=len(fields),
                warc_content_type="application/warc-fields",
                warc_headers_dict={
                    "WARC-Date": _date(exchange.at),
                    "WARC-Refers-To": kept.warc_record_id,
                },
            )
            writer.write_record(record)
        _append(file, buffer.getvalue())
        self._unsynced = True
        return self._capture(exchange, digest, record)

    def sync(self) -> None:
        """Flush everything written so far to disk; may be called from another thread.

        Raises ``OSError``.
        """
        file, unsynced, self._unsynced = self._file, self._unsynced, False
        if file is not None and unsynced:
            try:
                os.fsync(file.fileno())
            except OSError:
                self._unsynced = True
                raise

    def close(self) -> None:
        """Close the file; the next record opens another."""
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _capture(self, exchange: Exchange, digest: str, record: Any) -> Capture:
        assert self.path is not None
        return Capture(
            url=exchange.url,
            status=exchange.status,
            captured_at=exchange.at,
            sha256=digest,
            warc_file=self.path.relative_to(self.folder).as_posix(),
            warc_record_id=record.rec_headers.get_header("WARC-Record-ID"),
            content_type=exchange.header("Content-Type"),
        )

    def _open(self) -> IO[bytes]:
        if self._file is None:
            now = datetime.now(UTC)
            folder = self.folder / f"{now:%Y-%m}"
            make_folder(folder)
            self.path = folder / f"crawl-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}.warc.gz"
            # A new file every time: nothing is ever appended after the torn tail of a killed run.
            self._file = open_bytes(self.path, "xb", buffering=0)
            sync_folder(folder)
            # Retention skips files that are being written. Without file locks, the age of the file decides.
            with suppress(OSError):
                lock(self._file)
            buffer = BytesIO()
            writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
            info = {"format": "WARC File Format 1.1", **self.info}
            writer.write_record(writer.create_warcinfo_record(self.path.name, info))
            _append(self._file, buffer.getvalue())
        return self._file


def find_record(path: Path, record_id: str) -> Record:
    """Return a record by id. Raises ``LookupError``, or ``ValueError`` if its digest does not match."""
    for found in read_warc(path):
        if isinstance(found, Record) and found.id == record_id:
            if found.sound is not True:
                raise ValueError(
                    f"{path.name}: record {record_id} does not match its digest; do not rely on it"
                )
            return found
    raise LookupError(f"{path.name} has no record {record_id}")


def _append(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


class _AsReceived(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers written byte for byte; warcio would percent-encode what is not ASCII."""

    def to_ascii_bytes(self, filter_func: Any = None) -> bytes:
        return bytes(self.to_bytes(filter_func, encoding="latin-1"))


def _response_record(writer: WARCWriter, exchange: Exchange, digest: str) -> Any:
    headers = {
        "WARC-Date": _date(exchange.at),
        "WARC-Payload-Digest": f"sha256:{digest}",
    }
    if exchange.ip_address:
        headers["WARC-IP-Address"] = exchange.ip_address
    if exchange.redacted:
        headers["Ruthan-Redacted"] = "access tokens"
    if exchange.concurrent_to:
        headers["WARC-Concurrent-To"] = exchange.concurrent_to
    headers.update((name, _one_line(value)) for name, value in exchange.fields)
    if exchange.is_file:
        return writer.create_warc_record(
            exchange.url,
            "resource",
            payload=BytesIO(exchange.body),
            length=len(exchange.body),
            warc_content_type=exchange.header("Content-Type") or "application/octet-stream",
            warc_headers_dict=headers,
        )
    return writer.create_warc_record(
        exchange.url,
        "response",
        payload=BytesIO(exchange.body),
        length=len(exchange.body),
        warc_headers_dict=headers,
        http_headers=_status_and_headers(exchange),
    )


def _status_and_headers(exchange: Exchange) -> StatusAndHeaders:
    status = _line(f"{exchange.status} {exchange.reason}".strip())
    return _AsReceived(status, _safe(exchange.response_headers), protocol=_line(exchange.protocol))


def _request_record(writer: WARCWriter, exchange: Exchange) -> Any:
    parts = urlsplit(safe_url_string(exchange.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = _AsReceived(
        f"{exchange.method} {target} HTTP/1.1",
        _safe([("Host", parts.netloc), *exchange.request_headers]),
        is_http_request=True,
    )
    return writer.create_warc_record(
        exchange.url,
        "request",
        payload=BytesIO(exchange.request_body),
        length=len(exchange.request_body),
        http_headers=head,
    )


def _safe(headers: Headers) -> list[tuple[str, str]]:
    """Return headers that cannot break out of their line."""
    return [(_line(k), _line(v)) for k, v in headers if k.strip()]


def _line(text: str) -> str:
    """Return a text as one line with one character for each byte; UTF-8 for what is not Latin-1."""
    text = _one_line(text)
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("latin-1")
    return text


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
