"""Near-duplicate texts by MinHash over character shingles.

Broder (1997), "On the resemblance and containment of documents": the share of equal minima estimates the
Jaccard similarity of the shingle sets. Characters rather than words, since Thai has no spaces and a seller's
copy differs in a few characters.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from rensa import RMinHash, RMinHashLSH

SHINGLE = 5
"""Characters per shingle."""

THRESHOLD = 0.5
"""Jaccard similarity from which two texts are near-duplicates."""

_MINIMA = 128
_BANDS = 64
"""Of two minima each: a pair of similarity s is compared with probability 1 - (1 - s^2)^64, 0.998 at 0.3."""

_SEED = 5_128
_NOT_TEXT = re.compile(r"[\W\d_]+")


def shingles(text: str) -> set[str]:
    """Overlapping runs of letters of ``text``.

    Digits, spaces, punctuation and the Thai marks above and below the line are ignored: sellers vary them
    first.
    """
    letters = _NOT_TEXT.sub("", text.lower())
    return {letters[i : i + SHINGLE] for i in range(max(1, len(letters) - SHINGLE + 1))}


class NearDuplicates:
    """Texts of which near-duplicates are found: candidates by a locality-sensitive index, compared exactly.

    So there are no false positives, and the index misses hardly any pair.
    """

    def __init__(self, texts: Iterable[str] = (), threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self._sets: list[set[str]] = []
        self._index = RMinHashLSH(threshold=threshold, num_perm=_MINIMA, num_bands=_BANDS)
        for text in texts:
            self.add(text)

    def add(self, text: str) -> list[int]:
        """Add a text and return the numbers of the earlier ones that it nearly duplicates, in order."""
        items = shingles(text)
        sketch = _sketch(items)
        found = self._similar(items, sketch)
        self._index.insert(len(self._sets), sketch)
        self._sets.append(items)
        return found

    def __contains__(self, text: str) -> bool:
        """Whether ``text`` nearly duplicates one of the texts."""
        items = shingles(text)
        return bool(self._similar(items, _sketch(items)))

    def _similar(self, items: set[str], sketch: RMinHash) -> list[int]:
        found = []
        for j in sorted(self._index.query(sketch)):
            both = len(items & self._sets[j])
            if both / (len(items) + len(self._sets[j]) - both) >= self.threshold:
                found.append(j)
        return found


def _sketch(items: set[str]) -> RMinHash:
    sketch = RMinHash(num_perm=_MINIMA, seed=_SEED)
    sketch.update(list(items))
    return sketch


def near_duplicate_pairs(texts: Sequence[str], threshold: float = THRESHOLD) -> Iterator[tuple[int, int]]:
    """Yield index pairs ``(i, j)``, ``i < j``, whose exact Jaccard similarity reaches ``threshold``."""
    known = NearDuplicates(threshold=threshold)
    for i, text in enumerate(texts):
        for j in known.add(text):
            yield j, i
