"""Words about taste are recognized where the line says nothing else of a claim."""

import tomllib
from importlib import resources

from labels.guidance.food_taste import taste_in
from labels.law.catalogue import STATUS_MEANING
from tests.helpers.every import every

CRACKERS = "ระเบิดความอร่อยตั้งแต่คำแรก เด็กกินได้ผู้ใหญ่กินเพลิน"
TASTES = (
    (CRACKERS, CRACKERS.replace(" ", "")),
    ("กรอบนอกนุ่มใน อร่อยทุกคำ", "กรอบนอกนุ่มในอร่อยทุกคำ"),
    ("รสชาติใหม่ กินเพลิน", "กินเพลิน"),
)
CLAIMS = (
    "อร่อยที่สุดตั้งแต่คำแรก", "อร่อย การันตี 100%", "อร่อย เห็นผลตั้งแต่คำแรก", "อร่อย หายตั้งแต่คำแรก", "อร่อย ห.า.ย ตั้งแต่คำแรก", "อร่อย อันดับ 1",
    "อร่อย ทุกเพศทุกวัย เด็กกินได้", "อร่อย เด็กกินได้ คนท้องกินได้", "อร่อย เด็กกินได้ตั้งแต่ทารก", "ช่วยให้เด็กทานอร่อยขึ้น", "อร่อย ผอมตั้งแต่คำแรก",
    "หอม ผิวขาวใสตั้งแต่คำแรก", "กรอบ อึดตั้งแต่คำแรก", "อร่อย เด็กกินได้ ปลอดภัย", "อร่อยสุดยอด", "อร่อย เด็กกินได้เยอะขึ้น", "อร่อย สวยตั้งแต่คำแรก", "อร่อย ยาดี",
)  # fmt: skip


def test_phrases_about_taste_are_found_in_a_line_without_a_claim() -> None:
    def check(line: str, phrases: str) -> None:
        assert "".join(line[start:end] for start, end in taste_in(line)) == phrases

    every(TASTES, check)


def test_a_word_of_taste_frees_no_line_with_a_claim() -> None:
    def check(line: str) -> None:
        assert list(taste_in(line)) == []

    every([(line,) for line in (*CLAIMS, "เด็กกินได้ตั้งแต่คำแรก")], check)


def test_the_words_have_status_and_source() -> None:
    table = tomllib.loads(resources.files("labels.guidance").joinpath("food_taste.toml").read_text("utf-8"))
    assert table["status"] in STATUS_MEANING
    assert all(source.startswith("https://") for source in table["sources"])
