"""A fast prefilter that skips texts which have nothing to do with health.

A linear model on hashed n-grams of characters and of the runs between spaces, applied to passages of the raw
text. The highest-scoring passage counts, so that one line about a cure is not drowned by many about shirts.
The threshold is set so that hardly any unseen prohibited listing, plain or disguised, is skipped
(``training.fit.prefilter``). The prefilter contains no word list and gives no verdict.
"""

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

DIMENSIONS = 1 << 18
"""Number of hash buckets."""

LENGTHS = (2, 3, 4)
"""Lengths of the n-grams in characters."""

PASSAGE, STEP = 600, 450
"""Length of a passage in characters, and the step from one to the next."""

Floats = npt.NDArray[np.float32]
Buckets = npt.NDArray[np.int64]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_SPACES = re.compile(r"\s+")
_RUN = re.compile(r"[^\W_]+")


def passages(text: str) -> Iterator[str]:
    """Overlapping passages that cover a text; a single one for a short text."""
    yield text[:PASSAGE]
    for start in range(STEP, len(text) - PASSAGE + STEP, STEP):
        yield text[start : start + PASSAGE]


def buckets_of(text: str) -> Buckets:
    """The distinct buckets of a passage in ascending order."""
    plain = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip().lower()
    letters = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32)
    runs = _RUN.findall(plain)
    words = [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in runs]
    words += [zlib.crc32(f"{a} {b}".encode("utf-8", "surrogatepass")) for a, b in pairwise(runs)]
    found = [np.array(words, np.uint32)]
    hashed = letters * np.uint32(2654435761)
    for length in range(2, LENGTHS[-1] + 1):
        if len(letters) < length:
            break
        # Extend the hash of the previous characters by one more.
        before = hashed[:-1]
        hashed = (before ^ (before >> np.uint32(15))) * np.uint32(2246822519)
        hashed = hashed + letters[length - 1 :] * np.uint32(3266489917)
        mixed = (hashed ^ (hashed >> np.uint32(13))) * np.uint32(668265263)
        found.append(mixed ^ (mixed >> np.uint32(16)))
    return np.unique(np.concatenate(found) % np.uint32(DIMENSIONS)).astype(np.int64)


class Prefilter:
    """Weights over hashed n-grams.

    Args:
        idf: inverse document frequency of each bucket, zero if it was too rare in training, shape
            ``(DIMENSIONS,)``.
        weights: shape ``(DIMENSIONS,)``.
        intercept: the score of a text without known n-grams.
        threshold: texts that score below it are skipped.
    """

    def __init__(self, idf: Floats, weights: Floats, intercept: float, threshold: float) -> None:
        if idf.shape != (DIMENSIONS,) or weights.shape != (DIMENSIONS,):
            raise ValueError(f"the screen has {weights.shape} weights, not {DIMENSIONS}")
        self.idf = idf
        self.weights = weights
        self.intercept = intercept
        self.threshold = threshold

    @classmethod
    def load(cls, path: Path) -> "Prefilter":
        """Load a file written by :meth:`save`; nothing is unpickled.

        Raises:
            ValueError: the file is not a prefilter.
        """
        with np.load(path, allow_pickle=False) as file:
            rows = file["rows"].astype(np.int64)
            idf, weights = np.zeros(DIMENSIONS, np.float32), np.zeros(DIMENSIONS, np.float32)
            idf[rows], weights[rows] = file["idf"], file["weights"]
            intercept, threshold = map(float, file["line"])
        return cls(idf, weights, intercept, threshold)

    def save(self, path: Path) -> None:
        """Write the non-zero buckets in half precision as a compressed ``.npz``."""
        rows = np.flatnonzero(self.idf)
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                rows=rows.astype(np.uint32),
                idf=self.idf[rows].astype(np.float16),
                weights=self.weights[rows].astype(np.float16),
                line=np.array([self.intercept, self.threshold], np.float64),
            )

    def score(self, text: str) -> float:
        """The health relevance of a text as a logit: the maximum over its passages."""
        return max(map(self._passage, passages(text)))

    def _passage(self, text: str) -> float:
        found = buckets_of(text)
        idf = self.idf[found]
        norm = float(np.sqrt(idf @ idf))
        return self.intercept + (float(idf @ self.weights[found]) / norm if norm else 0.0)

    def lets_out(self, text: str) -> bool:
        """Whether a text is so unrelated to health that the model can skip it."""
        return self.score(text) < self.threshold
