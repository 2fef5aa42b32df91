"""The prefilter's linear model, which tells texts that have nothing to do with health.

It works on hashed n-grams of characters and of the runs between spaces, applied to passages of the raw
text without its HTML. The highest-scoring passage counts, so that one line about a cure is not drowned by
many about shirts.
Newer bundles add the score of :mod:`inference.model.claim_detector` and compare the sum with a threshold of
its own. Either threshold is set so that hardly any unseen prohibited listing, plain or disguised, is skipped
(``training.fit``). The prefilter contains no word list and gives no verdict.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from inference.model.run_hashes import run_hashes
from inference.text.markup import without_markup

DIMENSIONS = 1 << 18
"""Number of hash buckets."""

LENGTHS = (2, 3, 4)
"""Lengths of the n-grams in characters."""

PASSAGE, STEP = 600, 450
"""Length of a passage in characters, and the step from one to the next."""

AT_ONCE: Final = 192
"""Passages hashed together: each call of numpy costs as much as some hundred characters."""

Floats = npt.NDArray[np.float32]
Buckets = npt.NDArray[np.int64]

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")
_RUN = re.compile(r"[^\W_]+")
_LINE_END, _SPACE = ord("\n"), ord(" ")
_BUCKET = np.uint32(DIMENSIONS - 1)
_PASSAGE_BITS = DIMENSIONS.bit_length() - 1
_NOTHING = np.uint32(0xFFFF_FFFF)
"""The key of an n-gram that crosses from one passage to the next."""


def passages(text: str) -> Iterator[str]:
    """Overlapping passages that cover a text without its HTML; a single one for a short text."""
    text = without_markup(text)
    yield text[:PASSAGE]
    for start in range(STEP, len(text) - PASSAGE + STEP, STEP):
        yield text[start : start + PASSAGE]


def buckets_of(text: str) -> Buckets:
    """The distinct buckets of a text without its HTML, in ascending order."""
    return _buckets([without_markup(text)])[0]


def _buckets(texts: Sequence[str]) -> tuple[Buckets, list[int]]:
    """The distinct buckets of each passage in ascending order, one passage after the other.

    A key is the number of a passage above the bits of a bucket, so that one sort serves all passages.

    Returns:
        The buckets, and where those of each passage begin and the last's end.
    """
    # A line feed begins each passage; inside, all white space is a space.
    letters = _code_points("".join(f"\n{plain}" for plain in _plain(texts)))
    begins = np.flatnonzero(letters == _LINE_END)
    passage = np.repeat(_first_keys(len(texts)), np.diff(begins, append=len(letters)))
    runs = np.where(_matched(_RUN)[letters], letters, np.uint32(_SPACE))
    runs[begins] = _LINE_END
    hashed_runs = run_hashes(_utf8(runs) + b"\n")
    found = [
        hashed_runs.runs & _BUCKET | passage[begins][hashed_runs.run_lines],
        hashed_runs.pairs & _BUCKET | passage[begins][hashed_runs.pair_lines],
    ]
    hashed = letters * np.uint32(2654435761)
    for length in range(2, LENGTHS[-1] + 1):
        if len(letters) < length:
            break
        # Extend the hash of the previous characters by one more.
        before = hashed[:-1]
        hashed = (before ^ (before >> np.uint32(15))) * np.uint32(2246822519)
        hashed += letters[length - 1 :] * np.uint32(3266489917)
        keys = (hashed ^ (hashed >> np.uint32(13))) * np.uint32(668265263)
        keys ^= keys >> np.uint32(16)
        keys = keys & _BUCKET | passage[: len(keys)]
        keys[np.clip(begins[:, None] - np.arange(length), 0, len(keys) - 1)] = _NOTHING
        found.append(keys)
    keys = np.sort(np.concatenate(found))
    keys = keys[: np.searchsorted(keys, _NOTHING)]
    distinct = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=distinct[1:])
    keys = keys.take(np.flatnonzero(distinct))
    ends = np.searchsorted(keys, _first_keys(len(texts))).tolist()
    return (keys & _BUCKET).astype(np.int64), [*ends, len(keys)]


def _plain(texts: Sequence[str]) -> Iterator[str]:
    """Texts in lower case, without invisible characters, with single spaces."""
    # Looking all code points up is quicker than searching each text.
    found = _matched(_INVISIBLE)[_code_points("".join(texts))]
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    holding = set(np.searchsorted(ends, np.flatnonzero(found), side="right").tolist())
    for place, text in enumerate(texts):
        yield " ".join((_INVISIBLE.sub("", text) if place in holding else text).split()).lower()


def _first_keys(count: int) -> npt.NDArray[np.uint32]:
    """The keys of the first bucket of each passage."""
    return np.arange(count, dtype=np.uint32) << np.uint32(_PASSAGE_BITS)


def _code_points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _utf8(code_points: npt.NDArray[np.uint32]) -> bytes:
    text = code_points.tobytes().decode("utf-32-le", "surrogatepass")
    return text.encode("utf-8", "surrogatepass")


@cache
def _matched(pattern: re.Pattern[str]) -> npt.NDArray[np.bool_]:
    """For each code point, whether a pattern matches it."""
    every = np.arange(0x110000, dtype=np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
    found = np.zeros(len(every), np.bool_)
    for match in pattern.finditer(every):
        found[match.start() : match.end()] = True
    return found


class Prefilter:
    """Weights over hashed n-grams.

    Args:
        idf: inverse document frequency of each bucket, zero if it was too rare in training, shape
            ``(DIMENSIONS,)``.
        weights: shape ``(DIMENSIONS,)``.
        intercept: the score of a text without known n-grams.
        threshold: texts that score below it are skipped if the bundle has no claim detector.
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
        return self.scores([text])[0]

    def scores(self, texts: Sequence[str]) -> list[float]:
        """The score of each text; it does not depend on the other texts, which only save time."""
        found = [-np.inf] * len(texts)
        pieces = ((place, passage) for place, text in enumerate(texts) for passage in passages(text))
        while some := list(islice(pieces, AT_ONCE)):
            for (place, _), score in zip(some, self._passages([passage for _, passage in some]), strict=True):
                found[place] = max(found[place], score)
        return found

    def _passages(self, texts: Sequence[str]) -> Iterator[float]:
        found, ends = _buckets(texts)
        all_idf, all_weights = self.idf.take(found), self.weights.take(found)
        for begin, end in pairwise(ends):
            idf = all_idf[begin:end]
            norm = float(np.sqrt(idf @ idf))
            yield self.intercept + (float(idf @ all_weights[begin:end]) / norm if norm else 0.0)

    def lets_out(self, text: str) -> bool:
        """Whether this model alone would skip a text."""
        return self.score(text) < self.threshold
