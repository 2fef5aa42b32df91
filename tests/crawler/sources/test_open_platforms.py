"""Shopee, Lazada, TikTok Shop and LINE SHOPPING in one plan, each against its Open Platform on loopback."""

import json
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.frontier.local import FILE_NAME
from labels.schema import Listing
from service.store import open_store

from ..servers import lazada, line_shopping, shopee, tiktok_shop
from ..servers.base import Answer, Asked, Platform, serving
from ..servers.open_platforms import TOKENS, granted, kept_grant, leaks, platforms
from ..servers.running import Ran, run_plan

pytestmark = pytest.mark.slow

GRANTS: dict[str, Any] = {
    "shopee": {
        shopee.SHOP: {"access_token": shopee.ACCESS[0], "refresh_token": shopee.REFRESH[0]},
        shopee.OTHER_SHOP: {"access_token": "fictitious-revoked-1", "refresh_token": "fictitious-revoked-2"},
    },
    "lazada": {lazada.SELLER: {"access_token": lazada.ACCESS[0], "refresh_token": lazada.REFRESH[0]}},
    "tiktok_shop": {
        tiktok_shop.SHOP: {"access_token": tiktok_shop.ACCESS[0], "refresh_token": tiktok_shop.REFRESH[0]}
    },
    "line_shopping": {line_shopping.SHOP: {"access_token": line_shopping.KEY}},
}
PLAN = {
    "sources": [
        {"source": "shopee", "shops": [int(shopee.SHOP), shopee.OTHER_SHOP]},
        {"source": "lazada", "shops": [lazada.SELLER]},
        {"source": "tiktok_shop", "shops": [tiktok_shop.SHOP]},
        {"source": "line_shopping", "shops": [line_shopping.SHOP]},
    ]
}


@dataclass
class Crawl:
    shopee: Platform
    lazada: Platform
    tiktok_shop: Platform
    line_shopping: Platform
    folder: Path
    env: dict[str, str]
    ran: Ran

    def of(self, source: str) -> dict[str | None, Listing]:
        return {x.title: x for x in self.ran.listings if x.extra["markup"] == source}

    def log(self) -> str:
        return (self.folder / "out" / "crawl.log").read_text(encoding="utf-8")

    def captures(self, title: str) -> list[str]:
        with open_store(f"sqlite:///{self.folder / 'var' / 'ruthan.db'}") as store:
            (row,) = [x for x in store.listings.page(limit=200).rows if x.title == title]
            return [x.warc_record_id for x in store.listings.captures(row.id)]


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawl]:
    with platforms() as (a, b, c, d, env):
        folder = tmp_path_factory.mktemp("open-platforms")
        granted(folder, GRANTS)
        yield Crawl(a, b, c, d, folder, env, run_plan(folder, PLAN, **env))


def test_shopee_items_of_every_page(crawl: Crawl) -> None:
    found = crawl.of("shopee-open-platform")
    assert set(found) == {"แคปซูลหุ่นเพรียว", "ครีมทาเข่า", "ชาชง", "หน้าที่สอง"}, crawl.ran.err
    capsule = found["แคปซูลหุ่นเพรียว"]
    assert capsule.url == f"https://shopee.co.th/product/{shopee.SHOP}/1"
    assert capsule.description.startswith("ลดพุงใน 7 วัน ✅\nส่งฟรี #ลดน้ำหนัก")
    assert "เลขสารบบอาหาร: 10-1-00000-5-0009" in capsule.description
    assert "น้ำหนักสุทธิ: 30 g" in capsule.description
    assert (capsule.price, capsule.currency, capsule.seller) == ("590.00", "THB", "ร้านชอปปีตัวอย่าง")
    assert capsule.images == ["https://cf.shopee.example/file/1?sign=small"]
    assert "brand" not in capsule.extra
    knee = found["ครีมทาเข่า"]
    assert knee.description.startswith("ทาแล้วหายปวดเข่าถาวร 🦵\nไม่ต้องผ่าตัด")
    assert "https://cf.shopee.example/file/in-text" in knee.images


def test_shopee_variations_bring_their_prices_and_names(crawl: Crawl) -> None:
    tea = crawl.of("shopee-open-platform")["ชาชง"]
    assert tea.price == "199.50"
    assert "แพ็ก: 1 แถม 1, สูตรลดไว" in tea.description


def test_what_was_deleted_since_the_list_is_counted_and_costs_no_other(crawl: Crawl) -> None:
    line = next(x for x in crawl.ran.out.splitlines() if x.startswith("shopee: "))
    assert "2 gone" in line
    assert "2 gone" in next(x for x in crawl.ran.out.splitlines() if x.startswith("tiktok_shop: "))


def test_a_token_that_runs_out_midway_is_renewed_and_kept(crawl: Crawl) -> None:
    assert crawl.shopee.times["tokens"] == 2
    grant = kept_grant(crawl.folder, "shopee", shopee.SHOP)
    assert (grant["access_token"], grant["refresh_token"]) == (shopee.ACCESS[2], shopee.REFRESH[2])
    assert kept_grant(crawl.folder, "lazada", lazada.SELLER)["refresh_token"] == lazada.REFRESH[1]
    assert kept_grant(crawl.folder, "tiktok_shop", tiktok_shop.SHOP)["access_token"] == tiktok_shop.ACCESS[1]
    assert stat.S_IMODE((crawl.folder / TOKENS).stat().st_mode) == 0o600


def test_a_shop_that_took_its_agreement_back_ends_no_other(crawl: Crawl) -> None:
    assert crawl.ran.status == 1
    assert f"cannot crawl Shopee shop {shopee.OTHER_SHOP}: Invalid access_token." in crawl.ran.err
    assert "let the shop authorize again, see docs/crawler/open-platforms.md" in crawl.ran.err
    assert "Your refresh_token is invalid." in crawl.ran.err


def test_lazada_products(crawl: Crawl) -> None:
    found = crawl.of("lazada-open-platform")
    assert set(found) == {"เซรั่มหน้าใส", "โลชั่นกันแดด"}, crawl.ran.err
    serum = found["เซรั่มหน้าใส"]
    assert serum.url == "https://www.lazada.co.th/products/serum-i701.html"
    assert serum.description.startswith("ขาวไวใน 3 วัน\nรักษาฝ้าถาวร ✨")
    assert "registration_number: เลขที่จดแจ้ง 10-1-6400000002" in serum.description
    assert "English name" not in serum.text
    assert (serum.price, serum.seller) == ("890.00", "ร้านลาซาดาตัวอย่าง")
    shown = [f"https://th-live.slatic.example/p/701{x}.jpg" for x in ("", "-sku")]
    assert serum.images == [*shown, "https://th.example/701-in-text.jpg"]
    assert found["โลชั่นกันแดด"].images[0] == "https://th-live.slatic.example/p/702.jpg"
    assert "a record is not shaped as documented: KeyError('item_id')" in crawl.ran.err + crawl.log()


def test_tiktok_shop_products(crawl: Crawl) -> None:
    found = crawl.of("tiktok-shop-open-api")
    assert set(found) == {"คอลลาเจนผิวขาว", "วิตามินรวม"}, crawl.ran.err
    collagen = found["คอลลาเจนผิวขาว"]
    assert collagen.url == "https://shop.tiktok.com/view/product/901"
    assert collagen.description.startswith("ขาวถาวรใน 5 วัน 💖")
    assert "เลข อย.: 10-1-00000-5-0011" in collagen.description
    assert "รสชาติ: ส้ม ลดไว" in collagen.description
    assert (collagen.price, collagen.seller) == ("350", "ร้านติ๊กต็อกตัวอย่าง")


def test_line_shopping_products_that_the_shop_shows(crawl: Crawl) -> None:
    found = crawl.of("line-shopping-open-api")
    assert set(found) == {"น้ำมันสมุนไพร", "ยาดมสมุนไพร"}, crawl.ran.err
    oil = found["น้ำมันสมุนไพร"]
    assert oil.url == "https://shop.line.me/@demo-herbs/product/1"
    assert oil.description.startswith("นวดแล้วหายจากอัมพฤกษ์ 🙏\nเลขทะเบียน G 999/60")
    assert "ขนาด: กล่องใหญ่ หายไว" in oil.description
    assert (oil.price, oil.seller) == ("450.00", "@demo-herbs")


def test_a_listing_rests_on_every_answer_that_it_was_read_from(crawl: Crawl) -> None:
    assert crawl.ran.evidence_problems() == []
    records = crawl.ran.evidence()
    for part in (
        "get_shop_info",
        "get_item_base_info",
        "get_model_list",
        "/seller/get",
        "/products/get",
        "/shops",
    ):
        assert any(part.encode() in x for x in records), part
    assert any(b"sign=REDACTED" in x for x in records)
    assert any(b"X-Tts-Access-Token: REDACTED" in x for x in records)
    assert any(b"file/1?sign=small" in x for x in records)  # a picture's address is not ours to change
    with_models = crawl.captures("ชาชง")
    assert len(with_models) == 3
    assert len(set(with_models)) == 3


def test_no_secret_and_no_signature_is_left_anywhere(crawl: Crawl) -> None:
    asked = (*crawl.shopee.asked, *crawl.lazada.asked, *crawl.tiktok_shop.asked)
    signatures = {x.query["sign"] for x in asked if "sign" in x.query}
    assert len(signatures) > 10
    tokens = (crawl.folder / TOKENS).read_bytes()
    try:
        assert leaks(crawl.ran) == []
        kept = crawl.ran.everything_kept()
        assert [x for x in signatures if x.encode() in kept] == []
    finally:
        (crawl.folder / TOKENS).write_bytes(tokens)


def test_a_job_folder_holds_neither_token_nor_signature(tmp_path: Path) -> None:
    plan: dict[str, Any] = {"sources": [{"source": "shopee", "shops": [shopee.SHOP], "max_pages": 3}]}
    with platforms() as (a, _, _, _, env):
        granted(tmp_path, GRANTS)
        first = run_plan(tmp_path, plan, "--job", "job", **env)
        assert "stopped at the page limit" in first.out
        assert (tmp_path / "job" / "shopee" / FILE_NAME).is_file()
        kept = (tmp_path / TOKENS).read_bytes()
        assert leaks(first) == []
        left = first.everything_kept()
        assert [x.query["sign"] for x in a.asked if x.query["sign"].encode() in left] == []
        granted(tmp_path, json.loads(kept))
        del plan["sources"][0]["max_pages"]
        second = run_plan(tmp_path, plan, "--job", "job", **env)
    assert second.status == 0, second.err
    assert len({x.id for x in second.listings}) == 4
    assert not any("referer" in x.headers for x in a.asked)


def test_wrong_keys_end_the_source_and_lacking_tokens_their_shop(tmp_path: Path) -> None:
    wrong = {
        "RUTHAN_SHOPEE_PARTNER_KEY": "wrong-partner-key",
        "RUTHAN_TIKTOK_SHOP_APP_SECRET": "wrong-app-secret",
        "RUTHAN_LAZADA_APP_SECRET": "wrong-app-secret",
    }
    grants = {
        "shopee": GRANTS["shopee"],
        "lazada": {lazada.SELLER: {"code": lazada.CODE}},
        "tiktok_shop": {tiktok_shop.SHOP: {"code": tiktok_shop.CODE}},
        "line_shopping": {line_shopping.SHOP: {"access_token": "taken-back-key"}},
    }
    with platforms() as (a, b, c, d, env):
        granted(tmp_path, grants)
        ran = run_plan(tmp_path, PLAN, **env | wrong)
        assert not any(x.path.startswith("/api/v2/auth") for x in a.asked)  # no new token helps
        assert [len(x.asked) for x in (b, c, d)] == [1, 1, 1]
        assert "code" not in {*b.times, *c.times}
    assert ran.status == 1
    assert ran.listings == []
    assert "see RUTHAN_SHOPEE_PARTNER_ID and _KEY: Wrong sign." in ran.err
    assert "no token: not signed as Lazada expects, see RUTHAN_LAZADA_APP_KEY and _SECRET" in ran.err
    assert (
        "no token: not signed as TikTok Shop expects, see RUTHAN_TIKTOK_SHOP_APP_KEY and _SECRET" in ran.err
    )
    assert "the key is not accepted: Unauthorized (UNAUTHORIZED)" in ran.err
    assert "--authorize" not in ran.err  # a new code would not be looked at either
    assert "Traceback" not in ran.err
    assert kept_grant(tmp_path, "lazada", lazada.SELLER)["code"] == lazada.CODE
    assert leaks(ran) == []
    left = ran.everything_kept()
    assert not any(x in left for x in (b"wrong-partner-key", b"wrong-app-secret", b"taken-back-key"))


def test_a_dry_run_names_the_shops_without_a_token_and_asks_nothing(tmp_path: Path) -> None:
    with platforms() as (a, b, c, d, env):
        granted(tmp_path, {"shopee": GRANTS["shopee"]})
        ran = run_plan(tmp_path, PLAN, "--dry-run", **env | {"RUTHAN_LAZADA_APP_SECRET": ""})
        assert [x.asked for x in (a, b, c, d)] == [[], [], [], []]
    assert ran.status == 1
    assert "/api/v2/shop/get_shop_info" in ran.out
    assert (
        f"! no token of Lazada shop {lazada.SELLER}: ruthan crawl --authorize lazada:{lazada.SELLER}"
        in ran.out
    )
    assert "! RUTHAN_LAZADA_APP_SECRET not set: docs/crawler/open-platforms.md" in ran.out
    assert "! no token of Shopee" not in ran.out
    assert leaks(ran) == []


def test_tokens_that_others_may_read_are_not_used(tmp_path: Path) -> None:
    with platforms() as (a, _, _, _, env):
        granted(tmp_path, GRANTS).chmod(0o644)
        ran = run_plan(tmp_path, {"sources": [{"source": "shopee", "shops": [shopee.SHOP]}]}, **env)
        assert a.asked == []
    assert f"others may read the shops' tokens in {TOKENS}: run: chmod 600 {TOKENS}" in ran.err


def test_two_processes_take_a_refresh_token_once(tmp_path: Path) -> None:
    plan = {"sources": [{"source": "shopee", "shops": [shopee.SHOP]}]}
    folders = [tmp_path / "a", tmp_path / "b"]
    with platforms() as (a, _, _, _, env), ThreadPoolExecutor(2) as pool:
        env["RUTHAN_SHOP_TOKENS"] = str(
            granted(tmp_path, {"shopee": {shopee.SHOP: {"refresh_token": shopee.REFRESH[0]}}})
        )
        for folder in folders:
            folder.mkdir()
        both = list(pool.map(lambda folder: run_plan(folder, plan, **env), folders))
        refreshed = [x for x in a.asked if x.path.startswith("/api/v2/auth/")]
    assert [(x.status, len(x.listings)) for x in both] == [(0, 4), (0, 4)], both[0].err + both[1].err
    assert len(refreshed) == a.times["tokens"] == 2  # at the start, and midway


def test_a_signed_request_follows_no_redirect(tmp_path: Path) -> None:
    def elsewhere(platform: Platform, asked: Asked) -> Answer:
        return Answer(
            "<html>moved</html>", 302, {"Location": f"{other.url}{asked.path}?{asked.query['sign']}"}
        )

    plan = {"sources": [{"source": "shopee", "shops": [shopee.SHOP]}]}
    grant = {"access_token": shopee.ACCESS[0], "refresh_token": shopee.REFRESH[0]}
    with shopee.serving_shopee() as other, serving(elsewhere) as platform, platforms() as (*_, env):
        granted(tmp_path, {"shopee": {shopee.SHOP: grant}})
        ran = run_plan(tmp_path, plan, **env | {"RUTHAN_SHOPEE_API_URL": platform.url})
        assert other.asked == []
    assert ran.status == 1
    assert "answered an HTML page with HTTP 302, also after 3 tries" in ran.err
    assert leaks(ran) == []


def test_a_token_that_cannot_be_kept_still_opens_the_shop_for_this_run(tmp_path: Path) -> None:
    plan = {"sources": [{"source": "lazada", "shops": [lazada.SELLER]}]}
    with platforms() as (*_, env):
        granted(tmp_path, GRANTS)
        # The name of the draft that a write begins with is taken by a folder.
        code = (
            "import os, pathlib, secrets; secrets.token_hex = lambda _: 'x';"
            "pathlib.Path(f'.shop-tokens.json.{os.getpid()}.x').mkdir();"
            "from crawler.commands import crawl; crawl()"
        )
        ran = run_plan(tmp_path, plan, program=code, **env)
    assert len(ran.listings) == 2
    assert f"the new token could not be kept in {TOKENS}" in ran.err
    assert f"ruthan crawl --authorize lazada:{lazada.SELLER}" in ran.err
