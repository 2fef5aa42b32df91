"""A shop is crawled, changes, and is visited again: what each visit leaves in store and evidence."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from crawler.evidence.verification import verify_folder
from labels.evidence.warc import Record, read_warc
from service.store import Store, open_store
from service.store.tables.sighting_tables import Sighting
from tests.helpers.warc import body_of

from .test_commands import HTML, Page, Shop, crawl, html, links, product, redirect, serving

pytestmark = pytest.mark.slow
NAMES = (
    "same", "token", "text", "price", "gone", "soft", "moved", "other", "quiet", "new",
    "wall", "sent", "robot", "forbidden", "busy", "down", "later", "atonce", "leads",
)  # fmt: skip
"""Without "new", which the first visit does not meet, these are the pages that a visit is due for."""
CHALLENGE = "<script>window._cf_chl_opt = {}</script><h1>ไม่พบสินค้า</h1>"


def refresh(seconds: int, to: str) -> str:
    return f'<meta http-equiv="refresh" content="{seconds};url={to}">'


SHARED = (
    "claim", "left", "kept", "lent", "sub", "session", "lost", "barred", "shut", "swapped", "denied", "walled", "paused",
)  # fmt: skip
"""Products at ``/product/NAME?id=1`` that declare ``/product/NAME``, which the first visit does not meet."""


def shop_pages() -> dict[str, Page]:
    pages = {f"/product/{name}": product(f"ชา {name}") for name in ("held", *NAMES) if name != "new"}
    for name in SHARED:
        pages[f"/product/{name}?id=1"] = named(product(f"ชา {name}"), f"/product/{name}")
    pages["/product/sub?id=1"] = named(product("ชา"), "/product/sub")
    pages["/product/token"] = product("ชา token", "<i>เวลา 1</i>")
    pages["/"] = html("<h1>ร้าน</h1>" + links(*pages))
    return pages


def change(shop: Shop) -> None:
    pages = shop.pages
    pages["/product/token"] = product("ชา token", "<i>เวลา 2</i>")
    pages["/product/text"] = product("ชา text รักษาเบาหวาน")
    pages["/product/price"] = Page(pages["/product/price"].body.replace(b'"price": "10"', b'"price": "12"'))
    del pages["/product/gone"]
    pages["/product/soft"] = html("<h1>ไม่พบสินค้าที่ท่านต้องการ</h1>" + links("/"))
    pages["/product/moved"] = redirect("/")
    pages["/product/other"] = redirect("/product/same")
    pages["/product/quiet"] = html("<h1>ยินดีต้อนรับ</h1><p>ร้านของเราเปิดทุกวัน</p>")
    pages["/product/wall"] = html("<h1>กรุณาเข้าสู่ระบบ</h1><p>เพื่อดูว่าสินค้านี้ถูกลบหรือไม่</p>")
    pages["/product/sent"] = redirect("/login?next=/product/sent")
    pages["/login?next=/product/sent"] = html("<h1>ไม่พบสินค้า? เข้าสู่ระบบ</h1>")
    pages["/product/robot"] = html(CHALLENGE)
    pages["/product/forbidden"] = dataclasses.replace(html(CHALLENGE), status=403)
    pages["/product/busy"] = dataclasses.replace(html("<h1>ไม่พบสินค้า</h1>"), status=429)
    pages["/product/down"] = dataclasses.replace(html("<h1>ไม่พบสินค้า</h1>"), status=503)
    for name, seconds in (("later", 90), ("atonce", 0)):
        there = pages[f"/product/{name}"].body
        pages[f"/product/{name}"] = Page(
            there.replace(b"</head>", refresh(seconds, "/none").encode() + b"</head>")
        )
    pages["/product/leads"] = html("<p>โปรดรอสักครู่</p>", refresh(0, "/none"))
    del pages["/product/left?id=1"], pages["/product/kept?id=1"]
    pages["/product/lent?id=1"] = html("<h1>ไม่พบสินค้าที่ท่านต้องการ</h1>")
    pages["/product/kept"] = product("ชา kept")
    pages["/product/lent"] = product("น้ำผึ้งดอกลำไยจากสวนภาคเหนือ")
    for name in ("sub", "denied", "walled", "paused"):
        del pages[f"/product/{name}?id=1"]
    # Its name contains the listing's, and both texts are short.
    pages["/product/sub"] = product("ชาเขียวมัทฉะญี่ปุ่นแท้จากเมืองอูจิ")
    for name in ("session", "lost"):
        pages[f"/product/{name}?id=1"] = redirect("/")
    for name in ("barred?id=1", "shut?id=1", "swapped?id=1", "denied"):
        pages[f"/product/{name}"] = dataclasses.replace(html("<h1>ห้ามเข้า</h1>"), status=403)
    pages["/product/swapped"] = product("สบู่ก้อนกลิ่นมะลิทำด้วยมือ")
    for name in ("session", "barred", "walled"):
        pages[f"/product/{name}"] = product(f"ชา {name}")
    pages["/product/paused"] = dataclasses.replace(html("<h1>ปิดปรับปรุง</h1>"), status=503)
    pages["/robots.txt"] = Page(
        b"User-agent: *\nDisallow: /product/walled$", headers={"Content-Type": "text/plain"}
    )
    pages["/product/new"] = product("ชา new")
    pages["/"] = html("<h1>ร้าน</h1>" + links("/product/same", "/product/new"))


def back_date(store: Store, days: int) -> None:
    with store.database.writing() as session:
        for row in session.scalars(select(Sighting)):
            row.first_at -= timedelta(days=days)
            row.at -= timedelta(days=days)


def outcomes(store: Store) -> dict[str, list[str]]:
    found = {}
    for row in store.listings.page(limit=100).rows:
        name = (row.url or "").rsplit("/", 1)[-1]
        found[name] = [x.outcome for x in store.sightings.of(row.id)]
    return found


def test_due_pages_are_visited_and_what_became_of_them_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}"
    folder = tmp_path / "var" / "evidence"
    with serving(shop_pages()) as shop:
        # One after the other, so that the page that is held back comes before others that are due.
        first = crawl(tmp_path, shop.url, RUTHAN_CRAWL_CONCURRENCY="1")
        assert first.returncode == 0, first.stderr
        none = crawl(tmp_path, "--due")
        assert "no listing is due" in none.stdout
        with open_store(url) as store:
            before = {row.url: row.id for row in store.listings.page(limit=100).rows}
            back_date(store, 20)
        change(shop)
        assert "32 pages are due" in crawl(tmp_path, "--due", "--dry-run").stdout
        entry = f"{shop.url}/product/held"
        (tmp_path / "plan.yaml").write_text(f"stop: ['{entry}']\nsources: [{{source: x, terms: [ยา]}}]\n")
        # As many as are due: the second addresses of some do not count.
        by_plan = ("--due", "--plan", "plan.yaml", "--max-pages", "31")
        dry = crawl(tmp_path, *by_plan, "--dry-run").stdout
        assert f"held back: {entry} is on the stop list ({entry})\n31 pages are due, 1 held back" in dry
        shop.asked.clear()
        second = crawl(tmp_path, *by_plan)
        assert second.returncode == 0, second.stderr
        # A block is no fate of a listing: it is an error, and the page stays due.
        assert "6 errors, 7 gone, 8 unclear, 1 held back by the stop list" in second.stdout
        asked = [path for path in shop.asked if path.startswith("/product/")]
    # "other" leads to "same", which is asked for twice; what is new is not this command's business.
    shared = {f"/product/{x}?id=1" for x in SHARED} | {
        f"/product/{x}" for x in SHARED if x not in {"claim", "walled"}
    }
    assert sorted(set(asked) - shared) == sorted(f"/product/{x}" for x in NAMES if x != "new")
    # Where a page was fetched, and the address that it declared only if it is not shown there.
    assert shared <= set(asked)
    with open_store(url) as store:
        found = outcomes(store)
        assert found == {
            "same": ["new", "unchanged"],
            "token": ["new", "unchanged"],
            "text": ["new", "changed"],
            "price": ["new", "changed"],
            "gone": ["new", "gone"],
            "soft": ["new", "gone"],
            "moved": ["new", "unclear"],
            "other": ["new", "unclear"],
            "quiet": ["new", "unclear"],
            "wall": ["new", "unclear"],
            "sent": ["new", "unclear"],
            "robot": ["new", "unclear"],
            "forbidden": ["new"],
            "busy": ["new"],
            "down": ["new"],
            "later": ["new", "unchanged"],
            "atonce": ["new", "unchanged"],
            "leads": ["new", "unclear"],
            "held": ["new"],
            "claim": ["new", "unchanged"],
            "left": ["new", "gone"],
            "kept": ["new", "unchanged"],
            "lent": ["new", "gone"],
            "sub": ["new", "gone"],
            "session": ["new", "unchanged"],
            "lost": ["new", "unclear"],
            "barred": ["new", "unchanged"],
            "shut": ["new"],
            "swapped": ["new"],
            "denied": ["new", "gone"],
            "walled": ["new", "gone"],
            "paused": ["new"],
        }
        number = {name: before[f"{shop.url}/product/{name}"] for name in found}
        how = {name: store.sightings.of(number[name])[-1].how for name in found}
        assert how["gone"] == how["left"] == how["denied"] == how["walled"] == "HTTP 404"
        assert how["soft"] == how["lent"] == "the page says: ไม่พบสินค้า"
        assert how["lost"] == how["moved"] == f"leads to {shop.url}/: no product is shown"
        assert how["other"] == f"leads to {shop.url}/product/same: another product is shown"
        assert how["wall"] == "the page lets only some in: กรุณาเข้าสู่ระบบ"
        assert how["sent"].endswith("the page lets only some in: login")
        assert how["robot"] == "the page lets only some in: _cf_chl_opt"
        assert store.sightings.of(number["price"])[-1].changes == {"price": ["10", "12"]}
        # Nothing is stored twice: unchanged pages have the one capture, the changed ones a second.
        captures = {
            name: len(store.listings.captures(number[name])) for name in ("same", "token", "text", "price")
        }
        assert captures == {"same": 1, "token": 1, "text": 2, "price": 2}
        kinds = {}
        for name in ("same", "token", "gone", "soft"):
            sighting = store.sightings.of(number[name])[-1]
            record = next(
                x
                for x in read_warc(folder / sighting.warc_file)
                if isinstance(x, Record) and x.id == sighting.warc_record_id
            )
            kinds[name] = (record.kind, len(record.body) > 0 and record.kind == "response")
        assert kinds == {
            "same": ("revisit", False),
            "token": ("metadata", False),
            "gone": ("response", True),
            "soft": ("response", True),
        }
        for name in ("soft", "lent"):
            visit = store.sightings.of(number[name])[-1]
            assert "ไม่พบสินค้า" in body_of(folder / visit.warc_file, visit.warc_record_id).decode()
        report = verify_folder(folder, store.captures)
        assert report.sound, report.findings


def named(page: Page, canonical: str) -> Page:
    return Page(page.body.replace(b"</head>", f'<link rel=canonical href="{canonical}"></head>'.encode()))


def test_an_ordinary_crawl_notices_a_known_page_that_answers_410(tmp_path: Path) -> None:
    pages = {
        "/product/a": product("ชา a"),
        "/product/a?variant=2": named(product("ชา a"), "/product/a"),
        "/product/b": product("ชา b"),
        "/product/all?id=1": named(product("น้ำผึ้งดอกลำไยจากสวนภาคเหนือ"), "/product/all"),
        "/product/all?id=2": named(product("สบู่ก้อนกลิ่นมะลิทำด้วยมือ"), "/product/all"),
        "/product/all": product("ชาขิงผสมมะนาวชงดื่มได้ทั้งวัน"),
        "/product/only?id=1": named(product("ยาหม่อง"), "/product/only"),
    }
    pages["/product/slash"] = redirect("/product/slash/")
    pages["/product/way"] = redirect("/product/bare")
    linked = list(pages)
    pages["/"] = html("<h1>ร้าน</h1>" + links(*linked))
    pages["/product/slash/"] = named(product("ชา slash"), "/product/slash")
    pages["/product/bare"] = product("ชา bare")
    with serving(pages) as shop:
        crawl(tmp_path, shop.url, RUTHAN_CRAWL_CONCURRENCY="1")
        del pages["/product/slash/"], pages["/product/bare"]
        pages["/product/b"] = dataclasses.replace(
            html("<h1>เลิกขาย</h1>"), status=410, headers={"Content-Type": HTML}
        )
        pages["/never"] = Page(b"", 404)
        # Nobody's address, which a page declares, is no place where its product can be gone.
        pages["/"] = html("<h1>ร้าน</h1>" + links(*linked, "/product/only"))
        second = crawl(tmp_path, shop.url)
        third = crawl(tmp_path, shop.url)
        pages["/product/b"] = product("ชา b")
        crawl(tmp_path, shop.url)
    assert second.returncode == third.returncode == 0
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        found = outcomes(store)
        # Three products with one canonical address. The first had its id in the first crawl, whose last was its owner.
        assert found.pop("all") == ["new", "changed", "unchanged"]
        assert found.pop("all?id=1") == found.pop("all?id=2") == ["new", "unchanged"]
        assert found == {
            "a": ["new", "unchanged"],
            "b": ["new", "gone", "back"],
            "only": ["new", "unchanged"],
            # Both are linked by addresses that redirect to where they were fetched.
            "slash": ["new", "gone"],
            "bare": ["new", "gone"],
        }
        assert verify_folder(tmp_path / "var" / "evidence", store.captures).sound
