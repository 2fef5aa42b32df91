"""Fits the prefilter that precedes the encoder in bulk work."""

import math
import random
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from inference.model.prefilter import DIMENSIONS, Buckets, Prefilter, buckets_of
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.schema import Annotation
from labels.taxonomy import ProductClass
from training.augmentation.disguise import disguise
from training.evaluation.calibrate import is_prohibited

STRENGTH = 10.0
"""Inverse of the L2 penalty (scikit-learn's ``C``)."""

FEWEST_TEXTS = 2
"""An n-gram in fewer texts does not generalize."""

DISGUISED = 0.3
"""Share of prohibited training listings that are also used in disguised form."""

PARTS = 3
"""Number of cross-fitting folds over the train split."""

LOST_IN_TRAIN, LOST_IN_VALIDATION = 0.001, 0.002
"""Upper bounds on the share of prohibited listings that the threshold may skip.

The first applies to the train split (cross-fitted, original and disguised texts together), the second to the
validation split, for each spelling separately. A few hundred listings say little about one in a thousand;
thousands say more.
"""

MARGIN = 0.02
"""Margin of the threshold below the lowest text to keep, since weights are stored in half precision."""


@dataclass(frozen=True)
class Fold:
    """One fold of cross-fitting.

    Attributes:
        without: fitted on the records outside the fold.
        texts: the prohibited texts of the fold, original and disguised.
    """

    without: Prefilter
    texts: Sequence[str]


def fit_screen(
    train: Sequence[Annotation],
    validation: Sequence[Annotation],
    other_texts: Sequence[str] = (),
    seed: int = 0,
    real: Sequence[Annotation] = (),
) -> tuple[Prefilter, list[Fold]]:
    """Fit on the train split and set the threshold so that hardly any prohibited text is skipped.

    The score is the sum of two logistic regressions on the same n-grams: whether a listing is about health
    goods or services at all, and whether it is prohibited. The negatives are listings of the class ``other``,
    the fitting part of the everyday listings (including groceries without a claim) and texts that are not
    offers. The threshold is the lowest of those that keep each bound (:data:`LOST_IN_TRAIN`,
    :data:`LOST_IN_VALIDATION`); without prohibited listings nothing is skipped. The folds, in order of their
    numbers, are returned for the claim detector.

    Args:
        other_texts: real texts mostly unrelated to health, such as posts and news.
        real: real validation texts, with the same bound as the validation split.
    """
    train, goods = without_everyday(train)
    harmless = [*other_texts, *goods]
    buckets = cache(buckets_of)
    screen = fitted(train, harmless, seed, buckets)
    folds = []
    for part in range(PARTS):
        inside = [record for record in train if part_of(record) == part]
        rest = [record for record in train if part_of(record) != part]
        folds.append(Fold(fitted(rest, harmless, seed, buckets), prohibited_texts(inside, seed)))
    unknown = [score for fold in folds for score in map(fold.without.score, fold.texts)]
    screen.threshold = threshold_under(unknown, _scored(screen.score, (validation, real), seed))
    return screen, folds


def without_everyday(train: Sequence[Annotation]) -> tuple[list[Annotation], list[str]]:
    """The training records that are no everyday listings, and the texts of those for fitting."""
    everyday = {record.id: record.text for record in load_everyday(EverydayPart.FITTING)}
    return [record for record in train if record.id not in everyday], list(everyday.values())


def threshold_under(
    unknown: Sequence[float], held_out: Sequence[Sequence[float]], margin: float = MARGIN
) -> float:
    """The highest threshold that keeps every bound, less a margin.

    Args:
        unknown: cross-fitted scores of the prohibited training texts (:data:`LOST_IN_TRAIN`).
        held_out: scores of prohibited texts outside the training texts, for each spelling
            (:data:`LOST_IN_VALIDATION`).
    """
    bounds = [(unknown, LOST_IN_TRAIN), *((scores, LOST_IN_VALIDATION) for scores in held_out)]
    thresholds = [sorted(scores)[_at_most(share, len(scores))] for scores, share in bounds if scores]
    return min(thresholds, default=-np.inf) - margin


def _scored(
    score: Callable[[str], float], held_out: Sequence[Sequence[Annotation]], seed: int
) -> list[list[float]]:
    """Scores of the prohibited texts of each split, for each spelling."""
    return [list(map(score, texts)) for records in held_out for texts in spellings(records, seed)]


def part_of(record: Annotation) -> int:
    """The fold of a record, by a hash of its group, so that groups are never split."""
    return zlib.crc32((record.group or record.id).encode()) % PARTS


def _at_most(share: float, count: int) -> int:
    """The largest number out of ``count`` that stays below a share."""
    return max(0, math.ceil(share * count) - 1)


def fitted(
    train: Sequence[Annotation], harmless: Sequence[str], seed: int, buckets: Callable[[str], Buckets]
) -> Prefilter:
    """A prefilter that skips nothing yet; ``buckets`` gives those of a text."""
    rng = random.Random(seed)  # noqa: S311 - which spellings are read
    texts = [record.text for record in train]
    health = [record.product_class is not ProductClass.OTHER for record in train]
    prohibited = [is_prohibited(record) for record in train]
    for record in train:
        if is_prohibited(record) and rng.random() < DISGUISED:
            texts.append(disguise(record, rng).text)
            health.append(True)
            prohibited.append(True)
    texts += harmless
    health += [False] * len(harmless)
    prohibited += [False] * len(harmless)

    rows = [buckets(text) for text in texts]
    indices = np.concatenate(rows)
    counts = np.bincount(indices, minlength=DIMENSIONS)
    idf = np.where(counts >= FEWEST_TEXTS, np.log(len(texts) / np.maximum(counts, 1)) + 1, 0.0)
    idf = idf.astype(np.float32)
    values = [idf[row] / (float(np.linalg.norm(idf[row])) or 1.0) for row in rows]
    features = csr_matrix(
        (np.concatenate(values), indices, np.cumsum([0, *map(len, rows)])), shape=(len(texts), DIMENSIONS)
    )
    kept = np.flatnonzero(idf)
    weights, intercept = np.zeros(DIMENSIONS, np.float32), 0.0
    for answers in (health, prohibited):
        if all(answers) or not any(answers):
            continue
        model = LogisticRegression(C=STRENGTH, solver="liblinear", class_weight="balanced")
        model.fit(features[:, kept], answers)
        weights[kept] += model.coef_[0].astype(np.float32)
        intercept += float(model.intercept_[0])
    return Prefilter(idf, weights, intercept, -np.inf)


def prohibited_texts(records: Sequence[Annotation], seed: int = 0) -> list[str]:
    """The texts of the prohibited records, each with its disguised version."""
    plain, disguised = spellings(records, seed)
    return plain + disguised


def spellings(records: Sequence[Annotation], seed: int) -> tuple[list[str], list[str]]:
    """The original and the disguised texts of the prohibited records."""
    rng = random.Random(seed)  # noqa: S311 - which spellings are read
    found = [record for record in records if is_prohibited(record)]
    return [record.text for record in found], [disguise(record, rng).text for record in found]


def screen_figures(
    lets_out: Callable[[str], bool], records: Sequence[Annotation], real: Sequence[Annotation] = ()
) -> dict[str, float | int | None]:
    """The shares of annotated listings of four kinds that a prefilter skips.

    A fifth, ``everyday``, is the share of held-out everyday listings, whatever ``records`` are; the others
    are shares of ``real``, validation texts.
    """

    def share(texts: Sequence[str]) -> float | None:
        return float(np.mean(list(map(lets_out, texts)))) if texts else None

    def let_out(wanted: Callable[[Annotation], bool]) -> float | None:
        return share([record.text for record in records if wanted(record)])

    _, disguised = spellings(records, seed=0)
    return {
        "prohibited": let_out(is_prohibited),
        "prohibited_disguised": share(disguised),
        "other_class": let_out(lambda r: r.product_class is ProductClass.OTHER),
        "lawful_health": let_out(
            lambda r: r.product_class is not ProductClass.OTHER and not is_prohibited(r)
        ),
        "everyday": share([record.text for record in load_everyday(EverydayPart.HELD_OUT)]),
        "real_prohibited": share([r.text for r in real if is_prohibited(r)]),
        "real_other": share([r.text for r in real if r.product_class is ProductClass.OTHER]),
        "real_lawful_health": share(
            [r.text for r in real if r.product_class is not ProductClass.OTHER and not is_prohibited(r)]
        ),
    }
