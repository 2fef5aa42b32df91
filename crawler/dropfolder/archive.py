"""Reads the pages of a WARC file, with their original exchanges."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.evidence.writer import Exchange

MAX_BODY = 16_000_000
_OK = 200
_CODING = {"content-encoding", "transfer-encoding", "content-length"}


def read_archive(stream: IO[bytes]) -> Iterator[tuple[str, Exchange]]:
    """Yield the record ids and exchanges of HTML pages with status 200. Raises ``ValueError``."""
    try:
        for record in ArchiveIterator(stream):
            if (exchange := _exchange(record)) is not None:
                yield str(record.rec_headers.get_header("WARC-Record-ID")), exchange
    except (ArchiveLoadFailed, EOFError) as error:
        raise ValueError(str(error)) from error


def _exchange(record: Any) -> Exchange | None:
    if record.rec_type not in {"response", "resource"}:
        return None
    http = record.http_headers
    headers = list(http.headers) if http is not None else []
    kind = (
        http.get_header("Content-Type") if http is not None else record.rec_headers.get_header("Content-Type")
    )
    status = int(http.get_statuscode()) if http is not None and http.get_statuscode().isdigit() else _OK
    if status != _OK or "html" not in (kind or "").lower():
        return None
    body = record.content_stream().read(MAX_BODY)
    return Exchange(
        url=record.rec_headers.get_header("WARC-Target-URI"),
        status=status,
        body=body,
        at=_date(record.rec_headers.get_header("WARC-Date")),
        reason="OK",
        response_headers=[(k, v) for k, v in headers if k.lower() not in _CODING]
        or [("Content-Type", kind or "")],
        ip_address=record.rec_headers.get_header("WARC-IP-Address") or "",
        is_file=http is None,
    )


def _date(text: str | None) -> datetime:
    try:
        at = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
