"""What a complainant entered about themselves is found however the text writes it."""

import time

import pytest

from service.store.complaints.ties import blacked
from service.text.spellings import spellings


def is_found(field: str, written: str) -> bool:
    text = f"ดิฉันเห็นโฆษณานี้ {written} จริง"
    assert len(blacked(text, [field])) == len(text)
    return written not in blacked(text, [field]) and blacked(text, [field]).startswith("ดิฉันเห็นโฆษณานี้ █")


@pytest.mark.parametrize(
    "field",
    [
        "0812345678",
        "+66 81 234 5678",
        "โทร ๐๘๑-๒๓๔-๕๖๗๘ หลังหกโมง",
        "812345678",  # as a spreadsheet keeps a number
        "812345678 / a@person.example",
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        "0812345678",
        "081-234-5678",
        "081 2345678",
        "+66812345678",
        "๐๘๑ ๒๓๔ ๕๖๗๘",
        "081–234–5678",
        "812345678",
        "81-234-5678",
    ],
)
def test_a_number(field: str, written: str) -> None:
    assert is_found(field, written)


@pytest.mark.parametrize("written", ["1081-234-5678", "081-234-5679", "590", "1812345678", "+812345678"])
@pytest.mark.parametrize("field", ["0812345678", "x / 812345678"])
def test_another_number_is_not(field: str, written: str) -> None:
    assert not is_found(field, written)


def test_a_number_that_is_no_thai_telephone_keeps_its_first_digit() -> None:
    assert is_found("21234567", "02-123-4567")
    assert is_found("021234567", "2123 4567")
    assert not is_found("เลขบัญชี 0123456789", "123456789")
    assert not is_found("เลขบัญชี 112345678", "0112345678")


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
        ("TikTok: moncloud99", "moncloud99"),
        ("WhatsApp 0812345678", "081-234-5678"),
        ("FB: moncloud WhatsApp 0812345678", "moncloud"),
        ("สมหญิง โทร 0812345678", "สมหญิง"),
        ("https://www.facebook.com/moncloud", "facebook.com/moncloud"),
        ("https://www.facebook.com/moncloud", "Moncloud"),
        ("https://facebook.com/moncloud?ref=x", "facebook.com/moncloud"),
        ("https://facebook.com/profile.php?id=100012345678", "facebook.com/profile.php?id=100012345678"),
        ("https://facebook.com/profile.php?id=100012345678", "100012345678"),
        ("line.me/ti/p/~moncloud, สมหญิง", "moncloud"),
        ("line.me/ti/p/~moncloud, สมหญิง", "สมหญิง"),
        ("line.me/ti/p/~x", "line.me/ti/p/~x"),
        ("youtube.com/@moncloud/videos/", "moncloud"),
        ("wa.me/66812345678", "081 234 5678"),
        ("Somying@shop.example/0812345678", "somying@shop.example"),
        ("(facebook.com/moncloud)", "moncloud"),
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
        ("https://www.facebook.com/moncloud", "https://www.facebook.com/badshop"),
        ("facebook.com/moncloud", "facebook.com/badshop และ facebook.com/moncloud-shop"),
        ("line.me/ti/p/~x", "line.me/ti/p/~badshop ที่ line.me"),
        ("https://facebook.com/profile.php?id=100012345678", "facebook.com/profile.php?id=100087654321"),
        ("youtube.com/@moncloud/videos", "videos ที่ youtube.com/@badshop/videos"),
        ("https://shop.example/moncloud", "https://shop.example/badshop"),
        ("https://facebook.com moncloud9", "https://facebook.com/badshop"),
        ("WhatsApp 0812345678", "ร้านให้แอด WhatsApp มา"),
        ("TikTok: moncloud99", "พบใน TikTok: badshop"),
        ("E-mail: a@shop.example", "ร้านให้ e-mail มา"),
        ("Line_ID: moncloud9", "line_id: badshop"),
        ("0812345678 ติดต่อกลับ", "ร้านไม่ติดต่อกลับ"),
        ("0812345678 ติดต่อกลับทางไลน์ได้ค่ะ", "ติดต่อกลับทางไลน์ได้ค่ะ"),
        ("Line", "ร้านให้แอด line มา"),
    ],
)
def test_what_stands_in_any_text_is_not(field: str, text: str) -> None:
    assert blacked(text, [field]) == text


def test_line_feeds_stay() -> None:
    assert blacked("ดิฉัน สมหญิง\nใจดี", ["สมหญิง ใจดี"]) == "ดิฉัน ██████\n████"


def test_patterns_are_compiled_once() -> None:
    assert spellings("สมหญิง ใจดี") is spellings("สมหญิง ใจดี")


@pytest.mark.parametrize("piece", ["line ", "ติดต่อกลับ", "line.me/", "https://", "a.bc/."])
def test_a_long_field_is_read_at_once(piece: str) -> None:
    started = time.perf_counter()
    spellings(piece * 60 + "x")
    assert time.perf_counter() - started < 2
