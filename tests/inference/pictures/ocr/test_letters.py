"""The model of letters."""

import pytest

from inference.pictures.ocr.letters import EDGE, letter_model


@pytest.fixture(scope="module")
def letters():
    return letter_model()


@pytest.mark.parametrize(
    ("written", "misread"),
    [
        ("ควบคุมน้ำตาลในเลือด", "ควบคุมนำตาลไนเลือด"),
        ("ช่วยฟื้นฟูร่างกาย", "ช่วยพื้นฟูร่างภาย"),
        ("Dietary Supplement", "Dictary Supslemeo"),
    ],
)
def test_written_words_are_likelier_than_misread_ones(letters, written, misread):
    assert letters.mean_cost(written) + 0.5 < letters.mean_cost(misread)


def test_no_digit_is_likelier_than_another(letters):
    assert len({letters.mean_cost(f"โทร 08{digit}-234-5678") for digit in "0123456789๗"}) == 1


def test_capitals_are_as_likely_as_small_letters(letters):
    assert letters.mean_cost("COLLAGEN") == letters.mean_cost("collagen")


def test_letters_that_were_never_counted_together_cost_more_and_a_finite_amount(letters):
    known = letters.cost(f"{EDGE}เบาหวา", "น")
    assert known < 1
    for letter in ("฿", "漢"):
        assert 10 < letters.cost(f"{EDGE}เบาหวา", letter) < 20


def test_the_model_says_what_it_was_counted_in(letters):
    assert set(letters.origin["texts"]) == {"train.jsonl", "everyday.jsonl"}
