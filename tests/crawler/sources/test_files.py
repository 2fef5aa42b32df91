"""Files dropped into a folder: every kind, good and bad, in one run."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from crawler.dropfolder.reading import read_file
from crawler.evidence.writer import EvidenceFile, Exchange
from labels.evidence.warc import Record, read_warc
from labels.schema import Listing
from labels.taxonomy import Platform as Where
from service.store import open_store
from tests.helpers.stored import find_listing

from ..servers.running import Ran, run_plan

pytestmark = pytest.mark.slow

SAVED = Path(__file__).parents[1] / "pages" / "structured" / "marketplaces"


def drop(folder: Path) -> None:
    csv = "\ufeffชื่อสินค้า,รายละเอียด,ราคา,ชื่อร้าน,ลิงก์สินค้า,ยอดขาย\n"
    csv += '"ยาสตรีตัวอย่าง","กระชับใน 3 วัน 🌺\nอย. 10-1-00000-5-0004","1,290 บาท",ร้านสตรีตัวอย่าง,https://shopee.co.th/a-i.1.5,300\n'
    csv += ",,99,ร้านว่าง,,\n"
    csv += '"เปิดไว้,ข้อความ,,,,\n"ยาหลังคำพูด","ข้อความ",,,,\n'
    (folder / "shopee export.csv").write_text(csv, encoding="utf-8")
    (folder / "old.csv").write_bytes("name;description;price\nยาหอมเก่า;บำรุงหัวใจ;45\n".encode("cp874"))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["Product Name", "Product Description", "Price", "Brand"],
        ["ครีมตัวอย่าง", "หน้าเด้งทันที ✨", 350, "เด้ง"],
        [None, None, None, None],
    ):
        sheet.append(row)
    book.create_sheet("notes").append(["just", "notes"])
    book.save(folder / "feed.xlsx")
    rows = [
        {
            "@type": "Product",
            "name": "ชาจากฟีด",
            "description": "ล้างพิษ",
            "offers": {"price": 120, "priceCurrency": "THB"},
            "url": "https://partner.example/1",
        },
        json.loads(Listing(id="own-1", title="รายการของเรา", description="ข้อความ").model_dump_json()),
        {"caption": "แคปชันจากไอจี 😍 #รีวิว", "username": "demo.ig", "platform": "Instagram"},
    ]
    lines = [json.dumps(x, ensure_ascii=False) for x in rows]
    (folder / "partner.jsonl").write_text("\n".join([*lines, '{"torn": ', '"word"']), encoding="utf-8")
    feed = (
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>F1</g:id><title>น้ำมันฟีด</title>'
        "<description>&lt;p&gt;แก้ปวดทันที&lt;/p&gt;</description><link>https://feed.example/f1</link>"
        "<g:price>250.00 THB</g:price><g:image_link>https://feed.example/f1.jpg</g:image_link><g:brand>ฟีด</g:brand></item></channel></rss>"
    )
    (folder / "merchant.xml").write_text(feed, encoding="utf-8")
    (folder / "saved.html").write_bytes((SAVED / "shopee.html").read_bytes())
    message = EmailMessage()
    message["Snapshot-Content-Location"] = "https://sale.example/promo"
    message.add_alternative(
        "<html><body><h1>โปรเซรั่ม</h1><p>หน้าใสไว ทักไลน์ @demo</p></body></html>", subtype="html"
    )
    (folder / "page.mhtml").write_bytes(bytes(message))
    (folder / "screenshot.txt").write_text("ไลฟ์สดขายยาลดอ้วน\nกล่องละ 590 บาท", encoding="utf-8")
    with EvidenceFile(folder) as archive:
        body = (SAVED / "lazada.html").read_bytes()
        at = datetime(2026, 11, 1, tzinfo=UTC)
        html = [("Content-Type", "text/html; charset=utf-8")]
        archive.record(
            Exchange("https://www.lazada.co.th/products/vit-i501-s601.html", 200, body, at, "OK", html)
        )
        archive.record(Exchange("https://news.example/", 200, b"<p>news</p>", at, "OK", html))
        shown = "<h1>ยาดมบรรจุภัณฑ์เก่า</h1><p class=price>39 บาท</p><button>สั่งซื้อ</button>".encode()
        packed = [*html, ("Content-Encoding", "gzip"), ("X-Title", "ยาดม")]
        address = "https://partner.example/product/ya-dom"
        archive.record(Exchange(address, 200, gzip.compress(shown), at, "Fine", packed, protocol="HTTP/1.0"))
    assert archive.path is not None
    archive.path.rename(folder / "archive.warc.gz")
    (folder / "empty.csv").write_bytes(b"")
    (folder / "numbers.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (folder / "broken.xlsx").write_bytes(b"PK not a workbook")
    (folder / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "upload.csv.part").write_text("name\n", encoding="utf-8")
    (folder / "torn.warc.gz").write_bytes(b"\x1f\x8b\x08 torn")
    os.utime(folder / "partner.jsonl", (4102444800,) * 2)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("files")
    (folder / "inbox").mkdir()
    drop(folder / "inbox")
    return run_plan(folder, {"sources": [{"source": "files", "folder": "inbox", "origin": "platform-desk"}]})


def test_each_kind_of_file_gives_its_listings(ran: Ran) -> None:
    csv = ran.about("ยาสตรีตัวอย่าง")
    assert csv.description == "กระชับใน 3 วัน 🌺\nอย. 10-1-00000-5-0004"
    assert (csv.price, csv.currency, csv.seller) == ("1290", "THB", "ร้านสตรีตัวอย่าง")
    assert (csv.platform, csv.extra["columns"]) == (Where.MARKETPLACE, {"ยอดขาย": "300"})
    assert ran.about("ยาหอมเก่า").description == "บำรุงหัวใจ"
    assert ran.about("ครีมตัวอย่าง").price == "350"
    assert ran.about("ชาจากฟีด").url == "https://partner.example/1"
    assert ran.about("รายการของเรา").id == "own-1"
    caption = ran.about("แคปชันจากไอจี")
    assert (caption.platform, caption.title) == (Where.INSTAGRAM, None)
    assert caption.text == "แคปชันจากไอจี 😍 #รีวิว"
    assert ran.about("แคปซูลส้มแขก").platform is Where.MARKETPLACE
    assert ran.about("โปรเซรั่ม").url == "https://sale.example/promo"
    assert ran.about("ไลฟ์สดขายยาลดอ้วน").title is None
    assert ran.about("เซรั่มวิตซีตัวอย่าง").seller == "Vit Demo Store"
    feed = ran.about("น้ำมันฟีด")
    assert (feed.description, feed.price, feed.currency) == ("แก้ปวดทันที", "250.00", "THB")
    assert feed.images == ["https://feed.example/f1.jpg"]
    assert ran.about("ยาหลังคำพูด").description == "ข้อความ"
    assert len(ran.listings) == 13
    assert {x.extra.get("origin") for x in ran.listings} == {"platform-desk", None}


def test_files_are_moved_with_the_reasons(ran: Ran) -> None:
    inbox = ran.folder / "inbox"
    assert [x.name for x in inbox.iterdir() if x.is_file()] == ["upload.csv.part"]
    done = {x.name for x in (inbox / "done").iterdir()}
    assert {"feed.xlsx", "saved.html", "screenshot.txt", "page.mhtml", "archive.warc.gz", "old.csv"} <= done
    reasons = {x.name: x.read_text(encoding="utf-8") for x in (inbox / "done").glob("*.reason.txt")}
    assert "line 4: it has neither a title nor a description" in reasons["shopee export.csv.reason.txt"]
    assert "line 5: not CSV" in reasons["shopee export.csv.reason.txt"]
    assert "line 4: not JSON" in reasons["partner.jsonl.reason.txt"]
    assert "line 5: not an object" in reasons["partner.jsonl.reason.txt"]
    assert "not a product page" in reasons["archive.warc.gz.reason.txt"]
    refused = {x.name: x.read_text(encoding="utf-8") for x in (inbox / "refused").glob("*.reason.txt")}
    assert "empty" in refused["empty.csv.reason.txt"]
    assert "no column with a title" in refused["numbers.csv.reason.txt"]
    assert "not a readable workbook" in refused["broken.xlsx.reason.txt"]
    assert "a kind of file that is not known" in refused["picture.jpg.reason.txt"]
    assert "not a readable WARC file" in refused["torn.warc.gz.reason.txt"]
    assert {x.removesuffix(".reason.txt") for x in refused} <= {x.name for x in (inbox / "refused").iterdir()}


def test_the_files_themselves_are_evidence(ran: Ran) -> None:
    assert ran.evidence_problems() == []
    records = ran.evidence()
    assert any(b"WARC-Type: resource" in x and b"file:///shopee%20export.csv" in x for x in records)
    assert any(b"WARC-Date: 2026-11-01" in x and b"lazada.co.th" in x for x in records)
    with open_store(f"sqlite:///{ran.folder / 'var' / 'ruthan.db'}") as store:
        row = find_listing(store, "own-1", "crawl")
        assert row is not None
        (capture,) = store.listings.captures(row.id)
        assert capture.url == "file:///partner.jsonl"
        assert abs(capture.captured_at - datetime.now(UTC)) < timedelta(hours=1)
    (changed,) = [x for x in records if b"file:///partner.jsonl" in x]
    assert b"\r\nRuthan-File-Modified: 2100-01-01T00:00:00+00:00\r\n" in changed


def test_a_page_of_an_archive_stays_as_its_owner_recorded_it(ran: Ran) -> None:
    records = ran.evidence()
    assert ran.about("ยาดมบรรจุภัณฑ์เก่า").url == "https://partner.example/product/ya-dom"
    assert not [x for x in records if b"WARC-Type: request" in x]
    (info,) = [x for x in records if b"WARC-Type: warcinfo" in x]
    assert b"robots:" not in info
    assert b"description: files that were handed in" in info
    (found,) = [x for x in records if b"ya-dom" in x]
    (path,) = (ran.folder / "inbox" / "done").glob("archive.warc.gz")
    (original,) = [
        x for x in read_warc(path) if isinstance(x, Record) and "ya-dom" in x.url and x.kind == "response"
    ]
    for line in (
        "HTTP/1.0 200 Fine",
        "Content-Encoding: gzip",
        "X-Title: ยาดม",
        "WARC-Date: 2026-11-01T00:00:00.000000Z",
        "Ruthan-Source-File: file:///archive.warc.gz",
        f"Ruthan-Source-Record: {original.id}",
        "Ruthan-Source-Date: 2026-11-01T00:00:00.000000Z",
    ):
        assert f"\r\n{line}\r\n".encode() in found
    assert b"\r\nRuthan-Received: 20" in found
    assert found.endswith(original.body)


def test_a_page_of_an_archive_is_not_dated_after_its_receipt(tmp_path: Path) -> None:
    received = datetime(2026, 11, 24, tzinfo=UTC)
    with EvidenceFile(tmp_path) as archive:
        html = [("Content-Type", "text/html")]
        for at in (datetime(2100, 1, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)):
            archive.record(Exchange("https://shop.example/", 200, b"<p>x</p>", at, "OK", html))
    assert archive.path is not None
    found = [x.exchange.at for x in read_file(archive.path, "partner", received)]
    assert found == [received, datetime(2026, 11, 1, tzinfo=UTC)]


def test_a_second_run_finds_nothing_to_do(ran: Ran, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    again = run_plan(
        tmp_path,
        {
            "sources": [
                {"source": "files", "folder": "inbox"},
                {"source": "files", "name": "lost", "folder": "nowhere"},
            ]
        },
    )
    assert again.status == 1
    assert "files: 0 pages, 0 listings" in again.out
    assert "nowhere is not a folder: make it, or correct the plan" in again.err
    assert "not or not wholly read: lost" in again.err
