"""Fitting the linear model on words that stands beside the encoder."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from inference.lexical import COLUMNS, DIMENSIONS, LexicalModel, hashed, terms
from inference.reading import read
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS
from training.calibrate import is_prohibited

STRENGTH = 10.0
"""Inverse of the L2 penalty (scikit-learn's ``C``)."""

FEWEST_LISTINGS = 2
"""A term in fewer listings tells nothing of others."""

NEVER = -8.0
"""Intercept of what the training listings never had."""


def fit_lexical(records: Sequence[Annotation]) -> LexicalModel:
    """Logistic regressions on TF-IDF of words and pairs of words (L2-normalized, smooth idf).

    Args:
        records: the training split; calibration later weighs the model by listings that it has not seen.
    """
    rows = [hashed(terms(read(record.text))) for record in records]
    found = np.concatenate([buckets for buckets, _ in rows])
    listings = np.bincount(found, minlength=DIMENSIONS)
    idf = np.where(
        listings >= FEWEST_LISTINGS, np.log((1 + len(records)) / (1 + np.maximum(listings, 1))) + 1, 0.0
    ).astype(np.float32)
    data = []
    for buckets, counts in rows:
        features = counts * idf[buckets]
        data.append(features / (float(np.linalg.norm(features)) or 1.0))
    features = csr_matrix(
        (np.concatenate(data), found, np.cumsum([0, *(len(b) for b, _ in rows)])),
        shape=(len(records), DIMENSIONS),
    )
    kept = np.flatnonzero(idf)
    features = features[:, kept]
    weights, intercepts = np.zeros((DIMENSIONS, COLUMNS), np.float32), np.full(COLUMNS, NEVER, np.float32)

    answers = [[is_prohibited(r) for r in records], [r.offer for r in records]]
    answers += [[r.product_class is kind for r in records] for kind in CLASSES]
    answers += [[label in r.labels for r in records] for label in LABELS]
    for column, answer in enumerate(answers):
        if all(answer):
            intercepts[column] = -NEVER
        elif any(answer):
            model = LogisticRegression(C=STRENGTH, solver="liblinear").fit(features, answer)
            weights[kept, column] = model.coef_[0]
            intercepts[column] = model.intercept_[0]
    return LexicalModel(idf, weights, intercepts)
