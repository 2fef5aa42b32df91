"""Reads the pages of a WARC file, with their original exchanges."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.evidence.writer import Exchange
from labels.evidence.warc import BODIES, Damage, Record, read_warc_bytes

MAX_BODY = 16_000_000
"""Maximum bytes of a page: a parsed one takes up to fifty times its size in memory."""
MAX_UNPACKED = 4_000_000_000
"""Maximum bytes of all records together."""
_OK = 200


@dataclass(frozen=True)
class ArchivedPage:
    """A page with its record's id and its body without encodings, or what cannot be read and why."""

    place: str
    exchange: Exchange | None = None
    content: bytes = b""
    problem: str = ""


def read_archive(archive: Exchange) -> Iterator[ArchivedPage]:
    """Yield the HTML pages with status 200 of a WARC file that was handed in, and what cannot be read.

    Raises ``ValueError``.
    """
    unpacked = 0
    for record in read_warc_bytes(archive.body):
        if isinstance(record, Damage):
            yield ArchivedPage(f"byte {record.start:,}", problem=f"damaged or cut short: {record.detail}")
            continue
        unpacked += len(record.body)
        if unpacked > MAX_UNPACKED:
            raise ValueError(f"it unpacks to more than {MAX_UNPACKED // 1_000_000:,} MB: split it")
        if (exchange := _exchange(record, archive)) is not None:
            content = record.content
            problem = f"larger than {MAX_BODY // 1_000_000} MB" if len(content) > MAX_BODY else ""
            yield ArchivedPage(record.id, exchange, content, problem)


def _exchange(record: Record, archive: Exchange) -> Exchange | None:
    status = _OK if record.status is None else record.status
    if record.kind not in BODIES or status != _OK or "html" not in record.content_type.lower():
        return None
    return Exchange(
        url=record.url,
        status=status,
        body=record.body,
        # A date after its receipt is wrong, and would date the evidence into the future.
        at=min(_date(record.date) or archive.at, archive.at),
        reason=record.reason,
        response_headers=record.headers or [("Content-Type", record.content_type)],
        ip_address=record.ip_address,
        is_file=not record.headers,
        protocol=record.protocol or "HTTP/1.1",
        # Not WARC-Refers-To, which the standard allows in no response.
        fields=[
            ("Ruthan-Source-File", archive.url),
            ("Ruthan-Source-Record", record.id),
            ("Ruthan-Source-Date", record.date),
            ("Ruthan-Received", archive.at.astimezone(UTC).isoformat()),
        ],
        from_archive=True,
    )


def _date(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
