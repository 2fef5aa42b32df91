"""Malicious pages: each is limited and logged, and the crawl continues with the honest ones."""

import gzip
import json
import math
import sqlite3
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.evidence.verification import verify_folder
from service.store import open_store

from .loopback import Handler, running, start
from .test_commands import html, links, product

pytestmark = [pytest.mark.slow(8), pytest.mark.attack]

SECONDS = 240
"""A crawl of any of these ends by then on a busy machine; unbounded ones would not end at all."""
HONEST = {f"/product/honest{n}": product(f"ชาดี {n}").body for n in range(3)}


def run(folder: Path, pages: dict[str, Any], *args: str, **env: str) -> tuple[str, dict[str, str], list[str]]:
    """Crawl a shop of honest pages and these; returns stderr and log, the listings, and the requested
    paths."""
    home = html("<h1>ร้าน</h1>" + links(*[p for p in pages if not p.endswith("*")], *HONEST)).body
    served: dict[str, Any] = {"/": home, **HONEST, **pages}

    def answer(handler: Handler) -> None:
        page = served.get(handler.path) or served.get(handler.path.split("?")[0] + "?*")
        if page is None:
            handler.send(b"", 404)
        elif callable(page):
            page(handler)
        else:
            handler.send(page)

    settings = {"RUTHAN_CRAWL_MAX_BYTES": "1000000", "RUTHAN_CRAWL_TIMEOUT": "3", **env}
    with running(answer) as site:
        process = start(folder, site.url, "--max-pages", "60", *args, **settings)
        output, errors = process.communicate(timeout=SECONDS)
        asked = site.paths()
    assert process.returncode == 0, output + errors
    log = (folder / "var" / "crawl.log").read_text(encoding="utf-8")
    with open_store(f"sqlite:///{folder / 'var' / 'ruthan.db'}") as store:
        listings = {
            (row.url or "").removeprefix(site.url): row.text for row in store.listings.page(limit=200).rows
        }
        assert verify_folder(folder / "var" / "evidence", store.captures).sound
    assert set(HONEST) <= set(listings)
    return errors + log, listings, asked


def headers(handler: Handler, **fields: str) -> None:
    handler.send_response(200)
    for name, value in {"Content_Type": "text/html; charset=utf-8", **fields}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()


def endless_body(handler: Handler) -> None:
    """50 MB without saying how long it is."""
    headers(handler, Connection="close")
    handler.close_connection = True
    for _ in range(50):
        handler.wfile.write(b"<p>x</p>" * 131_072)


def long_body(handler: Handler) -> None:
    """50 MB, announced."""
    headers(handler, Content_Length="50000000")
    for _ in range(50):
        handler.wfile.write(b"x" * 1_000_000)


def drip(handler: Handler) -> None:
    """One byte at a time, for ever."""
    headers(handler, Connection="close")
    handler.close_connection = True
    for _ in range(600):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def bomb(encoding: str) -> Callable[[Handler], None]:
    """200 MB of nothing in 200 kB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    packed = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(200)) + packer.flush()

    def answer(handler: Handler) -> None:
        handler.send(packed, Content_Encoding=encoding)

    return answer


def bomb_in_bomb(handler: Handler) -> None:
    inner = gzip.compress(b"\0" * 100_000_000)
    handler.send(gzip.compress(gzip.compress(inner)), Content_Encoding="gzip, gzip, gzip")


def test_bodies_without_end_and_bombs(tmp_path: Path) -> None:
    pages = {
        "/product/endless": endless_body,
        "/product/long": long_body,
        "/product/drip": drip,
        "/product/bomb": bomb("gzip"),
        "/product/deflated": bomb("deflate"),
        "/product/matryoshka": bomb_in_bomb,
    }
    told, listings, _ = run(tmp_path, pages)
    assert set(listings) == set(HONEST)
    assert "/product/endless: the response is larger than the limit" in told
    assert "/product/long: the response is larger than the limit" in told
    assert "/product/drip: the shop did not answer in time" in told
    for name in ("bomb", "deflated", "matryoshka"):
        assert f"/product/{name}: " in told, name


def redirects(to: Callable[[str], str]) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send(b"", 302, Location=to(handler.path))

    return answer


def test_endless_pagination_and_redirects(tmp_path: Path) -> None:
    def calendar(handler: Handler) -> None:
        day = int(handler.path.partition("=")[2] or 0)
        following = f"/calendar?page={day + 1}"
        handler.send(html(f'<h1>วัน {day}</h1><a rel="next" href="{following}">ถัดไป</a>').body)

    def category(pages: float, name: Callable[[int], str]) -> Callable[[Handler], None]:
        def answer(handler: Handler) -> None:
            number = int(handler.path.partition("=")[2] or 1)
            onward = links(f"{handler.path.partition('?')[0]}?page={number + 1}") if number < pages else ""
            handler.send(html(f"<h1>หน้า {number}</h1>{links(name(number))}{onward}").body)

        return answer

    long = {f"/product/long{n}?*": product(f"ชาหมวดยาว {n}").body for n in range(1, 13)}
    endless = category(math.inf, lambda number: f"/product/endless{number}")
    repeated = category(math.inf, lambda _: "/product/honest0")
    pages = {
        **long,
        "/long": category(12, lambda number: f"/product/long{number}"),
        "/long?*": category(12, lambda number: f"/product/long{number}"),
        "/endless": endless,
        "/endless?*": endless,
        "/repeated": repeated,
        "/repeated?*": repeated,
        "/calendar": calendar,
        "/calendar?*": calendar,
        "/loop": redirects(lambda _: "/loop"),
        "/pair": redirects(lambda _: "/pair2"),
        "/pair2": redirects(lambda _: "/pair"),
        "/grow": redirects(lambda path: "/grow?n=1"),
        "/grow?*": redirects(lambda path: path + "1"),
        "/away": redirects(lambda _: "http://10.0.0.1/product/x"),
        "/file": redirects(lambda _: "file:///etc/passwd"),
    }
    bounds = {"RUTHAN_CRAWL_MAX_DEPTH": "6", "RUTHAN_CRAWL_LIST_PAGES": "15"}
    told, listings, asked = run(tmp_path, pages, "--max-pages", "300", **bounds)
    assert set(listings) == {*HONEST, *(path.removesuffix("?*") for path in long)}
    assert len([path for path in asked if path.startswith("/endless")]) == 15
    assert "/endless: 15 pages were read and the list goes on: raise list_pages of the source, or" in told
    # These contain nothing new, so that each page counts as one link deeper.
    assert len([path for path in asked if path.startswith("/calendar")]) <= 7
    assert len([path for path in asked if path.startswith("/repeated")]) <= 7
    assert len([path for path in asked if path.startswith("/grow")]) <= 10
    assert "max redirections reached" in told
    assert "leads to another site" in told
    assert "root:" not in told


def broken_pages() -> dict[str, bytes]:
    deep = "<div>" * 20_000
    big = {"@type": "Product", "name": "ชาใหญ่", "description": "ดี" * 150_000, "offers": {"price": "10"}}
    nested = '{"a":' * 50_000
    unclosed = "<b>" * 30_000 + "<table><tr><td>" * 5_000
    ld = '<script type="application/ld+json">{}</script>'
    attributes = " ".join(f'a{n}="{n}"' for n in range(20_000))
    return {
        "/product/deep": f"<h1>ลึก</h1>{deep}<p class=price>10 บาท</p><button>สั่งซื้อ</button>".encode(),
        "/product/big": html("<h1>ชาใหญ่</h1>", ld.format(json.dumps(big, ensure_ascii=False))).body,
        "/product/nested": html("<h1>ซ้อน</h1>", ld.format(nested)).body,
        "/product/unclosed": f"<h1>ไม่ปิด</h1>{unclosed}".encode(),
        "/product/attributes": f"<h1 {attributes}>แอตทริบิวต์</h1>".encode(),
        "/product/nul": b"\0" * 5_000 + "<h1>ศูนย์</h1>".encode() + bytes(range(256)) * 20,
        "/product/quotes": html(
            "<h1>คำพูด</h1>", ld.format('{"@type":"Product","name":"' + '\\"' * 100_000)
        ).body,
        "/product/entities": html("<h1>เอนทิตี</h1>" + "&amp;lt;" * 60_000).body,
        "/product/dtd": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><p>&b;&b;</p>',
        "/product/empty": b"",
        "/product/links": html("".join(f'<a href="/l/{n}">x</a>' for n in range(20_000))).body,
    }


def test_broken_markup_and_megabyte_json_ld(tmp_path: Path) -> None:
    told, listings, _ = run(tmp_path, broken_pages())
    assert "ชาใหญ่" in listings["/product/big"]
    assert len(listings["/product/big"]) > 100_000
    assert "Traceback" not in told, told[-3000:]


def thai(encoding: str) -> bytes:
    return (
        "<html><head><title>ร้าน</title></head><body><h1>น้ำมันไพลสกัด</h1><p class='price'>90 บาท</p>"
        "<div id='description'>บรรเทาอาการปวดเมื่อย ทาถูนวด</div><button>หยิบใส่ตะกร้า</button></body></html>"
    ).encode(encoding)


def test_thai_pages_in_whatever_charset(tmp_path: Path) -> None:
    def declared(body: bytes, content_type: str) -> Callable[[Handler], None]:
        return lambda handler: handler.send(body, Content_Type=content_type)

    pages = {
        "/product/tis": declared(thai("cp874"), "text/html; charset=TIS-620"),
        "/product/win": declared(thai("cp874"), "text/html; charset=windows-874"),
        "/product/iso": declared(thai("cp874"), "text/html; charset=iso-8859-11"),
        "/product/mute": declared(thai("cp874"), "text/html"),
        "/product/liar": declared(thai("cp874"), "text/html; charset=utf-8"),
        "/product/latin": declared(thai("utf-8"), "text/html; charset=no-such-charset"),
    }
    _, listings, _ = run(tmp_path, pages)
    for path in pages:
        assert "น้ำมันไพลสกัด" in listings[path], path
        assert "บรรเทาอาการปวดเมื่อย" in listings[path], path


def test_a_site_that_asks_to_wait_is_left_alone_for_so_long(tmp_path: Path) -> None:
    refused: list[float] = []
    served: list[float] = []

    def busy(handler: Handler) -> None:
        if not refused:
            refused.append(time.monotonic())
            handler.send(b"", 429, Retry_After="4")
        else:
            served.append(time.monotonic())
            handler.send(product("ชาที่ต้องรอ").body)

    told, listings, asked = run(tmp_path, {"/product/busy": busy}, RUTHAN_CRAWL_CONCURRENCY="1")
    assert "ชาที่ต้องรอ" in listings["/product/busy"]
    assert asked.count("/product/busy") == 2
    assert served[0] - refused[0] >= 3.9
    assert "asks to wait 4 s" in told


def test_failures_are_tried_again_after_waits_that_grow(tmp_path: Path) -> None:
    at: list[float] = []

    def shaky(handler: Handler) -> None:
        at.append(time.monotonic())
        handler.send(product("ชาหลังพัง").body if len(at) > 2 else b"", 200 if len(at) > 2 else 503)

    env = {"RUTHAN_CRAWL_RETRIES": "3", "RUTHAN_CRAWL_DELAY": "0.5", "RUTHAN_CRAWL_CONCURRENCY": "1"}
    _, listings, _ = run(tmp_path, {"/product/shaky": shaky}, **env)
    assert "/product/shaky" in listings
    first, second, third = at
    assert second - first >= 0.7
    assert third - second >= 1.5


def test_a_wait_that_is_too_long_ends_the_run_and_a_job_goes_on_later(tmp_path: Path) -> None:
    asked: list[str] = []
    is_shut = True

    def answer(handler: Handler) -> None:
        asked.append(handler.path)
        if handler.path == "/product/shut" and is_shut:
            handler.send(b"", 503, Retry_After="3600")
        elif handler.path == "/":
            handler.send(html("<h1>ร้าน</h1>" + links("/product/shut", *HONEST)).body)
        elif handler.path in {*HONEST, "/product/shut"}:
            handler.send(product(f"ชา {handler.path}").body)
        else:
            handler.send(b"", 404)

    env = {"RUTHAN_CRAWL_LONGEST_WAIT": "5", "RUTHAN_CRAWL_CONCURRENCY": "1"}
    with running(answer) as site:
        first = start(tmp_path, site.url, "--job", "job", **env)
        first.communicate(timeout=SECONDS)
        log = (tmp_path / "var" / "crawl.log").read_text(encoding="utf-8")
        assert "asks to wait 3600 s" in log
        assert "were not fetched: their site asks to wait" in log
        is_shut = False
        with sqlite3.connect(tmp_path / "job" / "frontier.db") as database:  # an hour later
            database.execute("UPDATE wait SET since = since - 3600")
        second = start(tmp_path, site.url, "--job", "job", **env)
        _, errors = second.communicate(timeout=SECONDS)
    assert second.returncode == 0, errors
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        assert {(row.url or "").removeprefix(site.url) for row in store.listings.page().rows} == {
            *HONEST,
            "/product/shut",
        }
