"""The worker: assesses, indexes and groups listings that the current model has not read."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from inference.pictures.assess import CombinedAssessments, GivenPicture
from labels.schema import Assessment
from service.campaigns.grouping import GroupingReport, group, place_one
from service.inference_pool.assessor import Assessor
from service.pictures.given import given_of, key_of
from service.pictures.reading import PictureReading
from service.running.indexing import index_some
from service.store import Store, StoreError
from service.store.database.errors import UnknownListing
from service.store.listings.assessments import Assessed
from service.store.pictures.repository import ShownPicture
from service.store.tables.core_tables import Listing

log = logging.getLogger(__name__)

SWEEP_SECONDS = 60.0
"""How often an idle worker looks for assessed listings that a killed worker has not grouped."""

COMPARED_ONCE = 20
"""How many pictures a worker that stops once nothing is waiting compares at most."""


@dataclass
class WorkerReport:
    """What a worker has done since it started; ``failed`` are ids of listings."""

    assessed: int = 0
    failed: set[int] = field(default_factory=set)
    seconds: float = 0.0
    """Time spent assessing, without pauses."""
    grouping: GroupingReport = field(default_factory=GroupingReport)


def run(
    store: Store,
    assessor: Assessor,
    once: bool = False,
    *,
    poll_seconds: float = 2.0,
    batch: int = 16,
    stop: threading.Event | None = None,
    progress: Callable[[WorkerReport], None] | None = None,
    aside: Callable[[threading.Event], bool] | None = None,
    pictures: PictureReading | None = None,
    compare: Callable[[threading.Event], bool] | None = None,
) -> WorkerReport:
    """Assess, index and group in batches until ``stop`` is set; with ``once`` until nothing is waiting.

    Each batch is saved before the next is read, so a killed worker loses at most its current batch, which the
    next worker repeats; concurrent workers claim different listings. A listing that the model fails on is
    skipped until the worker restarts. ``aside`` is called after each batch to do one step of other work, so
    that neither blocks the other; it returns whether there was any. ``pictures`` reads one picture after each
    batch; a listing is assessed again when its pictures were read. ``compare`` compares one picture after
    each batch and returns whether there was one, which keeps the worker from nothing else; with ``once``, at
    most ``COMPARED_ONCE`` are compared, after everything else. A locked database is retried, except with
    ``once``, where :class:`~service.store.database.errors.StoreBusy` is raised.
    """
    stop = stop or threading.Event()
    report = WorkerReport()
    sweep_at = 0.0
    while not stop.is_set():
        try:
            indexed = index_some(store)
            with store.reservations.reserve(assessor.model_id, batch, exclude=report.failed) as found:
                if found:
                    assess(store, assessor, found, report, stop, pictures)
            if found and progress:
                progress(report)
            read = pictures is not None and pictures.step(stop)
            worked = aside is not None and not stop.is_set() and aside(stop)
            compared = not once and _compare(compare, stop)
            if worked or found or read or indexed:
                continue
            if once or time.monotonic() >= sweep_at:
                group(store, report=report.grouping, stop=stop.is_set)
                sweep_at = time.monotonic() + SWEEP_SECONDS
            if compared:
                continue
            if once:
                _compare(compare, stop, COMPARED_ONCE)
        except UnknownListing:
            continue  # deleted while the model read it: the rest of the batch is asked for again
        except StoreError as error:
            if once:
                raise
            log.warning("%s", error)
        if once:
            break
        stop.wait(poll_seconds)
    return report


def _compare(compare: Callable[[threading.Event], bool] | None, stop: threading.Event, most: int = 1) -> bool:
    """Compare at most this many pictures; returns whether there may be more."""
    if compare is None:
        return False
    return all(not stop.is_set() and compare(stop) for _ in range(most))


def in_turn(*works: Callable[[threading.Event], bool]) -> Callable[[threading.Event], bool]:
    """Combine several works for ``aside``; returns whether any of them had a piece."""
    return lambda stop: any([work(stop) for work in works if not stop.is_set()])


def assess(
    store: Store,
    assessor: Assessor,
    found: Sequence[Listing],
    report: WorkerReport,
    stop: threading.Event,
    pictures: PictureReading | None = None,
) -> None:
    """Assess and group some listings; those that the model fails on are added to ``report.failed``."""
    start = time.perf_counter()
    shown = store.pictures.of_listings(row.id for row in found)
    given = [_given(shown.get(row.id, []), pictures) for row in found]
    answers: list[tuple[Listing, Assessment]] = []
    try:
        together = CombinedAssessments([row.shape() for row in found], given)
        assessed = together.assessments(assessor.classify(together.listings))
        answers = list(zip(found, assessed, strict=True))
    except Exception as error:
        if len(found) == 1:
            # Neither text nor traceback: listings must not reach the log.
            log.error("listing %d cannot be assessed (%s)", found[0].id, type(error).__name__)
            report.failed.add(found[0].id)
        else:
            for row in found:
                if stop.is_set():
                    break
                assess(store, assessor, [row], report, stop, pictures)
        return
    kept = store.assessments.record_all(
        Assessed(
            row.id,
            row.text_sha256,
            answer,
            key_of(shown.get(row.id, [])),
            row.shape().is_offer_by_record,
        )
        for row, answer in answers
    )
    report.assessed += len(kept)
    report.seconds += time.perf_counter() - start
    for row, answer in answers:
        place_one(store, row, answer, report.grouping)


def _given(shown: Sequence[ShownPicture], pictures: PictureReading | None) -> list[GivenPicture]:
    return given_of(shown) if pictures is None else pictures.given(shown)
