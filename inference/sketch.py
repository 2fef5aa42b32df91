"""A small fingerprint of what an advertisement says, by which near-duplicates find one another.

MinHash (Broder 1997, "On the resemblance and containment of documents") over character shingles of the
normalized reading: the share of equal minima estimates the Jaccard similarity of the shingle sets.  What one
seller varies from copy to copy does not count: contacts, digits (prices, phone and licence numbers), signs,
emoji, and everything that the reading undoes (stretched, pulled-apart and respelled words).

Locality-sensitive hashing: the signature is cut into bands, and two texts are compared only if they agree in
one.  With :data:`BANDS` bands of four minima, a pair of similarity s is compared with probability
1 - (1 - s^4)^32: 0.99 at 0.6, 0.87 at :data:`THRESHOLD`, 0.0002 at 0.05, where unlike texts lie.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from sys import byteorder
from typing import Final

from rensa import RMinHash

from inference.contacts import find_contacts
from inference.reading import read
from labels.near_duplicates import shingles
from labels.schema import Contact

MINIMA: Final = 128
BANDS: Final = 32
ROWS: Final = MINIMA // BANDS
THRESHOLD: Final = 0.5
"""Similarity from which two texts belong together.  ``python -m benchmarks.campaigns`` measures others."""
LEAST_SHINGLES: Final = 20
"""A text with fewer says too little to be recognized."""
NAME: Final = f"rensa-{RMinHash.ALGORITHM_VERSION} 5x{MINIMA}/{BANDS} 1"
"""How sketches are made.  Sketches of different names are never compared."""

_SEED: Final = 5_128


@dataclass(frozen=True)
class Sketch:
    """The minima of one text, each an unsigned number of 32 bits."""

    minima: tuple[int, ...]

    def to_bytes(self) -> bytes:
        """Four bytes a minimum, little-endian."""
        packed = array("I", self.minima)
        if byteorder == "big":
            packed.byteswap()
        return packed.tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Sketch":
        """The sketch that :meth:`to_bytes` packed."""
        minima = array("I", packed)
        if byteorder == "big":
            minima.byteswap()
        return cls(tuple(minima))

    def similarity(self, other: "Sketch") -> float:
        """The estimated Jaccard similarity, 0 to 1; its standard error at 0.5 is 0.04."""
        return sum(a == b for a, b in zip(self.minima, other.minima, strict=True)) / len(self.minima)

    def bands(self) -> list[int]:
        """One signed number of 64 bits a band, the same wherever it is computed."""
        packed = self.to_bytes()
        width = 4 * ROWS
        return [
            int.from_bytes(
                blake2b(
                    packed[band * width : (band + 1) * width] + bytes([band]),
                    digest_size=8,
                    key=NAME.encode(),
                ).digest(),
                "little",
                signed=True,
            )
            for band in range(BANDS)
        ]


def sketch(text: str, contacts: Sequence[Contact] | None = None) -> Sketch | None:
    """The sketch of a listing's text; ``None`` where it says too little to be recognized.

    ``contacts`` are those of the same text where they are known already; otherwise they are read.
    """
    found = what_is_said(text, contacts)
    if len(found) < LEAST_SHINGLES:
        return None
    hashed = RMinHash(num_perm=MINIMA, seed=_SEED)
    hashed.update(sorted(found))
    return Sketch(tuple(hashed.digest()))


def what_is_said(text: str, contacts: Sequence[Contact] | None = None) -> set[str]:
    """The shingles that a text is compared by."""
    reading = read(text)
    places = sorted(
        place
        for contact in (find_contacts(text) if contacts is None else contacts)
        if (place := reading.span_of_original(contact.start, contact.end)) is not None
    )
    apart: list[tuple[int, int]] = []
    for start, end in places:
        begin = max(start, apart[-1][1]) if apart else start
        if begin < end:
            apart.append((begin, end))
    return shingles(reading.mapped.without(apart).text)
