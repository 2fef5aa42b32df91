"""What a complainant entered about themselves is found however the text writes it."""

import pytest

from service.store.complaints.ties import blacked


def is_found(field: str, written: str) -> bool:
    text = f"ดิฉันเห็นโฆษณานี้ {written} จริง"
    assert len(blacked(text, [field])) == len(text)
    return written not in blacked(text, [field]) and blacked(text, [field]).startswith("ดิฉันเห็นโฆษณานี้ █")


@pytest.mark.parametrize("field", ["0812345678", "+66 81 234 5678", "โทร ๐๘๑-๒๓๔-๕๖๗๘ หลังหกโมง"])
@pytest.mark.parametrize(
    "written", ["0812345678", "081-234-5678", "081 2345678", "+66812345678", "๐๘๑ ๒๓๔ ๕๖๗๘", "081–234–5678"]
)
def test_a_number(field: str, written: str) -> None:
    assert is_found(field, written)


@pytest.mark.parametrize("written", ["1081-234-5678", "081-234-5679", "590"])
def test_another_number_is_not(written: str) -> None:
    assert not is_found("0812345678", written)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("0812345678, Somying@shop.example", "somying@shop.example"),
        ("0812345678, Somying@shop.example", "081-234-5678"),
        ("02-123-4567 081-234-5678", "0812345678"),
        ("02-123-4567 081-234-5678", "021234567"),
        ("ไลน์ moncloud9 / โทร 0812345678", "Moncloud9"),
        ("Line ID: moncloud", "moncloud"),
        ("123-4-56789-0", "1234567890"),
        ("นางสมหญิง ใจดี", "สมหญิง ใจดี"),
        ("น.ส. สมหญิง ใจดี", "สมหญิง  ใจดี"),
        ("นางสาวสมหญิง ใจดี", "สมหญิงใจดี"),
        ("คุณสมหญิง 0812345678", "สมหญิง"),
        ("Ms. Somying Jaidee", "somying jaidee"),
    ],
)
def test_a_part_in_another_spelling(field: str, written: str) -> None:
    assert is_found(field, written)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("ก.", "กาแฟ ก. พบโฆษณา"),
        ("โทร 0812345678", "โทรหาร้านแล้ว"),
        ("Line: moncloud9", "ร้านให้แอด line มา"),
        ("facebook: moncloud9", "พบใน facebook"),
        ("Mr. Ann Lee", "planner Lee"),
        ("นางสม", "สมุนไพร"),
        ("", "พบโฆษณา"),
    ],
)
def test_what_stands_in_any_text_is_not(field: str, text: str) -> None:
    assert blacked(text, [field]) == text


def test_line_feeds_stay() -> None:
    assert blacked("ดิฉัน สมหญิง\nใจดี", ["สมหญิง ใจดี"]) == "ดิฉัน ██████\n████"
