"""The worker's loop over chunks: claim, assess, keep results."""

import io
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from inference.pictures.assess import CombinedAssessments, GivenPicture
from inference.pictures.named import shows_none, without_names
from inference.pictures.reader import PictureReader
from inference.records import RecordError, id_in, id_of, listing_within
from labels.schema import Assessment, Listing
from service.batches.folder import BatchFolder
from service.batches.formats import Format
from service.batches.housekeeping import Housekeeping
from service.batches.pictures import BatchPictures
from service.batches.problems import given_up, not_kept, unreadable
from service.batches.reading import NEXT_BYTES, LineError, Raw, raw_records, record_of
from service.batches.results import packed
from service.batches.shapes import BatchLine, LineProblem
from service.inference_pool.assessor import Assessor
from service.settings import Settings
from service.store import Store, StoreError
from service.store.batches.chunks import ChunkResult, Claimed, ingest
from service.store.database.columns import now
from service.store.pictures.files import PictureFiles
from service.store.pictures.repository import SentPicture
from service.store.tables.batch_tables import Batch, BatchState

log = logging.getLogger(__name__)

ATTEMPTS = 5
"""How often a worker may die on a chunk before its lines are rejected."""
SET_ASIDE = timedelta(seconds=60)
"""How long to wait with a batch whose files cannot be read or written."""
GROUP_CHARACTERS = 50_000
"""Most text that the model reads before the lease is extended."""
STEP_SECONDS = 20.0
"""Maximum duration of a step that reads pictures; a later step continues with the next picture."""
_STORE_ATTEMPTS = 3
_MOST_BEGUN = 100
"""Number of chunks whose read pictures are kept until all of theirs are read."""


@dataclass
class BatchReport:
    """What was done since the start; a chunk's lines count once its results are stored."""

    done: int = 0
    rejected: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class _Line:
    """An input line: a listing to assess, or what is wrong with it."""

    number: int
    id: str | None
    listing: Listing | None = None
    problem: LineProblem | None = None
    sent: Sequence[SentPicture] | None = None
    """Its pictures that are stored with it; ``None`` if it says nothing about its pictures."""
    complete: bool = True
    """Whether ``sent`` contains all pictures that the line names."""


class _Left(Exception):
    """Exception that ends work on a chunk without a result."""


class BatchRunner:
    """Processes the chunks of all batches, one at a time; any number of runners may share a store.

    A chunk's results are on disk before its lines count as done; a killed worker, or one whose lease expired,
    leaves nothing behind that counts.
    """

    def __init__(
        self,
        store: Store,
        assessor: Assessor,
        settings: Settings,
        clock: Callable[[], datetime] = now,
        reader: PictureReader | None = None,
    ) -> None:
        """Prepare a runner; ``reader`` reads the pictures, which without one are left unread."""
        self.store, self.assessor, self.settings = store, assessor, settings
        self._reader = reader
        self._files = PictureFiles(settings.pictures.folder)
        self.report = BatchReport()
        self.folder = BatchFolder(settings.batch.folder)
        self._clock = clock
        self._lease = timedelta(seconds=settings.batch.lease_seconds)
        self._housekeeping = Housekeeping(store, self.folder, timedelta(days=settings.batch.days), clock)
        self._aside: dict[int, datetime] = {}
        self._prolonged = clock()
        self._begun: dict[tuple[str, int], BatchPictures] = {}
        self._started, self._opened = 0.0, 0

    def step(self, stop: threading.Event) -> bool:
        """Process one chunk; returns whether there was one.  Raises :class:`~service.store.StoreError`."""
        self._housekeeping.when_due()
        moment = self._clock()
        self._aside = {number: until for number, until in self._aside.items() if until > moment}
        claimed = self.store.batch_chunks.claim(
            secrets.token_hex(8), moment, moment + self._lease, self._aside.keys()
        )
        if claimed is None:
            return False
        self._prolonged = moment
        start = self._started = time.perf_counter()
        try:
            self._do(claimed, stop)
        except StoreError:
            raise
        except Exception as error:  # one batch must not stop the others
            self._set_aside(claimed, error)
        self.report.seconds += time.perf_counter() - start
        return True

    def _do(self, claimed: Claimed, stop: threading.Event) -> None:
        chunk = claimed.chunk
        content = self.folder.read_upload(claimed.batch.name, chunk.start, chunk.length, NEXT_BYTES)
        raws = raw_records(
            io.BytesIO(content),
            Format(claimed.batch.format),
            line=chunk.first_line,
            start=chunk.start,
            columns=len(claimed.batch.columns),
        )
        end = chunk.start + chunk.length
        lines = [self._line(raw, claimed.batch) for raw in takewhile(lambda raw: raw.start < end, raws)]
        if len(lines) != chunk.lines:
            raise EOFError("the upload differs from what was sent")
        if chunk.attempts > ATTEMPTS:
            log.error("batch %s: lines from %d on are given up", claimed.batch.name, claimed.chunk.first_line)
            self._keep(claimed, lines, dict.fromkeys(range(len(lines)), given_up()))
        else:
            found: dict[int, Assessment | LineProblem] = {}
            try:
                with self._pictures(claimed) as pictures:
                    for group in _groups(lines, self.settings.worker.batch):
                        self._go_on(claimed, stop)
                        shown = self._shown(claimed, lines, group, pictures, stop)
                        found |= self._assess(claimed, lines, group, shown)
                        self._prolong(claimed)
                    self._keep(claimed, lines, found, pictures)
            except _Left:
                pass

    @contextmanager
    def _pictures(self, claimed: Claimed) -> Iterator[BatchPictures | None]:
        """Open the pictures of a chunk while the block runs; ``None`` if the batch has none."""
        archive = self.folder.archive(claimed.batch.name)
        pictures = self._begun.pop((claimed.batch.name, claimed.chunk.number), None)
        if archive is None:
            yield None
            return
        if pictures is None:
            pictures = BatchPictures(self._reader, self._files if claimed.batch.ingest else None)
        self._opened = pictures.opened
        with pictures.within(archive, self.settings.max.batch_bytes):
            yield pictures

    def _shown(
        self,
        claimed: Claimed,
        lines: list[_Line],
        group: Mapping[int, Listing],
        pictures: BatchPictures | None,
        stop: threading.Event,
    ) -> dict[int, list[GivenPicture]]:
        """Read the pictures of some listings, and extend the lease meanwhile: reading one may take long."""
        shown: dict[int, list[GivenPicture]] = {}
        if pictures is None:
            return shown
        for number, listing in group.items():
            given = shown[number] = []
            for picture in pictures.of(listing):
                given.append(picture)
                self._go_on(claimed, stop)
                self._pause(claimed, pictures)
                if not timedelta(0) <= self._clock() - self._prolonged < self._lease / 4:
                    self._prolong(claimed)
            sent = pictures.sent(given)
            complete = {item.new.sha256 for item in sent} == {picture.sha256 for picture in given}
            lines[number] = replace(
                lines[number],
                listing=without_names(listing),
                sent=sent or lines[number].sent,
                complete=complete,
            )
        return shown

    def _pause(self, claimed: Claimed, pictures: BatchPictures) -> None:
        """Release the chunk and raise :class:`_Left` if its pictures take long; a later step goes on."""
        if pictures.opened == self._opened or time.perf_counter() - self._started < STEP_SECONDS:
            return
        while len(self._begun) >= _MOST_BEGUN:
            del self._begun[next(iter(self._begun))]
        self._begun[claimed.batch.name, claimed.chunk.number] = pictures
        self.store.batch_chunks.put_back(claimed, self._clock())
        raise _Left

    def _go_on(self, claimed: Claimed, stop: threading.Event) -> None:
        """Release the chunk and raise :class:`_Left` if the worker is to stop."""
        if stop.is_set():
            self.store.batch_chunks.put_back(claimed, self._clock())
            raise _Left

    def _prolong(self, claimed: Claimed) -> None:
        """Extend the lease; raise :class:`_Left` if another worker has it now, or the batch was removed."""
        self._prolonged = self._clock()
        if not self.store.batch_chunks.prolong(claimed, self._prolonged + self._lease):
            raise _Left

    def _line(self, raw: Raw, batch: Batch) -> _Line:
        record: object = None
        try:
            record = record_of(raw, batch.columns)
            listing = listing_within(record, self.settings.max.text_characters)
            sent = None
            if shows_none(listing):
                listing, sent = without_names(listing), list[SentPicture]()
            return _Line(raw.line, listing.id, listing.as_handed_in() if batch.ingest else listing, sent=sent)
        except LineError as error:
            return _Line(raw.line, _shown_id(raw, batch.columns), problem=error.problem)
        except RecordError as error:
            problem = LineProblem(
                code="bad_listing", thai=error.thai, english=str(error), field=error.field or None
            )
            return _Line(raw.line, id_of(record), problem=problem)

    def _assess(
        self,
        claimed: Claimed,
        lines: list[_Line],
        group: Mapping[int, Listing],
        shown: Mapping[int, list[GivenPicture]],
    ) -> dict[int, Assessment | LineProblem]:
        try:
            given = [shown.get(number, []) for number in group]
            together = CombinedAssessments(list(group.values()), given)
            answers = together.assessments(self.assessor.classify(together.listings))
            return dict(zip(group, answers, strict=True))
        except Exception as error:
            if len(group) > 1:
                parts = [self._assess(claimed, lines, {number: one}, shown) for number, one in group.items()]
                return {number: found for part in parts for number, found in part.items()}
            (number,) = group
            # Neither text nor traceback: listings must not reach the log.
            log.error(
                "batch %s: line %d cannot be assessed (%s)",
                claimed.batch.name,
                lines[number].number,
                type(error).__name__,
            )
            return {number: unreadable()}

    def _keep(
        self,
        claimed: Claimed,
        lines: list[_Line],
        found: Mapping[int, Assessment | LineProblem],
        pictures: BatchPictures | None = None,
    ) -> None:
        written: list[ChunkResult] = []
        apart = False

        def write(session: Session) -> ChunkResult:
            results = self._results(session, claimed, lines, found, pictures, apart)
            content = b"".join(map(packed, results))
            # A new name for each attempt: leftovers of earlier ones are never referenced.
            name = f"result-{claimed.chunk.number:06}-{secrets.token_hex(4)}.jsonl"
            self.folder.write_result(claimed.batch.name, name, content)
            done = sum(result.status == "done" for result in results)
            written.append(ChunkResult(name, len(content), done, len(results) - done))
            return written[-1]

        for attempt in range(1, _STORE_ATTEMPTS + 1):
            try:
                kept = self.store.batch_chunks.finish(claimed, self._clock(), write)
                break
            except StoreError:  # a locked database, or a deadlock on PostgreSQL
                if attempt == _STORE_ATTEMPTS:
                    raise
            except OSError:
                raise
            except Exception:  # the store cannot save one of the listings: find out which
                if apart:
                    raise
                apart = True
        if not kept:
            return
        self.report.done += written[-1].done
        self.report.rejected += written[-1].rejected
        if claimed.batch.state == BatchState.DONE.value:
            self.folder.drop_upload(claimed.batch.name)

    def _results(
        self,
        session: Session,
        claimed: Claimed,
        lines: list[_Line],
        found: Mapping[int, Assessment | LineProblem],
        pictures: BatchPictures | None,
        apart: bool,
    ) -> list[BatchLine]:
        """Return the results; ``apart`` submits listings one by one to isolate failures."""
        results = []
        for number, line in enumerate(lines):
            answer = found.get(number, line.problem)
            assessment = answer if isinstance(answer, Assessment) else None
            problem = answer if isinstance(answer, LineProblem) else None
            status = "done" if assessment else "rejected"
            result = BatchLine(
                line=line.number, id=line.id, status=status, assessment=assessment, problem=problem
            )
            if claimed.batch.ingest and assessment is not None and line.listing is not None:
                try:
                    with session.begin_nested() if apart else nullcontext():
                        deposit = ingest(
                            session, line.listing, assessment, claimed.source, line.sent, line.complete
                        )
                except (OperationalError, InterfaceError):
                    raise
                except Exception as error:
                    if not apart:
                        raise
                    log.error(
                        "batch %s: line %d cannot be stored (%s)",
                        claimed.batch.name,
                        line.number,
                        type(error).__name__,
                    )
                    result = BatchLine(line=line.number, id=line.id, status="rejected", problem=not_kept())
                else:
                    result.listing_id, result.deposit = deposit.listing_id, deposit.status
                    if pictures is not None and line.sent:
                        pictures.store(line.sent)
            results.append(result)
        return results

    def _set_aside(self, claimed: Claimed, error: Exception) -> None:
        moment, name = self._clock(), claimed.batch.name
        self._aside[claimed.batch.id] = moment + SET_ASIDE
        gone = isinstance(error, (FileNotFoundError, EOFError))
        counted = gone or not isinstance(error, OSError)  # a full disk is temporary
        if not self.store.batch_chunks.put_back(claimed, moment + SET_ASIDE, counted):
            return  # the batch was removed meanwhile, with its files
        if isinstance(error, (OSError, EOFError)):
            log.error(
                "the files of batch %s in %s cannot be used (%s): all processes need the same"
                " RUTHAN_BATCH_FOLDER, on a disk with free space",
                name,
                self.folder.root,
                getattr(error, "strerror", None) or error,
            )
        else:
            log.error("batch %s cannot be worked on (%s)", name, type(error).__name__)
        if gone and claimed.chunk.attempts >= ATTEMPTS:
            self.store.batches.fail(claimed.batch.id, "upload_gone", moment)
        elif counted and claimed.chunk.attempts > ATTEMPTS:  # even rejecting the lines failed
            self.store.batches.fail(claimed.batch.id, "internal", moment)


def _groups(lines: list[_Line], most: int) -> Iterator[Mapping[int, Listing]]:
    """Group the listings of the lines by position, each group small enough to read at once."""
    group: dict[int, Listing] = {}
    characters = 0
    for number, line in enumerate(lines):
        if line.listing is None:
            continue
        group[number] = line.listing
        characters += len(line.listing.text)
        if len(group) == most or characters >= GROUP_CHARACTERS:
            yield group
            group, characters = {}, 0
    if group:
        yield group


def _shown_id(raw: Raw, columns: list[str]) -> str | None:
    """Return the id of a line that is not a valid record, if it can be seen."""
    if isinstance(raw.content, list):
        return id_of(dict(zip(columns, raw.content, strict=False)))
    return id_in(raw.content)
