"""Foreign letters inside the words of claims are read as the Thai ones that they imitate."""

import pytest

from inference.text.lookalikes import undo_lookalikes
from inference.text.offset_text import OffsetText


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ผoม", "ผอม"),
        ("0้วน", "อ้วน"),
        ("ลดwุง", "ลดพุง"),
        ("uำรุงผิว", "บำรุงผิว"),
        ("vาวใส", "ขาวใส"),
        ("sักษา", "รักษา"),
    ],
)
def test_the_hidden_word_is_read(written: str, read: str) -> None:
    text = undo_lookalikes(OffsetText(written))
    assert text.text == read
    assert text.original_span(0, len(read)) == (0, len(written))


@pytest.mark.parametrize(
    "text",
    ["ขนาดM ราคา", "ไซซ์XLสีขาว", "วิตามินcบำรุงผิว", "น้อยกว่า30นี่", "iPhoneมือสอง", "รุ่น3สี", "o", "ใส่n95", "ซื้อ3แถม1"],
)
def test_honest_foreign_letters_stay(text: str) -> None:
    assert undo_lookalikes(OffsetText(text)).text == text
