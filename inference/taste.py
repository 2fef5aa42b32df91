"""Wording about the taste of food is no absolute claim (``labels/guidance/food_taste.toml``)."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from inference.model.calibration import Calibration
from inference.model.scores import ListingScores
from inference.text.reading import LINE_SEPARATOR, Reading
from labels.guidance.food_taste import taste_in
from labels.taxonomy import CLASSES, LABELS, ClaimLabel, ProductClass

_COLUMN = LABELS.index(ClaimLabel.ABSOLUTE)
_FOOD = CLASSES.index(ProductClass.FOOD)
_NOTHING = -20.0
"""The logit of a token that claims nothing."""


def without_taste(
    reading: Reading, scores: ListingScores, calibration: Calibration, certain_from: float
) -> ListingScores:
    """The scores without those of words about taste for ``absolute_claim``, which the risk rests on too.

    They stay as they are if the model is sure of an absolute claim, or if the class is not food with at least
    the probability ``certain_from``. Food supplements are another class: their ads must say that they are not
    for children.
    """
    strongest = float(scores.label_logits[_COLUMN])
    probability = calibration.claim_probability(ClaimLabel.ABSOLUTE, strongest, scores.lexical)
    sure = probability >= calibration.label_thresholds[ClaimLabel.ABSOLUTE].sure
    if sure or calibration.class_probabilities(scores)[_FOOD] < certain_from:
        return scores
    other = np.ones(len(reading.original), np.int64)
    for start, end in _places(reading):
        other[slice(*reading.original_span(start, end))] = 0
    before = np.concatenate([[0], np.cumsum(other)])
    starts, ends = scores.tokens.starts, scores.tokens.ends
    blank = starts == ends
    inside = ~blank & (before[starts] == before[ends])
    inside[1:-1] |= blank[1:-1] & inside[:-2] & inside[2:]
    if not inside.any():
        return scores
    tags = scores.tags.copy()
    tags[inside, _COLUMN] = _NOTHING
    return replace(scores, tags=tags)


def _places(reading: Reading) -> Iterator[tuple[int, int]]:
    """The positions of words about taste in the reading's text."""
    at = 0
    for line in reading.text.split(LINE_SEPARATOR):
        for start, end in taste_in(line):
            yield at + start, at + end
        at += len(line) + len(LINE_SEPARATOR)
