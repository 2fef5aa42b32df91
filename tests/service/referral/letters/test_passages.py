"""Edited passages, and previews of letters."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labels.taxonomy import Verdict
from service.referral.letters.passages import cleaned, own_words
from service.referral.letters.templates import Templates
from service.referral.pack import BLANK, Packer
from service.store.referrals.steps import MAX_PASSAGE, Passages
from service.store.tables.referral_tables import Recipient, ReferralRow

ONE_DATABASE = True
pytestmark = pytest.mark.slow(0.5)  # a letter, each

Unpack = Callable[[bytes], dict[str, bytes]]
TextOf = Callable[[bytes], str]

WORDS = "รักษาเบาหวานให้หายขาด"
OWN = Passages("ด้วยสำนักงานได้รับเรื่องร้องเรียน\nจึงตรวจสอบโฆษณาแล้ว", "โปรดระงับภายใน 3 วัน", "ขอแสดงความนับถืออย่างยิ่ง")


def packer(desk: Any, folder: Path | None = None) -> Packer:
    return Packer(desk.store, desk.evidence, Templates(folder))


def edited(desk: Any, passages: Passages = OWN, recipient: Recipient = Recipient.PLATFORM) -> ReferralRow:
    row = desk.refer(desk.decide(), recipient)
    made: ReferralRow = desk.store.referrals.edit(row.id, desk.reviewer, passages)
    return made


@pytest.mark.parametrize("recipient", list(Recipient))
def test_own_words_stand_in_both_forms_and_all_else_stays(
    desk: Any, recipient: Recipient, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    row = desk.refer(desk.decide(), recipient)
    usual = docx_text(unpack(desk.pack(row).data)["letter.docx"]).splitlines()
    template = packer(desk).passages(row)
    row = desk.store.referrals.edit(row.id, desk.reviewer, OWN)
    files = unpack(desk.pack(row).data)
    docx = docx_text(files["letter.docx"]).splitlines()
    assert "".join("".join(docx).split()) == pdf_text(files["letter.pdf"])
    assert files["letter.pdf"] == packer(desk).pdf(row)
    kept = {line for text in vars(template).values() for line in text.splitlines()}
    own = {line for text in vars(OWN).values() for line in text.splitlines()}
    assert kept <= set(usual)
    assert own <= set(docx)
    # Quotes, facts, provisions, number, date, enclosures.
    assert [line for line in docx if line not in own] == [line for line in usual if line not in kept]


def test_an_empty_passage_is_the_templates(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    row = edited(desk, Passages(request=OWN.request))
    text = docx_text(unpack(desk.pack(row).data)["letter.docx"])
    assert OWN.request in text
    assert "โปรดพิจารณาระงับ" not in text
    assert "ขอแสดงความนับถือ" in text
    row = desk.store.referrals.edit(row.id, desk.reviewer, Passages())
    assert "โปรดพิจารณาระงับ" in docx_text(unpack(desk.pack(row).data)["letter.docx"])


def test_typed_words_are_cleaned_as_other_text_is() -> None:
    typed = Passages("ก\u202eข\n\n  ค\tง ", " ", "ด้วย\nความนับถือ")
    assert cleaned(typed) == Passages("ก[อักขระที่มองไม่เห็น U+202E]ข\nค ง", "", "ด้วย ความนับถือ")
    assert cleaned(cleaned(typed)) == cleaned(typed)
    assert len(cleaned(Passages("ก" * 9000)).opening) > MAX_PASSAGE
    template = Passages("ก", "ข", "ค")
    assert own_words(Passages(" ก ", "ขข", ""), template) == Passages("", "ขข", "")


def test_own_words_are_no_template(desk: Any, unpack: Unpack, docx_text: TextOf) -> None:
    hostile = "{{ office.name }} {% for x in quotes %} </w:t> <b>"
    row = edited(desk, cleaned(Passages(hostile, hostile, hostile)))
    assert docx_text(unpack(desk.pack(row).data)["letter.docx"]).count(hostile) == 3


def test_a_template_with_its_opening_among_the_facts_leaves_that_alone(
    desk: Any, tmp_path: Path, unpack: Unpack, docx_text: TextOf
) -> None:
    (tmp_path / "letter.toml").write_text(
        'to = "a"\nsubject = "b"\nfacts = "{{ quotes[0].text }}"\nlaw = "c"\nrequest = "d"\nclosing = "e"\n',
        encoding="utf-8",
    )
    row = edited(desk)
    text = docx_text(unpack(desk.pack(row, tmp_path).data)["letter.docx"]).splitlines()
    assert packer(desk, tmp_path).passages(row).opening == ""
    assert WORDS in text
    assert not set(OWN.opening.splitlines()) & set(text)


@pytest.mark.parametrize("recipient", list(Recipient))
def test_a_preview_is_the_letter_with_its_number_left_blank(
    desk: Any, recipient: Recipient, pdf_text: TextOf
) -> None:
    review = desk.store.reviews.get(desk.decide(seller="ร้านตัวอย่าง"))
    province = "ตาก" if recipient is Recipient.PROVINCE else ""
    seen = pdf_text(packer(desk).preview([review], recipient, province, "รท"))
    assert f"ที่รท{BLANK}" in seen
    assert desk.store.referrals.of_listing(1) == []
    row = desk.refer(review.id, recipient)
    assert row.serial == 1
    assert seen.replace(f"รท{BLANK}", "".join(row.number.split())) == pdf_text(packer(desk).pdf(row))
    assert Verdict(review.decision) is Verdict.PROHIBITED
