"""The pictures of a listing are fetched with it, once per content, and their changes are recorded."""

import asyncio
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.evidence.pictures import PictureCollector, _Answer
from crawler.evidence.verification import verify_folder
from service.store import open_store
from service.store.pictures.files import PictureFiles

from ..test_commands import Page, crawl, html, serving


def png(side: int) -> bytes:
    head = struct.pack(">I4sIIBBBBB", 13, b"IHDR", side, 20, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + head


def jpeg(width: int, height: int) -> bytes:
    """The head of a photograph."""
    frame = struct.pack(">BHHB", 8, height, width, 3) + bytes((1, 17, 0, 2, 17, 1, 3, 17, 1))
    return b"\xff\xd8\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def image(side: int) -> Page:
    return Page(png(side), 200, {"Content-Type": "image/png"})


def product(name: str, *pictures: str) -> Page:
    shown = "".join(f'<img src="{url}">' for url in pictures)
    return html(
        f'<h1>{name}</h1><p class="price">45 บาท</p><div class="gallery">{shown}</div>'
        '<div id="description">ดื่มง่าย</div><button>สั่งซื้อ</button>'
    )


def test_pictures_are_kept_with_their_listing_and_leave_it(tmp_path: Path) -> None:
    pages = {
        "/": product("ชาขิง", "/a.png", "/same.png", "/b.png", "/gone.png", "/drawn.svg", "/text.png"),
        "/a.png": image(40),
        "/same.png": image(40),
        "/b.png": image(50),
        "/text.png": Page(b"no picture", 200, {"Content-Type": "image/png"}),
    }
    with serving(pages) as shop:
        result = crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true")
        assert result.returncode == 0, result.stderr
        assert "/drawn.svg" not in shop.asked
        pages["/"] = product("ชาขิง สูตรใหม่", "/b.png")
        again = crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true")
        assert again.returncode == 0, again.stderr
    files, evidence = PictureFiles(tmp_path / "var" / "pictures"), tmp_path / "var" / "evidence"
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (listing,) = store.listings.page().rows
        shown = store.pictures.of_listing(listing.id, gone=True)
        captures = store.listings.captures(listing.id)
        assert verify_folder(evidence, store.captures).sound
    assert [(one.picture.width, one.shown.gone_at is not None) for one in shown] == [(50, False), (40, True)]
    assert shown[0].shown.url == f"{shop.url}/b.png"
    for one in shown:
        assert files.read(one.picture.sha256) == png(one.picture.width)
    kept = [capture for capture in captures if capture.content_type == "image/png"]
    assert sorted(capture.sha256 for capture in kept) == sorted(one.picture.sha256 for one in shown)


def test_an_answer_that_is_no_picture_takes_no_earlier_picture_away(tmp_path: Path) -> None:
    crawler: Any = SimpleNamespace(settings={"RUTHAN_PICTURES_DIR": str(tmp_path)})
    collector = PictureCollector(crawler, None)  # type: ignore[arg-type]
    url = "https://shop.example/a.png"
    for body in (b"<p>come back later</p>", png(60_000_000)):
        answer = _Answer(url, Request(url), Response(url, body=body))
        found = asyncio.run(collector._keep([answer], None, complete=True))  # type: ignore[arg-type]
        assert (found.pictures, found.complete) == ([], False)


def test_an_address_that_is_none_loses_only_its_picture(tmp_path: Path) -> None:
    """As a shop's page has where a template was not filled in."""
    pages = {"/": product("ชาขิง", "https://[cdn]/b.png", "/a.png"), "/a.png": image(40)}
    with serving(pages) as shop:
        result = crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true")
        assert result.returncode == 0, result.stderr
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (listing,) = store.listings.page().rows
        assert [one.picture.width for one in store.pictures.of_listing(listing.id)] == [40]


def test_a_large_photograph_is_kept_and_a_large_drawing_is_not(tmp_path: Path) -> None:
    files = PictureFiles(tmp_path)
    crawler: Any = SimpleNamespace(settings={"RUTHAN_PICTURES_DIR": str(tmp_path)})
    recorder: Any = SimpleNamespace(
        exchange=lambda request, response: None,
        file=SimpleNamespace(record=lambda exchange: SimpleNamespace(warc_file="w", warc_record_id="r")),
    )
    collector = PictureCollector(crawler, recorder)

    async def unknown(digest: str) -> None:
        return None

    url = "https://shop.example/a"
    for body, kept in ((jpeg(8700, 5800), 1), (png(3_000_000), 0)):
        answer = _Answer(url, Request(url), Response(url, body=body))
        found = asyncio.run(collector._keep([answer], unknown, complete=True))
        assert (len(found.pictures), found.complete) == (kept, bool(kept))
        assert all(files.read(one.sha256) == body for one in found.pictures)


def test_a_picture_swapped_behind_the_same_address_is_noticed(tmp_path: Path) -> None:
    """The page is the same; only what stands under the picture's address is another file."""
    pages = {"/": product("ชาขิง", "/a.png"), "/a.png": image(40)}
    with serving(pages) as shop:
        assert crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true").returncode == 0
        pages["/a.png"] = image(50)
        again = crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true")
        assert again.returncode == 0, again.stderr
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (listing,) = store.listings.page().rows
        shown = store.pictures.of_listing(listing.id, gone=True)
        captures = store.listings.captures(listing.id)
        assert verify_folder(tmp_path / "var" / "evidence", store.captures).sound
    assert listing.version == 1
    assert [(one.picture.width, one.shown.gone_at is not None) for one in shown] == [(50, False), (40, True)]
    kept = [capture.sha256 for capture in captures if capture.content_type == "image/png"]
    assert sorted(kept) == sorted(one.picture.sha256 for one in shown)


def test_a_picture_that_the_page_no_longer_names_is_gone_although_another_cannot_be_fetched(
    tmp_path: Path,
) -> None:
    moved = Page(b"", 302, {"Location": "/there.png"})
    pages = {
        "/": product("ชาขิง", "/ภาพ ก.png", "/moved.png", "/b.png", "/broken.png"),
        "/%E0%B8%A0%E0%B8%B2%E0%B8%9E%20%E0%B8%81.png": image(40),
        "/moved.png": moved,
        "/there.png": image(50),
        "/b.png": image(60),
    }
    with serving(pages) as shop:
        assert crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true").returncode == 0
        pages["/"] = product("ชาขิง สูตรใหม่", "/ภาพ ก.png", "/moved.png", "/broken.png")
        del pages["/%E0%B8%A0%E0%B8%B2%E0%B8%9E%20%E0%B8%81.png"], pages["/there.png"]
        pages["/broken.png"] = Page(b"", 404, {})
        pages["/moved.png"] = image(70)
        again = crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true")
        assert again.returncode == 0, again.stderr
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (listing,) = store.listings.page().rows
        shown = store.pictures.of_listing(listing.id, gone=True)
    assert sorted((one.picture.width, one.shown.gone_at is not None) for one in shown) == [
        (40, False),  # it is named, and only could not be fetched
        (50, True),  # another file is there now
        (60, True),
        (70, False),
    ]


def test_without_the_setting_no_picture_is_asked_for(tmp_path: Path) -> None:
    with serving({"/": product("ชาขิง", "/a.png"), "/a.png": image(40)}) as shop:
        assert crawl(tmp_path, shop.url).returncode == 0
        assert "/a.png" not in shop.asked
