"""Item pipeline: writes evidence, then the listing to the store, or to a spool file if the store refuses."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Self, TypeVar

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.evidence.pictures import Fetched, PictureCollector
from crawler.evidence.recorder import EvidenceRecorder
from crawler.evidence.screenshots import Photographer
from crawler.evidence.writer import Exchange
from crawler.extensions.disk import NoRoom, is_full, stop
from crawler.pipeline.absent import STATED, TARGET, Absent, addresses_of, visit_declared
from crawler.pipeline.depositor import Depositor
from crawler.pipeline.identity import Identities, fetched_from, is_same
from crawler.pipeline.mapping import listing_id
from crawler.pipeline.query_batches import QueryBatcher
from crawler.pipeline.spool import SOURCE, LineFile, Spooled, read_spool
from labels.evidence.content import CannotUnpack, content_of
from labels.evidence.warc import MAX_RECORD
from labels.schema import Capture, Listing
from service.store import open_store
from service.store.database.json_text import storable
from service.store.listings.sightings import Absence

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass
class Collected:
    """Item of the spiders: a listing, and the request whose response it was read from.

    A listing that was not fetched in this run has the file or the archived exchange instead.
    """

    listing: Listing
    origin: Request | Exchange


class DepositPipeline:
    """Scrapy adapter of :class:`Depositor`; also writes ``listings.jsonl`` if the run has an out folder.

    Deposits run in one thread beside the reactor: a locked database must not block downloads, and two
    deposits must not wait for each other's lock. Listings that arrive while it is busy share the next
    transaction, and the disk sync before it.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        url: str = settings["RUTHAN_DATABASE_URL"]
        out: str = settings["RUTHAN_OUT_DIR"]
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
        spool = LineFile(Path(settings["RUTHAN_SPOOL_DIR"]) / f"spool-{stamp}.jsonl")
        self.depositor = Depositor((lambda: open_store(url)) if url else None, spool)
        self.listings = LineFile(Path(out) / "listings.jsonl") if out else None
        self._written = _lines_of(self.listings.path) if self.listings and settings["JOBDIR"] else set()
        self.source = SOURCE
        self.photographer = Photographer(crawler) if settings.getbool("RUTHAN_CRAWL_SCREENSHOTS") else None
        self.collector: PictureCollector | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deposit")
        self._kept_pages = QueryBatcher(self._thread, self._find_kept_pages)
        self._deposits = QueryBatcher(self._thread, self._keep)
        self._identities = Identities()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_item(self, item: Any) -> Any:
        if isinstance(item, Absent):
            await self.note_absence(item)
        if not isinstance(item, Collected):
            return item
        source = self._source_of(item.origin)
        if isinstance(item.origin, Request) and STATED in item.origin.meta:
            known = await self._stored(item.listing.id, source)
            if known is not None and not is_same(item.listing, known):
                await self.note_absence(Absent(item.listing.id, source, "", True, item.origin))
                return item
        item = await self._identified(item)
        page = await self._kept_pages.ask((item.listing, source))
        seen = self._trace(item, page) if page is not None else None
        captures: list[Capture] = []
        # An unchanged page may show another picture under the same address. Rows of a file that is read again
        # are no visit.
        asks = seen is None or isinstance(item.origin, Request)
        if seen is None:
            captures = await self._captures(item)
            page = seen = captures[-1] if captures else None
        fetched = await self._fetch_pictures(item) if asks else Fetched([], [], complete=False)
        captures = [*captures[:-1], *fetched.captures, *captures[-1:]]
        captured_at = page.captured_at if page is not None else datetime.now(UTC)
        listing = _storable(item.listing.model_copy(update={"captured_at": captured_at}))
        record = Spooled(
            listing=listing,
            captures=captures,
            source=source,
            seen=seen,
            pictures=fetched.pictures,
            pictures_complete=fetched.complete,
        )
        try:
            kept = await self._deposits.ask(record)
        except OSError as error:
            if is_full(error):
                stop(
                    self.crawler, f"{listing.id} can be stored neither in the store nor in the spool: {error}"
                )
            raise
        stats = self.crawler.stats
        assert stats is not None
        stats.inc_value("ruthan/listings")
        if not kept:
            stats.inc_value("ruthan/spooled")
            stats.set_value("ruthan/spool_file", str(self.depositor.spool.path))
            stats.set_value("ruthan/spool_reason", self.depositor.reason)
        return item

    async def ask(self, question: Callable[[Any], Answer]) -> Answer | None:
        """Query the store in the depositing thread (see :meth:`Depositor.ask`)."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.depositor.ask, question)

    async def note_absence(self, absent: Absent) -> None:
        """Record that a visit did not show a listing, with the page as evidence.

        Unknown listings are ignored, and so is an address that a listing's page only declared. A page that is
        not shown where it was fetched may have moved to the address it declared, which is asked before.
        """
        source, meta = absent.source, absent.origin.meta
        external_id = absent.external_id if TARGET in meta else await self._fetched_at(absent)
        if external_id is None:
            return
        if STATED in meta:
            address, how, certain, capture = meta[STATED]
            if capture is None:
                spider: Any = self.crawler.spider
                spider.note_failure(address, how)
                return
            absence, seen = Absence(how, certain), Capture.model_validate(capture)
        else:
            found = self._evidence_of(absent)
            if found is None:
                return
            absence, seen = Absence(absent.how, absent.certain), found
            stated = seen.model_dump(mode="json")
            if again := visit_declared(absent.origin, absent.how, absent.certain, stated):
                assert self.crawler.engine is not None
                self.crawler.engine.crawl(again)
                return

        def note(store: Any) -> Any:
            self._sync_evidence()
            return store.sightings.note_absence(external_id, source, absence, seen)

        outcome = await self.ask(note)
        if outcome is not None:
            assert self.crawler.stats is not None
            self.crawler.stats.inc_value(f"ruthan/{outcome.value}")

    async def _fetched_at(self, absent: Absent) -> str | None:
        """Return the id of the listing whose page was fetched at an address that was asked for."""
        addresses = addresses_of(absent.origin)
        for address in dict.fromkeys((addresses[0], addresses[-1])):
            known = await self._stored(listing_id(address), absent.source)
            if known is not None and fetched_from(known) in (addresses[0], addresses[-1]):
                return known.id
        return None

    async def _stored(self, external_id: str, source: str) -> Listing | None:
        found = await self.ask(lambda store: store.sightings.stored([external_id], source))
        return (found or {}).get(external_id)

    def _evidence_of(self, absent: Absent) -> Capture | None:
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        try:
            if recorder is None:
                raise LookupError("the evidence recorder is not enabled")
            return recorder.captures(absent.origin)[-1]
        except (OSError, LookupError) as error:
            if is_full(error):
                stop(self.crawler, f"the evidence cannot be written: {error}")
            else:
                log.error("no evidence that %s is gone: %s", absent.origin.url, error)
            return None

    async def close_spider(self) -> None:
        if self.photographer is not None:
            await self.photographer.close()
        self._thread.submit(self.depositor.close).result()
        self._thread.shutdown()

    async def _identified(self, item: Collected) -> Collected:
        """Return the item with its listing's id; see :class:`Identities`."""
        if isinstance(item.origin, Request) and TARGET in item.origin.meta:
            return item  # a visit to a known listing
        stored: dict[str, Listing] | None = None
        if asked := self._identities.asked(item.listing):
            stored = await self.ask(lambda store: store.sightings.stored(asked, self.source))
        found = self._identities.identify(item.listing, stored or {})
        assert self.crawler.stats is not None
        if found.is_apart:
            self.crawler.stats.inc_value("ruthan/false_canonical")
        return replace(item, listing=found.listing)

    def _find_kept_pages(self, listings: Sequence[tuple[Listing, str]]) -> Sequence[Capture | None]:
        found = self.depositor.ask(lambda store: store.sightings.kept_pages(listings))
        return found if found is not None else [None] * len(listings)

    def _keep(self, records: Sequence[Spooled]) -> Sequence[bool | Exception]:
        # Sync here and not on each write: disk syncs are slow, and one serves many records.
        self._sync_evidence()
        try:
            self._add_lines([record.listing for record in records])
        except OSError as error:
            self.depositor.deposit_all(records)  # A problem with one file must not disable the store.
            return [error] * len(records)
        return self.depositor.deposit_all(records)

    def _sync_evidence(self) -> None:
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        try:
            if recorder is not None:
                recorder.file.sync()
        except OSError as error:
            # The record is written, and a listing is worth more than certainty about the disk.
            log.error("the evidence may not be on disk yet: %s", error)

    def _add_lines(self, listings: Sequence[Listing]) -> None:
        if self.listings is None:
            return
        fresh = {line: x for x in listings if (line := _line(x)) not in self._written}
        if fresh:
            self.listings.add(*fresh.values())
            self._written.update(fresh)

    def _source_of(self, origin: Request | Exchange) -> str:
        named = origin.meta.get(TARGET) if isinstance(origin, Request) else None
        return str(named[1]) if named else self.source

    def _trace(self, item: Collected, page: Capture) -> Capture | None:
        """Record the visit to a page that is in evidence already; ``None`` if it must be stored."""
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        if recorder is None or not (recorder.file.folder / page.warc_file).is_file():
            return None
        try:
            seen = recorder.trace(item.origin, page)
        except OSError:
            return None  # storing it fails the same way, and is reported then
        if seen is not None:
            assert self.crawler.stats is not None
            self.crawler.stats.inc_value("ruthan/unchanged")
        return seen

    async def _captures(self, item: Collected) -> list[Capture]:
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        assert self.crawler.stats is not None
        try:
            if recorder is None:
                raise LookupError("the evidence recorder is not enabled")
            page = recorder.held(item.origin)
            captures = recorder.captures(item.origin)
            if self.photographer is not None and page is not None and is_html(page):
                await self._photograph(recorder, item.origin, page)
            return captures
        except (OSError, LookupError) as error:
            if is_full(error):
                stop(self.crawler, f"the evidence cannot be written: {error}")
                raise NoRoom(f"{item.listing.url} is to be fetched again: {error}") from None
            # A listing without evidence is worth more than no listing; the run's summary reports it.
            log.error("no evidence for %s: %s", item.listing.url, error)
            self.crawler.stats.inc_value("ruthan/without_evidence")
            return []

    async def _fetch_pictures(self, item: Collected) -> Fetched:
        """Fetch the pictures of a listing, if its source is configured so."""
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        if recorder is None or not self.crawler.settings.getbool("RUTHAN_CRAWL_PICTURES"):
            return Fetched([], [], complete=False)
        if self.collector is None:
            self.collector = PictureCollector(self.crawler, recorder)
        try:
            return await self.collector.fetch(item.listing.images, self._known_picture)
        except OSError as error:
            if is_full(error):
                stop(self.crawler, f"a picture cannot be written: {error}")
                raise NoRoom(f"{item.listing.url} is to be fetched again: {error}") from None
            log.error("the pictures of %s cannot be written: %s", item.listing.url, error)
            return Fetched([], [], complete=False)

    async def _known_picture(self, sha256: str) -> Capture | None:
        recorder = self.crawler.get_downloader_middleware(EvidenceRecorder)
        assert recorder is not None
        found = await self.ask(lambda store: store.captures.of_picture(sha256))
        if found is None or not (recorder.file.folder / found.warc_file).is_file():
            return None
        return Capture.model_validate(found)

    async def _photograph(
        self, recorder: EvidenceRecorder, origin: Request | Exchange, page: Exchange
    ) -> None:
        assert self.photographer is not None
        try:
            body, _ = content_of(page.body, page.response_headers, MAX_RECORD)
        except CannotUnpack:
            body = page.body
        picture = await self.photographer.picture(page.url, body, page.header("Content-Type"))
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("ruthan/screenshots" if picture else "ruthan/without_screenshot")
        if picture:
            recorder.add_picture(origin, picture)


def _storable(listing: Listing) -> Listing:
    """Replace lone surrogates, which no file or database accepts, with a replacement character."""
    try:
        listing.model_dump_json()
    except ValueError:
        return Listing.model_validate(storable(listing.model_dump()))
    return listing


def _line(listing: Listing) -> bytes:
    """Return the key of a listing among a file's lines: its id and text."""
    return sha256(f"{listing.id}\n{listing.text}".encode("utf-8", "replace")).digest()


def _lines_of(path: Path) -> set[bytes]:
    """Return the listings that a killed run of the same job has written; its last pages are fetched again."""
    if not path.is_file():
        return set()
    return {_line(found.listing) for _, found in read_spool(path) if not isinstance(found, str)}


def is_html(page: Exchange) -> bool:
    """Whether a browser would display it as a page."""
    return "html" in page.header("Content-Type").lower() and not page.is_file
