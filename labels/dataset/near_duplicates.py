"""Near-duplicate texts by MinHash over character shingles.

Broder (1997), "On the resemblance and containment of documents": the share of equal minima estimates the
Jaccard similarity of the shingle sets. Characters rather than words, since Thai has no spaces and a seller's
copy differs in a few characters.
"""

import re
from collections.abc import Iterator, Sequence

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


def near_duplicate_pairs(texts: Sequence[str], threshold: float = THRESHOLD) -> Iterator[tuple[int, int]]:
    """Yield index pairs ``(i, j)``, ``i < j``, whose exact Jaccard similarity reaches ``threshold``.

    Candidates come from a locality-sensitive index and are then compared exactly, so there are no false
    positives; the index misses hardly any pair.
    """
    sets = [shingles(text) for text in texts]
    index = RMinHashLSH(threshold=threshold, num_perm=_MINIMA, num_bands=_BANDS)
    for i, items in enumerate(sets):
        sketch = RMinHash(num_perm=_MINIMA, seed=_SEED)
        sketch.update(list(items))
        for j in sorted(index.query(sketch)):
            both = len(items & sets[j])
            if both / (len(items) + len(sets[j]) - both) >= threshold:
                yield j, i
        index.insert(i, sketch)
