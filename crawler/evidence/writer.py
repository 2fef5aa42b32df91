"""Evidence: requests and responses in WARC files, and their verification.

Each record is a gzip member of its own and each pair of records is written in one go, so that a killed run
leaves whole records behind.  ISO 28500 (WARC 1.1).
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

from crawler.evidence.warc import BODIES, Damage, Record, read_warc
from labels.files.locks import lock
from labels.files.private import make_folder, open_bytes
from labels.schema import Capture

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Exchange:
    """One request and the response to it; ``body`` as received, still packed if it came packed.

    ``is_file`` says that nothing was fetched: the body is a file that somebody handed in, kept as a WARC
    ``resource`` without a request.  ``redacted`` says that tokens were taken out of the body.
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
    """The record that a file belongs to, as a screenshot to its page: it leaves the evidence with it."""

    def header(self, name: str) -> str:
        """A header of the response; empty when it has none of that name."""
        return next((v for k, v in self.response_headers if k.lower() == name.lower()), "")


@dataclass
class EvidenceFile:
    """The WARC file of one run, made on the first record.

    ``folder`` is the evidence folder that :attr:`Capture.warc_file` is relative to.
    """

    folder: Path
    info: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    _file: IO[bytes] | None = None
    _unsynced: bool = False

    def record(self, exchange: Exchange) -> Capture:
        """Write an exchange and return where it lies.  Raises ``OSError`` when the disk refuses.

        A kill of the process loses nothing that was written; a power cut may, until :meth:`sync` or
        :meth:`close`.
        """
        file = self._open()
        buffer = BytesIO()
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        digest = sha256(exchange.body).hexdigest()
        response = _response_record(writer, exchange, digest)
        if exchange.is_file:
            writer.write_record(response)
        else:
            writer.write_request_response_pair(_request_record(writer, exchange), response)
        _append(file, buffer.getvalue())
        self._unsynced = True
        return self._capture(exchange, digest, response)

    def trace(self, exchange: Exchange, kept: Capture) -> Capture:
        """Note a visit to a page that shows what ``kept`` shows, without storing its body again.

        A body of the same bytes is noted as a ``revisit`` with request and headers (profile
        identical-payload-digest), another as ``metadata`` with its status and digest.  Raises ``OSError``.
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
        """Have everything that was written so far on the disk; may be called from another thread.

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
        """Close the file; recording again opens another."""
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
            # A new file every time: nothing is ever appended behind the torn tail of a killed run.
            self._file = open_bytes(self.path, "xb", buffering=0)
            # What takes old records out of evidence passes over a file that is being written to.  On a file
            # system without locks the age of the file has to do.
            with suppress(OSError):
                lock(self._file)
            buffer = BytesIO()
            writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
            info = {"format": "WARC File Format 1.1", **self.info}
            writer.write_record(writer.create_warcinfo_record(self.path.name, info))
            _append(self._file, buffer.getvalue())
        return self._file


def verify(path: Path) -> list[str]:
    """Problems of a WARC file, each with the record it concerns; empty when every digest holds.

    Raises ``OSError`` when the file cannot be opened.
    """
    problems: list[str] = []
    for found in read_warc(path):
        if isinstance(found, Damage):
            where = f"{found.length} bytes at {found.start}"
            if found.torn:
                problems.append(f"{path.name}: ends inside a record ({where}), as after a killed run")
            else:
                problems.append(f"{path.name}: {where} are damaged: {found.detail}")
            continue
        problems += [f"{path.name}: record {found.id}: {problem}" for problem in found.problems]
        if found.kind in BODIES and found.sound is None:
            problems.append(f"{path.name}: record {found.id} carries no digest that could be checked")
    return problems


def find_record(path: Path, record_id: str) -> Record:
    """The record with this id.  Raises ``LookupError``, or ``ValueError`` when its digest does not hold."""
    for found in read_warc(path):
        if isinstance(found, Record) and found.id == record_id:
            if found.sound is not True:
                raise ValueError(
                    f"{path.name}: record {record_id} does not match its digest; do not rely on it"
                )
            return found
    raise LookupError(f"{path.name} has no record {record_id}")


def read_record(path: Path, record_id: str) -> bytes:
    """The body, as received, of the record with this id; raises as :func:`find_record` does."""
    return find_record(path, record_id).body


def _append(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


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
    status = f"{exchange.status} {exchange.reason}".strip().encode("ascii", "replace").decode("ascii")
    return StatusAndHeaders(status, _safe(exchange.response_headers), protocol="HTTP/1.1")


def _request_record(writer: WARCWriter, exchange: Exchange) -> Any:
    parts = urlsplit(safe_url_string(exchange.url))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    line = StatusAndHeaders(
        f"{target} HTTP/1.1",
        _safe([("Host", parts.netloc), *exchange.request_headers]),
        protocol=exchange.method,
        is_http_request=True,
    )
    return writer.create_warc_record(
        exchange.url,
        "request",
        payload=BytesIO(exchange.request_body),
        length=len(exchange.request_body),
        http_headers=line,
    )


def _safe(headers: Headers) -> list[tuple[str, str]]:
    """Headers that cannot break out of their line."""
    return [(k, v.replace("\r", " ").replace("\n", " ")) for k, v in headers if k.strip()]


def _date(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
