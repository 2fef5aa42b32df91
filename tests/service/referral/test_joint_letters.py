"""One letter about several listings: body, annex and pack, read back from DOCX and PDF."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from warcio.archiveiterator import ArchiveIterator

from labels.evidence.warc import BODIES
from labels.law.catalogue import law_ref
from labels.schema import Capture, Finding
from labels.taxonomy import ClaimLabel, Platform, platform_term
from service.referral.cases.case_file import read_case
from service.referral.letters.joint import COLUMNS, MAX_LISTED_QUOTES, SeveralAddressees
from service.referral.letters.letter import LetterWithoutLaw, compose
from service.referral.letters.templates import Templates
from service.store.database.columns import now
from service.store.referrals.steps import Step
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from service.text.official_wording import ranges

ONE_DATABASE = True
pytestmark = pytest.mark.slow(0.5)  # a letter, each

Unpack = Callable[[bytes], dict[str, bytes]]
TextOf = Callable[[bytes], str]

DISEASE, WEIGHT = "รักษาเบาหวานให้หายขาด", "ผอมลง 10 กิโลใน 7 วัน"
CONTACT = "สั่งซื้อไลน์ @example-shop"


def squeezed(text: str) -> str:
    return "".join(text.split())


def decide_three(desk: Any, captures: list[Capture] | None = None) -> list[int]:
    """Three listings of one shop: two share a wording, the third has another; one has a price."""
    found = []
    for number, (words, label, price) in enumerate(
        [(DISEASE, ClaimLabel.DISEASE, None), (DISEASE, ClaimLabel.DISEASE, "1290"), (WEIGHT, ClaimLabel.WEIGHT_LOSS, None)],
        start=1,
    ):  # fmt: skip
        text = f"แคปซูลตัวอย่าง รุ่น {number} {words} {CONTACT}"
        at = text.index(words)
        found.append(
            desk.decide(
                text,
                id=f"item-{number}",
                spans=[(at, at + len(words))],
                labels=[label],
                captures=(captures or [])[:1] if number < 3 else (captures or [])[1:],
                seller="ร้านตัวอย่าง",
                platform=Platform.MARKETPLACE,
                url=f"https://shop.example/item/{number}",
                price=price,
                currency="THB",
            )
        )
    return found


def annex_rows(docx: bytes) -> list[list[str]]:
    (table,) = Document(io.BytesIO(docx)).tables
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_annex_lists_each_listing_and_the_body_what_they_have_in_common(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    row = desk.refer_all(decide_three(desk))
    files = unpack(desk.pack(row).data)
    text = docx_text(files["letter.docx"])
    assert text.count(f"ที่ {row.number}") == 2  # at the head, and over the annex
    assert "ของ “ร้านตัวอย่าง” จำนวน 3 รายการ ตามบัญชีแนบท้าย" in text
    assert (
        f"1. ข้อความอันเป็นการแสดงสรรพคุณบำบัด บรรเทา รักษา หรือป้องกันโรค ในโฆษณาลำดับที่ 1 และ 2 ได้แก่ “{DISEASE}”"
        in text
    )
    assert f"ในโฆษณาลำดับที่ 3 ได้แก่ “{WEIGHT}”" in text
    assert "บัญชีแนบท้าย รายการโฆษณา 3 รายการ" in text
    assert re.search(r"พระราชบัญญัติอาหาร พ\.ศ\. 2522 มาตรา 40 .+\(ตามโฆษณาทุกรายการ\)", text)
    assert "LINE ID @example-shop" in text
    head, *rows = annex_rows(files["letter.docx"])
    assert head == [column.title for column in COLUMNS]
    assert [cells[0] for cells in rows] == ["1", "2", "3"]
    for number, cells in enumerate(rows, start=1):
        assert f"https://shop.example/item/{number}" in cells[1]
        assert "ผู้ขาย ร้านตัวอย่าง" in cells[1]
        assert re.fullmatch(r"\d{1,2} \S+ \d{4}", cells[2])
        assert "พระราชบัญญัติอาหาร พ.ศ. 2522 มาตรา 40" in cells[5]
    assert [cells[3] for cells in rows] == ["-", "1,290 บาท", "-"]
    assert rows[0][4] == f"“{DISEASE}” อันเป็นการแสดงสรรพคุณบำบัด บรรเทา รักษา หรือป้องกันโรค"
    assert rows[2][4].startswith(f"“{WEIGHT}” อันเป็นการ")


@pytest.mark.parametrize("recipient", [r for r in Recipient if r is not Recipient.PROVINCE])
def test_both_forms_say_the_same(
    desk: Any, recipient: Recipient, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    files = unpack(desk.pack(desk.refer_all(decide_three(desk), recipient)).data)
    docx, pdf = docx_text(files["letter.docx"]), pdf_text(files["letter.pdf"])
    assert squeezed(docx) == pdf
    told = (Recipient.CONSUMER_POLICE, Recipient.CYBER_POLICE, Recipient.REVENUE, Recipient.MONEY_LAUNDERING)
    assert ("LINE ID @example-shop" in docx) == (recipient in told)
    assert ("ที่อยู่เว็บในบัญชีแนบท้าย" in docx) == (recipient is Recipient.MINISTRY)


def test_an_annex_of_many_pages_repeats_its_head_and_parts_no_row_that_fits_a_page(
    desk: Any, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    reviews = []
    for number in range(1, 31):
        text = f"แคปซูลตัวอย่าง รุ่น {number} {DISEASE} และ {WEIGHT}"
        spans = [(text.index(words), text.index(words) + len(words)) for words in (DISEASE, WEIGHT)]
        labels = [ClaimLabel.DISEASE, ClaimLabel.WEIGHT_LOSS]
        url = f"https://shop.example/item/{number}"
        reviews.append(desk.decide(text, id=f"item-{number}", spans=spans, labels=labels, url=url))
    files = unpack(desk.pack(desk.refer_all(reviews)).data)
    docx, pdf = squeezed(docx_text(files["letter.docx"])), pdf_text(files["letter.pdf"])
    head = squeezed("".join(column.title for column in COLUMNS))
    assert docx.count(head) == 1
    assert pdf.count(head) > 3
    first = pdf.index(head) + len(head)
    assert pdf[:first] + pdf[first:].replace(head, "") == docx
    assert annex_rows(files["letter.docx"])[-1][0] == "30"
    assert "ตามโฆษณาทุกรายการ" in docx


def test_a_row_longer_than_a_page_goes_on_and_says_what_it_leaves_out(
    desk: Any, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    pieces = [f"รักษาโรคชนิดที่ {number} " + "หายขาด " * 25 for number in range(MAX_LISTED_QUOTES + 2)]
    text = "\n".join(pieces)
    spans = [(text.index(piece), text.index(piece) + len(piece.rstrip())) for piece in pieces]
    reviews = [desk.decide(text, id="long", spans=spans), *decide_three(desk)]
    files = unpack(desk.pack(desk.refer_all(reviews)).data)
    docx, pdf = docx_text(files["letter.docx"]), pdf_text(files["letter.pdf"])
    assert "และข้อความอื่นอีก 2 ข้อความ ตามแฟ้ม case.json" in docx
    assert f"รักษาโรคชนิดที่ {MAX_LISTED_QUOTES - 1}" in annex_rows(files["letter.docx"])[1][4]
    for number in range(MAX_LISTED_QUOTES):
        assert squeezed(f"“รักษาโรคชนิดที่ {number} หายขาด") in pdf


def test_the_pack_holds_the_evidence_of_every_listing_once(
    desk: Any, crawled: list[Capture], unpack: Unpack
) -> None:
    # The first record is the evidence of two listings, as a page of search results is.
    row = desk.refer_all(decide_three(desk, crawled))
    made = desk.pack(row)
    files = unpack(made.data)
    case = json.loads(files["case.json"])
    assert case["format"] == "ruthan-cases 1"
    assert [item["annex_number"] for item in case["cases"]] == [1, 2, 3]
    evidence = [entry for item in case["cases"] for entry in item["evidence"]]
    assert [entry["in_pack"] for entry in evidence] == [True] * 4
    assert [entry["sha256"] for entry in evidence] == [
        crawled[0].sha256, crawled[0].sha256, crawled[1].sha256, crawled[2].sha256
    ]  # fmt: skip
    records = list(ArchiveIterator(io.BytesIO(files["evidence/pages.warc.gz"])))
    held = [record.rec_headers for record in records if record.rec_type in BODIES]
    found = [headers.get_header("WARC-Record-ID") for headers in held]
    assert found == [capture.warc_record_id for capture in crawled]
    assert [name for name in files if "screenshot" in name] == ["evidence/screenshot-1.png"]
    sums = files["SHA256SUMS"].decode()
    assert all(name in sums for name in files if name != "SHA256SUMS")
    assert made.missing == ()
    assert made.data == desk.pack(desk.newest(row)).data


def test_listings_without_pages_are_named_by_their_number(
    desk: Any, crawled: list[Capture], unpack: Unpack, docx_text: TextOf
) -> None:
    reviews = decide_three(desk, crawled)
    reviews.append(desk.decide(f"รุ่น 4 {DISEASE}", id="item-4", spans=[(6, 6 + len(DISEASE))]))
    made = desk.pack(desk.refer_all(reviews))
    assert any("ของโฆษณาลำดับที่ 4" in line for line in made.missing)
    assert "หลักฐานหน้าเว็บของโฆษณาลำดับที่ 4: ไม่มี" in docx_text(unpack(made.data)["letter.docx"])


def test_facts_about_numbers_stand_in_body_and_annex(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    text = f"แคปซูล เลข อย. 10-1-00000-5-0000 {DISEASE}"
    at = text.index("10-1")
    finding = Finding(
        code="number_cancelled", thai="เลขถูกยกเลิก", english="cancelled", start=at, end=at + 17,
        law=[law_ref("food-act-40")],
    )  # fmt: skip
    spans = [(text.index(DISEASE), len(text))]
    reviews = [*decide_three(desk), desk.decide(text, id="item-4", spans=spans, findings=[finding])]
    files = unpack(desk.pack(desk.refer_all(reviews)).data)
    said = "แสดงเลข “10-1-00000-5-0000” ซึ่งตามทะเบียนถูกยกเลิก เพิกถอน หรือสิ้นผลแล้ว"
    assert f"3. {said} ในโฆษณาลำดับที่ 4" in docx_text(files["letter.docx"])
    assert said in annex_rows(files["letter.docx"])[4][4]


def test_the_body_gives_evasive_spelling_with_its_reading(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    words = "ล ด น้ำ ห นั ก"
    reviews = [
        desk.decide(f"แคปซูล {words} รุ่น {number}", id=f"item-{number}", seller="ร้านตัวอย่าง",
                    spans=[(7, 7 + len(words))], labels=[ClaimLabel.WEIGHT_LOSS])
        for number in (1, 2)
    ]  # fmt: skip
    body, annex = docx_text(unpack(desk.pack(desk.refer_all(reviews)).data)["letter.docx"]).split(
        "บัญชีแนบท้ายหนังสือ"
    )
    said = f"“{words}” (อ่านว่า “ลดน้ำหนัก”)"
    assert f"ได้แก่ {said}" in body
    assert annex.count(said) == 2


def test_every_listing_needs_a_ticked_provision(desk: Any) -> None:
    reviews = decide_three(desk)
    bare = desk.decide(f"รุ่น 4 {DISEASE}", id="item-4", spans=[])
    row = desk.refer_all([*reviews, bare])
    with pytest.raises(LetterWithoutLaw, match="case 4") as refused:
        desk.pack(row)
    assert refused.value.listing_ids == (4,)


def test_an_unticked_provision_leaves_body_and_annex(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    first = desk.decide(f"รุ่น 1 {DISEASE}", id="item-1", spans=[(6, 6 + len(DISEASE))])
    second = desk.decide(
        f"รุ่น 2 {DISEASE}", id="item-2", spans=[(6, 6 + len(DISEASE))], law_choices={"food-act-41": False}
    )
    files = unpack(desk.pack(desk.refer_all([first, second])).data)
    assert re.search(r"มาตรา 41 .+\(ตามโฆษณาลำดับที่ 1\)", docx_text(files["letter.docx"]))
    rows = annex_rows(files["letter.docx"])
    assert "มาตรา 41" in rows[1][5]
    assert "มาตรา 41" not in rows[2][5]


def test_one_letter_has_one_addressee(desk: Any) -> None:
    reviews = decide_three(desk)
    other = desk.decide(
        f"รุ่น 4 {DISEASE}",
        id="item-4",
        spans=[(6, 6 + len(DISEASE))],
        seller="ร้านอื่น",
        platform=Platform.FACEBOOK,
    )
    for recipient, said in (
        (Recipient.PLATFORM, "different platforms"),
        (Recipient.ADVERTISER, "different sellers"),
    ):
        row = desk.refer_all([*reviews, other], recipient)
        with pytest.raises(SeveralAddressees, match=said):
            desk.pack(row)
    assert desk.pack(desk.refer_all([*reviews, other], Recipient.CYBER_POLICE)).missing


def on(desk: Any, name: str, host: str, **fields: Any) -> int:
    """A listing on a marketplace at this host."""
    made: int = desk.decide(
        f"รุ่น {name} {DISEASE}", id=name, spans=[(6, 6 + len(DISEASE))], url=f"https://{host}/i",
        **({"platform": Platform.MARKETPLACE} | fields),
    )  # fmt: skip
    return made


def test_each_marketplace_is_an_addressee_of_its_own(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    shopee = [on(desk, "1", "shopee.co.th"), on(desk, "2", "www.shopee.co.th")]
    text = docx_text(unpack(desk.pack(desk.refer_all(shopee, Recipient.PLATFORM)).data)["letter.docx"])
    assert "เรียน\tผู้ให้บริการแพลตฟอร์ม Shopee\n" in text
    for number, other in (("3", "www.lazada.co.th"), ("5", "market.example")):
        both = [on(desk, number, other), on(desk, f"{number} ข", "shopee.co.th")]
        with pytest.raises(SeveralAddressees, match="different platforms"):
            desk.pack(desk.refer_all(both, Recipient.PLATFORM))


def test_a_sent_letter_opens_though_a_later_rule_would_part_it(desk: Any, unpack: Unpack) -> None:
    row = desk.refer_all(
        [on(desk, "1", "shopee.co.th"), on(desk, "2", "www.lazada.co.th")], Recipient.PLATFORM
    )
    desk.store.referrals.record(
        row.id, desk.reviewer, Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1")
    )
    sent = desk.newest(row)
    assert len(annex_rows(unpack(desk.pack(sent).data)["letter.docx"])) == 3
    addressee = compose(read_case(desk.store, None, sent), Templates()).to
    assert addressee == f"ผู้ให้บริการแพลตฟอร์ม ({platform_term(Platform.MARKETPLACE).thai})"


def test_a_site_with_and_without_www_is_one_addressee(desk: Any) -> None:
    both = [on(desk, host, host, platform=Platform.WEB_SHOP) for host in ("www.shop.example", "shop.example")]
    row = desk.refer_all(both, Recipient.PLATFORM)
    assert compose(read_case(desk.store, None, row), Templates()).to == "ผู้ดูแลเว็บไซต์ shop.example"


@pytest.mark.parametrize(
    ("host", "platform", "to"),
    [
        ("www.lazada.co.th", Platform.MARKETPLACE, "ผู้ให้บริการแพลตฟอร์ม Lazada"),
        ("www.market.example", Platform.MARKETPLACE, "ผู้ให้บริการแพลตฟอร์ม market.example"),
        ("m.facebook.com", Platform.FACEBOOK, f"ผู้ให้บริการแพลตฟอร์ม {platform_term(Platform.FACEBOOK).thai}"),
        ("board.example", Platform.FORUM, "ผู้ให้บริการแพลตฟอร์ม board.example"),
        ("shop.example", Platform.WEB_SHOP, "ผู้ดูแลเว็บไซต์ shop.example"),
        ("shop.line.me", Platform.WEB_SHOP, "ผู้ให้บริการแพลตฟอร์ม LINE Shopping"),
    ],
)
def test_a_letter_to_a_platform_names_it(desk: Any, host: str, platform: Platform, to: str) -> None:
    row = desk.refer(on(desk, "1", host, platform=platform), Recipient.PLATFORM)
    assert compose(read_case(desk.store, None, row), Templates()).to == to


def test_thai_digits_are_those_of_the_office(
    desk: Any, tmp_path: Path, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    (tmp_path / "office.toml").write_text('name = "สำนักงานตัวอย่าง"\nthai_digits = true\n', "utf-8")
    files = unpack(desk.pack(desk.refer_all(decide_three(desk)), tmp_path).data)
    text = docx_text(files["letter.docx"])
    assert "จำนวน ๓ รายการ" in text
    assert "ลำดับที่ ๑ และ ๒" in text
    assert annex_rows(files["letter.docx"])[3][0] == "๓"
    assert "มาตรา ๔๐" in annex_rows(files["letter.docx"])[3][5]
    assert "item/3" in text
    assert squeezed(text) == pdf_text(files["letter.pdf"])


@pytest.mark.parametrize(
    ("numbers", "written"),
    [([3], "3"), ([1, 2], "1 และ 2"), ([1, 2, 3], "1 ถึง 3"), ([9, 1, 2, 3, 5], "1 ถึง 3, 5 และ 9"), ([2, 4, 5], "2, 4 และ 5")],
)  # fmt: skip
def test_numbers_are_written_as_runs(numbers: list[int], written: str) -> None:
    assert ranges(numbers) == written
