"""Known respellings are read as the words that they represent."""

import pytest

from inference.text.offset_text import OffsetText
from inference.text.reading import read
from inference.text.respellings import respellings, undo_respellings


def _plain(text: str) -> str:
    return undo_respellings(OffsetText(text)).text


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("สูตร ลนน. ไว", "สูตร ลดน้ำหนัก ไว"),
        ("LOD นน. ปลอดภัย", "ลดน้ำหนัก ปลอดภัย"),
        ("🔥ไขมัน", "เผาผลาญไขมัน"),
        ("รักสามะเรง", "รักษามะเร็ง"),
        ("คุมนน.ได้", "คุมน้ำหนักได้"),
    ],
)
def test_respellings_are_undone(written: str, plain: str) -> None:
    assert _plain(written) == plain


@pytest.mark.parametrize(
    "text", ["เห็นผลลัพธ์ดี", "อยากผอมมาก", "xlod นน", "ฆสพ.นน.7/2567", "เผาพลุ", "ปวดเข้ากระดูก"]
)
def test_longer_words_stay(text: str) -> None:
    assert _plain(text) == text


def test_every_form_is_read_as_its_plain_wording() -> None:
    for plain, forms in respellings().items():
        for form in forms:
            assert _plain(form.strip("~")) == plain, form


def test_plain_wordings_are_left_alone() -> None:
    assert [plain for plain in respellings() if _plain(plain) != plain] == []


def test_a_respelled_word_keeps_its_place() -> None:
    reading = read("ชา ลนน. ส่งฟรี")
    at = reading.text.index("ลดน้ำหนัก")
    assert reading.original_span(at, at + len("ลดน้ำหนัก")) == (3, 7)


@pytest.mark.parametrize("written", ["ขายชารักษามะเſ็ง", "มะเſง", "fıllเลอร์ ราคาถูก", "fİllเลอร์", "LOſ นน."])
def test_letters_whose_case_leaves_ascii_do_not_stop_the_reading(written: str) -> None:
    assert read(written).text
    assert _plain(written)


def test_they_are_read_as_the_latin_letters_they_stand_for() -> None:
    assert read("fıllเลอร์ ราคาถูก").text == read("fillเลอร์ ราคาถูก").text
    assert read("ſlim").text == "slim"
    assert read("\u212aeto").text == "Keto"
