"""Compares two classifiers on the same listings with a significance test."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labels.taxonomy import LABELS, Verdict
from training.evaluation.calibrate import is_prohibited
from training.evaluation.evaluate import Measured
from training.evaluation.metrics import SpanCounts, average_precision, recall_at_precision

ROUNDS = 1000
"""Number of bootstrap samples."""

Sample = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Difference:
    """One metric of two classifiers, with the 95 % interval of the new one's gain."""

    name: str
    old: float
    new: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether the new one is significantly worse: the whole interval lies below zero."""
        return self.high < 0

    @property
    def is_better(self) -> bool:
        """Whether the new one is significantly better."""
        return self.low > 0


class _Counted:
    """Per-listing data of the metrics, as arrays that can be resampled."""

    def __init__(self, measured: Measured) -> None:
        records, answers = measured.records, measured.answers
        self.truth = np.array([is_prohibited(r) for r in records])
        self.risk = np.array(measured.model_risk, float)
        self.right = np.array(
            [a.verdict is g for a, g in zip(answers, measured.verdicts, strict=True)], float
        )
        self.flagged = np.array([a.verdict is Verdict.PROHIBITED for a in answers])
        self.asked = np.array([a.verdict is Verdict.NEEDS_REVIEW for a in answers])
        self.classes = np.array(
            [a.product_class is r.product_class for a, r in zip(answers, records, strict=True)], float
        )
        self.offers = np.array([a.offer == r.offer for a, r in zip(answers, records, strict=True)], float)
        self.has = np.array([[label in r.labels for label in LABELS] for r in records])
        self.said = np.array([[label in {c.label for c in a.claims} for label in LABELS] for a in answers])
        rows = []
        for record, answer in zip(records, answers, strict=True):
            counts = SpanCounts()
            counts.add(record.spans, answer.claims)
            rows.append((counts.both, counts.predicted, counts.actual))
        self.spans = np.array(rows)


def _share_of_prohibited(c: _Counted, at: Sample, said: npt.NDArray[np.bool_]) -> float:
    return float(said[at][c.truth[at]].mean())


def _macro_f1(c: _Counted, at: Sample) -> float:
    has, said = c.has[at], c.said[at]
    both, total = (has & said).sum(0), has.sum(0) + said.sum(0)
    there = total > 0
    return float((2 * both[there] / total[there]).mean()) if there.any() else 1.0


def _span_f1(c: _Counted, at: Sample) -> float:
    both, predicted, actual = c.spans[at].sum(0)
    return float(2 * both / (predicted + actual)) if predicted + actual else 1.0


FIGURES: dict[str, Callable[[_Counted, Sample], float]] = {
    "average_precision": lambda c, at: average_precision(c.truth[at].tolist(), c.risk[at].tolist()),
    "recall_at_precision_95": lambda c, at: recall_at_precision(
        c.truth[at].tolist(), c.risk[at].tolist(), 0.95
    ),
    "verdict_recall": lambda c, at: _share_of_prohibited(c, at, c.flagged),
    "seen": lambda c, at: _share_of_prohibited(c, at, c.flagged | c.asked),
    "macro_f1": _macro_f1,
    "span_f1": _span_f1,
    "class_accuracy": lambda c, at: float(c.classes[at].mean()),
    "offer_accuracy": lambda c, at: float(c.offers[at].mean()),
    "verdict_accuracy": lambda c, at: float(c.right[at].mean()),
}
"""The compared metrics, each over a sample of listings."""
OF_PROHIBITED = frozenset({"average_precision", "recall_at_precision_95", "verdict_recall", "seen"})
"""Those that cannot be measured without a prohibited listing."""


def compare(old: Measured, new: Measured, rounds: int = ROUNDS, seed: int = 0) -> list[Difference]:
    """Paired bootstrap (Koehn, 2004): both classifiers are evaluated on the same samples of listings.

    Raises:
        ValueError: the two were not evaluated on the same listings, or there are none.
    """
    if [r.id for r in old.records] != [r.id for r in new.records] or not old.records:
        raise ValueError("both must be evaluated on the same listings, at least one")
    a, b = _Counted(old), _Counted(new)
    everything = np.arange(len(old.records))
    rng = np.random.default_rng(seed)
    samples: list[Sample] = []
    while len(samples) < rounds:
        sample = rng.integers(0, len(everything), len(everything))
        if a.truth[sample].any() or not a.truth.any():
            samples.append(sample)
    found = []
    for name, figure in FIGURES.items():
        if name in OF_PROHIBITED and not a.truth.any():
            continue
        gains = np.array([figure(b, s) - figure(a, s) for s in samples])
        low, high = np.quantile(gains, [0.025, 0.975])
        found.append(Difference(name, figure(a, everything), figure(b, everything), float(low), float(high)))
    return found
