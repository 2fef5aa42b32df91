"""The prefilter skips clear cases and nothing that is prohibited."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.model.bundle import load_bundle, shipped_bundle
from inference.model.prefilter import DIMENSIONS, PASSAGE, Prefilter, buckets_of, passages

SHIRT = "เสื้อยืดคอกลมผ้าฝ้าย ไซส์ M L XL สีดำ ขาว กรม 199 บาท ส่งฟรี"


@pytest.fixture(scope="module")
def screen() -> Prefilter:
    path = load_bundle(shipped_bundle()).screen_path
    assert path is not None
    return Prefilter.load(path)


def test_a_cure_stays_however_long_the_rest_is(screen: Prefilter) -> None:
    cure = "แคปซูลสมุนไพร รักษาเบาหวาน มะเร็ง หายขาด ไม่ต้องกินยา"
    assert not screen.lets_out(cure)
    assert not screen.lets_out(f"{SHIRT}\n" * 60 + cure + f"\n{SHIRT}" * 60)


@pytest.mark.parametrize(
    "text",
    [
        "พรุ่งนี้มีประชุมเช้าที่สำนักงานเขต ใครจะไปด้วยกันนัดเจอหน้าตึกตอนแปดโมง",
        "ขายรถกระบะมือสอง ปี 2562 เกียร์ธรรมดา วิ่งน้อย เจ้าของขายเอง ดูรถได้ที่ชลบุรี",
        "ให้เช่าคอนโดใกล้สถานีรถไฟฟ้า ห้องมุม ชั้น 12 เฟอร์ครบ พร้อมเข้าอยู่",
    ],
)
def test_other_things_are_let_out(screen: Prefilter, text: str) -> None:
    assert screen.lets_out(text)


def test_invisible_letters_and_case_do_not_matter() -> None:
    assert buckets_of("Slim\u200b Fit  กาง").tolist() == buckets_of("slim fit กาง").tolist()


@given(st.text(max_size=80))
def test_any_text_has_a_score(text: str) -> None:
    buckets = buckets_of(text)
    assert len(set(buckets.tolist())) == len(buckets)
    assert not len(buckets) or (buckets.min() >= 0 and buckets.max() < DIMENSIONS)
    flat = Prefilter(np.ones(DIMENSIONS, np.float32), np.zeros(DIMENSIONS, np.float32), -1.5, 0.0)
    assert flat.score(text) == -1.5


@given(st.integers(0, 4 * PASSAGE))
def test_passages_cover_the_text(length: int) -> None:
    text = "".join(chr(0x100 + k) for k in range(length))
    found = list(passages(text))
    assert set("".join(found)) == set(text)
    assert all(len(piece) <= PASSAGE for piece in found)


def test_saved_and_read_it_is_the_same(tmp_path: Path, screen: Prefilter) -> None:
    screen.save(tmp_path / "screen.npz")
    again = Prefilter.load(tmp_path / "screen.npz")
    assert again.score(SHIRT) == screen.score(SHIRT)
    assert again.threshold == screen.threshold


def test_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="weights"):
        Prefilter(np.ones(3, np.float32), np.ones(3, np.float32), 0.0, 0.0)


def test_a_text_that_scores_exactly_the_threshold_stays() -> None:
    zeros = np.zeros(DIMENSIONS, np.float32)
    assert not Prefilter(zeros, zeros, 0.5, threshold=0.5).lets_out(SHIRT)
    assert Prefilter(zeros, zeros, 0.5, threshold=np.nextafter(0.5, 1)).lets_out(SHIRT)
