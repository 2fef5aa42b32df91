"""What a letter states: the facts and provisions that are ticked, in official words, and nothing else."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labels.law.catalogue import law_ref, permit_provisions, provision, provisions
from labels.law.facts import Fact
from labels.schema import (
    Contact,
    ContactKind,
    Finding,
    LicenceCheck,
    LicenceKind,
    NumberShape,
    RegistryStatus,
)
from labels.taxonomy import ClaimLabel, Platform, ProductClass
from service.referral.letters.letter import LetterWithoutLaw
from service.store.tables.referral_tables import Recipient
from service.text.official_wording import NO_PERMIT, VIOLATIONS, baht, fact, in_full, violations
from service.text.quoting import reading_of

ONE_DATABASE = True

Unpack = Callable[[bytes], dict[str, bytes]]
TextOf = Callable[[bytes], str]

TEXT = "รักษาเบาหวาน และ รั ก ษ า มะเร็ง เลขสารบบอาหาร 11-1-00000-1-0001\u200b หมอรับรอง"
NUMBER = "11-1-00000-1-0001"


def span(words: str) -> tuple[int, int]:
    return TEXT.index(words), TEXT.index(words) + len(words)


def borrowed() -> Finding:
    start, end = span(NUMBER)
    return Finding(
        code="number_of_other_product",
        thai="เลขเป็นของผลิตภัณฑ์อื่น ต้องใช้เลขของตน",
        english="another product's number",
        law=[law_ref("food-act-25-2")],
        start=start,
        end=end,
    )


def decide(desk: Any, choices: Mapping[str, bool] | None = None, **fields: Any) -> int:
    spans = [span("รักษาเบาหวาน"), span("รักษาเบาหวาน"), span("รั ก ษ า มะเร็ง"), span("หมอรับรอง")]
    labels = [ClaimLabel.DISEASE, ClaimLabel.ABSOLUTE, ClaimLabel.DISEASE, ClaimLabel.FALSE_ENDORSEMENT]
    made: int = desk.decide(
        TEXT, spans=spans, labels=labels, findings=[borrowed()], law_choices=choices, **fields
    )
    return made


def letter(desk: Any, review: int, recipient: Recipient, unpack: Unpack, docx_text: TextOf) -> str:
    return docx_text(unpack(desk.pack(desk.refer(review, recipient)).data)["letter.docx"])


FACTS_STATED = {
    "“รักษาเบาหวาน”": {"food-act-40", "food-act-41"},
    "“รั ก ษ า มะเร็ง” (อ่านว่า “รักษา มะเร็ง”)": {"food-act-40", "food-act-41"},
    "“หมอรับรอง”": {"food-act-40", "food-ad-criteria-2569"},
    f"แสดงเลข “{NUMBER}”": {"food-act-25-2"},
}
"""What a letter may state of :data:`TEXT`, and the provisions that it meets."""

USUAL = {"food-act-40", "food-act-41", "food-act-25-2"}


@pytest.mark.parametrize(
    ("recipient", "choices", "cited"),
    [
        *((recipient, {}, USUAL) for recipient in Recipient),
        (Recipient.CONSUMER_POLICE, {"food-act-41": False}, USUAL - {"food-act-41"}),
        (
            Recipient.PROVINCE,
            {"food-ad-criteria-2569": True, "food-act-40": False},
            USUAL - {"food-act-40"} | {"food-ad-criteria-2569"},
        ),
        (Recipient.REVENUE, {"food-act-25-2": False}, USUAL - {"food-act-25-2"}),
        (Recipient.ADVERTISER, {"food-act-40": False, "food-act-41": False}, {"food-act-25-2"}),
    ],
)
def test_both_forms_state_the_ticked_provisions_with_their_facts_and_no_other(
    desk: Any,
    recipient: Recipient,
    choices: dict[str, bool],
    cited: set[str],
    unpack: Unpack,
    docx_text: TextOf,
    pdf_text: TextOf,
) -> None:
    files = unpack(desk.pack(desk.refer(decide(desk, choices), recipient)).data)
    docx, pdf = docx_text(files["letter.docx"]), pdf_text(files["letter.pdf"])
    for row in provisions():
        # A longer citation may begin with a shorter one: 41 and 41(1).
        stands = f"{row.full_citation} {row.rule_thai}" in docx
        assert stands == (row.id in cited), row.id
        assert ("".join(f"{row.full_citation}{row.rule_thai}".split()) in pdf) == stands
    for words, met in FACTS_STATED.items():
        assert (words in docx) == bool(cited & met), words
        assert ("".join(words.split()) in pdf) == bool(cited & met), words
    stated = sum(bool(cited & met) for met in FACTS_STATED.values())
    assert len(re.findall(r"^\d+\. (?:ข้อความ|แสดงเลข)", docx, re.MULTILINE)) == stated


def test_words_whose_provisions_are_unticked_are_no_fact(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    choices = {"food-act-40": False, "food-act-41": False}
    text = letter(desk, decide(desk, choices), Recipient.CONSUMER_POLICE, unpack, docx_text)
    assert f"แสดงเลข “{NUMBER}”" in text
    assert [words for words in ("รักษาเบาหวาน", "รั ก ษ า มะเร็ง", "หมอรับรอง") if f"“{words}”" in text] == []


BENEFIT_TEXT = "บำรุงร่างกาย รักษาเบาหวาน ฆอ. 123/2569"


@pytest.mark.parametrize(
    ("status", "quoted", "lacks"),
    [
        (None, True, True),
        (RegistryStatus.ACTIVE, False, False),
        # A void permit is shown; that it is void is what the letter says of it.
        (RegistryStatus.CANCELLED, True, False),
    ],
)
def test_a_benefit_lacks_a_permit_only_where_none_is_shown(
    desk: Any,
    status: RegistryStatus | None,
    quoted: bool,
    lacks: bool,
    unpack: Unpack,
    docx_text: TextOf,
) -> None:
    start = BENEFIT_TEXT.index("ฆอ.")
    place = {"start": start, "end": len(BENEFIT_TEXT)}
    licences, findings = [], []
    if status is not None:
        licences = [
            LicenceCheck(**place, kind=LicenceKind.FOOD_AD_PERMIT, number="123/2569", shape=NumberShape.VALID, status=status)
        ]  # fmt: skip
    if status is RegistryStatus.CANCELLED:
        law = [law_ref("food-act-41")]
        findings = [Finding(code="permit_void", thai="สิ้นผล", english="void", law=law, **place)]
    shown = {Fact.PERMIT_SHOWN} if status is RegistryStatus.ACTIVE else set()
    review = desk.decide(
        BENEFIT_TEXT,
        spans=[(0, 12), (13, 25)],
        labels=[ClaimLabel.BENEFIT, ClaimLabel.DISEASE],
        findings=findings,
        licences=licences,
        facts=shown,
    )
    text = letter(desk, review, Recipient.PROVINCE, unpack, docx_text)
    assert "“รักษาเบาหวาน”" in text
    assert ("“บำรุงร่างกาย”" in text) == quoted
    assert (f"{VIOLATIONS[ClaimLabel.BENEFIT]}{NO_PERMIT}" in text) == lacks
    assert (NO_PERMIT in text) == lacks


def test_no_permit_is_missed_where_none_exists() -> None:
    assert permit_provisions(ClaimLabel.BENEFIT, ProductClass.FOOD) == {"food-act-41"}
    assert permit_provisions(ClaimLabel.BENEFIT, ProductClass.COSMETIC) == set()
    assert violations([ClaimLabel.BENEFIT]) == "แสดงคุณประโยชน์ คุณภาพ หรือสรรพคุณ"


def test_a_number_in_a_picture_is_said_to_be_there() -> None:
    assert fact("number_cancelled", "", "") == "แสดงเลขในภาพโฆษณา ซึ่งตามทะเบียนถูกยกเลิกหรือเพิกถอนแล้ว"
    assert fact("barred_psychotropic", "", "") == "เสนอขายสินค้าตามภาพโฆษณา ซึ่งเป็นยาเสพติดหรือวัตถุออกฤทธิ์"


def test_words_are_quoted_once_with_all_that_they_do(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    text = letter(desk, decide(desk), Recipient.ADVERTISER, unpack, docx_text)
    assert text.count("“รักษาเบาหวาน”") == 1
    both = f"{VIOLATIONS[ClaimLabel.DISEASE]} และ{VIOLATIONS[ClaimLabel.ABSOLUTE]}"
    assert f"1. ข้อความ “รักษาเบาหวาน” อันเป็นการ{both}" in text
    assert "(ตามข้อเท็จจริงข้อ 1 ถึง 3)" in text
    assert "(ตามข้อเท็จจริงข้อ 4)" in text


def test_a_letter_needs_a_ticked_provision(desk: Any) -> None:
    none = dict.fromkeys(("food-act-40", "food-act-41", "food-act-25-2"), False)
    row = desk.refer(decide(desk, none))
    with pytest.raises(LetterWithoutLaw, match="ticked"):
        desk.pack(row)


def test_an_account_is_spoken_of_only_where_there_is_one(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    phone = Contact(start=0, end=1, kind=ContactKind.PHONE, value="020000000")
    text = letter(desk, decide(desk, contacts=[phone]), Recipient.MONEY_LAUNDERING, unpack, docx_text)
    assert "บัญชี" not in text.replace("บัญชีค่าแฮช", "")
    assert "รับชำระเงิน" not in text
    assert "ช่องทางติดต่อที่ปรากฏในโฆษณา ได้แก่ โทรศัพท์ 020000000" in text


def test_an_account_that_the_letter_speaks_of_is_listed_and_what_is_left_out_counted(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    links = [
        Contact(start=0, end=1, kind=ContactKind.URL, value=f"https://shop.example/{n}") for n in range(25)
    ]
    paid = [
        Contact(start=0, end=1, kind=kind, value=value)
        for kind, value in (
            (ContactKind.LINE_ID, "@example"),
            (ContactKind.PHONE, "020000000"),
            (ContactKind.BANK_ACCOUNT, "0000000000"),
        )
    ]
    text = letter(desk, decide(desk, contacts=[*links, *paid]), Recipient.MONEY_LAUNDERING, unpack, docx_text)
    assert "บัญชีและช่องทางรับชำระเงินดังกล่าว" in text
    first = "บัญชีธนาคาร 0000000000, โทรศัพท์ 020000000, LINE ID @example, ลิงก์ https://shop.example/0,"
    assert f"ช่องทางติดต่อและรับชำระเงินที่ปรากฏในโฆษณา ได้แก่ {first}" in text
    assert "https://shop.example/16 และอีก 8 รายการตามแฟ้ม case.json" in text


def test_a_blocking_request_names_its_ground_and_a_shop_of_its_own_its_keeper(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    review = decide(
        desk, platform=Platform.WEB_SHOP, url="https://shop.example/a", price="1290", currency="THB"
    )
    ministry = letter(desk, review, Recipient.MINISTRY, unpack, docx_text)
    ground = f"ตาม{provision('computer-crime-act-20').full_citation} เพื่อระงับการทำให้แพร่หลาย"
    assert ground in ministry
    assert "ตามที่อยู่เว็บข้างต้นออกจากระบบ" in ministry
    unnamed = letter(desk, decide(desk, id="post", url=None), Recipient.MINISTRY, unpack, docx_text)
    assert "ตามสิ่งที่ส่งมาด้วยออกจากระบบ" in unnamed
    assert "ผู้ดูแลเว็บไซต์ shop.example" in letter(desk, review, Recipient.PLATFORM, unpack, docx_text)
    assert "ราคา 1,290 บาท" in letter(desk, review, Recipient.CONSUMER_POLICE, unpack, docx_text)


def test_digits_are_thai_where_the_office_says_so(
    desk: Any, tmp_path: Path, unpack: Unpack, docx_text: TextOf
) -> None:
    (tmp_path / "office.toml").write_text('name = "สำนักงานตัวอย่าง"\nthai_digits = true\n', encoding="utf-8")
    made = desk.pack(desk.refer(decide(desk)), tmp_path)
    text = docx_text(unpack(made.data)["letter.docx"])
    assert "พระราชบัญญัติอาหาร พ.ศ. ๒๕๒๒ มาตรา ๔๐" in text
    assert NUMBER in text  # a quotation is left unchanged
    assert "ที่ รท ๐๐๐๑/" in text
    assert "๑. ข้อมูลโฆษณา" in text


def test_rules_and_penalties_name_sections_in_full() -> None:
    assert in_full("ปรับไม่เกิน 5,000 บาท (ม.71) ตาม พ.ร.บ.อาหาร ม.75") == (
        "ปรับไม่เกิน 5,000 บาท (มาตรา 71) ตามพระราชบัญญัติอาหาร มาตรา 75"
    )
    assert in_full("ม.42 ถึง ม.46 และ ม.6(11)") == "มาตรา 42 ถึงมาตรา 46 และมาตรา 6 (11)"
    assert in_full("30 ซม.2") == "30 ซม.2"


def test_a_plain_spelling_has_no_reading() -> None:
    assert reading_of("๗ วัน เห็นผล!!!", 100) == ""
    assert reading_of("รักษามะเsง", 100) == "รักษามะเร็ง"
    # No word ends with these vowels.
    assert reading_of("ล ด น้ำ ห นั ก ใน 7 วั น", 100) == "ลดน้ำหนัก ใน 7 วัน"
    assert reading_of("กินวันละ 3 เม็ ด ครบ 1 เดื อน", 100) == "กินวันละ 3 เม็ด ครบ 1 เดือน"
    assert reading_of("ก็ ดี ทุกวัน มือ ขวา", 100) == ""


@pytest.mark.parametrize(
    ("price", "currency", "written"),
    [
        ("1290", "THB", "1,290 บาท"),
        ("1,290.50", None, "1,290.50 บาท"),
        ("390.00", "THB", "390 บาท"),
        ("20", "USD", "20 USD"),
        ("ทักแชท", None, "ทักแชท"),
        ("1,290 บาท", "THB", "1,290 บาท"),
        ("฿390", "THB", "390 บาท"),
        ("390.-", None, "390 บาท"),
        (".50", "THB", "0.50 บาท"),
        ("390 บาท/กล่อง", "THB", "390 บาท/กล่อง"),
        (".", "THB", ". THB"),
    ],
)
def test_prices_are_written_as_officials_write_them(price: str, currency: str | None, written: str) -> None:
    assert baht(price, currency) == written
