import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from inference.model.calibration import Platt, RiskModel
from training.evaluation.calibrate import (
    LABEL_REPORT_RANGE,
    RISK_TOKENS,
    _label_thresholds,
    fit_class_softmax,
    fit_platt,
    fit_risk,
    threshold_for_precision,
    threshold_for_recall,
    threshold_of_best_f1,
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
    honest = fit_class_softmax(logits, truth)[0]
    assert fit_class_softmax(logits * 4, truth)[0] == pytest.approx(4 * honest, rel=0.05)


def test_thresholds():
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    truth = np.array([True, True, False, True, False])
    assert threshold_for_recall(p, truth, 0.66) == 0.8
    assert threshold_for_recall(p, truth, 1.0) == 0.6
    assert threshold_for_precision(p, truth, 1.0) == 0.8
    assert threshold_for_precision(p, truth, 0.75) == 0.6
    assert threshold_for_precision(p, ~truth, 0.99) == 1.0


def test_a_threshold_for_precision_takes_all_that_have_its_probability():
    truth = np.array([True, False, False])
    assert threshold_for_precision(np.full(3, 0.9), truth, 0.5) == 1.0
    early = np.array([True, False, True, True, True, True])
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert threshold_for_precision(p, early, 0.8) == 0.4
    assert threshold_for_precision(np.array([]), np.array([], bool), 0.8) == 1.0


def test_words_weigh_where_they_tell_more():
    rng = np.random.default_rng(3)
    truth = rng.random(4000) < 0.5
    words = np.where(truth, 2.0, -2.0) + rng.normal(0, 1, 4000)
    noise = rng.normal(0, 1, 4000)
    told = fit_platt(noise + 0.3 * truth, truth, words)
    assert told.lexical > 1
    assert fit_platt(words, truth, -words + noise * 0.01).lexical >= 0
    assert fit_platt(words, truth).lexical == 0


def test_words_correct_the_class():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 2000)
    words = np.eye(3)[truth] * 4 + rng.normal(0, 0.5, (2000, 3))
    encoder = np.eye(3)[truth] * 0.5 + rng.normal(0, 1, (2000, 3))
    temperature, weight = fit_class_softmax(encoder, truth, words)
    both = (encoder / temperature + weight * words).argmax(1)
    assert (both == truth).mean() > (encoder.argmax(1) == truth).mean()
    assert fit_class_softmax(encoder, truth)[1] == 0


def test_the_threshold_of_the_best_f1_lies_within_its_bounds():
    p = np.array([0.1, 0.3, 0.35, 0.5, 0.65, 0.9])
    truth = np.array([False, False, True, True, True, True])
    assert threshold_of_best_f1(p, truth, 0.2, 0.7) == 0.35
    assert threshold_of_best_f1(p, truth, 0.4, 0.7) == 0.5
    assert threshold_of_best_f1(p, truth, 0.91, 0.95) == 0.91


def test_a_label_is_reported_on_nine_in_ten_of_its_listings():
    rng = np.random.default_rng(5)
    has = np.arange(400) % 2 == 0
    logits = np.where(has, 1.0, -1.0) + rng.normal(0, 1, 400)
    found = _label_thresholds(Platt(), logits, has, None, 0, np.ones(400, bool), real=False)
    low, high = LABEL_REPORT_RANGE
    assert low < found.report < high  # else the range had decided
    reported = 1 / (1 + np.exp(-logits)) >= found.report
    assert reported[has].mean() == pytest.approx(0.9, abs=0.01)


def test_the_risk_model_recovers_that_both_a_claim_and_an_offer_are_needed():
    rng = np.random.default_rng(6)
    claim, words, offer, offer_words = rng.normal(0, 3, (4, 20_000))
    p = 1 / (1 + np.exp(-(0.8 * claim - 1))) / (1 + np.exp(-(1.2 * offer + 0.4 * offer_words + 0.5)))
    risk = fit_risk(np.stack([claim, words, offer, offer_words], axis=1), rng.random(20_000) < p)
    assert (risk.claim, risk.claim_intercept) == pytest.approx((0.8, -1), abs=0.15)
    assert (risk.offer, risk.offer_intercept) == pytest.approx((1.2, 0.5), abs=0.15)
    assert (risk.words, risk.offer_words) == pytest.approx((0, 0.4), abs=0.1)


def test_more_of_anything_never_lowers_the_risk():
    rng = np.random.default_rng(7)
    features = rng.normal(0, 1, (300, 4))
    risk = fit_risk(features, features.sum(axis=1) < 0)
    assert min(risk.claim, risk.words, risk.offer, risk.offer_words) >= 0
    assert fit_risk(features, np.ones(300, bool)) == RiskModel(tokens=RISK_TOKENS)
