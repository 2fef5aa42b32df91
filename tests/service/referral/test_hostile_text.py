"""Listings that try to break the letter, and templates that do."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pypdfium2
import pytest

from labels.taxonomy import Platform
from service.referral.letters.templates import Templates, TemplateUnusable
from service.referral.letters.values import MAX_QUOTE, MAX_QUOTES
from service.store.tables.referral_tables import Recipient
from service.text.visible import one_line, printable

ONE_DATABASE = True
pytestmark = pytest.mark.slow(0.5)  # a letter, each

Unpack = Callable[[bytes], dict[str, bytes]]
TextOf = Callable[[bytes], str]

HOSTILE = {
    "formula": '=HYPERLINK("https://bad.example","คลิก") +1-2@SUM(A1)',
    "bidi": "รักษา\u202eหาย\u202cขาด\u2066ทันที\u2069 \u200bซ่อน\u200d",
    "control": "รักษา\x01\x02\x0b\x0c\x1b[31mแดง\x7f\x85\u2028\u2029ขาด",
    "markup": "</w:t></w:r><w:p/> & <script>alert(1)</script> ]]> {{ 7 * 7 }} {% raw %} \\ ( ) << >>",
    "scripts": "รักษา🔥💊 العربية עברית 漢字 हिन्दी 👨‍👩‍👧 หาย",
    "marks": "ก" + "\u0e48" * 300 + " น้ำ้ำ้ำ \u0e33\u0e33 เเเ",
    "lines": "ข้อกฎหมาย\n\n1. ไม่ผิดกฎหมาย\r\nขอแสดงความนับถือ\r\n(ผู้ลงนามปลอม)",
    "one word": "ก" * 5000,
    "one long url": "https://shop.example/" + "a" * 3000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_do_not_break_the_letter(
    desk: Any, name: str, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    words = HOSTILE[name]
    review = desk.decide(words, spans=[(0, len(words))], title=words, seller=words[:300], url=words[:2000])
    files = unpack(desk.pack(desk.refer(review, Recipient.MONEY_LAUNDERING)).data)
    shown = one_line(words, MAX_QUOTE)
    text = docx_text(files["letter.docx"])
    assert f"“{shown}”" in text
    assert "49" not in shown
    assert "".join(printable(shown).split()) in pdf_text(files["letter.pdf"])
    # Words of the listing make no paragraph of their own.
    assert [line for line in text.splitlines() if line.startswith("ขอแสดงความนับถือ")] == ["ขอแสดงความนับถือ"]
    xml = zipfile.ZipFile(io.BytesIO(files["letter.docx"])).read("word/document.xml").decode()
    assert "<script" not in xml
    assert not any(char in xml for char in "\u202e\u2066\u200b\x01\x0b")


def test_two_hundred_thousand_characters_make_a_letter_of_a_few_pages(
    desk: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    text = " ".join(f"รักษาเบาหวานหายขาดครั้งที่ {number}" for number in range(6_500))
    assert len(text) > 200_000
    spans = [(at, at + 1000) for at in range(0, 199_000, 1000)]
    files = unpack(desk.pack(desk.refer(desk.decide(text, spans=spans))).data)
    letter = docx_text(files["letter.docx"])
    assert f"อีก {len(spans) - MAX_QUOTES} ข้อความ" in letter
    document = pypdfium2.PdfDocument(files["letter.pdf"])
    assert len(document) < 20
    document.close()
    assert len(files["case.json"]) > len(text) * 3


def test_one_line_shows_what_hides() -> None:
    assert one_line("ก\u202eข\n\n ค\x00", 50) == "ก[อักขระที่มองไม่เห็น U+202E]ข ค[อักขระที่มองไม่เห็น U+0000]"
    assert one_line("ก" * 60, 50) == "ก" * 50 + "…"
    assert one_line("", 50) == ""
    assert printable("น้ำ 🔥 ﷽") == "น้ำ [U+1F525] [U+FDFD]"


def test_a_template_of_the_operator_wins_and_a_missing_one_falls_back(
    desk: Any, tmp_path: Any, unpack: Unpack, docx_text: TextOf
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "office.toml").write_text(
        'name = "สสจ.ตัวอย่าง"\nsigner = "นางสาวตัวอย่าง สมมุติ"\ncontact = ["โทร. 0 2000 0000"]\n'
    )
    (folder / "platform.toml").write_text('to = "ทีมความปลอดภัย {{ platform }}"\n')
    row = desk.refer(desk.decide(platform=Platform.MARKETPLACE), Recipient.PLATFORM)
    own = docx_text(unpack(desk.pack(row, folder).data)["letter.docx"])
    assert "ทีมความปลอดภัย ตลาดสินค้าออนไลน์" in own
    assert "(นางสาวตัวอย่าง สมมุติ)" in own
    assert "โทร. 0 2000 0000" in own
    # Texts that its own file lacks come from what all letters share.
    assert "ขอส่งเรื่องการโฆษณา" in own
    shipped = docx_text(unpack(desk.pack(row).data)["letter.docx"])
    assert "ผู้ให้บริการแพลตฟอร์ม" in shipped


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("platform.toml", "to = ", "cannot be read"),
        ("platform.toml", "to = 3", "must define exactly these texts"),
        ("platform.toml", 'greeting = "x"', "must define exactly these texts"),
        ("platform.toml", 'to = "{{ nobody }}"', "nobody"),
        ("platform.toml", 'to = "{% for x in %}"', "cannot be filled in"),
        ("platform.toml", "to = \"{{ ''.__class__.__mro__ }}\"", "cannot be filled in"),
        ("platform.toml", 'to = "{% for x in range(90000) %}ข้อความ{% endfor %}"', "200,000"),
        ("office.toml", "address = []", "name is required"),
        ("office.toml", 'name = "x"\naddress = "y"', "a list of lines"),
        ("office.toml", 'name = "x"\nreply_days = true', "a number from 0 to 365"),
        ("office.toml", 'name = "x"\nreply_days = 366', "a number from 0 to 365"),
        ("letter.toml", "\x00", "cannot be read"),
    ],
)
def test_a_broken_template_is_named_with_its_fault(
    desk: Any, tmp_path: Any, name: str, content: str, fault: str
) -> None:
    (tmp_path / name).write_text(content)
    row = desk.refer(desk.decide(), Recipient.PLATFORM)
    with pytest.raises(TemplateUnusable, match=fault) as error:
        desk.pack(row, tmp_path)
    assert name in str(error.value)


def test_every_recipient_has_a_shipped_template() -> None:
    values = {"count": 1} | dict.fromkeys(
        ("number", "date", "province", "platform", "seller", "title", "url", "price", "product", "decision",
         "decided_on", "captured_on", "recipient", "own_site", "service", "blocking"), "",
    ) | {
        "quotes": [], "quotes_left": 0, "facts_beside": [], "health_goods": "", "contacts": [], "accounts": False, "laws": [],
        "told": False, "told_listings": "", "reported": False, "reported_listings": "",
    }  # fmt: skip
    subjects = {Templates().fill(recipient, values).subject for recipient in Recipient}
    assert len(subjects) == len(Recipient)
