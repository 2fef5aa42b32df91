"""Client of the search service: one request at a time, with long timeouts, validating every answer."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, urlsplit

import httpx

from inference.registry.source import RegistryRecord, comparable, registry_key
from labels.schema import LicenceKind
from labels.version import VERSION
from service.registry.columns import Column
from service.registry.numbers import NumberUnreadable, kinds_from, read_number
from service.registry.rows import Reading, RowUnreadable, read_row
from service.registry.search.answers import InvalidAnswer, rows_of
from service.registry.search.protocol import Answer, SearchFailed

NUMBER: Final = "{number}"
"""Placeholder for the number in the URL."""
_LARGEST: Final = 5 * 2**20
_CONNECT_SECONDS: Final = 30.0
_LONGEST_BACKOFF: Final = 300.0


@dataclass(frozen=True)
class Adapter:
    """The description of a search service.

    Attributes:
        url: the URL of a search with ``{number}`` in it.
        fields: field of its answer to column, for unknown fields.
        records_at: path of the list in a JSON answer; empty if there is only one.
    """

    url: str
    fields: Mapping[str, Column] = field(default_factory=dict)
    records_at: str = ""

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or NUMBER not in self.url:
            raise ValueError(
                f"RUTHAN_REGISTRY_SEARCH_URL is {self.url!r}: it must be an address with {NUMBER} in it, for"
                f" example https://HOST/search?q={NUMBER}"
            )

    def address(self, number: str) -> str:
        """Return the URL for a number."""
        return self.url.replace(NUMBER, quote(number, safe=""))


class HttpRegistrySearch:
    """Queries the service of an :class:`Adapter`.

    Use it in a ``with`` block, or :meth:`close` it.

    Args:
        patience_seconds: timeout of one answer, from the request to its last byte.
        attempts: attempts for one number before it counts as failed.
        pause_seconds: minimum pause between an answer and the next request.
        backoff_seconds: pause before the second attempt; it doubles with each further one.
        reading: how to parse the rows of an answer.
    """

    def __init__(
        self,
        adapter: Adapter,
        patience_seconds: float = 120.0,
        attempts: int = 3,
        pause_seconds: float = 1.0,
        backoff_seconds: float = 5.0,
        reading: Callable[[], Reading] = Reading,
    ) -> None:
        self._adapter = adapter
        self._patience = patience_seconds
        self._attempts = attempts
        self._pause = pause_seconds
        self._backoff = backoff_seconds
        self._reading = reading
        self._lock = threading.Lock()
        self._free_from = 0.0
        self._client = httpx.Client(
            timeout=httpx.Timeout(patience_seconds, connect=min(patience_seconds, _CONNECT_SECONDS)),
            headers={"User-Agent": f"Ruthan/{VERSION}", "Accept": "application/json, text/html;q=0.9"},
            limits=httpx.Limits(max_connections=1),
            follow_redirects=False,
        )

    def __enter__(self) -> "HttpRegistrySearch":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def find(self, number: str) -> Answer:
        """Query a number; see :class:`.protocol.RegistrySearch`."""
        with self._lock:
            problem = ""
            for attempt in range(self._attempts):
                wait = 0.0
                if attempt:
                    wait = min(_LONGEST_BACKOFF, self._backoff * 2 ** (attempt - 1))
                try:
                    body = self._ask(number, wait)
                    return self._answer(number, body)
                except (_TryAgain, InvalidAnswer) as error:
                    problem = str(error)
        raise SearchFailed(f"no usable answer in {self._attempts} attempts, the last time {problem}")

    def _ask(self, number: str, wait: float) -> bytes:
        time.sleep(max(wait, self._free_from - time.monotonic(), 0.0))
        deadline = time.monotonic() + self._patience
        try:
            with self._client.stream("GET", self._adapter.address(number)) as reply:
                if reply.status_code == httpx.codes.TOO_MANY_REQUESTS or reply.status_code >= 500:
                    self._heed(reply.headers.get("Retry-After", ""))
                    raise _TryAgain(f"status {reply.status_code}")
                if reply.status_code != httpx.codes.OK:
                    where = reply.headers.get("Location", "")
                    raise SearchFailed(f"status {reply.status_code} {where}".strip())
                return self._body(reply, deadline)
        except httpx.TimeoutException as error:
            raise _TryAgain(f"no answer within {self._patience:g} s ({type(error).__name__})") from error
        except httpx.HTTPError as error:
            raise _TryAgain(f"the connection failed: {error or type(error).__name__}") from error
        finally:
            self._free_from = max(self._free_from, time.monotonic() + self._pause)

    def _body(self, reply: httpx.Response, deadline: float) -> bytes:
        body = bytearray()
        for chunk in reply.iter_bytes():
            body += chunk
            if len(body) > _LARGEST:
                raise SearchFailed(f"the answer is larger than {_LARGEST:,} bytes")
            if time.monotonic() > deadline:  # the client's own timeout restarts with each byte
                raise _TryAgain(f"the answer was not complete after {self._patience:g} s")
        return bytes(body)

    def _heed(self, retry_after: str) -> None:
        if retry_after.isascii() and retry_after.isdigit():
            seconds = min(float(retry_after), _LONGEST_BACKOFF)
            self._free_from = max(self._free_from, time.monotonic() + seconds)

    def _answer(self, number: str, body: bytes) -> Answer:
        records: dict[RegistryRecord, None] = {}
        unreadable = []
        kind = _kind_of(number)
        for row in rows_of(body, self._adapter.fields, self._adapter.records_at):
            reading = self._reading()
            if not kinds_from(row.cells.get(Column.KIND, "")):
                reading = replace(reading, kind=kind)
            try:
                record = read_row(row, reading).record
            except RowUnreadable as error:
                if comparable(row.cells.get(Column.NUMBER, "")) == comparable(number):
                    unreadable.append(str(error))
                continue
            if same_number(record, number):
                records[record] = None
        return Answer(tuple(records), tuple(dict.fromkeys(unreadable)))


class _TryAgain(RuntimeError):
    """An error that a retry may fix."""


def _kind_of(number: str) -> LicenceKind | None:
    try:
        return read_number(number)[0]
    except NumberUnreadable:
        return None


def same_number(record: RegistryRecord, number: str) -> bool:
    """Whether a record has the requested number: searches also find similar ones."""
    try:
        written = read_number(number, (record.kind,))[1]
    except NumberUnreadable:
        return False
    return registry_key(record.kind, written) == registry_key(record.kind, record.number)
