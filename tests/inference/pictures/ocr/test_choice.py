"""Choosing between readings of one line."""

import pytest

from inference.pictures.ocr.choice import (
    Guess,
    best,
    merged,
    prefers_latin,
    share_of_words,
    with_marks_in_place,
)


def test_a_reading_of_words_beats_a_surer_one_of_noise():
    noise, words = Guess("จูดฟัน ธ่างภาย", 0.9), Guess("ฟื้นฟู ร่างกาย", 0.85)
    assert best([noise, words]) is words


def test_of_two_readings_of_words_the_surer_is_taken():
    assert best([Guess("ปวดขา", 0.7), Guess("ปวดขา", 0.9)]).confidence == 0.9


def test_an_empty_reading_is_never_better():
    assert best([Guess("", 0.99), Guess("ฟว", 0.1)]).text == "ฟว"


def test_the_share_of_words_is_that_of_thai_letters():
    assert share_of_words("Omega 3") is None
    assert share_of_words("ร่างกาย") == 1
    assert share_of_words("ฏฎฆ") == 0


def test_latin_letters_are_left_to_their_own_recogniser():
    assert prefers_latin(Guess("รอหอทชูรอเนทา", 0.6), Guess("soyong.serum", 0.99))
    assert prefers_latin(Guess("SU 0 1๕", 0.88), Guess("60 Capsules", 0.97))
    assert not prefers_latin(Guess("เบาหวาน", 0.85), Guess("U ", 0.95))
    assert not prefers_latin(Guess("", 0.0), Guess("anu", 0.5))


def test_marks_that_slipped_one_letter_go_back_where_that_makes_words():
    assert with_marks_in_place(Guess("รบัประกนับตัรแท้", 0.9)).text == "รับประกันบัตรแท้"
    assert with_marks_in_place(Guess("ปวดหลังและเอว", 0.9)).text == "ปวดหลังและเอว"


def test_two_readings_give_each_other_the_parts_that_are_words():
    one, other = Guess("ดูลด้วย น้ำมันมะกอก", 0.9), Guess("ดูแลด้วย น้ำมันมะถอก", 0.8)
    assert merged(one, other) == merged(other, one) == Guess("ดูแลด้วย น้ำมันมะกอก", 0.9)


def test_readings_of_different_words_and_digits_are_not_mixed():
    assert merged(Guess("กระดาษลายดอกไม้", 0.9), Guess("ปากกาหมึกซึม", 0.95)).text == "ปากกาหมึกซึม"
    assert merged(Guess("ราคา 590 บาท", 0.9), Guess("ราคา 690 บาท", 0.8)).text == "ราคา 590 บาท"
    assert merged(Guess("", 0.0), Guess("ปากกา", 0.5)).text == "ปากกา"


@pytest.mark.parametrize("other", ["ครบวันเห็นผล", "ครบ 1 วันเห็นผล", "ครบถ้วนเห็นผล"])
def test_a_digit_is_never_left_out_or_replaced_by_likelier_letters(other):
    read = Guess("ครบ7วันเห็นผล", 0.95)
    assert merged(read, Guess(other, 0.6)) == read


def test_parts_are_taken_by_their_letters_even_if_both_are_words():
    # "คดี" (a case in court) is a word too.
    one, two = Guess("ฟันขาวสุขภาพคดี", 0.98), Guess("ฟันขาวสุขภาพดี", 0.9)
    assert merged(one, two).text == "ฟันขาวสุขภาพดี"
