import gzip
import io
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from labels.schema import Capture
from labels.taxonomy import Platform
from service.referral.cases.evidence import MissingReason, gather
from service.referral.downloads import as_sent
from service.store.database.columns import now
from service.store.referrals.steps import Step
from service.store.tables.core_tables import Capture as CaptureRow
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from tests.helpers.warc import problems_of

ONE_DATABASE = True
pytestmark = pytest.mark.slow(0.5)  # a letter, each

WORDS = ("รักษาเบาหวานให้หายขาด", "น้ำมันกำจัดฝ้าถาวร ภายใน 7 วัน")
Unpack = Callable[[bytes], dict[str, bytes]]
TextOf = Callable[[bytes], str]


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_pack_of_a_crawled_case_is_whole(
    desk: Any, crawled: list[Capture], unpack: Unpack, tmp_path: Path
) -> None:
    review = desk.decide(captures=crawled, url="https://shop.example/item/1", seller="ร้านตัวอย่าง")
    made = desk.pack(desk.refer(review))
    assert made.missing == ()
    assert made.name.startswith("referral-25")
    files = unpack(made.data)
    assert sorted(files) == [
        "README.txt", "SHA256SUMS", "case.json", "evidence/pages.warc.gz", "evidence/screenshot-1.png",
        "letter.docx", "letter.pdf",
    ]  # fmt: skip
    for name, data in files.items():
        target = tmp_path / "pack" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    assert shutil.which("sha256sum")
    checked = subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"],
        cwd=tmp_path / "pack",
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.count(": OK") == len(files) - 1
    (tmp_path / "pack" / "case.json").write_bytes(b"{}")
    again = ["sha256sum", "-c", "SHA256SUMS"]
    assert subprocess.run(again, cwd=tmp_path / "pack", capture_output=True, check=False).returncode == 1


def test_a_picture_of_the_listing_is_no_screenshot(desk: Any, crawled: list[Capture], unpack: Unpack) -> None:
    picture = crawled[-1].model_copy(update={"url": "https://shop.example/a.png"})
    made = desk.pack(desk.refer(desk.decide(captures=[crawled[1], picture])))
    assert not any("screenshot" in name for name in unpack(made.data))
    assert made.missing == ("ภาพหน้าจอ (screenshot)",)


def test_the_slice_holds_the_records_of_this_listing_alone(
    desk: Any, crawled: list[Capture], unpack: Unpack, tmp_path: Path
) -> None:
    files = unpack(desk.pack(desk.refer(desk.decide(captures=crawled))).data)
    data = files["evidence/pages.warc.gz"]
    records = []
    for record in ArchiveIterator(io.BytesIO(data), check_digests=True):
        body = record.content_stream().read()
        assert record.digest_checker.passed is not False
        records.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), body))
    kinds = Counter(kind for kind, _, _ in records)
    assert (kinds["response"], kinds["request"], kinds["resource"]) == (2, 2, 1)
    assert {url for _, url, _ in records if url} == {capture.url for capture in crawled}
    assert any(WORDS[0] in body.decode("utf-8", "replace") for _, _, body in records)
    assert files["evidence/screenshot-1.png"].startswith(b"\x89PNG")
    slice_file = tmp_path / "slice.warc.gz"
    slice_file.write_bytes(data)
    assert problems_of(slice_file) == []


def test_the_same_case_gives_the_same_bytes(desk: Any, crawled: list[Capture]) -> None:
    row = desk.refer(desk.decide(captures=crawled))
    first = desk.pack(row)
    step = as_sent(Step(ReferralStatus.SENT, now(), Channel.POST, "ตู้ ปณ. 1"), first)
    desk.store.referrals.record(row.id, desk.reviewer, step)
    # Later changes have no effect: another text, another decision, other evidence.
    desk.decide("ข้อความใหม่ รักษาโรค", spans=[(11, 18)], captures=[])
    again = desk.pack(desk.newest(row))
    assert first.data == again.data
    assert first.sha256 == again.sha256


def test_the_pack_of_a_draft_goes_over_to_a_renewed_decision(
    desk: Any, crawled: list[Capture], unpack: Unpack, docx_text: TextOf
) -> None:
    row = desk.refer(desk.decide(captures=crawled))
    before = unpack(desk.pack(row).data)
    renewed = "ข้อความใหม่ รักษาโรค"
    desk.decide(renewed, spans=[(12, 20)], captures=[crawled[1]], law_choices={"food-act-41": False})
    row = desk.newest(row)
    after = unpack(desk.pack(row).data)
    text, old = docx_text(after["letter.docx"]), docx_text(before["letter.docx"])
    assert "“รักษาโรค”" in text
    assert WORDS[0] not in text
    assert row.number in text
    assert "มาตรา 41" in old
    assert "มาตรา 41" not in text
    case = json.loads(after["case.json"])
    assert case["text"] == renewed
    assert len(case["decisions"]) == 2
    assert desk.pack(row).data == desk.pack(row).data


@pytest.mark.parametrize("recipient", list(Recipient))
def test_the_letter_reads_the_same_in_both_forms(
    desk: Any, recipient: Recipient, unpack: Unpack, docx_text: TextOf, pdf_text: TextOf
) -> None:
    review = desk.decide(
        seller="ร้านตัวอย่าง", title="ยาน้ำผึ้งป่า", url="https://shop.example/item/1", platform=Platform.MARKETPLACE
    )
    row = desk.refer(review, recipient)
    files = unpack(desk.pack(row).data)
    docx, pdf = docx_text(files["letter.docx"]), pdf_text(files["letter.pdf"])
    for words in (
        *WORDS, row.number, "เรื่อง", "เรียน", "สิ่งที่ส่งมาด้วย", "ข้อเท็จจริง", "ข้อกฎหมาย", "จึงเรียนมาเพื่อโปรด",
        "พระราชบัญญัติอาหาร พ.ศ. 2522 มาตรา 40", "ภาพหน้าจอ: ไม่มี", "มิได้เก็บหน้าเว็บ", "ขอแสดงความนับถือ", "ร้านตัวอย่าง",
        "https://shop.example/item/1", "สำนักงานคณะกรรมการอาหารและยา",
    ):  # fmt: skip
        assert words in docx, words
        assert squeezed(words) in pdf, words
    assert squeezed(docx) == pdf
    assert "บันทึกลับ" not in docx
    assert ("ตาก" in docx) == (recipient is Recipient.PROVINCE)
    told = (Recipient.CONSUMER_POLICE, Recipient.CYBER_POLICE, Recipient.REVENUE, Recipient.MONEY_LAUNDERING)
    assert ("@example-shop" in docx) == (recipient in told)


def test_the_case_file_tells_all_but_the_reviewers(desk: Any, crawled: list[Capture], unpack: Unpack) -> None:
    row = desk.refer(desk.decide(captures=crawled, seller="ร้านตัวอย่าง"))
    raw = unpack(desk.pack(row).data)["case.json"].decode()
    assert "บันทึกลับ" not in raw
    assert "นก ผู้ตรวจ" not in raw
    case = json.loads(raw)
    assert case["number"] == row.number
    assert case["text"][case["decision"]["claims"][0]["start"] :].startswith(WORDS[0])
    assert case["decision"]["law"][0]["penalty_thai"]
    assert case["decisions"] == [{"decision": "prohibited", "decided_at": case["decision"]["decided_at"]}]
    assert [item["in_pack"] for item in case["evidence"]] == [True, True, True]
    assert case["personal_data"]["thai"]
    assert case["machine"]["contacts"][0]["value"] == "@example-shop"


@pytest.mark.parametrize("name", ["a" * 5000, "../" * 40 + "etc/passwd", "/etc/passwd", ""])
def test_a_name_that_no_file_can_have_is_evidence_that_is_not_found(
    desk: Any, crawled: list[Capture], unpack: Unpack, name: str
) -> None:
    captures = [crawled[0], crawled[1].model_copy(update={"warc_file": name})]
    made = desk.pack(desk.refer(desk.decide(captures=captures)))
    files = unpack(made.data)
    reasons = [item["missing_because"] for item in json.loads(files["case.json"])["evidence"]]
    assert reasons == [None, "no_file"]
    assert sum("ไม่พบแฟ้มหลักฐานในที่เก็บ" in line for line in made.missing) == 1
    assert "evidence/pages.warc.gz" in files


@pytest.mark.parametrize("name", ["a\0b.warc.gz", "\ud83d", "a/" * 3000, "."])
def test_nor_is_one_that_not_every_database_can_hold(tmp_path: Path, name: str) -> None:
    capture = CaptureRow(warc_file=name, warc_record_id="urn:uuid:1", sha256="0" * 64, content_type="")
    assert gather(tmp_path, [capture]).missing == ((capture, MissingReason.NO_FILE),)


def test_evidence_that_is_gone_or_damaged_is_said_to_be_missing(
    desk: Any, crawled: list[Capture], unpack: Unpack, docx_text: TextOf
) -> None:
    captures = [
        crawled[0],
        crawled[1].model_copy(update={"sha256": "0" * 64}),
        crawled[2].model_copy(update={"warc_record_id": "<urn:uuid:nowhere>"}),
        crawled[2].model_copy(update={"warc_record_id": "<urn:uuid:b>", "warc_file": "2026-11/gone.warc.gz"}),
        crawled[2].model_copy(update={"warc_record_id": "<urn:uuid:c>", "warc_file": "../ruthan.db"}),
    ]
    made = desk.pack(desk.refer(desk.decide(captures=captures)))
    files = unpack(made.data)
    case = json.loads(files["case.json"])
    assert [item["missing_because"] for item in case["evidence"]] == [
        None, "damaged", "no_record", "no_file", "no_file"
    ]  # fmt: skip
    letter = docx_text(files["letter.docx"])
    assert "หลักฐานหน้าเว็บ 1 รายการ" in letter
    assert "ไม่ได้แนบ 4 รายการ" in letter
    assert "ค่าแฮชของหลักฐานไม่ตรง" in letter
    sums = files["SHA256SUMS"].decode()
    assert sums.count("# ไม่มี (missing)") == 5
    assert len(made.missing) == 5
    assert "ค่าแฮช" in files["README.txt"].decode()


def test_the_records_before_a_torn_end_are_taken(desk: Any, crawled: list[Capture], unpack: Unpack) -> None:
    path = desk.evidence / crawled[0].warc_file
    path.write_bytes(path.read_bytes()[:-40])
    assert "evidence/pages.warc.gz" in unpack(desk.pack(desk.refer(desk.decide(captures=crawled))).data)


def test_a_file_that_is_not_packed_is_sliced_too(
    desk: Any, crawled: list[Capture], unpack: Unpack, tmp_path: Path
) -> None:
    path = desk.evidence / crawled[0].warc_file
    path.write_bytes(gzip.decompress(path.read_bytes()))
    data = unpack(desk.pack(desk.refer(desk.decide(captures=crawled))).data)["evidence/pages.warc.gz"]
    (tmp_path / "slice.warc.gz").write_bytes(data)
    assert problems_of(tmp_path / "slice.warc.gz") == []
