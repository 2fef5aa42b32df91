"""From the code that a shop gave to its products: ``ruthan crawl --authorize``, then a plan, then the plan again."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crawler.commands import crawl

from ..servers import lazada, shopee, tiktok_shop
from ..servers.open_platforms import TOKENS, granted, kept_grant, leaks, platforms
from ..servers.running import Ran, run_plan

pytestmark = pytest.mark.slow

OTHER_SELLER, OTHER_SHOP = "TH2FICT", "7490000000000000009"
WRONG_CODE = "fictitious-revoked-code"
SOURCES: list[dict[str, Any]] = [
    {"source": "shopee", "shops": [shopee.EMPTY_SHOP]},
    {"source": "lazada", "shops": [lazada.SELLER, OTHER_SELLER], "list_pages": 1},
    {"source": "tiktok_shop", "shops": [tiktok_shop.SHOP, OTHER_SHOP]},
]
ONLY_OWN: list[dict[str, Any]] = [
    {"source": "shopee", "shops": [shopee.EMPTY_SHOP]},
    {"source": "lazada", "shops": [lazada.SELLER]},
    {"source": "tiktok_shop", "shops": [tiktok_shop.SHOP]},
]
BACK = "https://agency.example/back?country=th&code="


def authorize(folder: Path, *named: str, given: str) -> None:
    for each in named:
        result = CliRunner(env={"RUTHAN_SHOP_TOKENS": str(folder / TOKENS)}).invoke(
            crawl, ["--authorize", each], input=f"{given}\n"
        )
        assert result.exit_code == 0, result.output
        assert given.rpartition("=")[2] not in result.output
    assert stat.S_IMODE((folder / TOKENS).stat().st_mode) == 0o600


def authorize_own(folder: Path) -> None:
    authorize(folder, f"lazada:{lazada.SELLER}", given=BACK + lazada.CODE)
    authorize(folder, f"tiktok_shop:{tiktok_shop.SHOP}", given=tiktok_shop.CODE)


def assert_tight(folder: Path, ran: Ran) -> None:
    """Nothing that the run left or said holds a secret; the file of the tokens is its owner's alone."""
    kept = (folder / TOKENS).read_text()
    assert stat.S_IMODE((folder / TOKENS).stat().st_mode) == 0o600
    assert leaks(ran) == []
    granted(folder, json.loads(kept))


def test_a_code_opens_its_shop_once(tmp_path: Path) -> None:
    with platforms() as (a, b, c, _, env):
        authorize_own(tmp_path)
        authorize(tmp_path, f"shopee:{shopee.EMPTY_SHOP}", given=shopee.CODE)
        authorize(tmp_path, f"lazada:{OTHER_SELLER}", f"tiktok_shop:{OTHER_SHOP}", given=WRONG_CODE)
        metrics = {"RUTHAN_CRAWL_METRICS_FILE": "crawl.prom"}
        first = run_plan(tmp_path, {"sources": SOURCES}, **env, **metrics)
        assert (a.times["code"], b.times["code"], c.times["code"]) == (1, 1, 1)
        assert {x.title for x in first.listings} == {"เซรั่มหน้าใส", "คอลลาเจนผิวขาว", "วิตามินรวม"}, first.err
        for source, shop, token in (
            ("shopee", shopee.EMPTY_SHOP, shopee.ACCESS[1]),
            ("lazada", lazada.SELLER, lazada.ACCESS[1]),
            ("tiktok_shop", tiktok_shop.SHOP, tiktok_shop.ACCESS[1]),
        ):
            grant = kept_grant(tmp_path, source, shop)
            assert (grant["code"], grant["access_token"]) == ("", token)
            assert grant["expires_at"] > 0
        wrong = "no new token: the code was not taken ({}, request {})); a code lasts some minutes and is taken once"
        told = wrong.format("Invalid authorization code (InvalidCode", lazada.REQUEST_ID)
        assert f"cannot crawl Lazada shop {OTHER_SELLER}: {told}" in first.err
        assert f"then: ruthan crawl --authorize lazada:{OTHER_SELLER}" in first.err
        told = wrong.format("invalid auth code (36004004", "2026fict")
        assert f"cannot crawl TikTok Shop shop {OTHER_SHOP}: {told}" in first.err
        assert_tight(tmp_path, first)
        # The list was cut by the plan, which is said in summary, log and counters.
        assert (
            f"not wholly read: Lazada shop {lazada.SELLER}: 1 pages were read and the list goes on"
            in first.err
        )
        assert "1 not wholly read" in next(x for x in first.out.splitlines() if x.startswith("lazada: "))
        assert "not wholly read: Lazada shop" in (tmp_path / "out" / "crawl.log").read_text(encoding="utf-8")
        counters = (tmp_path / "crawl.prom").read_text(encoding="utf-8")
        assert 'ruthan_crawl_cut_short_total{source="lazada"} 1.0' in counters

        authorize_own(tmp_path)  # with codes that were taken
        second = run_plan(tmp_path, {"sources": ONLY_OWN}, **env)
        assert a.times["code"] == 1
    assert second.status == 1
    assert "Shopee" not in first.err + second.err  # it is empty, and open by the tokens that were kept
    assert second.err.count("the code was not taken") == 2
    assert f"then: ruthan crawl --authorize tiktok_shop:{tiktok_shop.SHOP}" in second.err
    assert_tight(tmp_path, second)
