"""Both parts of the shipped prefilter."""

import pytest

from inference.bulk.screening import Screening
from inference.model.bundle import load_bundle, shipped_bundle
from labels.dataset.everyday import EverydayPart, load_everyday

CURE = "แคปซูลสมุนไพร รักษาเบาหวานให้หายขาดภายใน 7 วัน"
GOODS = (
    "เคสมือถือกันกระแทก ขอบนิ่ม สีใส มีหลายรุ่น สอบถามก่อนสั่งซื้อ ส่งไวทุกวัน",
    "กระเป๋าผ้าแคนวาส ใส่โน้ตบุ๊กได้ ซิปแน่น งานเย็บเรียบร้อย พร้อมส่ง 250 บาท",
    "ไขควงชุด 32 ชิ้น หัวแม่เหล็ก เหล็กแข็งแรง ใช้ซ่อมคอมพิวเตอร์และเฟอร์นิเจอร์",
    "เสื้อยืดผ้าฝ้าย คอกลม ทรงหลวม ใส่สบาย มีสีดำ ขาว เทา ไซซ์ S ถึง XL",
)


@pytest.fixture(scope="module")
def screening() -> Screening:
    return Screening(load_bundle(shipped_bundle()), threads=1)


def test_a_cure_stays_however_long_the_rest_is(screening: Screening) -> None:
    assert not screening.lets_out(CURE)
    assert not screening.lets_out(f"{GOODS[0]}\n" * 20 + CURE + f"\n{GOODS[3]}" * 20)


def test_more_goods_are_skipped_than_by_the_linear_model_alone(
    screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = [record.text for record in load_everyday(EverydayPart.HELD_OUT)[:60]]
    both = sum(score is not None for score in screening.scores(goods))
    monkeypatch.setattr(screening, "_detector", None)
    assert sum(score is not None for score in screening.scores(goods)) < both


@pytest.mark.parametrize("text", ["", " \n ", "\u200b"])
def test_what_says_nothing_is_left_to_the_model(screening: Screening, text: str) -> None:
    assert screening.scores([text]) == [None]


def test_a_score_at_the_threshold_is_kept(screening: Screening, monkeypatch: pytest.MonkeyPatch) -> None:
    assert screening._detector is not None
    (linear,) = screening._linear.scores([CURE])
    score = screening._detector.score(CURE, linear)
    monkeypatch.setattr(screening._detector, "threshold", score)
    assert screening.scores([CURE]) == [None]
    monkeypatch.setattr(screening._detector, "threshold", score + 1e-6)
    assert screening.scores([CURE]) == [score]
