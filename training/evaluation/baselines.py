"""Baselines for the model: the keyword scanner, and a linear model on PyThaiNLP's words."""

from collections.abc import Sequence
from typing import Any

from inference.keywords import KeywordBaseline
from inference.model.calibration import sigmoid
from inference.model.lexical import LexicalModel
from inference.text.reading import read
from labels.schema import Annotation, Claim
from labels.taxonomy import CLASSES, LABELS
from training.evaluation.calibrate import is_prohibited
from training.evaluation.evaluate import share
from training.evaluation.metrics import (
    LabelCounts,
    SpanCounts,
    calibration_error,
    figures_of_positives,
    precision,
)


def _verdict_figures(
    records: Sequence[Annotation], risk: Sequence[float], flagged: Sequence[bool]
) -> dict[str, Any]:
    truth = [is_prohibited(r) for r in records]
    return {
        **figures_of_positives(truth, risk, flagged),
        "verdict_precision": precision(truth, flagged),
        "clean_flagged_prohibited": share([f for f, t in zip(flagged, truth, strict=True) if not t]),
        "non_offers_flagged": share([f for f, r in zip(flagged, records, strict=True) if not r.offer]),
    }


def keyword_figures(records: Sequence[Annotation]) -> dict[str, Any]:
    """The keyword baseline on the same records, applied to the normalized text like the model."""
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


def linear_figures(model: LexicalModel, records: Sequence[Annotation]) -> dict[str, Any]:
    """The metrics of the bag-of-words model alone, without spans, at threshold 0.5."""
    scores = [model.score(read(record.text)) for record in records]
    risk = [sigmoid(s.prohibited) for s in scores]
    counts = LabelCounts()
    for record, found in zip(records, scores, strict=True):
        counts.add(record.labels, {label for k, label in enumerate(LABELS) if found.labels[k] > 0})
    classes = [CLASSES[int(s.product_class.argmax())] for s in scores]
    return {
        **_verdict_figures(records, risk, [r >= 0.5 for r in risk]),
        "label_f1": {label.value: counts.f1(label) for label in LABELS},
        "macro_f1": counts.macro_f1,
        "class_accuracy": share([c is r.product_class for c, r in zip(classes, records, strict=True)]),
        "offer_accuracy": share([(s.offer > 0) == r.offer for s, r in zip(scores, records, strict=True)]),
        "calibration_error": calibration_error([is_prohibited(r) for r in records], risk),
    }
