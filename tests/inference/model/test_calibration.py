"""Probabilities stay probabilities."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inference.model.calibration import Calibration, Platt, RiskModel, Thresholds, risk_features, sigmoid
from inference.model.encoding import Tokens
from inference.model.lexical import LexicalScores
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
    assert risk_features(scores(ClaimLabel.DISEASE, 1e6, -1e6), 1) == (8, 0, -8, 0)


def with_words(said: ListingScores, offer: float) -> ListingScores:
    words = LexicalScores(0.0, offer, np.zeros(len(CLASSES), np.float32), np.zeros(len(LABELS), np.float32))
    return replace(said, lexical=words)


def test_the_words_of_an_offer_count_in_the_risk_by_their_weight() -> None:
    said = scores(ClaimLabel.DISEASE, 2, 0)
    fitted = calibration().model_copy(update={"risk": RiskModel(offer_words=0.5)})
    low, high = (fitted.risk_probability(with_words(said, offer)) for offer in (-4, 4))
    assert low < fitted.risk_probability(said) < high
    unweighted = calibration()
    assert unweighted.risk_probability(with_words(said, 4)) == unweighted.risk_probability(said)


def test_a_claim_of_a_single_token_counts_less_than_one_of_two() -> None:
    tags = np.full((5, len(LABELS)), -4, np.float32)
    tags[2, LABELS.index(ClaimLabel.DISEASE)] = 4
    tokens = Tokens(NOTHING, NOTHING, NOTHING, np.zeros(0, np.bool_))
    lone = ListingScores(tokens, tags, np.zeros(len(CLASSES), np.float32), 8.0)
    pair = replace(lone, tags=np.repeat(tags, 2, axis=0))
    assert [risk_features(said, 2)[0] for said in (lone, pair)] == [0, 4]
    assert [risk_features(said, 1)[0] for said in (lone, pair)] == [4, 4]


@pytest.mark.parametrize("tokens", [0, 1, 2])
def test_a_text_shorter_than_a_run_counts_as_one(tokens: int) -> None:
    logits = np.array([[3.0], [5.0]], np.float32)[:tokens].repeat(len(LABELS), axis=1)
    found = ListingScores(
        Tokens(NOTHING, NOTHING, NOTHING, np.zeros(0, np.bool_)),
        logits,
        np.zeros(len(CLASSES), np.float32),
        0.0,
    ).strongest_run(3)
    assert found.tolist() == [[-20.0, 3.0, 4.0][tokens]] * len(LABELS)


@pytest.mark.parametrize(
    "change",
    [{"class_temperature": 0}, {"token_threshold": 1}, {"risk_thresholds": {"report": 2, "sure": 0}}],
)
def test_values_out_of_range_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calibration.model_validate(calibration().model_dump() | change)
