"""Fits a bundle's calibration and thresholds on validation texts, real ones if there are enough."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from inference.model.calibration import Calibration, Platt, RiskModel, Thresholds, risk_features
from inference.model.scores import ListingScores
from inference.model.spans import find_claims
from inference.text.reading import Reading
from labels.schema import Annotation
from labels.taxonomy import CLASSES, LABELS, PROHIBITED_LABELS
from training.evaluation.metrics import SpanCounts

LABEL_RECALL = 0.90
"""Recall of a label's report threshold: the highest threshold that keeps this share of its listings …"""
LABEL_REPORT_RANGE = (0.25, 0.60)
"""… within these bounds, so that labels with few examples neither flood nor vanish."""
LABEL_PRECISION = 0.97
"""Precision of a label's sure threshold: the lowest threshold that reaches it."""
RISK_RECALL = 0.95
"""Recall of the risk's report threshold on prohibited listings."""
RISK_PRECISION = 0.95
"""Precision of the risk's sure threshold."""
HIGHEST_SURE = 0.95
RISK_TOKENS = 2
"""Adjacent tokens whose mean logit counts in the risk; see :class:`inference.model.calibration.RiskModel`."""

REAL_RISK_PRECISION = 0.86
"""On real texts, where violations are worded less plainly: precision of the risk's sure threshold …"""
REAL_RISK_RECALL = 0.96
"""… recall of its report threshold on prohibited texts …"""
REAL_REVIEW_SHARE = 0.08
"""… and the largest share of texts between the two: reviewers have hours, not days."""
REAL_LABEL_RANGE = (0.2, 0.7)
"""Bounds for a label's report threshold on real texts, which maximizes F1 within them."""
FEWEST_OF_LABEL = 10
"""A label with fewer decisive texts gets its thresholds from all texts."""

REAL_WEIGHT = 4.0
"""Weight of a real text relative to a written one where a label's probability is fitted on both."""
FEWEST_REAL = 30
"""With fewer prohibited real texts, thresholds are fitted on the written ones."""

Floats = npt.NDArray[np.float64]


def is_prohibited(record: Annotation) -> bool:
    """Gold verdict: an offer with a prohibited label (annotation guideline, section 3)."""
    return record.offer and bool(record.labels & set(PROHIBITED_LABELS))


def fit_platt(
    logits: Floats,
    truth: npt.NDArray[np.bool_],
    words: Floats | None = None,
    weights: Floats | None = None,
) -> Platt:
    """Platt scaling (1999) by logistic regression, with the bag-of-words logit as optional second input."""
    if truth.all() or not truth.any():
        return Platt()
    features = logits[:, None] if words is None else np.stack([logits, words], axis=1)
    model = LogisticRegression(C=10.0).fit(features, truth, weights)
    slope = float(model.coef_[0, 0])
    lexical = float(model.coef_[0, 1]) if words is not None else 0.0
    if lexical < 0:  # a negative weight would be noise of a small split
        return fit_platt(logits, truth, weights=weights)
    if slope <= 0:  # a label without signal: keep the order of its logits
        return Platt()
    return Platt(slope=slope, lexical=lexical, intercept=float(model.intercept_[0]))


def fit_class_softmax(
    logits: Floats, truth: npt.NDArray[np.int64], words: Floats | None = None
) -> tuple[float, float]:
    """Fit the class softmax: temperature (Guo et al., 2017) and weight of the bag-of-words logits.

    Both by maximum likelihood.
    """

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
    """The highest threshold that keeps at least ``recall`` of the positives."""
    kept = np.sort(p[truth])[::-1]
    if not len(kept):
        return 1.0
    return float(kept[min(len(kept) - 1, int(np.ceil(recall * len(kept))) - 1)])


def threshold_for_precision(p: Floats, truth: npt.NDArray[np.bool_], precision: float) -> float:
    """The lowest threshold at which precision is at least ``precision``; 1.0 if there is none.

    Precision may be lower at a higher threshold: one early error must not decide.
    """
    order = np.argsort(-p)
    ranked = p[order]
    right = np.cumsum(truth[order]) / np.arange(1, len(p) + 1)
    # A threshold includes all items with its probability, so only the last of them counts.
    last_of_its_kind = np.append(ranked[1:] != ranked[:-1], True)[: len(p)]
    good = np.flatnonzero((right >= precision) & last_of_its_kind)
    return float(ranked[good[-1]]) if len(good) else 1.0


def threshold_of_best_f1(p: Floats, truth: npt.NDArray[np.bool_], low: float, high: float) -> float:
    """The threshold within bounds with the best F1; the lower bound if no probability lies between them."""
    candidates = np.unique(p[(p >= low) & (p <= high)])
    if not len(candidates):
        return low
    scores = [2 * ((p >= t) & truth).sum() / ((p >= t).sum() + truth.sum()) for t in candidates]
    return float(candidates[int(np.argmax(scores))])


def fit_risk(features: Floats, truth: npt.NDArray[np.bool_]) -> RiskModel:
    """Fit the risk model by maximum likelihood, with an L2 penalty of strength 1.

    Args:
        features: of :func:`inference.model.calibration.risk_features`, shape ``(texts, 4)``.
    """
    if truth.all() or not truth.any():
        return RiskModel(tokens=RISK_TOKENS)
    claims = np.column_stack([features[:, :2], np.ones(len(features))])
    offers = np.column_stack([features[:, 2:], np.ones(len(features))])

    def loss(parameters: Floats) -> float:
        log_p = -np.logaddexp(0, -claims @ parameters[:3]) - np.logaddexp(0, -offers @ parameters[3:])
        log_not_p = np.log(-np.expm1(np.minimum(log_p, -1e-9)))
        return float(-np.where(truth, log_p, log_not_p).sum() + 0.5 * (parameters**2).sum())

    bounds = [(0, None), (0, None), (None, None)] * 2
    best = [float(x) for x in minimize(loss, np.full(6, 0.5), method="L-BFGS-B", bounds=bounds).x]
    return RiskModel(
        claim=best[0],
        words=best[1],
        claim_intercept=best[2],
        offer=best[3],
        offer_words=best[4],
        offer_intercept=best[5],
        tokens=RISK_TOKENS,
    )


def calibrate(
    records: Sequence[Annotation],
    readings: Sequence[Reading],
    scores: Sequence[ListingScores],
    real: Sequence[bool] = (),
) -> Calibration:
    """Fit a calibration on validation texts; records, readings and scores are in the same order.

    Args:
        real: whether each text is a real seller's; default: none is. If enough of the real ones are
            prohibited (:data:`FEWEST_REAL`), offer, class, risk, spans and all thresholds are fitted on them
            alone, and the written ones only help with the labels' probabilities, since some labels are rare.
    """
    is_real = np.array(real, bool) if len(real) else np.zeros(len(records), bool)
    prohibited = np.array([is_prohibited(record) for record in records])
    on_real = bool((is_real & prohibited).sum() >= FEWEST_REAL)
    decisive = is_real if on_real else np.ones(len(records), bool)
    chosen = np.flatnonzero(decisive).tolist()
    best = np.array([s.label_logits for s in scores], np.float64)
    has = np.array([[label in r.labels for label in LABELS] for r in records])
    words = [s.lexical for s in scores if s.lexical is not None]
    lexical = len(words) == len(scores) and bool(words)
    label_words = np.array([w.labels for w in words], np.float64) if lexical else None
    weights = np.where(decisive, REAL_WEIGHT, 1.0)
    labels = {
        label: fit_platt(best[:, k], has[:, k], None if label_words is None else label_words[:, k], weights)
        for k, label in enumerate(LABELS)
    }
    offer = fit_platt(
        np.array([s.offer for s in scores], np.float64)[chosen],
        np.array([r.offer for r in records])[chosen],
        np.array([w.offer for w in words])[chosen] if lexical else None,
    )
    temperature, class_lexical = fit_class_softmax(
        np.array([s.product_class for s in scores], np.float64)[chosen],
        np.array([CLASSES.index(r.product_class) for r in records])[chosen],
        np.array([w.product_class for w in words], np.float64)[chosen] if lexical else None,
    )
    start = Calibration(
        labels=labels,
        offer=offer,
        class_temperature=temperature,
        class_lexical=class_lexical,
        risk=RiskModel(),
        label_thresholds={
            label: _label_thresholds(labels[label], best[:, k], has[:, k], label_words, k, decisive, on_real)
            for k, label in enumerate(LABELS)
        },
        risk_thresholds=Thresholds(report=0.5, sure=0.5),
        token_threshold=0.5,
    )
    told = [records[i] for i in chosen], [readings[i] for i in chosen], [scores[i] for i in chosen]
    start = _with_risk(start, told[0], told[2], on_real)
    return _with_token_thresholds(start, *told)


def _label_thresholds(
    platt: Platt,
    logits: Floats,
    has: npt.NDArray[np.bool_],
    label_words: Floats | None,
    column: int,
    decisive: npt.NDArray[np.bool_],
    real: bool,
) -> Thresholds:
    """The thresholds of one label, on the decisive texts if enough of them have it, otherwise on all."""
    said = label_words[:, column] if label_words is not None else np.zeros(len(logits))
    p = np.array([platt.probability(float(x), float(w)) for x, w in zip(logits, said, strict=True)])
    enough = (has & decisive).sum() >= FEWEST_OF_LABEL
    if enough:
        p, has = p[decisive], has[decisive]
    if enough and real:
        report = threshold_of_best_f1(p, has, *REAL_LABEL_RANGE)
    else:
        report = float(np.clip(threshold_for_recall(p, has, LABEL_RECALL), *LABEL_REPORT_RANGE))
    sure = threshold_for_precision(p, has, LABEL_PRECISION)
    return Thresholds(report=report, sure=float(np.clip(sure, report, HIGHEST_SURE)))


def _with_risk(
    calibration: Calibration, records: Sequence[Annotation], scores: Sequence[ListingScores], real: bool
) -> Calibration:
    truth = np.array([is_prohibited(r) for r in records])
    risk = fit_risk(np.array([risk_features(s, RISK_TOKENS) for s in scores]), truth)
    calibration = calibration.model_copy(update={"risk": risk})
    p = np.array([calibration.risk_probability(s) for s in scores])
    precision = REAL_RISK_PRECISION if real else RISK_PRECISION
    sure = min(threshold_for_precision(p, truth, precision), HIGHEST_SURE)
    report = min(threshold_for_recall(p, truth, REAL_RISK_RECALL if real else RISK_RECALL), sure)
    if real:
        below = np.sort(p[p < sure])[::-1]
        most = int(REAL_REVIEW_SHARE * len(p))
        if most < len(below):
            report = max(report, float(below[most - 1]) if most else sure)
    return calibration.model_copy(update={"risk_thresholds": Thresholds(report=report, sure=sure)})


def _with_token_thresholds(
    calibration: Calibration,
    records: Sequence[Annotation],
    readings: Sequence[Reading],
    scores: Sequence[ListingScores],
) -> Calibration:
    """The two token thresholds that maximize micro character F1 of spans on offers."""
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
