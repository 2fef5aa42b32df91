"""Grouping: assigns each assessed listing to its campaign and records what it shows of its seller."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from inference.contacts import find_contacts
from inference.contacts.links import NETWORK_HOSTS
from inference.text.sketch import NAME, THRESHOLD, Sketch, sketch
from labels.other_text import parted
from labels.schema import Assessment, Contact, ContactKind
from service.campaigns.basis import follow
from service.notice_record.brake import Brake
from service.store import Store, StoreError
from service.store.campaigns.placements import Placing
from service.store.listings.told import shown_by_seller
from service.store.tables.core_tables import Listing

log = logging.getLogger(__name__)

_MARKETS = frozenset({"shopee.co.th", "lazada.co.th"})
"""Hosts whose front pages every seller links to; they identify nobody."""


@dataclass(frozen=True)
class Lookup:
    """A sketch in the form that the store looks up."""

    sketch: Sketch

    @property
    def minima(self) -> bytes:
        """The packed sketch."""
        return self.sketch.to_bytes()

    @property
    def bands(self) -> Sequence[int]:
        """Its bands."""
        return self.sketch.bands()

    def nearest(self, others: Iterable[tuple[int, bytes]]) -> tuple[int, float] | None:
        """Return the most similar one above the threshold, the earliest among equals."""
        best: tuple[int, float] | None = None
        for number, minima in others:
            similarity = self.sketch.similarity(Sketch.from_bytes(minima))
            if similarity >= THRESHOLD and (best is None or similarity > best[1]):
                best = number, similarity
        return best


@dataclass
class GroupingReport:
    """What a run has done; ``failed`` are the ids of listings that could not be read."""

    placed: int = 0
    spread: int = 0
    failed: set[int] = field(default_factory=set)
    brake: Brake = field(default_factory=Brake, repr=False, compare=False)
    """Stops standing orders if too many notices were overturned."""


def placing_of(listing: Listing, assessment: Assessment, shown: Iterable[Contact]) -> Placing:
    """Compute the placing of a listing from its present text; ``shown`` are the seller's contacts in it."""
    # Other text may be the same on each page of a shop.
    own, _ = parted(listing.text, listing.extra)
    made = sketch(own, [each for each in assessment.contacts if each.end <= len(own)])
    return Placing(
        listing_id=listing.id,
        text_sha256=listing.text_sha256,
        sketch=NAME,
        fingerprint=None if made is None else Lookup(made),
        contacts=contacts_of(listing, shown),
    )


def contacts_of(listing: Listing, shown: Iterable[Contact]) -> frozenset[tuple[str, str]]:
    """Return kind and normalized value of the contacts shown in the text, and of the seller's address."""
    found = [*shown, *(find_contacts(listing.seller_url) if listing.seller_url else ())]
    return frozenset(
        (contact.kind.value, contact.value)
        for contact in found
        # An erased contact has no value in the assessment.
        if contact.value and not _of_many(contact)
    )


def _of_many(contact: Contact) -> bool:
    """Whether it is a page that every seller may link to."""
    if contact.kind is not ContactKind.URL:
        return False
    return contact.value in _MARKETS or contact.value.partition("?")[0].partition("/")[0] in NETWORK_HOSTS


def group(
    store: Store,
    *,
    batch: int = 100,
    report: GroupingReport | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] | None = None,
) -> GroupingReport:
    """Place every assessed listing that has no place yet, by id.

    Each is saved before the next is read: a killed run resumes where it was, and concurrent runs are safe.
    ``progress`` is called with the number of listings processed.  Raises
    :class:`~service.store.database.errors.StoreError`.
    """
    report = report or GroupingReport()
    after = seen = 0
    while found := store.placements.ungrouped(NAME, after, batch):
        for listing, assessment in found:
            if stop():
                return report
            after, seen = listing.id, seen + 1
            if listing.id in report.failed:
                continue
            place_one(store, listing, assessment, report)
            if progress:
                progress(seen)
    return report


def place_one(store: Store, listing: Listing, assessment: Assessment, report: GroupingReport) -> None:
    """Put one listing into its campaign; a standing order of the campaign may decide it.

    A text that cannot be read is logged and counted in the report.  Raises
    :class:`~service.store.database.errors.StoreError`.
    """
    try:
        # Listings that the brake leaves undecided wait in the queue like any others.
        orders = None if report.brake.holds(store) else follow
        shown = shown_by_seller(listing, assessment.contacts)
        placed = store.placements.place(placing_of(listing, assessment, shown), orders)
    except StoreError:
        raise
    except Exception as error:
        # Neither text nor traceback: listings must not reach the log.
        log.error("listing %d cannot be grouped (%s)", listing.id, type(error).__name__)
        report.failed.add(listing.id)
        return
    if placed is not None:
        report.placed += placed.joined
        report.spread += placed.spread is not None
