"""Assessments of texts that were assessed before, so that a copy of an advert costs next to nothing."""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

from pydantic_core import PydanticSerializationError

from labels.schema import Assessment, Listing

SEEN_BYTES = 16 * 2**20
"""Memory for assessments of texts that may come again: about 10,000 of them."""

ENTRY_BYTES = 400
"""What an entry takes beside its assessment: key, places in the table, the objects around them."""


@dataclass(frozen=True)
class _Entry:
    assessment: bytes
    risk: float


def text_key(listing: Listing) -> bytes:
    """SHA-256 of what an assessment rests on: title and description, whether there is a title, and whether
    the record says that it is an offer."""
    hashed = hashlib.sha256(b"" if listing.title is None else listing.title.encode("utf-8", "surrogatepass"))
    hashed.update(b"\xff0" if listing.title is None else b"\xff1")  # no byte of UTF-8
    hashed.update(b"1" if listing.is_offer_by_record else b"0")
    hashed.update(listing.description.encode("utf-8", "surrogatepass"))
    return hashed.digest()


class SeenAssessments:
    """The assessments used last, up to a number of bytes; safe to use from several threads.

    Assessments are kept as JSON, so that nobody changes what another is given.

    Args:
        most_bytes: how much may be kept; nothing where it is 0.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._bytes = 0
        self._state: object = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def held_bytes(self) -> int:
        """What the entries take, about."""
        return self._bytes

    def valid_for(self, state: object) -> None:
        """Forget everything that was assessed in another state (another register, another day)."""
        with self._lock:
            if self._state != state:
                self._entries.clear()
                self._bytes = 0
                self._state = state

    def get(self, key: bytes, listing_id: str) -> tuple[Assessment, float] | None:
        """The assessment under a listing's id, and the model's risk; ``None`` for an unknown text."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
        assessment = Assessment.model_validate_json(entry.assessment)
        return assessment.model_copy(update={"id": listing_id}), entry.risk

    def put(self, state: object, key: bytes, assessment: Assessment, risk: float) -> None:
        """Keep an assessment made in a state; those not asked for the longest make room.

        One of another state than :meth:`valid_for` was told last came too late and is not kept.
        """
        try:
            kept = assessment.model_dump_json().encode()
        except PydanticSerializationError:
            return  # half an emoji cannot be written: such a text is assessed anew each time
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
