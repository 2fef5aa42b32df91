"""What a letter states: the facts and provisions that are ticked, in official words, and nothing else."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from labels.law.catalogue import law_for, law_ref, permit_provisions, provision
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
from service.text.official_wording import NO_PERMIT, VIOLATIONS, baht, fact, in_full, ranges, violations
from service.text.quoting import reading_of

ONE_DATABASE = True
pytestmark = pytest.mark.slow(0.5)  # a letter, each

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


SPELLED = {
    "รักษาเบาหวาน": "“รักษาเบาหวาน”",
    "รั ก ษ า มะเร็ง": "“รั ก ษ า มะเร็ง” (อ่านว่า “รักษา มะเร็ง”)",
    "หมอรับรอง": "“หมอรับรอง”",
}
"""The claimed words of :data:`TEXT`, and how a letter quotes them."""

CLAIMED = {
    "รักษาเบาหวาน": (ClaimLabel.DISEASE, ClaimLabel.ABSOLUTE),
    "รั ก ษ า มะเร็ง": (ClaimLabel.DISEASE,),
    "หมอรับรอง": (ClaimLabel.FALSE_ENDORSEMENT,),
}
FOOD, PERMIT, BORROWED, CRITERIA = "food-act-40", "food-act-41", "food-act-25-2", "food-ad-criteria-2569"
SITE = {"platform": Platform.WEB_SHOP, "url": "https://shop.example/a"}
PAGE = {"platform": Platform.FACEBOOK, "url": "https://social.example/a"}

ADDRESSEES: list[tuple[Recipient, dict[str, Any], str, dict[str, bool], set[str]]] = [
    (Recipient.PLATFORM, PAGE, "ผู้ให้บริการแพลตฟอร์ม เฟซบุ๊ก", {}, {FOOD, PERMIT, BORROWED}),
    (Recipient.PLATFORM, SITE, "ผู้ดูแลเว็บไซต์ shop.example", {BORROWED: False}, {FOOD, PERMIT}),
    (Recipient.ADVERTISER, {"seller": "ร้านตัวอย่าง"}, "ร้านตัวอย่าง", {PERMIT: False}, {FOOD, BORROWED}),
    (Recipient.ADVERTISER, {}, "ผู้ทำการโฆษณา", {FOOD: False, PERMIT: False}, {BORROWED}),
    (
        Recipient.CONSUMER_POLICE,
        {},
        "ผู้บังคับการปราบปรามการกระทำความผิดเกี่ยวกับการคุ้มครองผู้บริโภค",
        {CRITERIA: True},
        {FOOD, PERMIT, BORROWED, CRITERIA},
    ),
    (
        Recipient.CYBER_POLICE,
        {},
        "ผู้อำนวยการศูนย์ปราบปรามอาชญากรรมทางเทคโนโลยีสารสนเทศ สำนักงานตำรวจแห่งชาติ",
        {FOOD: False},
        {PERMIT, BORROWED},
    ),
    (
        Recipient.MINISTRY,
        SITE,
        "ปลัดกระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม",
        {CRITERIA: True, PERMIT: False},
        {FOOD, BORROWED, CRITERIA},
    ),
    (
        Recipient.PROVINCE,
        {},
        "นายแพทย์สาธารณสุขจังหวัดตาก",
        {CRITERIA: True, FOOD: False},
        {PERMIT, BORROWED, CRITERIA},
    ),
    (Recipient.REVENUE, {}, "อธิบดีกรมสรรพากร", {PERMIT: False, BORROWED: False}, {FOOD}),
    (
        Recipient.MONEY_LAUNDERING,
        {},
        "เลขาธิการคณะกรรมการป้องกันและปราบปรามการฟอกเงิน",
        {FOOD: False, PERMIT: False, CRITERIA: True},
        {BORROWED, CRITERIA},
    ),
]
"""Ten kinds of addressee: letter, listing, whom it addresses, ticks, and the provisions that it then cites."""


def law_of(label: ClaimLabel) -> set[str]:
    return {ref.id for ref in law_for(label, ProductClass.FOOD_SUPPLEMENT)}


def said(cited: set[str]) -> tuple[list[str], set[str]]:
    """What a letter that cites these provisions states: its numbered facts, and its provisions with them."""
    facts: list[tuple[str, set[str]]] = []
    for words, labels in CLAIMED.items():
        relied = [label for label in labels if law_of(label) & cited]
        if relied:
            met = set().union(*map(law_of, relied))
            facts.append((f"ข้อความ {SPELLED[words]} อันเป็นการ{violations(relied)}", met))
    if BORROWED in cited:
        facts.append((fact("number_of_other_product", f"“{NUMBER}”", ""), {BORROWED}))
    law = set()
    for row in map(provision, cited):
        numbers = [number for number, (_, met) in enumerate(facts, start=1) if row.id in met]
        penalty = f" ระวางโทษ{in_full(row.penalty_thai)}" if row.is_confirmed and row.penalty_thai else ""
        told = f"{row.full_citation} {in_full(row.rule_thai)} (ตามข้อเท็จจริงข้อ {ranges(numbers)}){penalty}"
        law.add(told)
    return [f"{number}. {text}" for number, (text, _) in enumerate(facts, start=1)], law


def test_every_recipient_is_among_the_ten_addressees() -> None:
    assert {recipient for recipient, *_ in ADDRESSEES} == set(Recipient)
    assert len({(recipient, to) for recipient, _, to, *_ in ADDRESSEES}) == 10


@pytest.mark.parametrize(("recipient", "listing", "to", "choices", "cited"), ADDRESSEES)
def test_both_forms_state_every_ticked_fact_and_provision_to_ten_addressees_and_nothing_else(
    desk: Any,
    recipient: Recipient,
    listing: dict[str, Any],
    to: str,
    choices: dict[str, bool],
    cited: set[str],
    unpack: Unpack,
    docx_text: TextOf,
    pdf_text: TextOf,
) -> None:
    files = unpack(desk.pack(desk.refer(decide(desk, choices, **listing), recipient)).data)
    docx, pdf = docx_text(files["letter.docx"]), pdf_text(files["letter.pdf"])
    assert f"เรียน {to}" in docx.replace("\t", " ")
    assert "".join(f"เรียน {to}".split()) in pdf
    facts, law = said(cited)
    lines = docx.partition("โดยพบข้อเท็จจริงดังต่อไปนี้\n")[2].partition("\nจึงเรียนมา")[0].splitlines()
    head = ["ข้อกฎหมาย", "การโฆษณาดังกล่าวเข้าข่ายฝ่าฝืนบทบัญญัติแห่งกฎหมาย ดังนี้"]
    assert lines[: len(facts) + 2] == facts + head
    numbered = [line.partition(". ") for line in lines[len(facts) + 2 :]]
    assert [number for number, _, _ in numbered] == [str(number) for number in range(1, len(law) + 1)]
    assert {text for _, _, text in numbered} == law
    whole = pdf.partition("โดยพบข้อเท็จจริงดังต่อไปนี้")[2].partition("จึงเรียนมา")[0]
    assert whole == "".join("".join(lines).split())


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
    assert fact("number_revoked", "", "") == "แสดงเลขในภาพโฆษณา ซึ่งตามทะเบียนถูกเพิกถอนแล้ว"
    assert fact("barred_psychotropic", "", "") == "เสนอขายสินค้าตามภาพโฆษณา ซึ่งเป็นยาเสพติดหรือวัตถุออกฤทธิ์"


def test_words_are_quoted_once_with_all_that_they_do(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    text = letter(desk, decide(desk), Recipient.ADVERTISER, unpack, docx_text)
    assert text.count("“รักษาเบาหวาน”") == 1
    both = f"{VIOLATIONS[ClaimLabel.DISEASE]} และ{VIOLATIONS[ClaimLabel.ABSOLUTE]}"
    assert f"1. ข้อความ “รักษาเบาหวาน” อันเป็นการ{both}" in text
    assert "(ตามข้อเท็จจริงข้อ 1 ถึง 3)" in text
    assert "(ตามข้อเท็จจริงข้อ 4)" in text


def test_an_evasive_title_has_its_reading_in_a_letter_and_in_an_annex(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    title = "ล ด น้ำ ห นั ก"
    reviews = [desk.decide(title=title, id=name) for name in ("one", "two")]
    text = letter(desk, reviews[0], Recipient.CONSUMER_POLICE, unpack, docx_text)
    assert f"หัวข้อ “{title}” (อ่านว่า “ลดน้ำหนัก”) " in text
    joint = docx_text(unpack(desk.pack(desk.refer_all(reviews, Recipient.REVENUE)).data)["letter.docx"])
    assert joint.count(f"{title} (อ่านว่า “ลดน้ำหนัก”)") == 2


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


@pytest.mark.parametrize(
    ("own", "stated"),
    [
        ("", "ภายใน 15 วัน นับแต่วันที่ได้รับหนังสือฉบับนี้ หาก"),
        ("reply_days = 30\nthai_digits = true", "ภายใน ๓๐ วัน นับแต่วันที่ได้รับหนังสือฉบับนี้ หาก"),
        ("reply_days = 0", "ชี้แจงเป็นหนังสือต่อสำนักงานตัวอย่าง หาก"),
    ],
)
def test_an_advertiser_is_told_by_when_to_reply(
    desk: Any, tmp_path: Path, unpack: Unpack, docx_text: TextOf, own: str, stated: str
) -> None:
    (tmp_path / "office.toml").write_text(f'name = "สำนักงานตัวอย่าง"\n{own}\n', encoding="utf-8")
    made = desk.pack(desk.refer(decide(desk), Recipient.ADVERTISER), tmp_path)
    assert stated in docx_text(unpack(made.data)["letter.docx"])


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
    assert reading_of("เเชมพู นํ้ามัน น้ํามัน ทํา", 100) == "", "it looks the same in print"
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
        (".", "THB", "."),
        ("1.290,00", "THB", "1.290,00"),
        ("1.290", "THB", "1.290"),
        ("12,50 บาท", None, "12,50 บาท"),
        ("1,2900", "THB", "1,2900"),
        ("1บาท50", None, "1บาท50"),
        ("0812345678", "THB", "0812345678"),
        ("0.001", "THB", "0.001"),
        ("390.0000", "THB", "390 บาท"),
        ("๑,๒๙๐.๕๐", None, "1,290.50 บาท"),
        ("๓๙๐.-", "", "390 บาท"),
        ("1,290,000", "thb", "1,290,000 บาท"),
        ("1290", "บาท", "1,290 บาท"),
        ("฿390", "USD", "฿390 USD"),
        ("390 usd", "USD", "390 usd"),
        ("9" * 5000, None, "9" * 5000),
    ],
)
def test_prices_are_written_as_officials_write_them(price: str, currency: str | None, written: str) -> None:
    assert baht(price, currency) == written


def test_a_price_without_a_currency_is_baht_only_where_that_is_presumed() -> None:
    written = {
        text: baht(text, "", presumes=False) for text in ("1290", "1290 บาท", "฿1290", "1290.-", "ทักแชท")
    }
    assert written == {
        "1290": "1290",
        "1290 บาท": "1,290 บาท",
        "฿1290": "1,290 บาท",
        "1290.-": "1,290 บาท",
        "ทักแชท": "ทักแชท",
    }
    assert baht("1290", "THB", presumes=False) == "1,290 บาท"
