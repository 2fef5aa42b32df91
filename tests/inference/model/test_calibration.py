"""Probabilities stay probabilities."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inference.model.calibration import Calibration, Platt, RiskModel, Thresholds, risk_features, sigmoid
from inference.model.encoding import Tokens
from inference.model.scores import ListingScores
from labels.taxonomy import CLASSES, LABELS, ClaimLabel

NOTHING = np.zeros(0, np.int64)


def calibration(temperature: float = 1.0) -> Calibration:
    return Calibration(
        labels={label: Platt(slope=2, intercept=1) for label in LABELS},
        offer=Platt(),
        class_temperature=temperature,
        risk=RiskModel(claim=0.5, claim_intercept=-1, offer=0.25, offer_intercept=1),
        label_thresholds={label: Thresholds(report=0.5, sure=0.9) for label in LABELS},
        risk_thresholds=Thresholds(report=0.5, sure=0.9),
        token_threshold=0.5,
    )


def scores(label: ClaimLabel, logit: float, offer: float) -> ListingScores:
    tags = np.full((1, len(LABELS)), -3, np.float32)
    tags[0, LABELS.index(label)] = logit
    tokens = Tokens(NOTHING, NOTHING, NOTHING, np.zeros(0, np.bool_))
    return ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), offer)


def class_scores(logits: np.ndarray) -> ListingScores:
    tokens = Tokens(NOTHING, NOTHING, NOTHING, np.zeros(0, np.bool_))
    return ListingScores(tokens, np.zeros((0, len(LABELS)), np.float32), logits, 0.0)


@given(st.floats(allow_nan=False))
def test_sigmoid_is_safe_at_both_ends(x: float) -> None:
    assert 0 <= sigmoid(x) <= 1
    assert sigmoid(x) + sigmoid(-x) == pytest.approx(1)


def test_platt_scaling() -> None:
    assert calibration().claim_probability(ClaimLabel.DISEASE, -0.5) == 0.5
    assert Platt(slope=2, intercept=1).logit(3) == 7


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=len(CLASSES), max_size=len(CLASSES)))
def test_class_probabilities_sum_to_one_and_keep_the_winner(logits: list[float]) -> None:
    array = np.array(logits, np.float32)
    found = calibration(2.0).class_probabilities(class_scores(array))
    assert found.sum() == pytest.approx(1, abs=1e-5)
    assert found[array.argmax()] == found.max()


def test_a_higher_temperature_is_less_certain() -> None:
    logits = class_scores(np.array([3.0] + [0.0] * (len(CLASSES) - 1), np.float32))
    assert calibration(4.0).class_probabilities(logits)[0] < calibration(1.0).class_probabilities(logits)[0]


def test_risk_grows_with_a_prohibited_label_and_not_with_a_benefit() -> None:
    fitted = calibration()
    calm = fitted.risk_probability(scores(ClaimLabel.BENEFIT, 9, 1))
    assert fitted.risk_probability(scores(ClaimLabel.DISEASE, 2, 1)) > calm
    assert calm == fitted.risk_probability(scores(ClaimLabel.BENEFIT, -3, 1))
    assert fitted.risk_probability(scores(ClaimLabel.DISEASE, 1, 0)) == pytest.approx(
        sigmoid(0.5 * 1 - 1) * sigmoid(1)
    )


def test_neither_a_claim_without_an_offer_nor_an_offer_without_a_claim_is_a_risk() -> None:
    fitted = calibration().model_copy(update={"risk": RiskModel()})
    assert fitted.risk_probability(scores(ClaimLabel.DISEASE, 8, 8)) > 0.99
    assert fitted.risk_probability(scores(ClaimLabel.DISEASE, 8, -8)) < 0.01
    assert fitted.risk_probability(scores(ClaimLabel.DISEASE, -8, 8)) < 0.05  # the other labels are at -3


def test_a_record_that_offers_raises_the_risk_and_never_lowers_it() -> None:
    fitted = calibration()
    doubted, plain = scores(ClaimLabel.DISEASE, 2, -6), scores(ClaimLabel.DISEASE, 2, 8)
    assert fitted.risk_probability(doubted, offered=True) > fitted.risk_probability(doubted)
    assert fitted.risk_probability(plain, offered=True) >= fitted.risk_probability(plain)


def test_risk_features_are_clipped() -> None:
    assert risk_features(scores(ClaimLabel.DISEASE, 1e6, -1e6)) == (8, 0, -8)


@pytest.mark.parametrize(
    "change",
    [{"class_temperature": 0}, {"token_threshold": 1}, {"risk_thresholds": {"report": 2, "sure": 0}}],
)
def test_values_out_of_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate(calibration().model_dump() | change)
