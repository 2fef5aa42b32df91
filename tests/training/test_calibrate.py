import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from training.calibrate import (
    fit_platt,
    fit_temperature,
    threshold_for_precision,
    threshold_for_recall,
)

pytestmark = pytest.mark.needs_train


def test_platt_recovers_a_known_scaling():
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 3, 20_000)
    truth = rng.random(20_000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    platt = fit_platt(logits, truth)
    assert platt.slope == pytest.approx(0.5, abs=0.05)
    assert platt.intercept == pytest.approx(-1, abs=0.1)


def test_platt_leaves_a_label_without_signal_alone():
    assert fit_platt(np.array([1.0, 2.0]), np.array([False, False])).slope == 1.0
    assert fit_platt(np.array([3.0, 2.0, 1.0, 0.0]), np.array([False, False, True, True])).slope == 1.0


def test_temperature_cools_an_overconfident_softmax():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 3000)
    logits = rng.normal(0, 1, (3000, 3))
    logits[np.arange(3000), truth] += 1.5
    honest = fit_temperature(logits, truth)
    assert fit_temperature(logits * 4, truth) == pytest.approx(4 * honest, rel=0.05)


def test_thresholds():
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    truth = np.array([True, True, False, True, False])
    assert threshold_for_recall(p, truth, 0.66) == 0.8
    assert threshold_for_recall(p, truth, 1.0) == 0.6
    assert threshold_for_precision(p, truth, 1.0) == 0.8
    assert threshold_for_precision(p, truth, 0.75) == 0.6
    assert threshold_for_precision(p, ~truth, 0.99) == 1.0
