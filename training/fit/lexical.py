"""Fits the bag-of-words linear model that complements the encoder."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from inference.model.lexical import (
    CLASS_COLUMNS,
    COLUMNS,
    DIMENSIONS,
    OPENING_DIMENSIONS,
    OPENING_WORDS,
    LexicalModel,
    Opening,
    hashed,
    terms,
    words,
)
from inference.text.reading import read
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS
from training.evaluation.calibrate import is_prohibited

STRENGTH = 10.0
"""Inverse of the L2 penalty (scikit-learn's ``C``)."""

FEWEST_LISTINGS = 2
"""A term in fewer listings does not generalize."""

NEVER = -8.0
"""Intercept of outputs that never occur in training."""


@dataclass(frozen=True)
class _Table:
    """TF-IDF of some terms, one row per listing, not normalized, over the buckets in use."""

    idf: npt.NDArray[np.float32]
    features: csr_matrix

    @property
    def kept(self) -> npt.NDArray[np.intp]:
        """The bucket of each column."""
        return np.flatnonzero(self.idf)


def _table(rows: Sequence[Sequence[str]], dimensions: int) -> _Table:
    """Dampened counts times smooth idf for the terms of each listing."""
    hashes = [hashed(row, dimensions) for row in rows]
    found = np.concatenate([buckets for buckets, _ in hashes])
    listings = np.bincount(found, minlength=dimensions)
    idf = np.where(
        listings >= FEWEST_LISTINGS, np.log((1 + len(rows)) / (1 + np.maximum(listings, 1))) + 1, 0.0
    ).astype(np.float32)
    features = csr_matrix(
        (
            np.concatenate([counts * idf[buckets] for buckets, counts in hashes]),
            found,
            np.cumsum([0, *(len(buckets) for buckets, _ in hashes)]),
        ),
        shape=(len(rows), dimensions),
    )
    return _Table(idf, features[:, np.flatnonzero(idf)])


def fit_lexical(records: Sequence[Annotation]) -> LexicalModel:
    """Fit logistic regressions on TF-IDF of words and word pairs (L2-normalized, smooth idf).

    The product class gets the opening's words as additional features: using them in all columns cost the
    labels on the validation split what the class gained.

    Args:
        records: the training split; calibration later weights the model on listings it has not seen.
    """
    found = [words(read(record.text)) for record in records]
    whole = _table([terms(row) for row in found], DIMENSIONS)
    first = _table([terms(row[:OPENING_WORDS]) for row in found], OPENING_DIMENSIONS)
    alone = normalize(whole.features)
    both = normalize(hstack([whole.features, first.features], format="csr"))
    intercepts = np.full(COLUMNS, NEVER, np.float32)
    weights = np.zeros((DIMENSIONS, COLUMNS), np.float32)
    opening = np.zeros((OPENING_DIMENSIONS, len(CLASSES)), np.float32)

    def fit(column: int, answer: Sequence[bool], features: csr_matrix) -> npt.NDArray[np.float64] | None:
        if all(answer):
            intercepts[column] = -NEVER
        elif any(answer):
            model = LogisticRegression(C=STRENGTH, solver="liblinear").fit(features, answer)
            intercepts[column] = model.intercept_[0]
            coefficients: npt.NDArray[np.float64] = model.coef_[0]
            weights[whole.kept, column] = coefficients[: len(whole.kept)]
            return coefficients
        return None

    fit(0, [is_prohibited(r) for r in records], alone)
    fit(1, [r.offer for r in records], alone)
    for number, kind in enumerate(CLASSES):
        column = CLASS_COLUMNS.start + number
        if (coefficients := fit(column, [r.product_class is kind for r in records], both)) is not None:
            opening[first.kept, number] = coefficients[len(whole.kept) :]
    for number, label in enumerate(LABELS):
        fit(CLASS_COLUMNS.stop + number, [label in r.labels for r in records], alone)
    return LexicalModel(whole.idf, weights, intercepts, Opening(first.idf, opening))
