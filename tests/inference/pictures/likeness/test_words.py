import pytest

from inference.pictures.likeness.words import ConfirmedWords, may_carry_over

TEXT = "ครีมสมุนไพรแม่บัว\nรักษาสิวหายขาดใน 7 วัน\nส่งฟรีทั่วไทย"
CLAIM = "รักษาสิวหายขาดใน 7 วัน"


def confirmed() -> list[ConfirmedWords]:
    start = TEXT.index(CLAIM)
    return [ConfirmedWords.of(TEXT, start, start + len(CLAIM))]


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "ลด 50%\nรักษาสิวหายขาด\nใน 7 วัน",
        "ครีมสมุนไพรแมบัว\nรักษาสิวหายขาดไน 7 วัน",  # a vowel was misread
    ],
)
def test_confirmed_words_that_are_read_again_may_carry_a_decision(text: str) -> None:
    assert may_carry_over(confirmed(), text)


@pytest.mark.parametrize(
    "text",
    [
        "ครีมสมุนไพรแม่บัว\nให้ความชุ่มชื้นแก่ผิว\nส่งฟรีทั่วไทย",
        "ครีมสมุนไพรแม่บัว\nรักษาสิวหายขาดใน 9 วัน",
        "ครีมสมุนไพรแม่บัว\nไม่รักษาสิวหายขาดใน 7 วัน",
        "ครีมสมุนไพรแม่บัว\nไมรักษาสิวหายขาดใน 7 วัน",  # the tone mark was lost
        "รักษาสิวหายขาดใน 7 วัน ไม่เป็นความจริง",
        "ครีมสมุนไพรแม่บัว\nหัวมเชี่อคิววารักษาสิวหายขาดใน 7 วัน",  # ห้ามเชื่อคำว่า, as it was once read
        "ครีมสมุนไพรแม่บัว\nใม่รักษาสิวหายขาดใน 7 วัน",
        "ลือกันว่า รักษาสิวหายขาดใน 7 วัน ถามแพทย์ก่อน",
        "สิว",
        "",
    ],
)
def test_lawful_words_other_digits_and_denials_carry_nothing(text: str) -> None:
    assert not may_carry_over(confirmed(), text)


def test_a_denial_that_stood_there_before_rules_nothing_out() -> None:
    text = "หมดปัญหาสิว ไม่ต้องพบแพทย์ รักษาสิวหายขาด"
    start = text.index("รักษา")
    assert may_carry_over([ConfirmedWords.of(text, start, len(text))], text)


def test_all_confirmed_words_must_be_read_and_at_least_one_must_be_confirmed() -> None:
    assert not may_carry_over([*confirmed(), ConfirmedWords("ลดเบาหวาน")], TEXT)
    assert not may_carry_over([], TEXT)


def test_words_too_short_to_be_told_from_others_carry_nothing() -> None:
    assert not may_carry_over([ConfirmedWords("ฟรี")], TEXT)
