"""Fitting the prefilter, and the effect of the shipped one on the splits."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from inference.model.bundle import load_bundle, shipped_bundle
from inference.model.prefilter import Prefilter
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.dataset.shipped import Split, load_split
from labels.taxonomy import ProductClass
from training.evaluation.card import screen_section
from training.fit.prefilter import _at_most, fit_screen, prohibited_texts, screen_figures

pytestmark = pytest.mark.needs_train


@pytest.mark.usefixtures("few_everyday")
def test_no_prohibited_listing_of_the_validation_split_is_let_out() -> None:
    train, validation = load_split(Split.TRAIN)[:400], load_split(Split.VALIDATION)[:120]
    posts = ["วันนี้รถติดมากฝนตกทั้งวัน", "แมวที่บ้านนอนทั้งวันไม่ยอมกินข้าว"] * 20
    screen = fit_screen(train, validation, posts)
    assert prohibited_texts(validation)
    assert not any(map(screen.lets_out, prohibited_texts(validation)))
    assert screen.score(posts[0]) < min(map(screen.score, prohibited_texts(validation)))


def test_everyday_listings_teach_what_to_let_out_and_those_held_out_measure_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    train = load_split(Split.TRAIN)[:120]
    screen = fit_screen(train, [])
    monkeypatch.setattr("training.fit.prefilter.load_everyday", lambda part: [])
    without = fit_screen(train, [])
    monkeypatch.undo()
    held_out = [record.text for record in load_everyday(EverydayPart.HELD_OUT)]
    scores = [screen.score(text) for text in held_out]
    assert np.mean([s < without.score(text) for s, text in zip(scores, held_out, strict=True)]) > 0.95
    screen.threshold = float(np.median(scores))
    figures = screen_figures(screen, load_split(Split.VALIDATION)[:40])
    assert figures["everyday"] == pytest.approx(0.5, abs=0.01)
    assert f"it skips\n{figures['everyday']:.1%}" in screen_section(figures)


@pytest.mark.usefixtures("few_everyday")
def test_without_prohibited_listings_nothing_is_let_out() -> None:
    others = [r for r in load_split(Split.TRAIN)[:300] if r.product_class is ProductClass.OTHER]
    screen = fit_screen(others, others)
    assert not any(screen.lets_out(record.text) for record in others)


@pytest.mark.parametrize(("count", "lost"), [(1, 0), (499, 0), (500, 0), (501, 1), (1000, 1), (1001, 2)])
def test_fewer_than_two_in_a_thousand_may_be_lost(count: int, lost: int) -> None:
    assert _at_most(0.002, count) == lost


@pytest.mark.slow
def test_the_shipped_screen_loses_under_two_in_a_thousand() -> None:
    path = load_bundle(shipped_bundle()).screen_path
    assert path is not None
    screen = Prefilter.load(path)
    for split in (Split.VALIDATION, Split.TEST):
        figures = screen_figures(screen, load_split(split))
        assert figures["prohibited"] is not None
        assert figures["prohibited"] < 0.002
        assert figures["other_class"] is not None
        assert figures["other_class"] > 0.05
        assert figures["everyday"] is not None
        assert figures["everyday"] > 0.1
