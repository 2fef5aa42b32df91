"""A linear model on a listing's words, which stands beside the encoder in a bundle.

It has no spans and marks nothing; it knows what goods and claims are called, and corrects the encoder's
probabilities (decision 0004). Words and pairs of words are hashed, so that the file holds numbers only.
"""

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference.reading import Reading
from labels.taxonomy import CLASSES, LABELS

DIMENSIONS = 1 << 17
"""Buckets of the hash."""

COLUMNS = 2 + len(CLASSES) + len(LABELS)
"""Outputs: prohibited, offer, one a class, one a label."""

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LexicalScores:
    """Logits of one listing.

    Attributes:
        prohibited: that the verdict is prohibited.
        offer: that it is an offer.
        product_class: shape ``(classes,)``.
        labels: shape ``(labels,)``.
    """

    prohibited: float
    offer: float
    product_class: Floats
    labels: Floats


def terms(reading: Reading) -> list[str]:
    """The words of a reading and its pairs of neighbours, in lower case, spaces left out."""
    text, starts = reading.text.lower(), reading.word_starts
    # Lower case can change the length of some foreign letters; those texts are cut as they are.
    text = text if len(text) == len(reading.text) else reading.text
    words = [word for a, b in pairwise(starts) if not (word := text[a:b]).isspace()]
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def hashed(found: Sequence[str]) -> tuple[Integers, Floats]:
    """Buckets and dampened counts, ``1 + log(count)``, both of shape ``(distinct buckets,)``, in order."""
    counts = Counter(zlib.crc32(term.encode("utf-8", "surrogatepass")) % DIMENSIONS for term in found)
    buckets = np.array(sorted(counts), np.int64)
    weights = np.array([1.0 + math.log(counts[int(b)]) for b in buckets], np.float32)
    return buckets, weights


class LexicalModel:
    """Weights over hashed terms.

    Args:
        idf: inverse document frequency of each bucket, zero for one that too few listings had in training,
            shape ``(DIMENSIONS,)``.
        weights: shape ``(DIMENSIONS, COLUMNS)``.
        intercepts: shape ``(COLUMNS,)``.
    """

    def __init__(self, idf: Floats, weights: Floats, intercepts: Floats) -> None:
        if weights.shape != (DIMENSIONS, COLUMNS) or idf.shape != (DIMENSIONS,):
            raise ValueError(f"the lexical model has shape {weights.shape}: it is of another taxonomy")
        self.idf = idf
        self.weights = weights
        self.intercepts = intercepts

    @classmethod
    def load(cls, path: Path) -> "LexicalModel":
        """Read what :meth:`save` wrote; nothing is unpickled.

        Raises:
            ValueError: the file is of another taxonomy.
        """
        with np.load(path, allow_pickle=False) as file:
            rows = file["rows"].astype(np.int64)
            idf, weights = np.zeros(DIMENSIONS, np.float32), np.zeros((DIMENSIONS, COLUMNS), np.float32)
            idf[rows] = file["idf"]
            weights[rows] = file["weights"]
            return cls(idf, weights, file["intercepts"].astype(np.float32))

    def save(self, path: Path) -> None:
        """Write the buckets that count, in half precision, as a compressed ``.npz``."""
        rows = np.flatnonzero(self.idf)
        with path.open("wb") as file:
            np.savez_compressed(
                file,
                rows=rows.astype(np.uint32),
                idf=self.idf[rows].astype(np.float16),
                weights=self.weights[rows].astype(np.float16),
                intercepts=self.intercepts,
            )

    def score(self, reading: Reading) -> LexicalScores:
        """The logits of one listing."""
        buckets, counts = hashed(terms(reading))
        features = counts * self.idf[buckets]
        norm = float(np.linalg.norm(features))
        scaled = (features / norm if norm else features).astype(np.float32)
        logits: Floats = self.intercepts + scaled @ self.weights[buckets]
        return LexicalScores(
            prohibited=float(logits[0]),
            offer=float(logits[1]),
            product_class=logits[2 : 2 + len(CLASSES)],
            labels=logits[2 + len(CLASSES) :],
        )
