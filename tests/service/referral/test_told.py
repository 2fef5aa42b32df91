"""A letter about a complaint whose text is the complainant's account, not the advertisement's."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from inference.contacts import find_contacts
from labels.law.catalogue import law_for
from labels.schema import Assessment, Claim
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.complaints.intake import filing_of
from service.store.cases.reviews import Decision
from service.store.tables.referral_tables import Recipient
from service.text.thai_calendar import letter_date

ONE_DATABASE = True
pytestmark = pytest.mark.slow(0.5)  # a letter, each

WORDS = "รักษาเบาหวานให้หายขาด"
STORY = f"แม่ผมอายุ 72 ป่วยเป็นเบาหวาน ร้านบอกว่า{WORDS} โอนจากบัญชีกสิกร 123-4-56789-0 โทรหาผมที่ 089-777-6666"
ACCUSED = [Recipient.ADVERTISER, Recipient.PLATFORM]
AUTHORITIES = [Recipient.CONSUMER_POLICE, Recipient.MINISTRY]
Unpack = Callable[[bytes], dict[str, bytes]]
TextOf = Callable[[bytes], str]


def decide(desk: Any, **fields: Any) -> tuple[int, str]:
    """File a complaint and decide against its listing; gives the review and the complaint's number."""
    given = {"category": "health_ad", "detail": STORY, "title": "สมุนไพรทิพย์", "seller": "ร้านทิพย์"}
    given |= {"url": "https://shop.example/told", **fields}
    receipt = desk.store.complaints.file(filing_of(given), "form", "public")
    text = desk.store.listing(receipt.listing_id).text
    start = text.index(WORDS)
    law = law_for(ClaimLabel.DISEASE, ProductClass.FOOD_SUPPLEMENT, ())
    claim = Claim(
        start=start, end=start + len(WORDS), label=ClaimLabel.DISEASE, probability=0.9, text=WORDS, law=law
    )
    row = desk.store.assessments.record(
        receipt.listing_id,
        Assessment(
            id="x", verdict=Verdict.PROHIBITED, risk=0.9, product_class=ProductClass.FOOD_SUPPLEMENT,
            product_class_probability=0.9, offer=True, offer_probability=0.9, claims=[claim],
            contacts=find_contacts(text), model="by hand",
        ),
    )  # fmt: skip
    made = Decision(Verdict.PROHIBITED.value, (0,))
    return desk.store.reviews.record(row, desk.reviewer, made).id, receipt.number


@pytest.mark.parametrize("recipient", [Recipient.CYBER_POLICE, Recipient.MONEY_LAUNDERING], ids=str)
def test_the_complainants_contacts_are_reported_to_nobody_as_the_sellers(
    desk: Any, unpack: Unpack, docx_text: TextOf, recipient: Recipient
) -> None:
    assert find_contacts(STORY)
    files = unpack(desk.pack(desk.refer(decide(desk)[0], recipient)).data)
    assert json.loads(files["case.json"])["machine"]["contacts"] == []
    letter = docx_text(files["letter.docx"])
    assert "777" not in letter
    assert "56789" not in letter
    assert "ช่องทางติดต่อ" not in letter
    assert "บัญชีและช่องทางรับชำระเงิน" not in letter


def test_contacts_in_the_copied_advertisement_are_the_sellers(desk: Any, unpack: Unpack) -> None:
    review, _ = decide(desk, advertised=f"{WORDS} โทร 089-777-6666", detail="ขอให้ตรวจสอบ")
    case = json.loads(unpack(desk.pack(desk.refer(review)).data)["case.json"])
    assert [contact["value"] for contact in case["machine"]["contacts"]] == ["0897776666"]


@pytest.mark.parametrize("recipient", ACCUSED, ids=str)
def test_the_accused_learn_neither_the_account_nor_the_number_of_the_complaint(
    desk: Any, unpack: Unpack, docx_text: TextOf, recipient: Recipient
) -> None:
    review, number = decide(desk)
    files = unpack(desk.pack(desk.refer(review, recipient)).data)
    case = json.loads(files["case.json"])
    assert not {"external_id", "source", "description"} & set(case["listing"])
    assert not {"text", "text_sha256"} & set(case)
    assert case["listing"]["title"] == "สมุนไพรทิพย์"
    assert [claim["text"] for claim in case["decision"]["claims"]] == [WORDS]
    assert "คำบอกเล่าของผู้ร้องเรียน" in case["text_is"]["thai"]
    readme = files["README.txt"].decode()
    assert "- ข้อความที่ยืนยัน ซึ่งเป็นข้อความตามที่ผู้ร้องเรียนแจ้ง" in readme
    assert "ข้อความเต็ม" not in readme
    for said in (files["case.json"].decode(), readme, docx_text(files["letter.docx"])):
        assert "แม่ผมอายุ 72" not in said
        assert number not in said


@pytest.mark.parametrize("recipient", ACCUSED, ids=str)
def test_the_accused_get_the_copied_advertisement_without_the_number_of_the_complaint(
    desk: Any, unpack: Unpack, recipient: Recipient
) -> None:
    review, number = decide(desk, advertised=f"{WORDS} ทันที", detail="แม่ผมอายุ 72")
    files = unpack(desk.pack(desk.refer(review, recipient)).data)
    case = json.loads(files["case.json"])
    assert case["listing"]["description"] == f"{WORDS} ทันที"
    assert not {"external_id", "source"} & set(case["listing"])
    assert number not in files["case.json"].decode()
    assert "text_is" not in case


@pytest.mark.parametrize("recipient", AUTHORITIES, ids=str)
def test_authorities_get_the_account_as_an_account(desk: Any, unpack: Unpack, recipient: Recipient) -> None:
    review, number = decide(desk)
    files = unpack(desk.pack(desk.refer(review, recipient)).data)
    case = json.loads(files["case.json"])
    assert (case["listing"]["external_id"], case["listing"]["description"]) == (number, STORY)
    assert case["text_is"]["english"] == "the text is a complainant's account, not the advertisement's"
    readme = files["README.txt"].decode()
    for line in ("- คำบอกเล่าของผู้ร้องเรียนฉบับเต็ม", "- เลขที่เรื่องร้องเรียน"):
        assert line in readme
    assert len(case["personal_data"]["thai"]) == len(case["personal_data"]["english"]) == 6


def test_the_letter_says_that_it_was_told(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    row = desk.refer(decide(desk)[0], Recipient.ADVERTISER)
    letter = docx_text(unpack(desk.pack(row).data)["letter.docx"])
    day = letter_date(row.created_at)
    assert f"ได้รับแจ้งเมื่อวันที่ {day} ว่ามีการโฆษณาผลิตภัณฑ์เสริมอาหาร ของ “ร้านทิพย์” หัวข้อ “สมุนไพรทิพย์”" in letter
    assert f"1. ข้อความตามที่ผู้ร้องแจ้ง “{WORDS}” อันเป็นการ" in letter
    assert "ได้ตรวจสอบโฆษณา" not in letter
    assert "เก็บข้อมูล" not in letter


def test_a_joint_letter_says_which_listings_were_told(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    read = desk.decide(url="https://shop.example/read", seller="ร้านทิพย์")
    told, number = decide(desk)
    files = unpack(desk.pack(desk.refer_all([read, told], Recipient.ADVERTISER)).data)
    letter = docx_text(files["letter.docx"])
    assert "โดยข้อความของโฆษณาลำดับที่ 2 เป็นข้อความตามที่ผู้ร้องแจ้ง" in letter
    assert "ได้ตรวจสอบและได้รับแจ้งโฆษณา" in letter
    assert "ซึ่งเก็บข้อมูลหรือได้รับแจ้งเมื่อวันที่" in letter
    assert letter.count("ได้รับแจ้ง\n") == 1
    assert letter.count("ข้อความตามที่ผู้ร้องแจ้ง\n“") == 1
    cases = json.loads(files["case.json"])["cases"]
    assert ["text" in case for case in cases] == [True, False]
    assert "ข้อความเต็ม" in files["README.txt"].decode()
    assert number not in files["case.json"].decode()


def test_a_joint_letter_about_told_listings_alone(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    told = [decide(desk)[0], decide(desk, url="https://shop.example/2", detail=f"{STORY} อีกแห่ง")[0]]
    row = desk.refer_all(told, Recipient.CYBER_POLICE)
    letter = docx_text(unpack(desk.pack(row).data)["letter.docx"])
    assert f"ได้รับแจ้งเมื่อวันที่ {letter_date(row.created_at)} ว่ามีการโฆษณา" in letter
    assert "โดยข้อความของโฆษณาทุกรายการ เป็นข้อความตามที่ผู้ร้องแจ้ง" in letter
    assert "เก็บข้อมูล" not in letter.replace("วันที่เก็บข้อมูล", "")
    assert "777" not in letter


def test_a_letter_about_a_copied_advertisement_says_who_sent_it(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    row = desk.refer(decide(desk, advertised=f"{WORDS} ทันที", detail="ขอให้ตรวจสอบ")[0], Recipient.ADVERTISER)
    letter = docx_text(unpack(desk.pack(row).data)["letter.docx"])
    assert f"ตามข้อความโฆษณาที่ได้รับจากผู้ร้องเมื่อวันที่ {letter_date(row.created_at)}" in letter
    assert f"1. ข้อความ “{WORDS}” อันเป็นการ" in letter
    assert "เก็บข้อมูล" not in letter


@pytest.mark.parametrize("collected", [True, False], ids=["one_collected", "all_reported"])
def test_a_joint_letter_says_that_copies_were_reported(
    desk: Any, unpack: Unpack, docx_text: TextOf, collected: bool
) -> None:
    copies = [
        decide(desk, url=f"https://shop.example/{n}", advertised=f"{WORDS} ทันที {n}", detail="ขอให้ตรวจสอบ")[0]
        for n in range(2)
    ]
    read = [desk.decide(url="https://shop.example/read", seller="ร้านทิพย์")] if collected else []
    row = desk.refer_all([*read, *copies], Recipient.ADVERTISER)
    letter = docx_text(unpack(desk.pack(row).data)["letter.docx"])
    said = "ซึ่งเก็บข้อมูลหรือได้รับแจ้งเมื่อวันที่" if collected else "ซึ่งได้รับแจ้งเมื่อวันที่"
    assert said in letter
    assert letter.count("ได้รับแจ้ง\n") == 2
