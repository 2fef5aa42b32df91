"""The prefilter skips clear cases and nothing that is prohibited."""

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.model.bundle import load_bundle, shipped_bundle
from inference.model.prefilter import DIMENSIONS, LENGTHS, PASSAGE, Prefilter, buckets_of, passages
from labels.dataset.everyday import EverydayPart, load_everyday
from tests.helpers.every import every

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


def test_html_does_not_matter() -> None:
    written = "Slim <b>Fit</b> &#3585;าง" + " ยา" * PASSAGE
    plain = "Slim Fit กาง" + " ยา" * PASSAGE
    assert buckets_of(written).tolist() == buckets_of(plain).tolist()
    assert list(passages(written)) == list(passages(plain))


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


# The definition of the score, one passage and one run at a time. The shipped weights and threshold are those of
# these buckets, so any change of a bit would need a new fit.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+")


def plain_buckets(text: str) -> list[int]:
    plain = re.sub(r"\s+", " ", INVISIBLE.sub("", text)).strip().lower()
    runs = re.findall(r"[^\W_]+", plain)
    terms = [*runs, *(f"{a} {b}" for a, b in pairwise(runs))]
    found = {zlib.crc32(term.encode("utf-8", "surrogatepass")) for term in terms}
    letters = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), np.uint32)
    hashed = letters * np.uint32(2654435761)
    for length in range(2, LENGTHS[-1] + 1):
        if len(letters) < length:
            break
        before = hashed[:-1]
        hashed = (before ^ (before >> np.uint32(15))) * np.uint32(2246822519)
        hashed = hashed + letters[length - 1 :] * np.uint32(3266489917)
        mixed = (hashed ^ (hashed >> np.uint32(13))) * np.uint32(668265263)
        found.update((mixed ^ (mixed >> np.uint32(16))).tolist())
    return sorted({value % DIMENSIONS for value in found})


def plain_score(screen: Prefilter, text: str) -> float:
    def of(passage: str) -> float:
        found = np.array(plain_buckets(passage), np.int64)
        idf = screen.idf[found]
        norm = float(np.sqrt(idf @ idf))
        return screen.intercept + (float(idf @ screen.weights[found]) / norm if norm else 0.0)

    return max(map(of, passages(text)))


@pytest.mark.costly
def test_texts_scored_together_have_the_scores_of_the_definition_to_the_bit(screen: Prefilter) -> None:
    texts = [record.text for record in load_everyday(EverydayPart.HELD_OUT)]
    assert screen.scores(texts) == [plain_score(screen, text) for text in texts]


HARD = [
    *["", " ", "\n", "ก", "a", "_", "🙂", "\ud800", "ก" * 5000, "漢" * (PASSAGE + 1), "a b", "ก ข"],
    *[
        "ΑΣ\u2065 ΑΣ\u00adΑ",
        "İİ İ",
        "Straße ẞ",
        "a\x1cb\x85c\u2028d\u00a0e",
        "\ufeff",
        "x\u200b\u200b",
        "0/:@[`{",
    ],
    # Runs about as long as the tables of run_hashes, beside each other and alone.
    *[f"{'ก' * a} {'b' * b}" for a in (84, 85) for b in (1, 253, 254, 255, 256, 600)],
    *["b" * 255, "b" * 254, "漢" * 85 + "-" + "漢" * 86 + "-c"],
]


def test_hard_texts_have_the_buckets_of_the_definition() -> None:
    def check(text: str) -> None:
        assert buckets_of(text).tolist() == plain_buckets(text)

    every(((text,) for text in HARD), check)


@given(
    st.lists(
        st.text(max_size=30) | st.text("กา่b \n\u200bΣ_é", max_size=30) | st.sampled_from(HARD), max_size=8
    )
)
def test_a_score_does_not_depend_on_the_other_texts(screen: Prefilter, texts: Sequence[str]) -> None:
    assert screen.scores(texts) == [plain_score(screen, text) for text in texts]
