"""Crawls over real HTTP on loopback.

Each runs in a separate process, since a reactor can start only once.
"""

import gzip
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from service.store import open_store
from tests.helpers.forked import CRAWL, run
from tests.helpers.stored import find_listing
from tests.helpers.warc import body_of, problems_of

from .loopback import listening, surroundings

HTML = "text/html; charset=utf-8"
pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Page:
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": HTML})


def html(body: str, head: str = "", **kwargs: Any) -> Page:
    page = f"<html><head><meta charset='utf-8'><title>ร้าน</title>{head}</head><body>{body}</body></html>"
    return Page(page.encode(), **kwargs)


def product(name: str, more: str = "") -> Page:
    data = {"@type": "Product", "name": name, "description": f"รายละเอียดของ{name}", "offers": {"price": "10"}}
    return html(f"<h1>{name}</h1>{more}", f'<script type="application/ld+json">{json.dumps(data)}</script>')


def redirect(to: str) -> Page:
    return Page(b"", 302, {"Location": to})


def links(*paths: str) -> str:
    return "".join(f'<a href="{path}">ดู</a>' for path in paths)


class Shop:
    """Pages by path, and the recorded requests."""

    def __init__(self, pages: dict[str, Page]) -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.url = ""


@contextmanager
def serving(pages: dict[str, Page]) -> Iterator[Shop]:
    shop = Shop(pages)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            shop.asked.append(self.path)
            shop.agents.add(self.headers.get("User-Agent", ""))
            page = shop.pages.get(self.path, html("<h1>ไม่พบ</h1>", status=404))
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with listening(Handler) as shop.url:
        yield shop


def crawl(folder: Path, *args: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """``ruthan crawl`` in ``folder``, quick and allowed on loopback unless ``args`` or ``env`` say
    otherwise."""
    status, out, err = run(CRAWL, *args, folder=folder, env=surroundings(**env))
    return subprocess.CompletedProcess(args, status, out, err)


@dataclass
class Crawled:
    shop: Shop
    folder: Path
    result: "subprocess.CompletedProcess[str]"
    listings: dict[str, dict[str, Any]]

    def paths(self) -> set[str]:
        return {listing["url"].removeprefix(self.shop.url) for listing in self.listings.values()}


AWKWARD = {
    "/": html(
        "<h1>ร้าน</h1>"
        + links(
            "/category/tea",
            "/category/balm",
            "/about",
            "/private/x",
            "/loop",
            "/gone",
            "/crash",
            "/big",
            "/brochure",
        )
        + links("http://10.0.0.1/product/x", "http://other.example/product/y")
    ),
    "/robots.txt": Page(
        b"User-agent: Ruthan\nDisallow: /private/\nSitemap: /sitemap.xml\n",
        200,
        {"Content-Type": "text/plain"},
    ),
    "/category/tea": html(
        "<h1>ชา</h1>" + links("/product/khing") + '<a rel="next" href="/category/tea?page=2">2</a>'
    ),
    "/category/tea?page=2": html("<h1>ชา</h1>" + links("/product/moved", "/category/tea/green")),
    "/category/tea/green": html("<h1>ชาเขียว</h1>" + links("/product/green", "/product/broken")),
    "/category/balm": html("<h1>ยาหม่อง</h1>" + links("/product/plain", "/product/old", "/product/packed")),
    "/about": html("<h1>เกี่ยวกับเรา</h1><p>ร้านเล็ก ๆ</p>"),
    "/private/x": product("ลับ"),
    "/product/khing": product("ชาขิง", links("/product/khing?utm_source=card", "/product/green")),
    "/product/moved": redirect("/product/moved-here"),
    "/product/moved-here": product("ชาย้ายบ้าน"),
    "/product/green": product("ชาเขียว"),
    "/product/broken": html(
        "<h1>ชาพัง</h1>",
        '<script type="application/ld+json">'
        '{"@type":"Product","name":"ชาพัง","description":"ดื่ม "ง่าย"","x":</script>',
    ),
    "/product/plain": html(
        '<h1>ยาหม่องไม่มีข้อมูล</h1><p class="price">45 บาท</p>'
        '<div id="description">ทาถูนวด</div><button>สั่งซื้อ</button>'
    ),
    "/product/old": Page(
        '<html><head><title>ร้าน</title><meta name="description" content="น้ำมันไพล"></head><body>'
        "<h1>น้ำมันไพล</h1>"
        '<p class="price">90 บาท</p><button>หยิบใส่ตะกร้า</button></body></html>'.encode("cp874"),
        200,
        {"Content-Type": "text/html; charset=TIS-620"},
    ),
    "/product/packed": Page(
        gzip.compress(product("ยาดมบีบ").body), 200, {"Content-Type": HTML, "Content-Encoding": "gzip"}
    ),
    "/product/only-in-sitemap": product("ของในแผนผัง"),
    "/loop": redirect("/loop2"),
    "/loop2": redirect("/loop"),
    "/crash": html("<h1>พัง</h1>", status=500),
    "/big": html("x" * 300_000),
    "/brochure": Page(b"%PDF-1.4 \xff\xfe", 200, {"Content-Type": "application/pdf"}),
}


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp("awkward")
    with serving(dict(AWKWARD)) as shop:
        sitemap = f"<urlset><url><loc>{shop.url}/product/only-in-sitemap</loc></url></urlset>"
        shop.pages["/sitemap.xml"] = Page(sitemap.encode(), 200, {"Content-Type": "application/xml"})
        result = crawl(folder, shop.url, "--out", "out", RUTHAN_CRAWL_MAX_BYTES="200000")
    lines = (folder / "out" / "listings.jsonl").read_text(encoding="utf-8").splitlines()
    listings = [json.loads(line) for line in lines]
    return Crawled(shop, folder, result, {x["title"]: x for x in listings})


def test_every_product_page_becomes_one_listing(awkward: Crawled) -> None:
    assert awkward.result.returncode == 0, awkward.result.stderr
    assert awkward.paths() == {
        "/product/khing",
        "/product/moved-here",
        "/product/green",
        "/product/broken",
        "/product/plain",
        "/product/old",
        "/product/packed",
        "/product/only-in-sitemap",
    }
    assert len(awkward.listings) == 8
    assert "8 listings" in awkward.result.stdout
    assert awkward.listings["ชาพัง"]["description"] == 'ดื่ม "ง่าย"'
    assert awkward.listings["น้ำมันไพล"]["description"] == "น้ำมันไพล"
    assert awkward.listings["ยาหม่องไม่มีข้อมูล"]["price"] == "45"


def test_the_crawler_keeps_to_the_rules(awkward: Crawled) -> None:
    assert "/private/x" not in awkward.shop.asked
    assert all(agent.startswith("Ruthan/") and "(+https://" in agent for agent in awkward.shop.agents)
    pages = [path for path in awkward.shop.asked if path != "/robots.txt"]
    assert len(pages) == len(set(pages))


def test_what_failed_is_told(awkward: Crawled) -> None:
    told = awkward.result.stderr
    assert "/gone: the shop answered HTTP 404" in told
    assert "/crash: the shop answered HTTP 500" in told
    assert "/big: the response is larger than the limit" in told
    assert "Forbidden by robots.txt" in told
    assert "Traceback" not in told


def test_listings_and_verified_evidence_are_in_the_store(awkward: Crawled) -> None:
    evidence = awkward.folder / "out" / "evidence"
    assert [problem for path in evidence.rglob("*.warc.gz") for problem in problems_of(path)] == []
    with open_store(f"sqlite:///{awkward.folder / 'var' / 'ruthan.db'}") as store:
        for listing in awkward.listings.values():
            found = find_listing(store, listing["id"], "crawl")
            assert found is not None
            assert found.text == f"{listing['title']}\n{listing['description']}"
            captures = store.listings.captures(found.id)
            page = captures[-1]
            body = body_of(evidence / page.warc_file, page.warc_record_id)
            assert sha256(body).hexdigest() == page.sha256
        packed = find_listing(store, awkward.listings["ยาดมบีบ"]["id"], "crawl")
        moved = find_listing(store, awkward.listings["ชาย้ายบ้าน"]["id"], "crawl")
        assert packed is not None
        assert moved is not None
        as_sent = store.listings.captures(packed.id)[0]
        assert (
            body_of(evidence / as_sent.warc_file, as_sent.warc_record_id) == AWKWARD["/product/packed"].body
        )
        assert [x.status for x in store.listings.captures(moved.id)] == [302, 200]


def test_an_unreachable_shop_is_an_error_and_costs_the_other_nothing(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}/"
    with serving({"/": product("ชาเดี่ยว"), "/loop": redirect("/loop")}) as shop:
        result = crawl(tmp_path, dead, shop.url, f"{shop.url}/loop", "--out", "out")
    assert result.returncode == 1
    assert f"cannot crawl {dead}: the connection was refused" in result.stderr
    assert f"cannot crawl {shop.url}/loop: max redirections reached" in result.stderr
    assert len((tmp_path / "out" / "listings.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_private_addresses_are_refused_also_by_name(tmp_path: Path) -> None:
    with serving({"/": product("ชา")}) as shop:
        port = shop.url.rsplit(":", 1)[1]
        result = crawl(tmp_path, shop.url, f"http://localhost:{port}/", RUTHAN_CRAWL_ALLOW_PRIVATE="false")
    assert result.returncode == 1
    assert shop.asked == []
    assert result.stderr.count("not a public internet address") == 2
    assert "--allow-private" in result.stderr


def test_a_job_goes_on_where_it_stopped_and_begins_anew_when_finished(tmp_path: Path) -> None:
    names = [f"/product/{n}" for n in range(12)]
    pages = {"/": html("<h1>ร้าน</h1>" + links(*names)), **{name: product(f"ชา {name}") for name in names}}
    args = ("--job", "job", "--out", "out")
    written = tmp_path / "out" / "listings.jsonl"
    with serving(pages) as shop:
        first = crawl(tmp_path, shop.url, *args, "--max-pages", "5", RUTHAN_CRAWL_CONCURRENCY="1")
        seen = len(written.read_text(encoding="utf-8").splitlines())
        second = crawl(tmp_path, shop.url, *args)
        lines = written.read_text(encoding="utf-8").splitlines()
        products = [path for path in shop.asked if path in names]
        pages["/product/0"] = product("ชาสูตรใหม่")
        third = crawl(tmp_path, shop.url, *args)
    assert first.returncode == second.returncode == third.returncode == 0
    assert "stopped at the page limit" in first.stdout
    assert 0 < seen < 12
    assert {json.loads(line)["url"].removeprefix(shop.url) for line in lines} == set(names)
    assert len(products) == len(set(products)) == 12
    assert "13 pages, 12 listings" in third.stdout
    # Only complete crawls serve as a baseline for the next ones.
    runs = (tmp_path / "var" / "crawl-runs.jsonl").read_text(encoding="utf-8").splitlines()
    reasons = [json.loads(line)["reason"] for line in runs if line]
    assert reasons == ["closespider_pagecount", "finished, goes on", "finished"]
    added = written.read_text(encoding="utf-8").splitlines()[len(lines) :]
    assert [json.loads(line)["title"] for line in added] == ["ชาสูตรใหม่"]


def test_a_store_that_fails_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "in-the-way").write_text("not a database, and not a folder either")
    with serving({"/": product("ชากู้คืน")}) as shop:
        result = crawl(tmp_path, shop.url, "--database", "sqlite:///in-the-way/x.db")
    assert result.returncode == 1
    (spool,) = (tmp_path / "var").glob("spool-*.jsonl")
    assert f"--deposit var/{spool.name}" in result.stderr
    again = crawl(tmp_path, "--deposit", str(spool))
    assert again.returncode == 0, again.stderr
    assert "1 listings deposited" in again.stdout
    assert not spool.exists()
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (listing,) = store.listings.page().rows
        assert listing.text.startswith("ชากู้คืน")
        assert len(store.listings.captures(listing.id)) == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "give at least one URL"),
        (("ftp://shop.example/",), "not an http or https address"),
        (("not a url",), "not an http or https address"),
        (("https://shop.example/", "--deposit", __file__), "crawls nothing"),
    ],
)
def test_bad_usage(args: tuple[str, ...], message: str) -> None:
    from click.testing import CliRunner

    from crawler.commands import crawl as command

    result = CliRunner().invoke(command, list(args))
    assert result.exit_code == 2
    assert message in result.output
