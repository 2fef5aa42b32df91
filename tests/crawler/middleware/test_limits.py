from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.middleware.limits import Ledger, stopped_by

from ..servers import youtube
from ..servers.running import run_plan

THAI = "%E0%B8%AA%E0%B8%B4%E0%B8%99%E0%B8%84%E0%B9%89%E0%B8%B2"


def test_the_ledger_grants_what_is_left_and_forgets_yesterday(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "budget.json")
    assert ledger.take("a", 10, 15) == 10
    assert ledger.take("a", 10, 15) == 5
    assert ledger.take("a", 10, 15) == 0
    assert ledger.take("b", 10, 15) == 10
    ledger.give_back("a", 3)
    assert Ledger(tmp_path / "budget.json").spent("a") == 12
    path = tmp_path / "budget.json"
    path.write_text(path.read_text().replace('"day": "2', '"day": "1'))
    assert ledger.spent("a") == 0
    path.write_text("torn {")
    assert ledger.take("a", 4, 15) == 4


def test_no_amount_is_granted_twice(tmp_path: Path) -> None:
    ledgers = [Ledger(tmp_path / "budget.json") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        granted = list(pool.map(lambda n: ledgers[n % 4].take("a", 7, 100), range(40)))
    assert sum(granted) == 100


@pytest.mark.parametrize(
    ("entry", "name", "stopped"),
    [
        ("shop.example", "https://shop.example/x", True),
        ("shop.example", "https://www.shop.example/", True),
        ("shop.example", "https://notshop.example/", False),
        ("https://shop.example/a", "https://shop.example/a/b", True),
        ("https://shop.example/a", "https://shop.example/ab", False),
        ("https://shop.example/a", "https://shop.example/a?x=1", True),
        ("@Demo.Page", "demo.page", True),
        ("demo", "demo.page", False),
        ("demo", None, False),
        ("https://shop.example/สินค้า", f"https://shop.example/{THAI}", True),
        ("https://shop.example/สินค้า", f"https://shop.example/{THAI.lower()}/ก?x=1", True),
        ("https://shop.example/สินค้า", f"https://shop.example/{THAI}ก", False),
        (f"https://shop.example/{THAI}", "https://shop.example/สินค้า", True),
        ("http://shop.example/a/", "https://shop.example/a", True),
        ("https://shop.example/", "http://shop.example/x", True),
        ("https://shop.example:443/a", "https://shop.example/a#top", True),
        ("https://shop.example:8443/a", "https://shop.example/a", False),
        ("https://shop.example/a?id=5", "https://shop.example/a?id=5&utm_source=x", True),
        ("https://ร้าน.ไทย/a", "https://xn--q3ct9b5e.xn--o3cw4h/a", True),
        ("ร้าน.ไทย", "https://www.xn--q3ct9b5e.xn--o3cw4h/a", True),
        ("xn--q3ct9b5e.xn--o3cw4h", "https://ร้าน.ไทย/", True),
        ("shop.example/", "https://shop.example/x", True),
        ("Shop.Example", "https://shop.example./x", True),
        ("@ร้านสมุนไพร", "ร้านสมุนไพร", True),
        ("ร้าน สมุนไพร", "https://shop.example/", False),
    ],
)
def test_the_stop_list(entry: str, name: str | None, stopped: bool) -> None:
    assert bool(stopped_by([entry], name)) is stopped


@pytest.mark.slow
def test_a_source_ends_when_its_budget_of_the_day_is_spent(tmp_path: Path) -> None:
    plan = {"sources": [{"source": "youtube", "terms": ["ล้างตับ"], "videos": ["vid00000002"], "budget": 101}]}
    with youtube.serving_youtube() as platform:
        env = {"RUTHAN_YOUTUBE_KEY": youtube.KEY, "RUTHAN_YOUTUBE_API_URL": platform.url}
        first = run_plan(tmp_path, plan, **env)
        asked = len(platform.asked)
        second = run_plan(tmp_path, plan, **env)
        assert len(platform.asked) == asked
    # A search costs 100 units and a look at videos 1.
    assert asked == 2
    assert first.status == second.status == 0
    assert "its budget of the day is spent" in first.out
    assert "held back" in second.out
    assert Ledger(tmp_path / "out" / "crawl-budget.json").spent("youtube") == 101
