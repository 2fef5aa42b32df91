"""The keyword scanner finds every phrase at its place in the original text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inference.keywords import KeywordBaseline
from labels.guidance.phrases import phrases
from labels.taxonomy import ClaimLabel, ProductClass
from tests.helpers.every import every

SCANNER = KeywordBaseline()
WORDINGS = [text for phrase in phrases() for text in phrase.texts if "…" not in text]


def test_each_phrase_is_found_in_its_own_text() -> None:
    def check(wording: str) -> None:
        text = f"ขวดนี้ {wording} สั่งเลย"
        spans = {text[hit.start : hit.end] for hit in SCANNER.scan(text) if hit.phrase == wording}
        assert wording in spans

    every(zip(WORDINGS), check)


def test_white_space_and_case_do_not_hide_a_phrase() -> None:
    text = "รีวิวกว่า \n  1000\u00a0คนยืนยัน และ stem\tcell"
    found = {(hit.phrase, text[hit.start : hit.end]) for hit in SCANNER.scan(text)}
    assert ("รีวิวกว่า 1000 คนยืนยัน", "รีวิวกว่า \n  1000\u00a0คนยืนยัน") in found
    assert ("STEM CELL", "stem\tcell") in found
    assert "การันตี 100%" in {hit.phrase for hit in SCANNER.scan("การันตี100%")}


def test_nested_and_repeated_phrases_are_all_found() -> None:
    text = "ดีที่สุด ลดน้ำหนัก ลดน้ำหนัก"
    phrases_found = [hit.phrase for hit in SCANNER.scan(text)]
    assert {"ดีที่สุด", "ที่สุด"} <= set(phrases_found)
    assert phrases_found.count("ลดน้ำหนัก") == 2
    assert SCANNER.score(text) == 3


def test_a_gap_in_a_phrase() -> None:
    assert any(hit.phrase == "ครบ…จบที่…" for hit in SCANNER.scan("ครบทุกหัตถการ จบที่คลินิกเรา"))
    assert not any(hit.phrase == "ครบ…จบที่…" for hit in SCANNER.scan("ครบ" + "ก" * 40 + "จบที่"))


def test_the_class_narrows_the_list() -> None:
    text = "ช่วยลดผมร่วง"
    assert SCANNER.is_prohibited(text, ProductClass.COSMETIC)
    assert not SCANNER.is_prohibited(text, ProductClass.FOOD)


def test_a_permit_bound_phrase_alone_is_not_prohibited() -> None:
    hits = SCANNER.scan("บำรุงเลือด")
    assert {hit.label for hit in hits} == {ClaimLabel.BENEFIT}
    assert not SCANNER.is_prohibited("บำรุงเลือด")
    assert SCANNER.score("บำรุงเลือด") == 0


def test_nothing_in_nothing() -> None:
    assert SCANNER.scan("") == []
    assert SCANNER.scan(" \n ") == []
    assert not SCANNER.is_prohibited("เสื้อยืดคอกลม สีดำ")


pieces = st.one_of(
    st.sampled_from(WORDINGS), st.text(max_size=8), st.sampled_from([" ", "\n\n", "\u200b", "İ"])
)


@given(st.lists(pieces, max_size=8).map("".join))
def test_offsets_point_at_the_phrase(text: str) -> None:
    hits = SCANNER.scan(text)
    for hit in hits:
        found = "".join(text[hit.start : hit.end].split()).lower()
        if "…" not in hit.phrase:
            assert found == "".join(hit.phrase.split()).lower()
    assert all(first <= second for first, second in pairwise(hits))
