"""The linear model on words: stable buckets, a file without pickles, and weights that are used."""

from pathlib import Path

import numpy as np
import pytest

from inference.model.lexical import (
    COLUMNS,
    DIMENSIONS,
    OPENING_DIMENSIONS,
    LexicalModel,
    Opening,
    hashed,
    terms,
    words,
)
from inference.text.reading import read
from labels.taxonomy import CLASSES


def _model() -> LexicalModel:
    idf, weights = np.zeros(DIMENSIONS, np.float32), np.zeros((DIMENSIONS, COLUMNS), np.float32)
    (bucket,), _ = hashed(["มะเร็ง"])
    idf[bucket], weights[bucket, 0] = 2.0, 3.0
    return LexicalModel(idf, weights, np.full(COLUMNS, -1.0, np.float32))


def test_terms_are_words_and_pairs_of_the_reading() -> None:
    assert terms(words(read("รัก.ษา มะเร็ง ABC"))) == ["รักษา", "มะเร็ง", "abc", "รักษา มะเร็ง", "มะเร็ง abc"]


def test_buckets_do_not_depend_on_the_process() -> None:
    buckets, counts = hashed(["มะเร็ง", "ชา", "ชา"])
    assert buckets.tolist() == [35099, 54118]
    assert sorted(counts.tolist()) == pytest.approx([1.0, 1.0 + np.log(2)])


def test_a_known_word_raises_its_column_only() -> None:
    calm, cure = _model().score(read("ชา")), _model().score(read("มะเร็ง"))
    assert calm.prohibited == -1.0
    assert cure.prohibited == pytest.approx(2.0)
    assert cure.offer == -1.0
    assert cure.product_class.tolist() == calm.product_class.tolist()


def test_a_file_gives_the_same_model(tmp_path: Path) -> None:
    path = tmp_path / "lexical.npz"
    _model().save(path)
    assert LexicalModel.load(path).score(read("มะเร็ง")).prohibited == pytest.approx(2.0)
    assert path.stat().st_size < 5_000


def test_another_taxonomy_is_refused() -> None:
    with pytest.raises(ValueError, match="taxonomy"):
        LexicalModel(
            np.zeros(DIMENSIONS, np.float32),
            np.zeros((DIMENSIONS, COLUMNS + 1), np.float32),
            np.zeros(COLUMNS + 1, np.float32),
        )


def test_an_empty_text_has_the_intercepts() -> None:
    assert _model().score(read("")).prohibited == -1.0


def test_the_opening_speaks_for_the_class_alone(tmp_path: Path) -> None:
    plain = _model()
    idf = np.zeros(OPENING_DIMENSIONS, np.float32)
    weights = np.zeros((OPENING_DIMENSIONS, len(CLASSES)), np.float32)
    (bucket,), _ = hashed(["ชา"], OPENING_DIMENSIONS)
    idf[bucket], weights[bucket, 1] = 2.0, 3.0
    LexicalModel(plain.idf, plain.weights, plain.intercepts, Opening(idf, weights)).save(tmp_path / "x.npz")
    model = LexicalModel.load(tmp_path / "x.npz")
    first, late = model.score(read("ชา มะเร็ง")), model.score(read("กิโล " * 20 + "ชา มะเร็ง"))
    # Two features of weight 2: normalized together, each counts by its share of the length.
    assert first.product_class[1] == pytest.approx(-1.0 + 3.0 / np.sqrt(2))
    assert late.product_class[1] == -1.0
    assert first.prohibited == late.prohibited == pytest.approx(2.0)
    assert first.labels.tolist() == late.labels.tolist()
