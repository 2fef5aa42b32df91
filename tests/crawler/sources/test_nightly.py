"""The nightly path: a plan with five different sources, crawled, assessed and queued; then once more, when one
listing has changed, one is gone and one is new."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.store import Store, open_store
from service.store.index.finding import QueueFilter
from tests.helpers.forked import RUTHAN, run

from ..servers import boards, shops, x, youtube
from ..servers.base import Answer, Asked, Platform, serving
from ..servers.running import ROOT, Ran, run_plan

pytestmark = pytest.mark.slow


@dataclass
class Night:
    """What the platforms show tonight."""

    second: bool = False

    def shopify(self, platform: Platform, asked: Asked) -> Answer:
        if asked.path == "/robots.txt":
            return Answer("User-agent: *\nDisallow: /cart\n", headers=shops.TEXT)
        if asked.query.get("page") != "1":
            return Answer({"products": []})
        first = shops.shopify_product(1, "แคปซูลเพรียวไว", "<p>ลดพุง 10 กิโลใน 7 วัน ไม่โยโย่</p>")
        changed = shops.shopify_product(
            2, "ชาสมุนไพร", "<p>รักษาเบาหวานหายขาด</p>" if self.second else "<p>หอมชื่นใจ</p>"
        )
        third = shops.shopify_product(3, "สบู่ของคืนแรก", "<p>ก้อนละหนึ่งขีด</p>")
        new = shops.shopify_product(4, "ครีมของคืนที่สอง", "<p>หน้าขาวถาวรใน 3 วัน</p>")
        return Answer({"products": [first, changed, new if self.second else third]})


@dataclass
class Nights:
    first: Ran
    second: Ran
    store: Store
    counts: list[int]

    def shopify(self) -> dict[str, str]:
        return {
            x.title or "": x.description
            for x in self.store.listings.page(limit=200).rows
            if "/products/" in (x.url or "")
        }


def assess(folder: Path) -> None:
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("RUTHAN_CRAWL")},
        "PYTHONPATH": str(ROOT),
    }
    args = ("worker", "--once", "--database", "sqlite:///var/ruthan.db")
    status, _, errors = run(RUTHAN, *args, folder=folder, env=env)
    assert status == 0, errors


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    folder = tmp_path_factory.mktemp("nightly")
    night = Night()
    with ExitStack() as stack:
        shop = stack.enter_context(serving(night.shopify))
        forum = stack.enter_context(boards.serving_forum())
        tube = stack.enter_context(youtube.serving_youtube())
        posts = stack.enter_context(x.serving_x())
        inbox = folder / "inbox"
        inbox.mkdir()
        (inbox / "export.csv").write_text(
            "title,description,price\nน้ำหยด,ล้างไตให้สะอาด,250\n", encoding="utf-8"
        )
        plan = {
            "sources": [
                {"source": "shopify", "shops": [shop.url]},
                {"source": "forum", "urls": [f"{forum.url}/forum/health"]},
                {"source": "youtube", "channels": ["@demo"]},
                {"source": "x", "terms": ["ยา"]},
                {"source": "files", "folder": "inbox"},
            ]
        }
        env = {
            "RUTHAN_YOUTUBE_KEY": youtube.KEY,
            "RUTHAN_YOUTUBE_API_URL": tube.url,
            "RUTHAN_X_TOKEN": x.TOKEN,
            "RUTHAN_X_API_URL": posts.url,
        }
        counts = []
        first = run_plan(folder, plan, **env)
        for number in (1, 2):
            second = first if number == 1 else run_plan(folder, plan, **env)
            assess(folder)
            with open_store(f"sqlite:///{folder / 'var' / 'ruthan.db'}") as store:
                counts.append(store.reviews.how_many(QueueFilter()).number)
            night.second = True
        with open_store(f"sqlite:///{folder / 'var' / 'ruthan.db'}") as store:
            yield Nights(first, second, store, counts)


def test_five_sources_are_crawled_assessed_and_queued(nights: Nights) -> None:
    assert nights.first.status == nights.second.status == 0, nights.first.err + nights.second.err
    first = nights.first.out
    assert "5 sources: " in first
    for source, listings in {"shopify": 3, "forum": 2, "youtube": 2, "x": 2, "files": 1}.items():
        assert f"{source}: " in first
        assert f"{listings} listings" in next(
            line for line in first.splitlines() if line.startswith(f"{source}: ")
        )
    assert nights.counts[0] == 10


def test_the_second_night_adds_what_is_new_and_keeps_what_was(nights: Nights) -> None:
    assert nights.counts[1] == 11
    assert set(nights.shopify()) == {"แคปซูลเพรียวไว", "ชาสมุนไพร", "สบู่ของคืนแรก", "ครีมของคืนที่สอง"}
    assert nights.shopify()["ชาสมุนไพร"].startswith("รักษาเบาหวานหายขาด")
    rows = {row.title: row for row in nights.store.listings.page(limit=200).rows}
    old = nights.store.listings.versions(rows["ชาสมุนไพร"].id)
    assert len(old) == 1
    assert nights.store.listings.versions(rows["แคปซูลเพรียวไว"].id) == []
    gone, seen = rows["สบู่ของคืนแรก"], rows["แคปซูลเพรียวไว"]
    assert gone.last_seen < seen.last_seen
