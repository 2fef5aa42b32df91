"""Evaluates a classifier on annotated listings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.classifier import Classifier
from inference.licences import find_numbers
from inference.policy import Policy
from inference.text.reading import read
from labels.schema import Annotation, Assessment, Listing
from labels.taxonomy import LABELS, ProductClass, Verdict
from training.evaluation.calibrate import is_prohibited
from training.evaluation.metrics import (
    LabelCounts,
    SpanCounts,
    average_precision,
    calibration_error,
    figures_of_positives,
    precision,
    reliability,
)

Progress = Callable[[int, int], None]

AT_ONCE = 32
"""Records between two progress reports."""


def gold_verdict(record: Annotation, policy: Policy) -> Verdict:
    """The verdict that an annotation implies (annotation guideline, section 3).

    Whether a permit of the right kind is shown is determined from the numbers in the text.
    """
    if not record.offer:
        return Verdict.NOT_AN_AD
    if is_prohibited(record):
        return Verdict.PROHIBITED
    if record.spans and not policy.permit_shown(record.product_class, find_numbers(record.text)):
        return Verdict.NEEDS_PERMIT
    return Verdict.CLEAR


@dataclass(frozen=True)
class Measured:
    """Records and a classifier's answers in the same order.

    Attributes:
        model_risk: the model's risk before any rule of the policy, aligned with ``answers``.
    """

    records: Sequence[Annotation]
    answers: Sequence[Assessment]
    model_risk: Sequence[float]
    verdicts: Sequence[Verdict]


def run(classifier: Classifier, records: Sequence[Annotation], progress: Progress | None = None) -> Measured:
    """Classify the bare text of every record: no platform or price marks it as an offer."""
    answers, risks = [], []
    for start in range(0, len(records), AT_ONCE):
        part = records[start : start + AT_ONCE]
        listings = [Listing(id=r.id, description=r.text) for r in part]
        for answer, risk in classifier.assess_with_model_risk(listings):
            answers.append(answer)
            risks.append(risk)
        if progress:
            progress(len(answers), len(records))
    return Measured(records, answers, risks, [gold_verdict(r, classifier.policy) for r in records])


def share(values: Sequence[bool]) -> float | None:
    return float(np.mean(values)) if values else None


def figures(measured: Measured) -> dict[str, Any]:
    """All metrics of one classifier on one set of records."""
    records, answers = measured.records, measured.answers
    truth = [is_prohibited(r) for r in records]
    risk = [a.risk for a in answers]
    labels, spans = LabelCounts(), SpanCounts()
    for record, answer in zip(records, answers, strict=True):
        labels.add(record.labels, {claim.label for claim in answer.claims})
        spans.add(record.spans, answer.claims)
    verdicts = [a.verdict for a in answers]
    flagged = [v is Verdict.PROHIBITED for v in verdicts]
    asked = [v is Verdict.NEEDS_REVIEW for v in verdicts]
    clean = [not t for t in truth]
    return {
        "listings": len(records),
        "prohibited": sum(truth),
        **figures_of_positives(truth, measured.model_risk, flagged),
        "average_precision_with_rules": average_precision(truth, risk) if any(truth) else None,
        "calibration_error": calibration_error(truth, measured.model_risk),
        "verdict_precision": precision(truth, flagged),
        "verdict_accuracy": share([v is g for v, g in zip(verdicts, measured.verdicts, strict=True)]),
        "seen": share(
            [
                v in (Verdict.PROHIBITED, Verdict.NEEDS_REVIEW)
                for v, t in zip(verdicts, truth, strict=True)
                if t
            ]
        ),
        "sent_to_review": share(asked),
        "clean_flagged_prohibited": share([f for f, c in zip(flagged, clean, strict=True) if c]),
        "clean_flagged_or_asked": share([f or a for f, a, c in zip(flagged, asked, clean, strict=True) if c]),
        "non_offers_flagged": share([f for f, r in zip(flagged, records, strict=True) if not r.offer]),
        "other_flagged": share(
            [f for f, r in zip(flagged, records, strict=True) if r.product_class is ProductClass.OTHER]
        ),
        "label_f1": {label.value: labels.f1(label) for label in LABELS},
        "label_listings": {label.value: labels.actual[label] for label in LABELS},
        "macro_f1": labels.macro_f1,
        "span_f1": spans.f1,
        "class_accuracy": share(
            [a.product_class is r.product_class for a, r in zip(answers, records, strict=True)]
        ),
        "offer_accuracy": share([a.offer == r.offer for a, r in zip(answers, records, strict=True)]),
        "reliability": reliability(truth, measured.model_risk),
    }


def slices(measured: Measured) -> list[dict[str, Any]]:
    """Recall and false alarms of the prohibited verdict by class, platform, length and disguise."""

    def size(record: Annotation) -> str:
        return "over 600 characters" if len(record.text) > 600 else "up to 600 characters"

    def spelling(record: Annotation) -> str:
        plain = read(record.text, undo_evasion=False).text
        return "disguised" if read(record.text).text != plain else "as in the dictionary"

    keys: list[tuple[str, Callable[[Annotation], str]]] = [
        ("product class", lambda r: r.product_class.value),
        ("platform", lambda r: r.platform.value),
        ("length", size),
        ("spelling", spelling),
    ]
    rows = []
    for name, key in keys:
        for value in sorted({key(r) for r in measured.records}):
            pairs = [
                (is_prohibited(r), a.verdict is Verdict.PROHIBITED, a.verdict is Verdict.NEEDS_REVIEW)
                for r, a in zip(measured.records, measured.answers, strict=True)
                if key(r) == value
            ]
            bad = [p for p in pairs if p[0]]
            clean = [p for p in pairs if not p[0]]
            rows.append(
                {
                    "slice": name,
                    "value": value,
                    "listings": len(pairs),
                    "prohibited": len(bad),
                    "recall": share([p[1] for p in bad]),
                    "asked": share([p[2] for p in pairs]),
                    "false_flags": share([p[1] for p in clean]),
                }
            )
    return rows


def worst_errors(measured: Measured, most: int = 50) -> list[dict[str, Any]]:
    """The listings with the largest risk errors, with their text and claims."""
    gaps = [
        (abs(float(is_prohibited(r)) - risk), r, a)
        for r, a, risk in zip(measured.records, measured.answers, measured.model_risk, strict=True)
    ]
    gaps.sort(key=lambda row: -row[0])
    return [
        {
            "id": record.id,
            "gap": gap,
            "gold": sorted(record.labels),
            "prohibited": is_prohibited(record),
            "verdict": answer.verdict.value,
            "claims": [f"{c.label.value} {c.probability:.2f}: {c.text}" for c in answer.claims],
            "text": record.text,
        }
        for gap, record, answer in gaps[:most]
        if gap > 0.5
    ]
