"""Both parts of the shipped prefilter."""

from pathlib import Path

import pytest

from inference.bulk.scoring import Scorer, ScoringJob
from inference.bulk.screening import CLAIMED, Screening
from inference.bulk.sources import Record
from inference.model.bundle import Bundle, BundleError, load_bundle, shipped_bundle
from labels.dataset.everyday import EverydayPart, load_everyday
from labels.schema import Listing

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


def test_a_text_is_kept_if_the_detector_is_sure_whatever_the_linear_score(
    screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert screening._detector is not None
    (goods,) = screening.scores([GOODS[0]])
    assert goods is not None
    monkeypatch.setattr(screening._detector, "highest", lambda text: CLAIMED)
    assert screening._decided(GOODS[0], -100.0) is None
    monkeypatch.setattr(screening._detector, "highest", lambda text: CLAIMED - 1e-6)
    assert screening._decided(GOODS[0], -100.0) == pytest.approx(CLAIMED - 100)


def test_more_goods_are_skipped_than_by_the_linear_model_alone(
    screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = [record.text for record in load_everyday(EverydayPart.HELD_OUT)[:60]]
    both = sum(score is not None for score in screening.scores(goods))
    monkeypatch.setattr(screening, "_detector", None)
    assert sum(score is not None for score in screening.scores(goods)) < both


@pytest.mark.parametrize(
    "text", ["", " \n ", "\u200b", " | ", "|||", "Abortion pills, safe and private", "治疗癌症", "฿ 250"]
)
def test_what_holds_no_thai_letter_is_left_to_the_model(screening: Screening, text: str) -> None:
    assert screening.scores([text]) == [None]


def test_a_score_at_the_threshold_is_kept(screening: Screening, monkeypatch: pytest.MonkeyPatch) -> None:
    assert screening._detector is not None
    (linear,) = screening._linear.scores([GOODS[3]])
    score = linear + screening._detector.highest(GOODS[3])
    monkeypatch.setattr(screening._detector, "threshold", score)
    assert screening.scores([GOODS[3]]) == [None]
    monkeypatch.setattr(screening._detector, "threshold", score + 1e-6)
    assert screening.scores([GOODS[3]]) == [score]


def test_a_damaged_linear_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damaged = tmp_path / "screen.npz"
    damaged.write_bytes(b"broken")
    bundle = load_bundle(shipped_bundle())
    monkeypatch.setattr(Bundle, "screen_path", damaged)
    with pytest.raises(BundleError, match="copy the bundle again"):
        Screening(bundle)


def test_a_text_longer_than_the_model_reads_is_not_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = Scorer(ScoringJob(screened=True, threads=1))
    records = [Record(0, 0, Listing(id="a", description=GOODS[0]))]
    assert list(scorer._let_out(records)) == [0]
    monkeypatch.setattr("inference.bulk.scoring.MAX_CHARACTERS", len(GOODS[0]) - 1)
    assert not scorer._let_out(records)
