"""Definitions of all evaluation metrics."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

from labels.schema import Claim, Span
from labels.taxonomy import LABELS, ClaimLabel

BINS = 15
"""Number of bins of the calibration error."""


def _f1(true_positive: int, predicted: int, actual: int) -> float:
    return 2 * true_positive / (predicted + actual) if predicted + actual else 1.0


def characters_by_label(spans: Iterable[Span | Claim]) -> dict[ClaimLabel, set[int]]:
    """The characters that each label covers."""
    found: dict[ClaimLabel, set[int]] = {}
    for span in spans:
        found.setdefault(span.label, set()).update(range(span.start, span.end))
    return found


@dataclass
class SpanCounts:
    """Character-level agreement of spans, micro-averaged over (label, character) pairs."""

    both: int = 0
    predicted: int = 0
    actual: int = 0

    def add(self, gold: Iterable[Span | Claim], answer: Iterable[Span | Claim]) -> None:
        """Count one listing."""
        a, b = characters_by_label(gold), characters_by_label(answer)
        self.actual += sum(map(len, a.values()))
        self.predicted += sum(map(len, b.values()))
        self.both += sum(len(a[label] & b.get(label, set())) for label in a)

    @property
    def f1(self) -> float:
        """Harmonic mean of character precision and recall; 1.0 if there is nothing on either side."""
        return _f1(self.both, self.predicted, self.actual)


@dataclass
class LabelCounts:
    """Listing-level agreement per label."""

    both: dict[ClaimLabel, int] = field(default_factory=lambda: dict.fromkeys(LABELS, 0))
    predicted: dict[ClaimLabel, int] = field(default_factory=lambda: dict.fromkeys(LABELS, 0))
    actual: dict[ClaimLabel, int] = field(default_factory=lambda: dict.fromkeys(LABELS, 0))

    def add(self, gold: Iterable[ClaimLabel], answer: Iterable[ClaimLabel]) -> None:
        """Count one listing."""
        gold, answer = set(gold), set(answer)
        for label in gold:
            self.actual[label] += 1
            self.both[label] += label in answer
        for label in answer:
            self.predicted[label] += 1

    def f1(self, label: ClaimLabel) -> float | None:
        """F1 of one label; ``None`` if it occurs on neither side, which is no merit of the answers."""
        predicted, actual = self.predicted[label], self.actual[label]
        return _f1(self.both[label], predicted, actual) if predicted + actual else None

    @property
    def macro_f1(self) -> float | None:
        """Mean F1 over the labels that occur on either side; ``None`` without any."""
        scores = [score for label in LABELS if (score := self.f1(label)) is not None]
        return float(np.mean(scores)) if scores else None


def precision(truth: Sequence[bool], flagged: Sequence[bool]) -> float | None:
    """The share of flagged listings that are positive; ``None`` if none is flagged."""
    hits = sum(f and t for f, t in zip(flagged, truth, strict=True))
    return hits / sum(flagged) if any(flagged) else None


def average_precision(truth: Sequence[bool], risk: Sequence[float]) -> float:
    """Area under the precision-recall curve (scikit-learn's step-wise definition)."""
    return float(average_precision_score(np.asarray(truth), np.asarray(risk)))


def recall_at_precision(truth: Sequence[bool], risk: Sequence[float], precision: float) -> float:
    """The largest recall at which precision is at least ``precision``.

    Listings with equal risk count together.
    """
    y, p = np.asarray(truth, bool), np.asarray(risk, float)
    order = np.argsort(-p, kind="stable")
    y, p = y[order], p[order]
    hits = np.cumsum(y)
    last_of_tie = np.append(p[1:] != p[:-1], True)
    good = (hits / np.arange(1, len(y) + 1) >= precision) & last_of_tie
    return float(hits[good].max() / y.sum()) if good.any() and y.any() else 0.0


def figures_of_positives(
    truth: Sequence[bool], risk: Sequence[float], flagged: Sequence[bool]
) -> dict[str, float | None]:
    """The figures that need positives, by name: without any, each would be 0 whatever the answers."""
    there = any(truth)
    hits = sum(f and t for f, t in zip(flagged, truth, strict=True))
    return {
        "average_precision": average_precision(truth, risk) if there else None,
        "recall_at_precision_95": recall_at_precision(truth, risk, 0.95) if there else None,
        "verdict_recall": hits / sum(truth) if there else None,
    }


def calibration_error(truth: Sequence[bool], risk: Sequence[float], bins: int = BINS) -> float:
    """Expected calibration error over equal-width bins (Naeini et al., 2015)."""
    y, p = np.asarray(truth, float), np.asarray(risk, float)
    bin_of = np.minimum((p * bins).astype(int), bins - 1)
    return float(
        sum(abs(y[bin_of == b].mean() - p[bin_of == b].mean()) * (bin_of == b).mean() for b in set(bin_of))
    )


def reliability(
    truth: Sequence[bool], risk: Sequence[float], bins: int = 10
) -> list[tuple[float, float, int]]:
    """Mean risk, share of positives, and count for each non-empty bin."""
    y, p = np.asarray(truth, float), np.asarray(risk, float)
    bin_of: npt.NDArray[np.int64] = np.minimum((p * bins).astype(np.int64), bins - 1)
    return [
        (float(p[bin_of == b].mean()), float(y[bin_of == b].mean()), int((bin_of == b).sum()))
        for b in sorted(set(bin_of.tolist()))
    ]
