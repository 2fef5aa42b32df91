import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from labels.schema import Span
from labels.taxonomy import ClaimLabel
from training.evaluation.metrics import (
    LabelCounts,
    SpanCounts,
    calibration_error,
    figures_of_positives,
    precision,
    recall_at_precision,
    reliability,
)

pytestmark = pytest.mark.needs_train


def _span(start, end, label=ClaimLabel.DISEASE):
    return Span(start=start, end=end, label=label)


def test_span_f1_counts_characters_per_label():
    counts = SpanCounts()
    counts.add([_span(0, 10)], [_span(5, 15)])
    assert counts.f1 == pytest.approx(0.5)
    counts.add([_span(0, 10)], [_span(0, 10, ClaimLabel.SEXUAL)])
    assert counts.f1 == pytest.approx(2 * 5 / 40)


def test_label_f1_and_macro():
    counts = LabelCounts()
    counts.add([ClaimLabel.DISEASE], [ClaimLabel.DISEASE, ClaimLabel.ABSOLUTE])
    counts.add([ClaimLabel.DISEASE], [])
    assert counts.f1(ClaimLabel.DISEASE) == pytest.approx(2 / 3)
    assert counts.f1(ClaimLabel.ABSOLUTE) == 0
    # The eight labels that nobody uses do not count.
    assert counts.f1(ClaimLabel.SEXUAL) is None
    assert counts.macro_f1 == pytest.approx(1 / 3)
    assert LabelCounts().macro_f1 is None


def test_precision_is_not_measured_if_nothing_is_flagged():
    assert precision([True, False], [True, True]) == 0.5
    assert precision([True, False], [False, True]) == 0
    assert precision([True, False], [False, False]) is None


def test_recall_at_precision_takes_ties_together():
    truth = [True, True, False, True]
    assert recall_at_precision(truth, [0.9, 0.8, 0.7, 0.6], 0.95) == pytest.approx(2 / 3)
    assert recall_at_precision(truth, [0.9, 0.8, 0.8, 0.6], 0.95) == pytest.approx(1 / 3)
    assert recall_at_precision(truth, [0.1, 0.1, 0.1, 0.1], 0.95) == 0


def test_figures_of_positives_are_not_measured_without_any():
    assert figures_of_positives([True, False], [0.9, 0.1], [True, False]) == {
        "average_precision": 1,
        "recall_at_precision_95": 1,
        "verdict_recall": 1,
    }
    assert set(figures_of_positives([False, False], [0.9, 0.1], [True, False]).values()) == {None}


def test_calibration_error_of_an_honest_and_a_boasting_model():
    rng = np.random.default_rng(0)
    p = rng.random(20_000)
    truth = rng.random(20_000) < p
    given, risk = truth.tolist(), p.tolist()
    assert calibration_error(given, risk) < 0.02
    assert calibration_error(given, [1.0] * 20_000) == pytest.approx(1 - truth.mean())
    assert sum(n for _, _, n in reliability(given, risk)) == 20_000
