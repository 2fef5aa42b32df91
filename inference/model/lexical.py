"""A bag-of-words linear model that corrects the encoder's probabilities (decision 0004).

It knows the names of goods and claims but marks no spans. Words and word pairs are hashed, so the file holds
only numbers.
"""

import math
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.text.reading import Reading
from labels.taxonomy import CLASSES, LABELS

DIMENSIONS = 1 << 17
"""Number of hash buckets."""

OPENING_WORDS = 14
"""How many of a listing's first words may name the goods: mostly its title."""

OPENING_DIMENSIONS = 1 << 16
"""Number of hash buckets for the opening's terms."""

COLUMNS = 2 + len(CLASSES) + len(LABELS)
"""Number of outputs: prohibited, offer, one per class, one per label."""

CLASS_COLUMNS = slice(2, 2 + len(CLASSES))

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class LexicalScores:
    """Logits of one listing.

    Attributes:
        prohibited: for a prohibited verdict.
        offer: for an offer.
        product_class: shape ``(classes,)``.
        labels: shape ``(labels,)``.
    """

    prohibited: float
    offer: float
    product_class: Floats
    labels: Floats


def words(reading: Reading) -> list[str]:
    """The words of a reading in lower case, without spaces."""
    text, starts = reading.text.lower(), reading.word_starts
    # Lower-casing changes the length of some foreign letters; such texts keep their case.
    text = text if len(text) == len(reading.text) else reading.text
    return [word for a, b in pairwise(starts) if not (word := text[a:b]).isspace()]


def terms(found: Sequence[str]) -> list[str]:
    """Words and pairs of adjacent words."""
    return [*found, *(f"{a} {b}" for a, b in pairwise(found))]


def hashed(found: Sequence[str], dimensions: int = DIMENSIONS) -> tuple[Integers, Floats]:
    """Buckets in ascending order, and dampened counts, ``1 + log(count)``.

    Both have the shape ``(distinct buckets,)``.
    """
    counts = Counter(zlib.crc32(term.encode("utf-8", "surrogatepass")) % dimensions for term in found)
    buckets = np.array(sorted(counts), np.int64)
    weights = np.array([1.0 + math.log(counts[int(b)]) for b in buckets], np.float32)
    return buckets, weights


@dataclass(frozen=True)
class Opening:
    """Product class weights for the first :data:`OPENING_WORDS` words, added to those of the whole listing.

    Attributes:
        idf: shape ``(OPENING_DIMENSIONS,)``.
        weights: shape ``(OPENING_DIMENSIONS, classes)``.
    """

    idf: Floats
    weights: Floats


class LexicalModel:
    """Weights over hashed terms.

    Args:
        idf: inverse document frequency of each bucket, zero if too few training listings had it, shape
            ``(DIMENSIONS,)``.
        weights: shape ``(DIMENSIONS, COLUMNS)``.
        intercepts: shape ``(COLUMNS,)``.
        opening: ``None`` in older bundles.
    """

    def __init__(
        self, idf: Floats, weights: Floats, intercepts: Floats, opening: Opening | None = None
    ) -> None:
        if weights.shape != (DIMENSIONS, COLUMNS) or idf.shape != (DIMENSIONS,):
            raise ValueError(f"the lexical model has shape {weights.shape}: it belongs to another taxonomy")
        self.idf = idf
        self.weights = weights
        self.intercepts = intercepts
        self.opening = opening

    @classmethod
    def load(cls, path: Path) -> "LexicalModel":
        """Load a file written by :meth:`save`; nothing is unpickled.

        Raises:
            ValueError: the file belongs to another taxonomy.
        """
        with np.load(path, allow_pickle=False) as file:
            intercepts = file["intercepts"].astype(np.float32)
            idf, weights = _unpacked(file["rows"], file["idf"], file["weights"], DIMENSIONS)
            if "opening_rows" not in file:
                return cls(idf, weights, intercepts)
            opening = _unpacked(
                file["opening_rows"], file["opening_idf"], file["opening_weights"], OPENING_DIMENSIONS
            )
            return cls(idf, weights, intercepts, Opening(*opening))

    def save(self, path: Path) -> None:
        """Write the non-zero buckets in half precision as a compressed ``.npz``."""
        tables = {"": (self.idf, self.weights)}
        if self.opening is not None:
            tables["opening_"] = (self.opening.idf, self.opening.weights)
        arrays: dict[str, Any] = {"intercepts": self.intercepts}
        for prefix, (idf, weights) in tables.items():
            rows = np.flatnonzero(idf)
            arrays[f"{prefix}rows"] = rows.astype(np.uint32)
            arrays[f"{prefix}idf"] = idf[rows].astype(np.float16)
            arrays[f"{prefix}weights"] = weights[rows].astype(np.float16)
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)

    def score(self, reading: Reading) -> LexicalScores:
        """The logits of one listing."""
        found = words(reading)
        buckets, counts = hashed(terms(found))
        features = counts * self.idf[buckets]
        sums = features @ self.weights[buckets]
        length = float(np.linalg.norm(features))
        logits = (self.intercepts + sums / (length or 1.0)).astype(np.float32)
        classes = logits[CLASS_COLUMNS]
        if self.opening is not None:
            first, counts = hashed(terms(found[:OPENING_WORDS]), OPENING_DIMENSIONS)
            opening = counts * self.opening.idf[first]
            both = math.hypot(length, float(np.linalg.norm(opening))) or 1.0
            together = sums[CLASS_COLUMNS] + opening @ self.opening.weights[first]
            classes = (self.intercepts[CLASS_COLUMNS] + together / both).astype(np.float32)
        return LexicalScores(
            prohibited=float(logits[0]),
            offer=float(logits[1]),
            product_class=classes,
            labels=logits[CLASS_COLUMNS.stop :],
        )


def _unpacked(
    rows: npt.NDArray[np.uint32],
    idf: npt.NDArray[np.float16],
    weights: npt.NDArray[np.float16],
    dimensions: int,
) -> tuple[Floats, Floats]:
    """Expand the stored rows to tables over all buckets."""
    whole_idf = np.zeros(dimensions, np.float32)
    whole_weights = np.zeros((dimensions, weights.shape[1]), np.float32)
    whole_idf[rows], whole_weights[rows] = idf, weights
    return whole_idf, whole_weights
