"""A real chromium draws a page of a real server."""

import struct
import zlib
from pathlib import Path

import pytest

from crawler.evidence.screenshots import chromium
from crawler.evidence.verification import verify_folder
from crawler.evidence.writer import find_record
from service.store import open_store

from ..test_commands import Page, crawl, html, serving

pytestmark = [pytest.mark.slow, pytest.mark.needs_browser]


def png(colour: tuple[int, int, int], side: int = 8) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    rows = (b"\0" + bytes(colour) * side) * side
    head = struct.pack("!IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def size(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack("!II", picture[16:24])
    return width, height


@pytest.mark.skipif(chromium() is None, reason="needs Debian's chromium-headless-shell or chromium")
def test_a_listing_has_its_picture_in_evidence(tmp_path: Path) -> None:
    pytest.importorskip("playwright")
    page = html(
        '<h1>ชาขิง</h1><p class="price">45 บาท</p><div id="description">ดื่มง่าย</div><button>สั่งซื้อ</button>'
        '<img src="/tea.png" style="width:1280px;height:3000px"><img src="http://127.0.0.1:9/away.png">'
        '<iframe src="/frame"></iframe><script>document.title=1; new Image().src="/script"</script>'
    )
    pages = {"/": page, "/tea.png": Page(png((200, 30, 30)), 200, {"Content-Type": "image/png"})}
    with serving(pages) as shop:
        result = crawl(tmp_path, shop.url, RUTHAN_CRAWL_SCREENSHOTS="true")
    assert result.returncode == 0, result.stderr
    assert "/tea.png" in shop.asked
    assert not {"/frame", "/script"} & set(shop.asked)
    folder = tmp_path / "var" / "evidence"
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (listing,) = store.listings.page().rows
        picture, kept = store.listings.captures(listing.id)
        assert verify_folder(folder, store.captures).sound
    assert (picture.content_type, kept.content_type) == ("image/png", "text/html; charset=utf-8")
    assert picture.url == f"urn:view:{shop.url}/"
    record = find_record(folder / picture.warc_file, picture.warc_record_id)
    assert (record.kind, record.concurrent_to) == ("resource", kept.warc_record_id)
    width, height = size(record.body)
    assert width == 1280
    assert height > 3000
    assert picture.sha256 == record.sha256
