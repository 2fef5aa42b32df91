"""Fitting the screen that stands before the encoder in bulk work."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from inference.screen import DIMENSIONS, Screen, buckets_of
from labels.everyday import EverydayPart, load_everyday
from labels.schema import Annotation
from labels.taxonomy import ProductClass
from training.calibrate import is_prohibited
from training.disguise import disguise

STRENGTH = 10.0
"""Inverse of the L2 penalty (scikit-learn's ``C``)."""

FEWEST_TEXTS = 2
"""An n-gram in fewer texts tells nothing of others."""

DISGUISED = 0.3
"""Share of the prohibited training listings that are read disguised as well."""

MARGIN = 0.05
"""How far below the lowest prohibited listing of the validation split the threshold lies."""

Floats = npt.NDArray[np.float32]


def fit_screen(
    train: Sequence[Annotation],
    validation: Sequence[Annotation],
    other_texts: Sequence[str] = (),
    seed: int = 0,
) -> Screen:
    """Fit on the train split, set the threshold on the validation split.

    The score is the sum of two logistic regressions on the same n-grams: that a listing is about health goods
    or services at all, and that it is prohibited. Listings of the class ``other``, the fitting part of the
    everyday listings (groceries without a claim among them) and texts that offer nothing are what both tell
    them from.

    Args:
        other_texts: real texts that mostly have nothing to do with health, such as posts and news.
    """
    rng = random.Random(seed)  # noqa: S311 - which spellings are read
    everyday = {record.id: record.text for record in load_everyday(EverydayPart.FITTING)}
    train = [record for record in train if record.id not in everyday]
    texts = [record.text for record in train]
    health = [record.product_class is not ProductClass.OTHER for record in train]
    prohibited = [is_prohibited(record) for record in train]
    for record in train:
        if is_prohibited(record) and rng.random() < DISGUISED:
            texts.append(disguise(record, rng).text)
            health.append(True)
            prohibited.append(True)
    harmless = [*other_texts, *everyday.values()]
    texts += harmless
    health += [False] * len(harmless)
    prohibited += [False] * len(harmless)

    rows = [buckets_of(text) for text in texts]
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
    screen = Screen(idf, weights, intercept, -np.inf)
    scores = [screen.score(text) for text in prohibited_texts(validation, seed)]
    if scores:
        screen.threshold = min(scores) - MARGIN
    return screen


def prohibited_texts(records: Sequence[Annotation], seed: int = 0) -> list[str]:
    """The texts of the prohibited records, each as it is and disguised."""
    rng = random.Random(seed)  # noqa: S311 - which spellings are read
    found = [record for record in records if is_prohibited(record)]
    return [record.text for record in found] + [disguise(record, rng).text for record in found]


def screen_figures(screen: Screen, records: Sequence[Annotation]) -> dict[str, float | int | None]:
    """What a screen does to annotated listings: shares that it lets out, of four kinds.

    A fifth, ``everyday``, is the share of the everyday listings held out, whatever ``records`` are.
    """

    def share(found: Sequence[Annotation]) -> float | None:
        return float(np.mean([screen.lets_out(record.text) for record in found])) if found else None

    def let_out(wanted: Callable[[Annotation], bool]) -> float | None:
        return share([record for record in records if wanted(record)])

    bad = prohibited_texts(records)
    return {
        "prohibited": let_out(is_prohibited),
        "prohibited_disguised": float(np.mean([screen.lets_out(t) for t in bad[len(bad) // 2 :]]))
        if bad
        else None,
        "other_class": let_out(lambda r: r.product_class is ProductClass.OTHER),
        "lawful_health": let_out(
            lambda r: r.product_class is not ProductClass.OTHER and not is_prohibited(r)
        ),
        "everyday": share(load_everyday(EverydayPart.HELD_OUT)),
    }
