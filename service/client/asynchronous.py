"""The asynchronous client, for asyncio or trio."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import ExitStack, aclosing
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self, TypeVar, Unpack

import anyio
import httpx

from labels.schema import Assessment
from service.answers.appeals import AppealKept, AppealOut, AppealParty
from service.answers.checks import DraftCheck
from service.answers.complaints import ComplaintKept
from service.answers.health import Health, Readiness
from service.answers.keys import KeyOut, KeySecret
from service.answers.listings import Deposited, ListingBrief, ListingFull
from service.answers.model import ModelFacts
from service.answers.sandbox import SimulatedVerdict
from service.answers.webhooks import Deliveries, EventName, PingSent, WebhookOut, WebhookSecret
from service.batches.shapes import BatchLine, BatchStatus
from service.batches.spool import spooled
from service.client import calls
from service.client.attempts import RETRIES, Attempts, Call
from service.client.batches import BLOCK, ResultLines, Waiting, arriving
from service.client.calls import ComplaintFields, ListingFilter, Page, Record, Scope
from service.client.errors import plain_errors
from service.decisions.notice import Notice
from service.taxonomy_document import TaxonomyDocument

T = TypeVar("T")


class AsyncRuthan:
    """The API at ``url`` with the key ``key``; close it when done, or use it in an ``async with`` block.

    A request is retried up to ``retries`` times if the service is busy (503 or 429), an earlier attempt is
    still running (409) or the connection breaks, after the delay in ``Retry-After`` or with backoff.  A
    request that creates a secret is not retried if it may have arrived.  Every method raises
    :class:`RuthanError` and nothing else.  ``timeout`` is in seconds per attempt.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 60.0,
        retries: int = RETRIES,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        with plain_errors():
            self._http = httpx.AsyncClient(base_url=url.rstrip("/"), headers=headers, timeout=timeout)
        self._retries, self._sleep = retries, sleep

    async def health(self) -> Health:
        """Check that the process is alive."""
        return await self._do(calls.health())

    async def readiness(self) -> Readiness:
        """Check once that the service is ready; raises :class:`RuthanError` if it is not."""
        return await self._do(calls.readiness())

    async def metrics(self) -> str:
        """Return the metrics in Prometheus' text format."""
        return await self._do(calls.metrics())

    async def model(self) -> ModelFacts:
        """Return the facts about the model in use."""
        return await self._do(calls.model())

    async def taxonomy(self) -> TaxonomyDocument:
        """Return the meaning of the values in responses, and the law behind them."""
        return await self._do(calls.taxonomy())

    async def classify(self, listings: Iterable[Record]) -> list[Assessment]:
        """Assess listings now and store nothing; returns one assessment per listing, in order."""
        return await self._all(calls.classify(listings))

    async def check(self, drafts: Iterable[Record]) -> list[DraftCheck]:
        """Check drafts before they are published and store nothing; returns one check per draft, in order."""
        return await self._all(calls.check(drafts))

    async def hand_in(self, listings: Iterable[Record]) -> list[Deposited]:
        """Submit listings for assessment and review, in order; retries are idempotent."""
        return await self._all(calls.hand_in(listings))

    def listings(self, page: int = 100, **wanted: Unpack[ListingFilter]) -> AsyncIterator[ListingBrief]:
        """Iterate over the tenant's listings that match all filters; ``page`` is the page size."""
        return self._each(calls.listings(wanted, page))

    async def listing(self, listing_id: int) -> ListingFull:
        """Return one listing with its text, evidence and newest assessment."""
        return await self._do(calls.listing(listing_id))

    async def hand_in_complaint(self, **complaint: Unpack[ComplaintFields]) -> ComplaintKept:
        """Submit a citizen's complaint; retries are idempotent."""
        return await self._do(calls.hand_in_complaint(complaint))

    def takedowns(
        self, after: str | None = None, since: datetime | None = None, page: int = 100
    ) -> AsyncIterator[Notice]:
        """Iterate over the decisions after the cursor ``after``, oldest first.

        Store the ``cursor`` of the last notice that you processed, and resume from it next time. ``since`` is
        timezone-aware.
        """
        return self._each(calls.takedowns(after, since, page))

    async def file_appeal(
        self, listing_id: int, reason: str, evidence: str = "", appellant: AppealParty = "platform"
    ) -> AppealKept:
        """Contest the decision against a listing; another reviewer answers."""
        return await self._do(calls.file_appeal(listing_id, reason, evidence, appellant))

    def appeals(self, page: int = 100) -> AsyncIterator[AppealOut]:
        """Iterate over the tenant's appeals, newest first."""
        return self._each(calls.appeals(page))

    async def appeal(self, appeal_id: int) -> AppealOut:
        """Return one appeal with its outcome."""
        return await self._do(calls.appeal(appeal_id))

    async def simulate_decision(self, listing_id: int, decision: SimulatedVerdict) -> Notice | None:
        """Decide on a listing of the sandbox; returns the resulting notice, if there is one."""
        return (await self._do(calls.simulate_decision(listing_id, decision))).notice

    async def submit_batch(
        self,
        listings: Path | Iterable[Record],
        *,
        ingest: bool = False,
        encoding: str | None = None,
        images: Path | None = None,
    ) -> BatchStatus:
        """Submit up to 100,000 listings to be assessed in the background; retries are idempotent.

        A path is a file ``.jsonl``, ``.ndjson``, ``.csv`` or ``.xlsx``, optionally followed by ``.gz``, or an
        archive ``.zip``; it is streamed.  ``encoding`` is the file's if it is not UTF-8, such as
        ``windows-874``.  ``images`` is a folder of pictures, all of which are sent; the listings name
        them in ``images`` relative to it, with or without its own name in front, in the same case.
        Anything else is written to a temporary file first, in a thread.  With ``ingest``, the listings are
        also submitted for review.
        """
        source = listings if isinstance(listings, Path) else calls.records_of(listings)
        with plain_errors(), ExitStack() as stack:
            file, headers = await anyio.to_thread.run_sync(
                stack.enter_context, spooled(source, encoding, images)
            )
            return await self._do(calls.send_batch(file, headers, ingest))

    def batches(self, page: int = 100) -> AsyncIterator[BatchStatus]:
        """Iterate over the tenant's batches, newest first."""
        return self._each(calls.batches(page))

    async def batch(self, batch_id: str) -> BatchStatus:
        """Return the progress of a batch."""
        return await self._do(calls.batch(batch_id))

    async def wait(
        self,
        batch_id: str,
        patience: float | None = None,
        progress: Callable[[BatchStatus], None] | None = None,
    ) -> BatchStatus:
        """Poll a batch until it has finished, for at most ``patience`` seconds.

        Check its ``state``: a failed batch raises no exception.  Raises :class:`NotDoneInTime`.
        """
        waiting = Waiting(patience)
        while True:
            found = await self.batch(batch_id)
            if progress is not None:
                progress(found)
            if (pause := waiting.pause_after(found)) is None:
                return found
            await self._sleep(pause)

    async def results(self, batch_id: str) -> AsyncIterator[BatchLine]:
        """Iterate over the result of a finished batch, line by line in the order of the file, as it arrives.

        If the connection breaks, :class:`RuthanError` is raised: start over.
        """
        lines = ResultLines()
        with arriving(batch_id):
            async with aclosing(await self._do(calls.results(batch_id))) as answer:
                async for block in answer.aiter_bytes():
                    for line in lines.of(block):
                        yield line
                for line in lines.rest():
                    yield line

    async def delete_batch(self, batch_id: str) -> None:
        """Cancel a batch if it is not finished, and delete its file and its result."""
        await self._do(calls.delete_batch(batch_id))

    async def create_webhook(self, url: str, events: Sequence[EventName] | None = None) -> WebhookSecret:
        """Register a public https address for future ``events`` (decisions if none); store the ``secret``."""
        return await self._do(calls.create_webhook(url, events))

    async def subscribe_webhook(self, webhook_id: int, events: Sequence[EventName]) -> WebhookOut:
        """Choose the events that a webhook receives from now on."""
        return await self._do(calls.subscribe_webhook(webhook_id, events))

    async def test_webhook(self, webhook_id: int) -> PingSent:
        """Have a test event delivered; :meth:`webhook_deliveries` shows the outcome."""
        return await self._do(calls.test_webhook(webhook_id))

    async def retry_webhook(self, webhook_id: int) -> WebhookOut:
        """Attempt a failing webhook now, and resume a disabled one where it stopped."""
        return await self._do(calls.retry_webhook(webhook_id))

    async def webhook_deliveries(self, webhook_id: int, limit: int = 50) -> Deliveries:
        """List the newest attempts to deliver to a webhook, newest first; the last 200 are kept."""
        return await self._do(calls.webhook_deliveries(webhook_id, limit))

    async def webhooks(self) -> list[WebhookOut]:
        """List the tenant's webhooks with their delivery status."""
        return await self._do(calls.webhooks())

    async def remove_webhook(self, webhook_id: int) -> None:
        """Remove a webhook."""
        await self._do(calls.remove_webhook(webhook_id))

    async def renew_webhook_secret(self, webhook_id: int) -> WebhookSecret:
        """Give a webhook a new secret; for one day deliveries are signed with both."""
        return await self._do(calls.renew_webhook_secret(webhook_id))

    async def replay_webhook(self, webhook_id: int, since: datetime) -> WebhookOut:
        """Deliver the decisions since a timezone-aware time again; also enables a disabled webhook."""
        return await self._do(calls.replay_webhook(webhook_id, since))

    async def keys(self) -> list[KeyOut]:
        """List the tenant's keys, including revoked and expired ones."""
        return await self._do(calls.keys())

    async def create_key(
        self, name: str, scopes: Sequence[Scope], expires_at: datetime | None = None
    ) -> KeySecret:
        """Create a key with no more scopes and no later expiry than this one; store the ``secret``."""
        return await self._do(calls.create_key(name, scopes, expires_at))

    async def rotate_key(self, key_id: int, grace_hours: int = 24) -> KeySecret:
        """Give a key a new secret; the old one works for ``grace_hours`` more."""
        return await self._do(calls.rotate_key(key_id, grace_hours))

    async def revoke_key(self, key_id: int) -> None:
        """Revoke a key at once, with every secret it has."""
        await self._do(calls.revoke_key(key_id))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _do(self, call: Call[T]) -> T:
        with plain_errors():
            attempts = Attempts(call, self._retries, self._http.base_url)
            while (pause := attempts.pause_after(await self._send(call))) is not None:
                await self._sleep(pause)
            return attempts.answer

    async def _all(self, parts: Iterable[Call[list[T]]]) -> list[T]:
        with plain_errors():
            return [row for call in parts for row in await self._do(call)]

    async def _each(self, call: Call[Page[T]] | None) -> AsyncIterator[T]:
        while call is not None:
            found = await self._do(call)
            for row in found.rows:
                yield row
            call = found.following

    async def _send(self, call: Call[T]) -> httpx.Response | httpx.TransportError:
        try:
            content = None if call.file is None else _blocks(call.file)
            request = self._http.build_request(call.method, call.path, content=content, **call.arguments())
            answer = await self._http.send(request, stream=call.streamed)
            if call.streamed and not answer.is_success:
                await answer.aread()
        except httpx.TransportError as error:
            return error
        return answer


async def _blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while block := await anyio.to_thread.run_sync(file.read, BLOCK):
        yield block
