"""What the model is measured against: the keyword scanner, and a linear model on PyThaiNLP's words."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from inference.keywords import KeywordBaseline
from inference.reading import read
from inference.words import split_words
from labels.schema import Annotation, Claim
from labels.taxonomy import CLASSES, LABELS
from training.calibrate import is_prohibited
from training.evaluate import share
from training.metrics import (
    LabelCounts,
    SpanCounts,
    average_precision,
    calibration_error,
    recall_at_precision,
)


def _verdict_figures(
    records: Sequence[Annotation], risk: Sequence[float], flagged: Sequence[bool]
) -> dict[str, Any]:
    truth = [is_prohibited(r) for r in records]
    right = sum(f and t for f, t in zip(flagged, truth, strict=True))
    return {
        "average_precision": average_precision(truth, risk),
        "recall_at_precision_95": recall_at_precision(truth, risk, 0.95),
        "verdict_precision": right / max(1, sum(flagged)),
        "verdict_recall": right / max(1, sum(truth)),
        "clean_flagged_prohibited": share([f for f, t in zip(flagged, truth, strict=True) if not t]),
        "non_offers_flagged": share([f for f, r in zip(flagged, records, strict=True) if not r.offer]),
    }


def keyword_figures(records: Sequence[Annotation]) -> dict[str, Any]:
    """The keyword baseline on the same records: it reads the normalized text, as the model does."""
    baseline = KeywordBaseline()
    labels, spans = LabelCounts(), SpanCounts()
    scores, flagged = [], []
    for record in records:
        reading = read(record.text)
        hits = [(*reading.original_span(h.start, h.end), h.label) for h in baseline.scan(reading.text)]
        claims = [
            Claim(start=a, end=b, label=label, probability=1.0, text=record.text[a:b]) for a, b, label in hits
        ]
        labels.add(record.labels, {claim.label for claim in claims})
        spans.add(record.spans, claims)
        scores.append(baseline.score(reading.text))
        flagged.append(baseline.is_prohibited(reading.text))
    return {
        **_verdict_figures(records, scores, flagged),
        "label_f1": {label.value: labels.f1(label) for label in LABELS},
        "macro_f1": labels.macro_f1,
        "span_f1": spans.f1,
    }


def words_of(text: str) -> list[str]:
    """The words of a reading, as the linear model counts them."""
    return [word for word in split_words(read(text).text.lower()) if not word.isspace()]


class LinearBaseline:
    """Logistic regressions on TF-IDF of one and two words in a row; no spans.

    Fitted on the training split with scikit-learn's defaults but for ``C`` and balanced classes.
    """

    def __init__(self, records: Sequence[Annotation]) -> None:
        self._words = TfidfVectorizer(analyzer=_one_and_two, min_df=2, sublinear_tf=True)
        features = self._words.fit_transform([record.text for record in records])
        self._prohibited = _model().fit(features, [is_prohibited(r) for r in records])
        self._offer = _model().fit(features, [r.offer for r in records])
        self._class = _model().fit(features, [CLASSES.index(r.product_class) for r in records])
        self._labels = {
            label: _model().fit(features, [label in r.labels for r in records])
            for label in LABELS
            if 0 < sum(label in r.labels for r in records) < len(records)
        }

    def figures(self, records: Sequence[Annotation]) -> dict[str, Any]:
        """The figures that a model without spans can have, at probability one half."""
        features = self._words.transform([record.text for record in records])
        risk = self._prohibited.predict_proba(features)[:, 1]
        answers = {label: model.predict(features) for label, model in self._labels.items()}
        counts = LabelCounts()
        for i, record in enumerate(records):
            counts.add(record.labels, {label for label, found in answers.items() if found[i]})
        classes = np.array([CLASSES.index(r.product_class) for r in records])
        offers = np.array([r.offer for r in records])
        truth = [is_prohibited(r) for r in records]
        return {
            **_verdict_figures(records, risk.tolist(), (risk >= 0.5).tolist()),
            "label_f1": {label.value: counts.f1(label) for label in LABELS},
            "macro_f1": counts.macro_f1,
            "class_accuracy": float((self._class.predict(features) == classes).mean()),
            "offer_accuracy": float((self._offer.predict(features) == offers).mean()),
            "calibration_error": calibration_error(truth, risk.tolist()),
        }


def _model() -> LogisticRegression:
    return LogisticRegression(C=10.0, class_weight="balanced", max_iter=500)


def _one_and_two(text: str) -> list[str]:
    words = words_of(text)
    return words + [f"{a} {b}" for a, b in pairwise(words)]
