"""Letters are misread as in pictures; spans stay on their words."""

import random

import pytest

from labels.schema import Annotation, Span
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from training.augmentation.augment import Augmenter, Shares
from training.augmentation.misread import MISREAD, misread

pytestmark = pytest.mark.needs_train

CLAIM = "ช่วยให้หลับสนิท"
TEXT = f"น้ำผึ้ง{CLAIM} สูตรซื้อคู่ ดึงดูดชุมชน ใช้มือถือ สัปดาห์นี้ โต๊ะจีน "


def _record(text: str = TEXT) -> Annotation:
    at = text.find(CLAIM)
    spans = [Span(start=at, end=at + len(CLAIM), label=ClaimLabel.BENEFIT)] if at >= 0 else []
    return Annotation(
        id="a",
        platform=Platform.LINE,
        product_class=ProductClass.FOOD,
        offer=True,
        text=text,
        spans=spans,
    )


def test_each_letter_is_misread_now_and_then() -> None:
    texts = [misread(_record(), random.Random(seed)).text for seed in range(400)]
    for letter, (read, _) in MISREAD.items():
        fewer = [text for text in texts if text.count(letter) < TEXT.count(letter)]
        assert 0 < len(fewer) < len(texts), letter
        assert any(text.count(read) > TEXT.count(read) for text in fewer) or not read


def test_a_span_stays_on_its_words() -> None:
    changed = set()
    for seed in range(400):
        read = misread(_record(), random.Random(seed))
        words = read.text[read.spans[0].start : read.spans[0].end]
        assert words[0] in "ชข"
        assert read.text[: read.spans[0].start].startswith("น")
        assert "ท" in words[-2:]
        changed.add(words)
    assert len(changed) > 20


def test_text_without_thai_gains_few_signs() -> None:
    text = "Vitamin C 1000 mg " * 50
    lengths = [len(misread(_record(text), random.Random(seed)).text) for seed in range(50)]
    assert len(text) < max(lengths) < 1.03 * len(text)


def test_the_augmenter_misreads_the_stated_share() -> None:
    shares = Shares(digits=0, names=0, disguise=0, layout=0, boilerplate=0, misread=0.5)
    augmenter = Augmenter([_record()], shares)
    changed = sum(augmenter(_record()).text != TEXT for _ in range(400))
    assert 150 < changed < 200
