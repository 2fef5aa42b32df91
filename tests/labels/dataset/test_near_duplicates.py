"""Near-duplicates are found whatever a copying seller changes, and only they."""

import random

from labels.dataset.near_duplicates import near_duplicate_pairs, shingles

TEXT = "แคปซูลสมุนไพรตราดอกบัวหลวง ลดน้ำหนักได้จริง ไม่ต้องอดอาหาร กล่องละ 390 บาท ส่งฟรีทั่วประเทศ"
COPY = "แคปซูลสมุนไพรตราดอกบัวหลวง!! ลด น้ำหนักได้จริง 🔥 ไม่ต้องอดอาหาร กล่องละ 450 บาท ส่งฟรีทั่วไทย"
OTHER = "ขายจักรยานพับได้มือสอง สภาพดี ล้อยี่สิบนิ้ว นัดรับที่สถานีรถไฟ"


def test_digits_space_and_punctuation_do_not_count() -> None:
    assert shingles("ABCDE fg 12") == shingles("abc-de, 99 FG") == {"abcde", "bcdef", "cdefg"}
    assert shingles("ab") == {"ab"}


def test_a_copy_is_found_and_another_text_is_not() -> None:
    assert list(near_duplicate_pairs([OTHER, TEXT, COPY])) == [(1, 2)]


def test_every_reported_pair_reaches_the_threshold() -> None:
    a, b = shingles(TEXT), shingles(COPY)
    similarity = len(a & b) / len(a | b)
    assert 0.5 < similarity < 1
    assert list(near_duplicate_pairs([TEXT, COPY], similarity)) == [(0, 1)]
    assert not list(near_duplicate_pairs([TEXT, COPY], similarity + 0.001))


def test_no_pair_at_the_threshold_is_missed() -> None:
    letters, chance = "กขคงจชซญดตถทธนบปผพฟภมยรลวสหอ", random.Random(5)
    texts = []
    for _ in range(200):
        shared, *ends = ("".join(chance.choices(letters, k=k)) for k in (71, 33, 33))
        texts += [shared + end for end in ends]
    alike = [(one, one + 1) for one in range(0, len(texts), 2)]
    sets = [shingles(text) for text in texts]
    assert all(0.5 <= len(sets[a] & sets[b]) / len(sets[a] | sets[b]) < 0.52 for a, b in alike)
    assert list(near_duplicate_pairs(texts)) == alike
