"""A client of the API for platforms, in Python: ``pip install 'ruthan[client]'``.

Imports neither the store nor the model.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import BaseModel, ValidationError
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from labels.schema import Assessment, Listing
from service.batches.shapes import BatchLine, BatchStatus
from service.batches.spool import spooled
from service.decisions.notice import Notice, NoticePage

try:
    import httpx
except ModuleNotFoundError as error:
    raise ModuleNotFoundError("the client needs httpx: pip install 'ruthan[client]'") from error

AT_ONCE = 100
"""Most listings in one request, by default of the API."""
RETRIES = 5
LONGEST_WAIT = 60.0
"""Longest pause between two attempts in seconds, whatever ``Retry-After`` says."""

_BATCHES = "/v1/batches"
_BLOCK = 2**18
_BUSY = frozenset({429, 503})
_IN_FLIGHT = "urn:ruthan:problem:in-flight"


class RuthanError(Exception):
    """The service refused or could not be reached.

    ``status`` is the HTTP status (``None`` without a response), ``problem`` the problem document.
    """

    def __init__(
        self, message: str, status: int | None = None, problem: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.problem = problem or {}


class NotDoneInTime(RuthanError, TimeoutError):
    """The batch did not finish while :meth:`Ruthan.wait` waited."""


class BadWebhook(RuthanError, ValueError):
    """A delivery that is not from Ruthan, was modified in transit, or is older than five minutes."""


class HandedIn(BaseModel):
    """The result of submitting a listing."""

    id: str
    listing_id: int
    status: Literal["new", "unchanged", "changed"]


class Ruthan:
    """The API at ``url`` with the key ``key``; close it at the end, or use it in a ``with`` block.

    A request is retried up to ``retries`` times if the service is busy (503 or 429) or the connection breaks,
    after the seconds in ``Retry-After`` or with backoff.  Every method raises :class:`RuthanError` and
    nothing else.  ``timeout`` is in seconds per attempt.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        retries: int = RETRIES,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        with _plain_errors():
            self._http = httpx.Client(base_url=url.rstrip("/"), headers=headers, timeout=timeout)
        self._retries, self._sleep = retries, sleep

    def classify(self, listings: Iterable[Listing | Mapping[str, Any]]) -> list[Assessment]:
        """Assess listings now and store nothing; returns one assessment per listing, in order.

        A listing is a ``Listing`` or a mapping with ``id`` and ``text``, or ``title`` and ``description``.
        """
        found: list[Assessment] = []
        with _plain_errors():
            for part in _parts(listings):
                answer = self._call("POST", "/v1/classify", json={"listings": part})
                found += [Assessment.model_validate(item) for item in answer["assessments"]]
        return found

    def hand_in(self, listings: Iterable[Listing | Mapping[str, Any]]) -> list[HandedIn]:
        """Submit listings for assessment and review, in order; retries are idempotent."""
        found: list[HandedIn] = []
        with _plain_errors():
            for part in _parts(listings):
                once = {"Idempotency-Key": str(uuid.uuid4())}
                answer = self._call("POST", "/v1/listings", json={"listings": part}, headers=once)
                found += [HandedIn.model_validate(item) for item in answer["listings"]]
        return found

    def takedowns(
        self, after: str | None = None, since: datetime | None = None, page: int = 100
    ) -> Iterator[Notice]:
        """Iterate over the decisions after the cursor ``after``, oldest first.

        Store the ``cursor`` of the last notice that you processed, and resume from it next time. ``since`` is
        timezone-aware.
        """
        params = {"limit": str(page)} | ({"since": since.isoformat()} if since else {})
        cursor = after
        while True:
            given = params | ({"cursor": cursor} if cursor else {})
            with _plain_errors():
                found = NoticePage.model_validate(self._call("GET", "/v1/takedowns", params=given))
            yield from found.notices
            if not found.more:
                return
            cursor = found.next_cursor

    def submit_batch(
        self,
        listings: Path | Iterable[Listing | Mapping[str, Any]],
        *,
        ingest: bool = False,
        encoding: str | None = None,
    ) -> BatchStatus:
        """Submit up to 100,000 listings to be assessed in the background; retries are idempotent.

        A path is a file ``.jsonl``, ``.ndjson``, ``.csv`` or ``.xlsx``, optionally followed by ``.gz``; it is
        streamed.  ``encoding`` is the file's if it is not UTF-8, such as ``windows-874``. Anything else is
        written to a temporary file first.  With ``ingest``, the listings are also submitted for review.
        """
        once = {"Idempotency-Key": str(uuid.uuid4())}
        records = listings if isinstance(listings, Path) else map(_record, listings)
        with _plain_errors(), spooled(records, encoding) as (file, headers):

            def body() -> Iterator[bytes]:
                file.seek(0)  # each attempt starts at the beginning
                while block := file.read(_BLOCK):
                    yield block

            params = {"ingest": "true" if ingest else "false"}
            answer = self._call("POST", _BATCHES, content=body, params=params, headers=once | headers)
            return BatchStatus.model_validate(answer)

    def batch(self, batch_id: str) -> BatchStatus:
        """Return the progress of a batch."""
        with _plain_errors():
            return BatchStatus.model_validate(self._call("GET", f"{_BATCHES}/{batch_id}"))

    def wait(
        self,
        batch_id: str,
        patience: float | None = None,
        progress: Callable[[BatchStatus], None] | None = None,
    ) -> BatchStatus:
        """Poll a batch until it has finished, for at most ``patience`` seconds.

        Check its ``state``: a failed batch raises no exception.  Raises :class:`NotDoneInTime`.
        """
        deadline = None if patience is None else time.monotonic() + patience
        pause = 0.5
        while True:
            found = self.batch(batch_id)
            if progress is not None:
                progress(found)
            if found.state not in ("waiting", "running"):
                return found
            if deadline is not None and time.monotonic() + pause > deadline:
                worked = found.done + found.rejected
                raise NotDoneInTime(f"batch {batch_id}: {worked} of {found.received} lines are done")
            self._sleep(pause)
            pause = min(pause * 1.5, 15.0)

    def results(self, batch_id: str) -> Iterator[BatchLine]:
        """Iterate over the result of a finished batch, line by line in the order of the file, as it arrives.

        If the connection breaks, :class:`RuthanError` is raised: start over.
        """
        headers = {"Accept": "application/x-ndjson"}
        try:
            with (
                _plain_errors(),
                self._http.stream("GET", f"{_BATCHES}/{batch_id}/result", headers=headers) as answer,
            ):
                if not answer.is_success:
                    answer.read()
                    raise _refusal(answer)
                for line in _lines(answer.iter_bytes()):
                    yield BatchLine.model_validate_json(line)
        except RuthanError as error:
            if isinstance(error.__cause__, httpx.TransportError):
                raise RuthanError(f"the result of {batch_id} did not arrive completely: {error}") from error
            raise

    def delete_batch(self, batch_id: str) -> None:
        """Cancel a batch if it is not finished, and delete its file and its result."""
        with _plain_errors():
            self._call("DELETE", f"{_BATCHES}/{batch_id}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, method: str, path: str, **more: Any) -> Any:
        for attempt in range(self._retries + 1):
            last = attempt == self._retries
            try:
                # A streamed body is restarted for each attempt.
                body = {"content": more["content"]()} if callable(more.get("content")) else {}
                answer = self._http.request(method, path, **more | body)
            except httpx.TransportError as error:
                if last:
                    raise RuthanError(f"{self._http.base_url} cannot be reached: {error}") from error
                self._sleep(_pause(attempt, None))
                continue
            if _is_busy(answer) and not last:
                self._sleep(_pause(attempt, answer.headers.get("retry-after")))
                continue
            if not answer.is_success:
                raise _refusal(answer)
            return answer.json() if answer.content else None
        raise AssertionError("the last attempt returns or raises")


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn every error into a :class:`RuthanError`."""
    try:
        yield
    except RuthanError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise RuthanError(f"the request failed: {error}") from error
    except OSError as error:
        raise RuthanError(f"a file cannot be read or written: {error}") from error
    except ValidationError as error:
        raise RuthanError(f"the answer is not from Ruthan: {error.errors()[0]['msg']}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise RuthanError(f"the arguments or the answer are invalid: {error}") from error


def verify_webhook(headers: Mapping[str, str], body: bytes, secret: str) -> Notice:
    """Verify a delivery's signature and return its notice; ``body`` as received, byte for byte.

    Raises :class:`BadWebhook`.  The same notice may be delivered again: deduplicate by its ``id``.
    """
    try:
        event = Verifier(secret).verify(body, dict(headers))
        return Notice.model_validate(event["data"])
    except WebhookVerificationError as error:
        raise BadWebhook(f"not a delivery of Ruthan: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadWebhook(f"not a delivery of Ruthan: it cannot be read ({type(error).__name__})") from error


def _parts(listings: Iterable[Listing | Mapping[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    left = iter(listings)
    while part := list(islice(left, AT_ONCE)):
        yield [_record(listing) for listing in part]


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream; unlike ``splitlines``, split at line feeds only."""
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _record(listing: Listing | Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(listing, Listing):
        return dict(listing)
    # Omit a missing title: null would count as an empty one and shift the offsets by one.
    fields: dict[str, Any] = listing.model_dump(mode="json", exclude_none=True)
    aside: dict[str, Any] = fields.pop("extra")
    # Extra fields must not be taken for the text.
    return {name: value for name, value in aside.items() if name not in ("text", "title")} | fields


def _pause(attempt: int, retry_after: str | None) -> float:
    asked = _seconds(retry_after)
    if asked is None:
        asked = 0.5 * 2**attempt * random.uniform(0.5, 1.5)  # noqa: S311 (not for secrets)
    return min(max(asked, 0.0), LONGEST_WAIT)


def _seconds(retry_after: str | None) -> float | None:
    """Parse ``Retry-After``, a number of seconds or a date (RFC 9110, section 10.2.3)."""
    if not retry_after:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()


def _is_busy(answer: httpx.Response) -> bool:
    """Whether a retry may succeed; also while an earlier attempt is still running."""
    return answer.status_code in _BUSY or _problem(answer).get("type") == _IN_FLIGHT


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json() if not answer.is_success else {}
    except ValueError:
        problem = {}
    return problem if isinstance(problem, dict) else {}


def _refusal(answer: httpx.Response) -> RuthanError:
    problem = _problem(answer)
    said = problem.get("detail") or problem.get("title") or answer.reason_phrase
    return RuthanError(f"{answer.status_code}: {said}", answer.status_code, problem)
