"""What models read, and its way back to the original."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.text.reading import LINE_SEPARATOR, read
from tests.helpers.growth import LINEAR, growth

from ..odd_texts import TEXTS


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("พ.ศ. ๒๕๖๗", "พ.ศ. 2567"),
        ("ส าหรับ", "สำหรับ"),
        ("ท าให้", "ทำให้"),
        ("ส ําหรับ", "สำหรับ"),
        ("ส\u0e4d\u0e32", "สำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("เเพง", "แพง"),
        ("ต\u0e45", "ตา"),
        ("ฤๅษี", "ฤๅษี"),
        ("ขาวววว", "ขาว"),
        ("มากกกก", "มาก"),
        ("ดีีี", "ดี"),
        ("น้ำำ", "น้ำ"),
        ("ที่่", "ที่"),
        ("ท\u0e48\u0e35", "ท\u0e35\u0e48"),
        ("พ ุ่มไม้", "พุ่มไม้"),
        ("a่b", "ab"),
        ("มะ\u200bเร็ง\ufeff", "มะเร็ง"),
        ("ก\x00ข\x1bค", "กขค"),
        ("ＡＢＣ１２％", "ABC12%"),
        ("𝐀𝐁", "AB"),
        ("①", "1"),
        ("cafe\u0301", "café"),
        ("www.shop.example", "www.shop.example"),
        ("ก\r\n \n ข", f"ก{LINE_SEPARATOR}ข"),
        ("ก \u00a0\t ข", "ก ข"),
        ("!!!!", "!"),
        ("5555", "5555"),
        ("ม ะ เ ร ็ ง", "มะเร็ง"),
        ("รัก❤️ษา", "รักษา"),
        ("10-1-00005", "10-1-00005"),
        ("ราคา 1,290.-", "ราคา 1,290.-"),
        ("ต.บางรัก อ.เมือง จ.นนทบุรี", "ต.บางรัก อ.เมือง จ.นนทบุรี"),
        ("", ""),
    ],
)
def test_normalizing(written: str, text: str) -> None:
    reading = read(written)
    assert (reading.text, reading.original) == (text, written)
    assert read(text.replace(LINE_SEPARATOR, "\n")).text == text


@given(TEXTS)
def test_every_character_comes_from_somewhere_in_order(text: str) -> None:
    reading = read(text)
    starts, ends = list(reading.mapped.starts), list(reading.mapped.ends)
    assert len(starts) == len(ends) == len(reading.text)
    assert (starts, ends) == (sorted(starts), sorted(ends))
    assert all(0 <= a < b <= len(text) for a, b in zip(starts, ends, strict=True))


@given(TEXTS, st.data())
def test_any_range_has_a_place_in_the_original_and_a_way_back(text: str, data: st.DataObject) -> None:
    reading = read(text)
    if not reading.text:
        return
    start = data.draw(st.integers(0, len(reading.text) - 1))
    end = data.draw(st.integers(start + 1, len(reading.text)))
    a, b = reading.original_span(start, end)
    assert 0 <= a < b <= len(text)
    back = reading.span_of_original(a, b)
    assert back is not None
    assert back[0] <= start < end <= back[1]


@given(st.lists(st.sampled_from(["ครีม", "รักษา", "ราคา", " ", "ok", "99", "บาท", "😀", ", "]), max_size=20))
def test_clean_writing_maps_to_itself(words: list[str]) -> None:
    text = "".join(words)
    reading = read(text)
    for at, char in enumerate(reading.text):
        a, b = reading.original_span(at, at + 1)
        # Runs (of spaces, emoji, commas) may shrink to one; everything else stands for itself.
        assert text[a:b] == char or set(text[a:b]) == {char}


def test_nothing_is_left_of_an_invisible_range() -> None:
    reading = read("ก\u200b\u200bข")
    assert reading.span_of_original(1, 3) is None
    assert reading.span_of_original(0, 4) == (0, 2)


@given(TEXTS)
def test_word_starts_ascend_to_the_end(text: str) -> None:
    reading = read(text)
    starts = reading.word_starts
    assert (starts[0], starts[-1]) == (0, len(reading.text))
    assert starts == sorted(set(starts))


@pytest.mark.costly
@pytest.mark.parametrize(
    "pattern",
    [
        "ก",
        "ก.",
        "ม ะ ",
        "่",
        "่้",
        "ก่้",
        "ตากลม",
        "1",
        " ",
        "\n",
        "😀",
        "a.",
        "เ",
        "ก\u0e4d\u0e32",
        "ก\u200b",
        "กข-คง.",
    ],
)
def test_work_on_hostile_patterns_is_linear(pattern: str) -> None:
    assert growth(lambda size: (pattern * size)[:size], lambda text: read(text).word_starts, 40_000) < LINEAR
