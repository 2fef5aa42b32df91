"""MinHash sketches of advertisement texts for finding near-duplicates.

MinHash (Broder 1997, "On the resemblance and containment of documents") over character shingles of the
normalized reading: the share of equal minima estimates the Jaccard similarity of the shingle sets. Parts that
a seller varies from copy to copy do not count: contacts, digits (prices, phone and licence numbers), signs,
emoji, and everything that normalization undoes (stretched, pulled-apart and respelled words).

Locality-sensitive hashing: the signature is cut into bands, and two texts are compared only if they agree in
one. With :data:`BANDS` bands of four minima, a pair of similarity s is compared with probability 1 - (1 -
s^4)^32: 0.99 at 0.6, 0.87 at :data:`THRESHOLD`, 0.0002 at 0.05, where unrelated texts lie.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from sys import byteorder
from typing import Final

from rensa import RMinHash

from inference.contacts import find_contacts
from inference.text.reading import read
from labels.dataset.near_duplicates import shingles
from labels.schema import Contact

MINIMA: Final = 128
BANDS: Final = 32
ROWS: Final = MINIMA // BANDS
THRESHOLD: Final = 0.5
"""Similarity from which two texts belong together. ``python -m benchmarks.texts.campaigns`` measures others.
"""
LEAST_SHINGLES: Final = 20
"""A text with fewer shingles is too short to be recognized."""
NAME: Final = f"rensa-{RMinHash.ALGORITHM_VERSION} 5x{MINIMA}/{BANDS} 1"
"""Name of the sketch method; sketches with different names are never compared."""

_SEED: Final = 5_128


@dataclass(frozen=True)
class Sketch:
    """The minima of one text as unsigned 32-bit numbers."""

    minima: tuple[int, ...]

    def to_bytes(self) -> bytes:
        """Pack the minima into four bytes each, little-endian."""
        packed = array("I", self.minima)
        if byteorder == "big":
            packed.byteswap()
        return packed.tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Sketch":
        """Unpack a sketch packed by :meth:`to_bytes`."""
        minima = array("I", packed)
        if byteorder == "big":
            minima.byteswap()
        return cls(tuple(minima))

    def similarity(self, other: "Sketch") -> float:
        """The estimated Jaccard similarity, 0 to 1; its standard error at 0.5 is 0.04."""
        return sum(a == b for a, b in zip(self.minima, other.minima, strict=True)) / len(self.minima)

    def bands(self) -> list[int]:
        """One signed 64-bit hash per band, identical on every machine."""
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
    """The sketch of a listing's text; ``None`` if the text is too short to be recognized.

    ``contacts`` are those already found in the text; without them they are found here.
    """
    found = what_is_said(text, contacts)
    if len(found) < LEAST_SHINGLES:
        return None
    hashed = RMinHash(num_perm=MINIMA, seed=_SEED)
    hashed.update(sorted(found))
    return Sketch(tuple(hashed.digest()))


def what_is_said(text: str, contacts: Sequence[Contact] | None = None) -> set[str]:
    """The shingles by which texts are compared."""
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
