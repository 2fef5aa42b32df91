"""Each condition of a rule on barred goods is read from the policy file, and works."""

from typing import Any

import pytest

from inference.policy_rules import _barred

ROW: dict[str, Any] = {
    "code": "cigarettes",
    "classes": ["other"],
    "words": "บุหรี่",
    "risk": 0.9,
    "fact": "e_cigarette",
    "thai": "ห้ามขาย",
    "english": "It may not be sold.",
}


@pytest.mark.parametrize(
    ("condition", "pattern", "barred", "free"),
    [
        ("not_before", "ซอง$", "ขายบุหรี่", "ซองบุหรี่"),
        ("not_after", "^หมด", "บุหรี่ขายดี", "บุหรี่หมด"),
        ("unless", "เลิก", "บุหรี่ราคาถูก", "บุหรี่ อยากเลิก"),
        ("also", "ขาย", "บุหรี่ ขาย", "บุหรี่ แจก"),
    ],
)
def test_a_condition_of_barred_goods_frees_what_it_describes(
    condition: str, pattern: str, barred: str, free: str
) -> None:
    assert _barred(ROW).find(free) is not None
    rule = _barred(ROW | {condition: pattern})
    assert rule.find(barred) is not None
    assert rule.find(free) is None


def test_a_mention_that_a_condition_frees_leaves_the_next_one_barred() -> None:
    for condition, pattern, text in (
        ("not_before", "ซอง$", "ซองบุหรี่ กับบุหรี่"),
        ("not_after", "^หมด", "บุหรี่หมด มีบุหรี่"),
    ):
        found = _barred(ROW | {condition: pattern}).find(text)
        assert found is not None, condition
        assert found.start() == text.rindex("บุหรี่")


def test_a_condition_reads_sixty_characters_beside_the_words() -> None:
    def frees(condition: str, text: str) -> bool:
        return _barred(ROW | {condition: "หมด"}).find(text) is None

    for lead in ("", "ก" * 200):
        assert frees("not_before", f"{lead}หมด{'ข' * 57}บุหรี่")
        assert not frees("not_before", f"{lead}หมด{'ข' * 58}บุหรี่")
        assert frees("not_after", f"{lead}บุหรี่{'ข' * 57}หมด")
        assert not frees("not_after", f"{lead}บุหรี่{'ข' * 58}หมด")


@pytest.mark.parametrize("excuse", ["permit_excuses", "licence_excuses"])
def test_no_number_excuses_unless_the_rule_says_so(excuse: str) -> None:
    assert getattr(_barred(ROW), excuse) is False
    assert getattr(_barred(ROW | {excuse: True}), excuse) is True
