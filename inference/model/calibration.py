"""Calibration of a bundle's logits into probabilities, and the thresholds on them."""

import math
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from inference.model.lexical import LexicalScores
from inference.model.scores import Floats, ListingScores
from labels.taxonomy import LABELS, PROHIBITED_LABELS, ClaimLabel

_PROHIBITED_COLUMNS = [LABELS.index(label) for label in PROHIBITED_LABELS]


PLAIN_OFFER = 3.0
"""The offer logit of a text that clearly offers something."""


def sigmoid(x: float) -> float:
    """The logistic function, numerically stable at both ends."""
    return 1.0 / (1.0 + math.exp(-max(-40.0, min(40.0, x))))


def logit_of(probability: float) -> float:
    """The inverse of :func:`sigmoid` for a probability between 0 and 1, both excluded."""
    return math.log(probability / (1.0 - probability))


class Platt(BaseModel):
    """Platt scaling (1999): ``probability = sigmoid(slope * logit + lexical * words + intercept)``."""

    slope: float = 1.0
    lexical: float = 0.0
    """Weight of the bag-of-words model's logit."""
    intercept: float = 0.0

    def logit(self, raw: float, words: float = 0.0) -> float:
        """The calibrated logit."""
        return self.slope * raw + self.lexical * words + self.intercept

    def probability(self, raw: float, words: float = 0.0) -> float:
        """The calibrated probability."""
        return sigmoid(self.logit(raw, words))


class RiskModel(BaseModel):
    """The probability that a text is prohibited: that it makes a prohibited claim, times that it is an offer.

    ``sigmoid(claim * largest + words * bag + claim_intercept)
    * sigmoid(offer * logit + offer_words * bag + offer_intercept)``
    """

    model_config = ConfigDict(extra="forbid")

    claim: float = Field(1.0, ge=0)
    """Weight of the encoder's largest logit among the prohibited labels."""
    words: float = Field(0.0, ge=0)
    """Weight of the bag-of-words model's verdict logit."""
    claim_intercept: float = 0.0
    offer: float = Field(1.0, ge=0)
    """Weight of the encoder's offer logit."""
    offer_words: float = Field(0.0, ge=0)
    """Weight of the bag-of-words model's offer logit."""
    offer_intercept: float = 0.0
    tokens: int = Field(1, ge=1)
    """A claim's logit is the mean of so many adjacent tokens: a claim is seldom a single one."""


class Thresholds(BaseModel):
    """The two thresholds on a probability."""

    report: float = Field(ge=0, le=1, description="shown from this probability on")
    sure: float = Field(ge=0, le=1, description="decisive from this probability on")


class Calibration(BaseModel):
    """The calibration of a bundle, fitted on the validation split."""

    labels: dict[ClaimLabel, Platt]
    offer: Platt
    class_temperature: float = Field(gt=0)
    class_lexical: float = Field(0.0, ge=0, description="weight of the bag-of-words model's class logits")
    risk: RiskModel
    label_thresholds: dict[ClaimLabel, Thresholds]
    risk_thresholds: Thresholds
    token_threshold: float = Field(gt=0, lt=1, description="token probability above which a span extends")
    seed_threshold: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="token probability that one token of a span must reach",
    )

    @model_validator(mode="after")
    def _knows_every_label(self) -> Self:
        if set(self.labels) != set(LABELS) or set(self.label_thresholds) != set(LABELS):
            raise ValueError("the calibration does not cover every label")
        return self

    def claim_probability(
        self, label: ClaimLabel, logit: float, lexical: LexicalScores | None = None
    ) -> float:
        """The calibrated probability of a label whose strongest token has this logit."""
        return self.labels[label].probability(logit, _words(lexical, LABELS.index(label)))

    def offer_probability(self, scores: ListingScores) -> float:
        """The calibrated probability that the text sells or promotes."""
        return sigmoid(self._offer_logit(scores))

    def class_probabilities(self, scores: ListingScores) -> Floats:
        """Softmax of the encoder's logits at the fitted temperature plus the words' logits.

        Its shape is ``(classes,)``.
        """
        logits = scores.product_class.astype(np.float64) / self.class_temperature
        if scores.lexical is not None:
            logits = logits + self.class_lexical * scores.lexical.product_class
        exponents = np.exp(logits - logits.max())
        probabilities: Floats = (exponents / exponents.sum()).astype(np.float32)
        return probabilities

    def risk_probability(self, scores: ListingScores, offered: bool = False) -> float:
        """The calibrated probability of a prohibited listing.

        Args:
            offered: the record says that it is an offer, so the model cannot doubt it.
        """
        risk = self.risk
        claim, words, offer, offer_words = risk_features(scores, risk.tokens)
        offers = risk.offer * offer + risk.offer_words * offer_words + risk.offer_intercept
        return sigmoid(risk.claim * claim + risk.words * words + risk.claim_intercept) * sigmoid(
            max(offers, PLAIN_OFFER) if offered else offers
        )

    def _offer_logit(self, scores: ListingScores) -> float:
        words = scores.lexical.offer if scores.lexical is not None else 0.0
        return self.offer.logit(scores.offer, words)


def risk_features(scores: ListingScores, tokens: int) -> tuple[float, float, float, float]:
    """The risk model's inputs, clipped.

    The largest prohibited logit, the words' verdict, the offer logit, and that of the words.

    Args:
        tokens: see :class:`RiskModel`.
    """
    strongest = float(scores.strongest_run(tokens)[_PROHIBITED_COLUMNS].max())
    words = scores.lexical
    verdict, offer = (words.prohibited, words.offer) if words is not None else (0.0, 0.0)
    return _clip(strongest), _clip(verdict), _clip(scores.offer), _clip(offer)


def _words(lexical: LexicalScores | None, column: int) -> float:
    return float(lexical.labels[column]) if lexical is not None else 0.0


def _clip(logit: float) -> float:
    return max(-8.0, min(8.0, logit))
