"""Fitting a bundle's calibration and thresholds on the validation split."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from inference.calibration import Calibration, Platt, RiskModel, Thresholds
from inference.reading import Reading
from inference.scores import ListingScores
from inference.spans import find_claims
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS, PROHIBITED_LABELS
from training.metrics import SpanCounts

LABEL_RECALL = 0.90
"""A label's report threshold is the highest that keeps this share of its listings …"""
LABEL_REPORT_RANGE = (0.25, 0.60)
"""… within these bounds, so that a label with few examples neither floods nor hides."""
LABEL_PRECISION = 0.97
"""A label's sure threshold is the lowest from which this share is right."""
RISK_RECALL = 0.95
"""The risk's report threshold keeps this share of the prohibited listings."""
RISK_PRECISION = 0.95
"""The risk's sure threshold is right this often."""
HIGHEST_SURE = 0.95

Floats = npt.NDArray[np.float64]


def is_prohibited(record: Annotation) -> bool:
    """Gold verdict: an offer with a prohibited label (annotation guideline, section 3)."""
    return record.offer and bool(record.labels & set(PROHIBITED_LABELS))


def fit_platt(logits: Floats, truth: npt.NDArray[np.bool_], words: Floats | None = None) -> Platt:
    """Platt scaling (1999) by logistic regression, with the words' logit as a second input if given."""
    if truth.all() or not truth.any():
        return Platt()
    features = logits[:, None] if words is None else np.stack([logits, words], axis=1)
    model = LogisticRegression(C=10.0).fit(features, truth)
    slope = float(model.coef_[0, 0])
    lexical = float(model.coef_[0, 1]) if words is not None else 0.0
    if lexical < 0:  # words that count against a label are noise of a small split
        return fit_platt(logits, truth)
    if slope <= 0:  # a label without signal: keep the order of its logits
        return Platt()
    return Platt(slope=slope, lexical=lexical, intercept=float(model.intercept_[0]))


def fit_class_softmax(
    logits: Floats, truth: npt.NDArray[np.int64], words: Floats | None = None
) -> tuple[float, float]:
    """Temperature of the class softmax (Guo et al., 2017) and weight of the words' logits, by likelihood."""

    def loss(parameters: npt.NDArray[np.float64]) -> float:
        scaled = logits / np.exp(np.clip(parameters[0], -2.0, 2.0))
        if words is not None:
            scaled = scaled + abs(parameters[1]) * words
        scaled = scaled - scaled.max(axis=1, keepdims=True)
        log_p = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
        return float(-log_p[np.arange(len(truth)), truth].mean())

    best = minimize(loss, np.array([0.0, 0.5]), method="Nelder-Mead").x
    weight = float(abs(best[1])) if words is not None else 0.0
    return float(np.exp(np.clip(best[0], -2.0, 2.0))), weight


def threshold_for_recall(p: Floats, truth: npt.NDArray[np.bool_], recall: float) -> float:
    """The highest threshold at which at least ``recall`` of the true ones are kept."""
    kept = np.sort(p[truth])[::-1]
    if not len(kept):
        return 1.0
    return float(kept[min(len(kept) - 1, int(np.ceil(recall * len(kept))) - 1)])


def threshold_for_precision(p: Floats, truth: npt.NDArray[np.bool_], precision: float) -> float:
    """The lowest threshold at which precision is at least ``precision``; 1.0 if there is none.

    At a higher one it may be less: one early mistake must not decide.
    """
    order = np.argsort(-p)
    ranked = p[order]
    right = np.cumsum(truth[order]) / np.arange(1, len(p) + 1)
    # A threshold takes all that have its probability, so only the last of them counts.
    last_of_its_kind = np.append(ranked[1:] != ranked[:-1], True)[: len(p)]
    good = np.flatnonzero((right >= precision) & last_of_its_kind)
    return float(ranked[good[-1]]) if len(good) else 1.0


def calibrate(
    records: Sequence[Annotation], readings: Sequence[Reading], scores: Sequence[ListingScores]
) -> Calibration:
    """Fit everything on the validation split, records, readings and scores in the same order."""
    best = np.array([s.label_logits for s in scores], np.float64)
    has = np.array([[label in r.labels for label in LABELS] for r in records])
    words = [s.lexical for s in scores if s.lexical is not None]
    lexical = len(words) == len(scores) and bool(words)
    label_words = np.array([w.labels for w in words], np.float64) if lexical else None
    labels = {
        label: fit_platt(best[:, k], has[:, k], None if label_words is None else label_words[:, k])
        for k, label in enumerate(LABELS)
    }
    offers = np.array([r.offer for r in records])
    offer = fit_platt(
        np.array([s.offer for s in scores], np.float64),
        offers,
        np.array([w.offer for w in words]) if lexical else None,
    )
    temperature, class_lexical = fit_class_softmax(
        np.array([s.product_class for s in scores], np.float64),
        np.array([CLASSES.index(r.product_class) for r in records]),
        np.array([w.product_class for w in words], np.float64) if lexical else None,
    )

    label_thresholds = {}
    for k, label in enumerate(LABELS):
        said = label_words[:, k] if label_words is not None else np.zeros(len(scores))
        p = np.array(
            [labels[label].probability(float(x), float(w)) for x, w in zip(best[:, k], said, strict=True)]
        )
        report = float(np.clip(threshold_for_recall(p, has[:, k], LABEL_RECALL), *LABEL_REPORT_RANGE))
        sure = threshold_for_precision(p, has[:, k], LABEL_PRECISION)
        label_thresholds[label] = Thresholds(report=report, sure=float(np.clip(sure, report, HIGHEST_SURE)))

    start = Calibration(
        labels=labels,
        offer=offer,
        class_temperature=temperature,
        class_lexical=class_lexical,
        risk=RiskModel(),
        label_thresholds=label_thresholds,
        risk_thresholds=Thresholds(report=0.5, sure=0.5),
        token_threshold=0.5,
    )
    start = _with_risk(start, records, scores)
    return _with_token_thresholds(start, records, readings, scores)


def _with_risk(
    calibration: Calibration, records: Sequence[Annotation], scores: Sequence[ListingScores]
) -> Calibration:
    features = np.array([calibration.risk_features(s) for s in scores])
    truth = np.array([is_prohibited(r) for r in records])
    model = LogisticRegression(C=1.0).fit(features, truth)
    risk = RiskModel(
        strongest=float(model.coef_[0, 0]),
        offer=float(model.coef_[0, 1]),
        lexical=float(model.coef_[0, 2]),
        intercept=float(model.intercept_[0]),
    )
    calibration = calibration.model_copy(update={"risk": risk})
    p = np.array([calibration.risk_probability(s) for s in scores])
    sure = min(threshold_for_precision(p, truth, RISK_PRECISION), HIGHEST_SURE)
    report = min(threshold_for_recall(p, truth, RISK_RECALL), sure)
    return calibration.model_copy(update={"risk_thresholds": Thresholds(report=report, sure=sure)})


def _with_token_thresholds(
    calibration: Calibration,
    records: Sequence[Annotation],
    readings: Sequence[Reading],
    scores: Sequence[ListingScores],
) -> Calibration:
    """The two token thresholds whose spans have the best micro character F1 on offers."""
    best = (-1.0, calibration)
    for reach, seed in itertools.product(np.arange(0.3, 0.75, 0.05), (0.0, 0.6, 0.7, 0.8, 0.9)):
        if 0 < seed < reach:
            continue
        trial = calibration.model_copy(update={"token_threshold": float(reach), "seed_threshold": seed})
        counts = SpanCounts()
        for record, reading, listing in zip(records, readings, scores, strict=True):
            if record.offer:
                counts.add(record.spans, find_claims(reading, listing, trial))
        if counts.f1 > best[0]:
            best = (counts.f1, trial)
    return best[1]
