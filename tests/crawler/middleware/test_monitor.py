from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.middleware.monitor import FIELDS, PAGE_LIMIT, Run, comparable, dried_up, read_runs, warnings
from crawler.site import site_of

from ..test_commands import Page, crawl, html, links, product, serving

ALL = dict.fromkeys(FIELDS, 1.0)


def run(listings: int = 100, reason: str = "finished", **filled: float) -> Run:
    return Run(
        source="shop", at=datetime(2026, 11, 24, tzinfo=UTC), reason=reason, pages=120, listings=listings, errors=3,
        filled={**ALL, **filled} if listings else {},
    )  # fmt: skip


USUAL = [run(90), run(100), run(110)]


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (run(95), USUAL, []),
        (run(0), USUAL, ["shop returned nothing: 120 pages, 3 errors; the last runs brought 100"]),
        (run(0), [], ["shop returned nothing: 120 pages, 3 errors"]),
        (run(49), USUAL, ["shop returned 49 listings; 100 are usual"]),
        (run(51), USUAL, []),
        (run(20, PAGE_LIMIT), USUAL, ["shop returned 20 listings; 100 are usual"]),
        (run(20, "daily_budget"), USUAL, ["shop returned 20 listings; 100 are usual"]),
        (run(20, "daily_budget, the rest of a day"), USUAL, []),
        (run(49), USUAL[:2], []),
        (run(100, seller=0.75), USUAL, []),
        (
            run(100, seller=0.1, price=0.6),
            USUAL,
            [
                "shop: price is filled in 60% of the listings; 100% is usual. The site may have changed its pages",
                "shop: seller is filled in 10% of the listings; 100% is usual. The site may have changed its pages",
            ],
        ),
        (run(100, seller=0.0), [run(100, seller=0.0)] * 3, []),
        (run(2, seller=0.0), [run(2), run(2), run(3)], []),
    ],
)
def test_a_run_is_compared_with_the_last_ones(now: Run, before: list[Run], said: list[str]) -> None:
    assert warnings(now, before) == said


def test_one_odd_run_does_not_change_what_is_usual() -> None:
    assert warnings(run(40), [run(100), run(1), run(100), run(100)]) != []


def test_a_run_is_compared_with_those_that_ended_alike() -> None:
    finished, limited, part = run(100), run(40, PAGE_LIMIT), run(3, "shutdown")
    larger = limited.model_copy(update={"pages": 500})
    earlier = [finished, limited, part, larger]
    assert comparable(run(1, PAGE_LIMIT), earlier) == [limited]
    assert comparable(run(1), earlier) == comparable(run(0, "shutdown"), earlier) == [finished]


def test_a_source_that_reaches_its_page_limit_can_dry_up() -> None:
    before = [run(100, PAGE_LIMIT)] * 7 + [run(20, PAGE_LIMIT)] * 7
    (said,) = dried_up(run(20, PAGE_LIMIT), before)
    assert said.startswith("shop dries up: 20 listings; 100 were usual")


def test_torn_lines_and_other_sources_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    lines = [run(n).model_dump_json() for n in range(1, 10)]
    other = run(5).model_copy(update={"source": "other"}).model_dump_json()
    path.write_text("\n".join([*lines, other, lines[0][:40]]), encoding="utf-8")
    assert [x.listings for x in read_runs(path, "shop")] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert read_runs(tmp_path / "none", "shop") == []


def test_a_shop_is_not_compared_with_another_shop(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    of_a, of_b = (
        run(n).model_copy(update={"sites": [site]}) for n, site in ((12, "a.example"), (5, "b.example"))
    )
    old = run(100).model_dump_json(exclude={"sites"})  # as they were before sites were recorded
    path.write_text("\n".join([old, of_a.model_dump_json(), of_b.model_dump_json()]), encoding="utf-8")
    assert read_runs(path, "shop", ["b.example"]) == [of_b]
    assert [x.listings for x in read_runs(path, "shop")] == [100]


def test_a_warning_names_the_sites() -> None:
    sites = ["a.example", "b.example", "c.example", "d.example"]
    assert [run().model_copy(update={"sites": sites[:n]}).name for n in (0, 1, 4)] == [
        "shop",
        "shop a.example",
        "shop a.example, b.example, c.example and 1 more",
    ]


@pytest.mark.slow
def test_a_shop_that_loses_its_prices_and_then_everything(tmp_path: Path) -> None:
    names = [f"/product/{n}" for n in range(6)]
    pages = {"/": html("<h1>ร้าน</h1>" + links(*names)), **{x: product(f"ชา {x}") for x in names}}
    metrics = tmp_path / "crawl.prom"
    with serving(pages) as shop:
        for _ in range(3):
            assert "is usual" not in crawl(tmp_path, shop.url).stderr
        with serving({"/": html("<h1>ร้านอื่น</h1>")}) as other:
            stranger = crawl(tmp_path, other.url)
        assert f"warning: shop {site_of(other.url)} returned nothing: 1 pages, 0 errors\n" in stranger.stderr
        for name in names:
            pages[name] = Page(pages[name].body.replace(b'"price": "10"', b'"x": "10"'))
        crawl(tmp_path, shop.url, RUTHAN_CRAWL_METRICS_FILE=str(metrics))
        log = (tmp_path / "var" / "crawl.log").read_text(encoding="utf-8")
        assert "price is filled in 0% of the listings; 100% is usual" in log
        shown = metrics.read_text()
        assert 'ruthan_crawl_listings_total{source="shop"} 6.0' in shown
        assert 'ruthan_crawl_unchanged_total{source="shop"} 6.0' in shown
        assert 'ruthan_crawl_responses_total{source="shop",status="2xx"} 7.0' in shown
        assert 'ruthan_crawl_ended_seconds{source="shop"}' in shown
        for name in names:
            pages[name] = html("<h1>ปิดปรับปรุง</h1>")
        nothing = crawl(tmp_path, shop.url)
    assert "returned nothing" in (tmp_path / "var" / "crawl.log").read_text(encoding="utf-8")
    assert f"warning: shop {site_of(shop.url)} returned nothing" in nothing.stderr
    assert "the last runs brought 6" in nothing.stderr
