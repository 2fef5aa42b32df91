"""Reads the pages of a WARC file, with their original exchanges."""

from collections.abc import Iterator
from datetime import UTC, datetime

from crawler.evidence.writer import Exchange
from labels.evidence.warc import BODIES, Damage, Record, read_warc_bytes

MAX_BODY = 16_000_000
"""Maximum bytes of a page: a parsed one takes up to fifty times its size in memory."""
MAX_UNPACKED = 4_000_000_000
"""Maximum bytes of all records together."""
_OK = 200
_CODING = {"content-encoding", "transfer-encoding", "content-length"}


def read_archive(data: bytes) -> Iterator[tuple[str, Exchange | None, str]]:
    """Yield the HTML pages with status 200, each with its record's id, and problems with what cannot be read.

    Raises ``ValueError``.
    """
    unpacked = 0
    for record in read_warc_bytes(data):
        if isinstance(record, Damage):
            yield f"byte {record.start:,}", None, f"damaged or cut short: {record.detail}"
            continue
        unpacked += len(record.body)
        if unpacked > MAX_UNPACKED:
            raise ValueError(f"it unpacks to more than {MAX_UNPACKED // 1_000_000:,} MB: split it")
        if (exchange := _exchange(record)) is not None:
            large = len(exchange.body) > MAX_BODY
            yield record.id, exchange, f"larger than {MAX_BODY // 1_000_000} MB" if large else ""


def _exchange(record: Record) -> Exchange | None:
    status = _OK if record.status is None else record.status
    if record.kind not in BODIES or status != _OK or "html" not in record.content_type.lower():
        return None
    headers = [(k, v) for k, v in record.headers if k.lower() not in _CODING]
    return Exchange(
        url=record.url,
        status=status,
        body=record.content,
        at=_date(record.date),
        reason="OK",
        response_headers=headers or [("Content-Type", record.content_type)],
        ip_address=record.ip_address,
        is_file=not record.headers,
    )


def _date(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
