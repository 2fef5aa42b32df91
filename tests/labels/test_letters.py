"""Sentences are compared by their letters alone."""

import pytest

from labels.letters import letters


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ครบ ๕ หมู่!", "ครบ5หมู่"),
        ("ร\u200bั ก - ษ า . โรค", "รักษาโรค"),
        ("น้ําผึ้ง น้ำผึ้ง นํ้าผึ้ง", "น้ำผึ้งน้ำผึ้งน้ำผึ้ง"),
        ("คําเตือน", "คำเตือน"),
        ("เเม่", "แม่"),
        ("ＷＨＩＴＥＮＩＮＧ ✨", "whitening"),
        ("“…” 🙂\n", ""),
    ],
)
def test_one_spelling(written: str, plain: str) -> None:
    assert letters(written) == plain


def test_letters_of_letters_are_the_same() -> None:
    once = letters("อ่านคำเตือน ในฉลาก ก่อนบริโภค (12)")
    assert letters(once) == once
