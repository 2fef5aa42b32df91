"""Active learning: selects the listings to annotate next.

Uncertainty sampling (Lewis and Gale, 1994) finds what the model does not know, but alone it picks the same
kind of listing many times. So each greedy step takes the candidate with the best mix of its own uncertainty
and its distance to everything chosen or annotated already, the farthest-first rule of Sener and Savarese
(2018, "Active learning for convolutional neural networks: a core-set approach"). Near-duplicates of each
other and of annotated texts are dropped first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from labels.dataset.near_duplicates import near_duplicate_pairs
from labels.schema import Assessment
from labels.taxonomy import PROHIBITED_LABELS, Verdict

DIVERSITY = 0.5
"""Weight of distance relative to uncertainty."""

POOL = 2000
"""Size of the pool: the most uncertain candidates, which are compared with each other."""

CONTRADICTION = 0.9
"""Uncertainty of an assessment whose verdict and claims, or verdict and risk, contradict each other."""

_KNOWN_AT_A_TIME = 1000


@dataclass(frozen=True)
class Candidate:
    """A candidate for annotation; ``uncertainty`` ranges from 0 (the model is sure) to 1."""

    id: str
    text: str
    uncertainty: float


@dataclass(frozen=True)
class Choice:
    """A chosen listing with its uncertainty and its distance (0 to 1) to all listings chosen before."""

    id: str
    uncertainty: float
    distance: float


def uncertainty(assessment: Assessment) -> float:
    """The uncertainty of an assessment, 0 to 1: that of its least certain part.

    Risk, offer and claims count by their distance from 1/2, the class by its distance from 1. If rules and
    model disagree (:func:`contradicts`), it is at least :data:`CONTRADICTION`.
    """
    halves = [assessment.risk, assessment.offer_probability]
    if assessment.offer:
        halves += [claim.probability for claim in assessment.claims]
    parts = [1 - 2 * abs(p - 0.5) for p in halves]
    parts.append(1 - assessment.product_class_probability)
    if contradicts(assessment):
        parts.append(CONTRADICTION)
    return max(parts)


def contradicts(assessment: Assessment) -> bool:
    """Whether the verdict, which rules may override, disagrees with the model's output."""
    prohibited = assessment.verdict is Verdict.PROHIBITED
    worded = any(claim.label in PROHIBITED_LABELS for claim in assessment.claims)
    risky = assessment.risk >= 0.5
    if assessment.verdict is Verdict.NEEDS_REVIEW:
        return False
    return prohibited != risky or (prohibited and not worded)


def choose(
    candidates: Sequence[Candidate],
    count: int,
    known: Sequence[str] = (),
    diversity: float = DIVERSITY,
    pool: int = POOL,
) -> list[Choice]:
    """Choose ``count`` candidates, most informative first; fewer if there are no more.

    Args:
        known: texts that are already annotated or handed out.
        diversity: 0 chooses by uncertainty alone, 1 by distance alone.
        pool: the number of most uncertain candidates to consider.

    Raises:
        ValueError: ``diversity`` is not between 0 and 1.
    """
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity is {diversity}: give a value from 0 to 1")
    ranked = sorted(candidates, key=lambda c: (-c.uncertainty, c.id))[:pool]
    ranked = _without_near_duplicates(ranked, known)
    if not ranked or count < 1:
        return []
    vectors, distance = _distances([c.text for c in ranked], known)
    unsure = np.array([c.uncertainty for c in ranked])
    left = np.ones(len(ranked), dtype=bool)
    chosen: list[Choice] = []
    for _ in range(min(count, len(ranked))):
        # argmax takes the first of equals, and the ranking is by uncertainty and id, so the result is
        # deterministic.
        gain = np.where(left, (1 - diversity) * unsure + diversity * distance, -1.0)
        best = int(gain.argmax())
        chosen.append(Choice(ranked[best].id, float(unsure[best]), float(distance[best])))
        left[best] = False
        distance = np.minimum(distance, 1 - (vectors @ vectors[[best]].T).toarray().ravel())
    return chosen


def _without_near_duplicates(ranked: Sequence[Candidate], known: Sequence[str]) -> list[Candidate]:
    # Known texts first, then the most uncertain, so the first of each pair is the one to keep.
    dropped: set[int] = set()
    for first, second in near_duplicate_pairs([*known, *(c.text for c in ranked)]):
        if first not in dropped and second >= len(known):
            dropped.add(second)
    return [c for number, c in enumerate(ranked, len(known)) if number not in dropped]


def _distances(texts: Sequence[str], known: Sequence[str]) -> tuple[csr_matrix, NDArray[np.float64]]:
    # Character n-grams that ignore word borders: Thai has none.
    reader = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, max_features=100_000)
    # At least a line feed: a text without two characters would leave the vocabulary empty.
    vectors = csr_matrix(reader.fit_transform([f"\n\n{text}" for text in texts]))
    nearest = np.zeros(len(texts))
    for start in range(0, len(known), _KNOWN_AT_A_TIME):
        some = csr_matrix(reader.transform(known[start : start + _KNOWN_AT_A_TIME]))
        nearest = np.maximum(nearest, (vectors @ some.T).max(axis=1).toarray().ravel())
    return vectors, np.clip(1 - nearest, 0, 1)
