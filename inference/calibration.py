"""From logits to probabilities that mean what they say, and the thresholds set on them."""

import math
from typing import Self

import numpy as np
from pydantic import BaseModel, Field, model_validator

from inference.scores import Floats, ListingScores
from labels.taxonomy import LABELS, PROHIBITED_LABELS, ClaimLabel

_PROHIBITED_COLUMNS = [LABELS.index(label) for label in PROHIBITED_LABELS]


def sigmoid(x: float) -> float:
    """The logistic function, safe at both ends."""
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, x))))


class Platt(BaseModel):
    """Platt scaling (1999): ``probability = sigmoid(slope * logit + intercept)``."""

    slope: float = 1.0
    intercept: float = 0.0

    def logit(self, raw: float) -> float:
        """The calibrated logit."""
        return self.slope * raw + self.intercept

    def probability(self, raw: float) -> float:
        """The calibrated probability."""
        return sigmoid(self.logit(raw))


class RiskModel(BaseModel):
    """Logistic regression from a listing's scores to the probability that it is prohibited."""

    strongest: float = 1.0
    """Weight of the largest calibrated logit among the prohibited labels."""
    offer: float = 1.0
    """Weight of the calibrated offer logit."""
    intercept: float = 0.0


class Thresholds(BaseModel):
    """Where a probability starts to count."""

    report: float = Field(ge=0, le=1, description="from here it is shown")
    sure: float = Field(ge=0, le=1, description="from here it decides")


class Calibration(BaseModel):
    """All that turns a bundle's logits into an answer; fitted on the validation split."""

    labels: dict[ClaimLabel, Platt]
    offer: Platt
    class_temperature: float = Field(gt=0)
    risk: RiskModel
    label_thresholds: dict[ClaimLabel, Thresholds]
    risk_thresholds: Thresholds
    token_threshold: float = Field(gt=0, lt=1, description="token probability from which a span grows")

    @model_validator(mode="after")
    def _knows_every_label(self) -> Self:
        if set(self.labels) != set(LABELS) or set(self.label_thresholds) != set(LABELS):
            raise ValueError("the calibration does not cover every label")
        return self

    def claim_probability(self, label: ClaimLabel, logit: float) -> float:
        """The calibrated probability of a label whose strongest token has this logit."""
        return self.labels[label].probability(logit)

    def class_probabilities(self, logits: Floats) -> Floats:
        """Softmax at the fitted temperature, shape ``(classes,)``."""
        scaled = (logits - logits.max()) / self.class_temperature
        exponents = np.exp(scaled)
        probabilities: Floats = (exponents / exponents.sum()).astype(np.float32)
        return probabilities

    def risk_features(self, scores: ListingScores) -> tuple[float, float]:
        """The two inputs of the risk model, each clipped to a sane range."""
        best = scores.label_logits
        strongest = max(self.labels[LABELS[k]].logit(float(best[k])) for k in _PROHIBITED_COLUMNS)
        return _clip(strongest), _clip(self.offer.logit(scores.offer))

    def risk_probability(self, scores: ListingScores) -> float:
        """The calibrated probability that the listing is prohibited."""
        strongest, offer = self.risk_features(scores)
        return sigmoid(self.risk.strongest * strongest + self.risk.offer * offer + self.risk.intercept)


def _clip(logit: float) -> float:
    return max(-8.0, min(8.0, logit))
