"""A page that leads on by ``<meta http-equiv="refresh">`` is read, and is no way past the crawler."""

from pathlib import Path

import pytest

from service.store import open_store

from .test_change import refresh
from .test_commands import Page, crawl, html, links, product, serving

pytestmark = pytest.mark.slow


def with_refresh(name: str, seconds: int, to: str) -> Page:
    return Page(product(name).body.replace(b"</head>", f"{refresh(seconds, to)}</head>".encode()))


def test_products_that_lead_on_are_collected_and_late_refreshes_are_links(tmp_path: Path) -> None:
    pages = {
        "/": html("<p>โปรดรอสักครู่</p>", refresh(0, "/th/")),
        "/th/": html(
            "<h1>ร้าน</h1>" + links("/product/late", "/product/atonce", "/product/itself", "/product/loop")
        ),
        "/product/late": with_refresh("ชาขิง", 90, "/home"),
        "/home": html("<h1>หน้าแรก</h1>" + links("/product/behind")),
        "/product/behind": product("ชาหลังบ้าน"),
        "/product/atonce": with_refresh("ชาเขียว", 0, "/product/next"),
        "/product/next": product("ชาถัดไป"),
        "/product/itself": with_refresh("ชาแดง", 0, "/product/itself"),
        "/product/loop": html("<p>รอ</p>", refresh(0, "/product/loop2")),
        "/product/loop2": html("<p>รอ</p>", refresh(0, "/product/loop")),
    }
    with serving(pages) as shop:
        ran = crawl(tmp_path, shop.url)
    assert ran.returncode == 0, ran.stderr
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        found = {(row.url or "").removeprefix(shop.url) for row in store.listings.page(limit=100).rows}
    names = ("late", "behind", "atonce", "next", "itself")
    assert found == {f"/product/{name}" for name in names}
    assert shop.asked.count("/product/loop") <= 2


@pytest.mark.parametrize("seconds", [0, 90])
def test_a_line_of_html_does_not_make_a_listing_gone(tmp_path: Path, seconds: int) -> None:
    pages = {"/": html("<h1>ร้าน</h1>" + links("/product/a")), "/product/a": product("ชา a")}
    with serving(pages) as shop:
        crawl(tmp_path, shop.url)
        pages["/product/a"] = with_refresh("ชา a", seconds, "/none")
        again = crawl(tmp_path, shop.url)
    assert again.returncode == 0, again.stderr
    with open_store(f"sqlite:///{tmp_path / 'var' / 'ruthan.db'}") as store:
        (row,) = store.listings.page(limit=10).rows
        assert [x.outcome for x in store.sightings.of(row.id)] == ["new", "unchanged"]
