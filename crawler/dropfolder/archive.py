"""Reads the pages of a WARC file, with their original exchanges."""

from collections.abc import Iterator
from datetime import UTC, datetime

from crawler.evidence.writer import Exchange
from labels.evidence.warc import BODIES, Damage, Record, read_warc_bytes

MAX_BODY = 16_000_000
_OK = 200
_CODING = {"content-encoding", "transfer-encoding", "content-length"}


def read_archive(data: bytes) -> Iterator[tuple[str, Exchange]]:
    """Yield the record ids and exchanges of HTML pages with status 200. Raises ``ValueError``."""
    for record in read_warc_bytes(data):
        if isinstance(record, Damage):
            raise ValueError(record.detail)
        if (exchange := _exchange(record)) is not None:
            yield record.id, exchange


def _exchange(record: Record) -> Exchange | None:
    status = _OK if record.status is None else record.status
    if record.kind not in BODIES or status != _OK or "html" not in record.content_type.lower():
        return None
    headers = [(k, v) for k, v in record.headers if k.lower() not in _CODING]
    return Exchange(
        url=record.url,
        status=status,
        body=record.content[:MAX_BODY],
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
