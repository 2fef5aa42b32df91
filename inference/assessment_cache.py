"""A cache of assessments by text, so that copies of an advert cost almost nothing."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from pydantic_core import PydanticSerializationError

from labels.schema import Assessment, Listing

SEEN_BYTES = 16 * 2**20
"""Default size of the cache in bytes: about 10,000 assessments."""

ENTRY_BYTES = 400
"""Overhead of an entry besides its assessment: key, table slots, object headers."""


@dataclass(frozen=True)
class _Entry:
    assessment: bytes
    risk: float


def text_key(listing: Listing) -> bytes:
    """SHA-256 over everything that an assessment depends on.

    That is title and description, whether there is a title, and whether the record states an offer.
    """
    hashed = hashlib.sha256(b"" if listing.title is None else listing.title.encode("utf-8", "surrogatepass"))
    hashed.update(b"\xff0" if listing.title is None else b"\xff1")  # never occurs in UTF-8
    hashed.update(b"1" if listing.is_offer_by_record else b"0")
    hashed.update(listing.description.encode("utf-8", "surrogatepass"))
    return hashed.digest()


class AssessmentCache:
    """A least-recently-used cache of assessments with a byte limit; safe to use from several threads.

    Assessments are stored as JSON, so callers cannot change each other's copies.

    Args:
        most_bytes: the size limit; 0 disables the cache.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0
        self._state: object = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def valid_for(self, state: object) -> None:
        """Drop all entries of another state (another registry or another day)."""
        with self._lock:
            if self._state != state:
                self._entries.clear()
                self._bytes = 0
                self._state = state

    def get(self, key: bytes, listing_id: str) -> tuple[Assessment, float] | None:
        """The assessment under the listing's id and the model's risk; ``None`` for an unknown text."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
        assessment = Assessment.model_validate_json(entry.assessment)
        return assessment.model_copy(update={"id": listing_id}), entry.risk

    def put(self, state: object, key: bytes, assessment: Assessment, risk: float) -> None:
        """Store an assessment made in ``state`` and evict the least recently used ones.

        It is dropped if ``state`` is no longer the one last passed to :meth:`valid_for`.
        """
        try:
            kept = assessment.model_dump_json().encode()
        except PydanticSerializationError:
            return  # lone surrogates cannot be serialized: such texts are not cached
        if len(kept) + ENTRY_BYTES > self._most:
            return
        with self._lock:
            if self._state != state:
                return
            old = self._entries.pop(key, None)
            self._bytes += len(kept) + ENTRY_BYTES
            self._bytes -= 0 if old is None else len(old.assessment) + ENTRY_BYTES
            self._entries[key] = _Entry(kept, risk)
            while self._bytes > self._most:
                _, gone = self._entries.popitem(last=False)
                self._bytes -= len(gone.assessment) + ENTRY_BYTES
