"""Scores how much written listings resemble real texts, with a linear classifier that tells them apart."""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from labels.schema import Annotation

FOLDS = 4
"""Number of cross-fitting folds: each text is scored by a model fitted without its source or group."""

_DIGIT = re.compile(r"[0-9๐-๙]")

Floats = npt.NDArray[np.float64]


def likeness(real: Sequence[Annotation], written: Sequence[Annotation]) -> tuple[Floats, float]:
    """The probability that each written listing is real, shape ``(len(written),)``, and the model's AUC.

    Features are character 2- to 4-grams with all digits equal; classes are balanced. An AUC of 0.5 means that
    the two cannot be told apart; every text is scored by a model that saw no other text of its source.
    """
    records = [*real, *written]
    groups = [
        r.source if kept else r.group or r.id for kept, part in ((True, real), (False, written)) for r in part
    ]
    truth = np.array([1] * len(real) + [0] * len(written))
    features = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 4),
        min_df=5,
        max_features=200_000,
        sublinear_tf=True,
        preprocessor=lambda text: _DIGIT.sub("0", text.lower()),
    ).fit_transform(record.text for record in records)
    model = LogisticRegression(class_weight="balanced", solver="liblinear")
    found: Floats = cross_val_predict(
        model, features, truth, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba"
    )[:, 1]
    return found[len(real) :], float(roc_auc_score(truth, found))


def like_real(
    written: Sequence[Annotation], weights: npt.ArrayLike, count: int, seed: int
) -> list[Annotation]:
    """Sample ``count`` listings without replacement, weighted, keeping their order."""
    if count >= len(written):
        return list(written)
    share = np.asarray(weights, float)
    drawn = np.random.default_rng(seed).choice(len(written), count, replace=False, p=share / share.sum())
    return [written[i] for i in np.sort(drawn)]
