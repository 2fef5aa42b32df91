"""Near-duplicate texts by MinHash over character shingles.

Broder (1997), "On the resemblance and containment of documents": the share of equal minima estimates the
Jaccard similarity of the shingle sets. Characters rather than words, since Thai has no spaces and a seller's
copy differs in a few characters.
"""

import re
from collections.abc import Iterator, Sequence

SHINGLE = 5
"""Characters per shingle."""

THRESHOLD = 0.5
"""Jaccard similarity from which two texts are near-duplicates."""

_PERMUTATIONS = 128
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
    positives; the index misses a pair with a small probability (at 128 permutations).
    """
    # Imported lazily: it loads scipy, which serving does not need.
    from datasketch import MinHash, MinHashLSH

    sets = [shingles(text) for text in texts]
    # Lower than the requested threshold: recall of the index is poor right at its own threshold.
    index = MinHashLSH(threshold=max(0.1, threshold - 0.15), num_perm=_PERMUTATIONS)
    for i, items in enumerate(sets):
        sketch = MinHash(num_perm=_PERMUTATIONS)
        sketch.update_batch([item.encode("utf-8") for item in items])
        for j in sorted(int(key) for key in index.query(sketch)):
            union = len(items | sets[j])
            if union and len(items & sets[j]) / union >= threshold:
                yield j, i
        index.insert(str(i), sketch)
