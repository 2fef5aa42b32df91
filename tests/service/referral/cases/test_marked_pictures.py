"""Letters about words in pictures contain the picture with its boxes, the original file, and their hashes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from PIL import Image

from crawler.evidence.writer import EvidenceFile, Exchange
from labels.pictured import AssessedPicture, PictureClaim, PicturedAssessment, PictureLine
from labels.schema import Listing
from labels.taxonomy import ClaimLabel, ProductClass, Verdict
from service.decisions.reasons import notice_of
from service.referral.cases.marked_pictures import claims_by_picture
from service.referral.letters.letter import compose
from service.referral.letters.samples import sample_case_with_picture
from service.referral.letters.templates import Templates
from service.referral.pack import Packer
from service.store.cases.reviews import Decision
from service.store.database.columns import now
from service.store.pictures.files import PictureFiles
from service.store.referrals.steps import Step
from service.store.tables.referral_tables import Channel, ReferralRow, ReferralStatus

pytestmark = pytest.mark.slow(0.5)  # a letter, each

Unpack = Callable[[bytes], dict[str, bytes]]
WORDS = "รักษาสิวหายขาดใน 7 วัน"
BOX = (60, 200, 400, 80)


@pytest.fixture
def banner(desk: Any, tmp_path: Path) -> tuple[ReferralRow, Packer, str]:
    """A referral of a listing that sells by banner only, what packs it, and the banner's hash."""
    file = BytesIO()
    Image.new("RGB", (800, 600), "white").save(file, "PNG")
    files = PictureFiles(tmp_path / "pictures")
    digest = files.put(file.getvalue())
    listing = Listing(
        id="banner", description="เนื้อบางเบา ส่งทุกวัน", url="https://shop.example/b", seller="ร้านตัวอย่าง"
    )
    number = desk.store.deposit(listing, [], "test").listing_id
    claim = PictureClaim(
        start=0, end=len(WORDS), label=ClaimLabel.DISEASE, probability=0.9, text=WORDS, boxes=[BOX]
    )
    line = PictureLine(text=WORDS, box=BOX, confidence=0.95)
    row = desk.store.assessments.record(
        number,
        PicturedAssessment(
            id="banner",
            verdict=Verdict.PROHIBITED,
            risk=0.9,
            product_class=ProductClass.FOOD_SUPPLEMENT,
            product_class_probability=0.9,
            offer=True,
            offer_probability=0.9,
            model="by hand",
            pictures=[AssessedPicture(sha256=digest, engine="test", lines=[line], claims=[claim])],
        ),
    )
    review = desk.store.reviews.record(row, desk.reviewer, Decision(Verdict.PROHIBITED.value, (0,)))
    packer = Packer(desk.store, desk.evidence, Templates(None), files)
    return desk.refer(review.id), packer, digest


def test_the_pack_carries_the_picture_with_its_boxes_and_hashes(
    banner: tuple[ReferralRow, Packer, str], unpack: Unpack
) -> None:
    referral, packer, digest = banner
    pack = packer.make(referral)
    files = unpack(pack.data)
    assert sha256(files["evidence/picture-1.png"]).hexdigest() == digest
    marked = files["evidence/picture-1-marked.jpg"]
    sums = files["SHA256SUMS"].decode()
    for name in ("evidence/picture-1.png", "evidence/picture-1-marked.jpg"):
        assert f"{sha256(files[name]).hexdigest()}  {name}" in sums
    pixel = Image.open(BytesIO(marked)).getpixel((260, 199))
    assert isinstance(pixel, tuple)
    red, green, _ = pixel
    assert red - green > 60
    letter = Document(BytesIO(files["letter.docx"]))
    text = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    assert f"กรอบ 1 “{WORDS}”" in text
    assert digest in text
    assert f"1. ข้อความในภาพโฆษณาที่ 1 “{WORDS}” อันเป็นการ" in text
    assert "กรอบข้อความที่เข้าข่ายฝ่าฝืน 1 ภาพ (ท้ายหนังสือ" in text
    assert len(letter.inline_shapes) == 1
    assert b"/Image" in files["letter.pdf"]
    assert digest.encode() in files["case.json"]
    assert packer.make(referral).sha256 == pack.sha256


def test_words_that_the_decision_does_not_rely_on_are_not_marked(
    banner: tuple[ReferralRow, Packer, str],
) -> None:
    referral, packer, digest = banner
    decided = packer.store.decisions.of_review(referral.review_id)
    quoted = notice_of(decided, "").claims
    assert [claim["text"] for claim in claims_by_picture(decided.review, quoted)[digest]] == [WORDS]
    assert claims_by_picture(decided.review, []) == {}


def test_a_picture_whose_file_is_gone_or_altered_is_said_to_be_missing(
    banner: tuple[ReferralRow, Packer, str], unpack: Unpack, docx_text: Callable[[bytes], str]
) -> None:
    referral, packer, digest = banner
    assert packer.pictures is not None
    packer.pictures.path(digest).write_bytes(b"altered")
    files = unpack(packer.make(referral).data)
    assert not [name for name in files if name.startswith("evidence/picture")]
    assert f"ภาพโฆษณา SHA-256 {digest}: ค่าแฮชของภาพไม่ตรง" in files["SHA256SUMS"].decode()
    packer.pictures.remove(digest)
    files = unpack(packer.make(referral).data)
    assert f"{digest}: ไม่พบแฟ้มภาพ" in files["SHA256SUMS"].decode()
    assert "ภาพโฆษณาที่ 1: ไม่พบแฟ้มภาพ" in docx_text(files["letter.docx"])


def test_pictures_of_the_seller_are_not_called_screenshots(
    banner: tuple[ReferralRow, Packer, str], desk: Any, unpack: Unpack
) -> None:
    """Crawled pictures stand among the records of the listing; one with marked words is enclosed once."""
    referral, packer, digest = banner
    assert packer.pictures is not None
    shown = packer.pictures.read(digest)
    at = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
    with EvidenceFile(desk.evidence, {"software": "test"}) as evidence:
        captures = [
            evidence.record(
                Exchange(
                    url,
                    200,
                    body,
                    at,
                    response_headers=[("Content-Type", kind)],
                    is_file=url.startswith("urn:"),
                )
            )
            for url, body, kind in (
                ("https://shop.example/1.png", shown, "image/png"),
                ("https://shop.example/2.gif", b"GIF89a", "image/gif"),
                ("urn:view:https://shop.example/b", b"view", "image/png"),
            )
        ]
    listing = desk.store.listing(referral.listing_id)
    desk.store.deposit(listing.shape(), captures, listing.source)
    files = unpack(packer.make(referral).data)
    assert sorted(name for name in files if name.startswith("evidence/")) == [
        "evidence/listing-picture-1.gif",
        "evidence/pages.warc.gz",
        "evidence/picture-1-marked.jpg",
        "evidence/picture-1.png",
        "evidence/screenshot-1.png",
    ]
    assert files["evidence/screenshot-1.png"] == b"view"
    letter = Document(BytesIO(files["letter.docx"]))
    text = "\n".join(paragraph.text for paragraph in letter.paragraphs)
    assert "ภาพหน้าจอ 1 ภาพ" in text or "ภาพหน้าจอ ๑ ภาพ" in text
    assert "ภาพโฆษณาอื่น 1 ภาพ" in text or "ภาพโฆษณาอื่น ๑ ภาพ" in text


def test_quoted_words_keep_their_digits_where_the_office_writes_thai_ones(
    banner: tuple[ReferralRow, Packer, str],
    tmp_path: Path,
    unpack: Unpack,
    docx_text: Callable[[bytes], str],
) -> None:
    referral, packer, _ = banner
    (tmp_path / "office.toml").write_text('name = "สำนักงานตัวอย่าง"\nthai_digits = true\n', encoding="utf-8")
    packer.templates = Templates(tmp_path)
    files = unpack(packer.make(referral).data)
    text = docx_text(files["letter.docx"])
    document = pypdfium2.PdfDocument(files["letter.pdf"])
    assert "- ๒" in document[1].get_textpage().get_text_range()
    document.close()
    assert f"กรอบ ๑ “{WORDS}” อันเป็นการ" in text
    assert f"๑. ข้อความในภาพโฆษณาที่ ๑ “{WORDS}”" in text


def test_a_sent_letter_keeps_the_words_of_a_picture_whose_file_is_gone(
    desk: Any,
    banner: tuple[ReferralRow, Packer, str],
    unpack: Unpack,
    docx_text: Callable[[bytes], str],
    pdf_text: Callable[[bytes], str],
) -> None:
    referral, packer, digest = banner
    made = packer.make(referral)
    step = Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1", stated=made.stated, wording=made.wording)
    desk.store.referrals.record(referral.id, desk.reviewer, step)
    assert packer.make(desk.newest(referral)).data == made.data
    assert packer.pictures is not None
    packer.pictures.remove(digest)
    files = unpack(packer.make(desk.newest(referral)).data)
    assert f"กรอบ 1 “{WORDS}” อันเป็นการ" in docx_text(files["letter.docx"])
    assert f"กรอบ1“{''.join(WORDS.split())}”อันเป็นการ" in pdf_text(files["letter.pdf"])
    assert f"{digest}: ไม่พบแฟ้มภาพ" in files["SHA256SUMS"].decode()


def test_the_words_of_a_letter_are_composed_without_drawing_its_pictures(
    banner: tuple[ReferralRow, Packer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    referral, packer, _ = banner
    made = packer.make(referral).wording
    monkeypatch.setattr(packer._renderer, "render", None)
    assert {**packer.wording(referral).letter, "enclosures": ()} == {**made.letter, "enclosures": ()}


def test_evasive_words_in_a_picture_have_their_reading_below_it() -> None:
    case = sample_case_with_picture()
    (picture,) = case.pictures
    words = (replace(picture.words[0], text="ล ด น้ำ ห นั ก"),)
    letter = compose(replace(case, pictures=(replace(picture, words=words),)), Templates(None))
    assert letter.pictures[0].lines[0].startswith("กรอบ 1 “ล ด น้ำ ห นั ก” (อ่านว่า “ลดน้ำหนัก”) อันเป็นการ")
