"""A source that brings too little, dries up or hangs is named."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from crawler.expected import Expected, holds, unmet
from crawler.middleware.monitor import COMPARED, Run, dried_up
from labels.schema import Listing

from ..loopback import Handler, running, start, until
from ..servers.running import run_plan
from ..test_commands import html, links, product, serving

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({}, []),
        ({"listings": 10, "numbers": 4, "pictures": "80%"}, []),
        ({"listings": 11}, ["10 listings, at least 11 are expected"]),
        ({"pictures": "81%"}, ["8 listings with pictures, at least 81% are expected"]),
        (
            {"numbers": 5, "sellers": 1},
            [
                "4 listings with numbers, at least 5 are expected",
                "0 listings with sellers, at least 1 are expected",
            ],
        ),
    ],
)
def test_what_a_run_did_not_bring_is_said(expected: dict[str, Any], said: list[str]) -> None:
    assert unmet(Expected.model_validate(expected), 10, {"numbers": 4, "pictures": 8}) == said


@pytest.mark.parametrize(
    "wrong", [{"listings": 0}, {"pictures": "many"}, {"pictures": "101%"}, {"reviews": 3}]
)
def test_an_expectation_that_says_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Expected.model_validate(wrong)


def test_what_a_listing_has() -> None:
    full = Listing(
        id="1",
        description="อย. ๑๐-๑-๐๐๐๐๐-๕-๐๐๐๑",
        price="5",
        seller="ร้าน",
        images=["https://a.example/1.jpg"],
    )
    assert holds(full) == {"numbers", "pictures", "prices", "sellers"}
    assert holds(Listing(id="2", description="โทร 081-000-0000")) == set()


def runs(counts: list[int]) -> list[Run]:
    return [
        Run(
            source="shop",
            at=AT + timedelta(days=n),
            reason="finished",
            pages=9,
            listings=x,
            errors=0,
            filled={},
        )
        for n, x in enumerate(counts)
    ]


def test_a_source_that_dries_up_slowly_is_named_though_each_run_is_like_the_last() -> None:
    slowly = runs([round(100 * 0.95**n) for n in range(20)])
    (said,) = dried_up(slowly[-1], slowly[:-1])
    assert said == "shop dries up: 38 listings; 86 were usual up to 2026-11-07"
    assert dried_up(runs([100])[0], runs([100] * 20)) == []
    assert dried_up(runs([10])[0], runs([100] * (2 * COMPARED - 1))) == []


@pytest.mark.slow
def test_a_plan_that_expects_more_than_comes_fails_and_says_what(tmp_path: Path) -> None:
    pages = {
        "/": html("<h1>ร้าน</h1>" + links("/product/a", "/product/b")),
        "/product/a": product("ชา a"),
        "/product/b": product("ชา b"),
    }
    with serving(pages) as shop:
        source = {"source": "shop", "name": "tea", "urls": [shop.url]}
        met = run_plan(tmp_path, {"sources": [{**source, "expect": {"listings": 2, "prices": "100%"}}]})
        assert met.status == 0, met.err
        short = run_plan(tmp_path, {"sources": [{**source, "expect": {"listings": 3, "pictures": 1}}]})
        spent, rest = (
            run_plan(tmp_path, {"sources": [{**source, "budget": 1, "expect": {"listings": 3}}]})
            for _ in range(2)
        )
        cut = run_plan(tmp_path, {"sources": [{**source, "max_pages": 1, "expect": {"listings": 3}}]})
    assert short.status == 1
    assert "error: tea brought 2 listings, at least 3 are expected" in short.err
    assert "error: tea brought 0 listings with pictures, at least 1 are expected" in short.err
    assert "listings, at least 3 are expected" in cut.err, "the page limit is no excuse"
    assert cut.status == 1
    assert "listings, at least 3 are expected" in spent.err
    assert "expected" not in rest.err, "the first run took the budget of the day"


@pytest.mark.slow(20)
@pytest.mark.needs_redis
def test_processes_that_share_a_source_are_judged_together(tmp_path: Path, redis_url: str) -> None:
    names = [f"/product/{n}" for n in range(24)]
    before = 0

    def askers() -> int:
        """How many processes of this round have asked for a product."""
        return len({who for path, who in list(site.asked)[before:] if path in names})

    def answer(handler: Handler) -> None:
        if handler.path == "/":
            handler.send(html("<h1>ร้าน</h1>" + links(*names)).body)
        elif handler.path in names:
            until(lambda: askers() == 2)
            handler.send(product(f"ชา {handler.path}").body)
        else:
            handler.send(b"", 404)

    def ended(least: int) -> list[tuple[int, str]]:
        nonlocal before
        before = len(site.asked)
        source = {"source": "shop", "name": "tea", "urls": [site.url], "expect": {"listings": least}}
        folders = [tmp_path / f"{least}-{n}" for n in range(2)]
        for folder in folders:
            folder.mkdir()
            (folder / "plan.yaml").write_text(json.dumps({"sources": [source]}), encoding="utf-8")
        env = {
            "RUTHAN_CRAWL_REDIS_URL": redis_url,
            "RUTHAN_CRAWL_FRONTIER": f"at-least-{least}",
            "RUTHAN_CRAWL_CONCURRENCY": "2",
            "RUTHAN_CRAWL_TIMEOUT": "90",
        }
        args = ("--plan", "plan.yaml", "--out", "out")
        processes = [
            start(folder, *args, **env, RUTHAN_CRAWL_ABOUT_URL=f"https://crawler.example/{folder.name}")
            for folder in folders
        ]
        said = [process.communicate(timeout=180) for process in processes]
        shares = [len((x / "out" / "listings.jsonl").read_text("utf-8").splitlines()) for x in folders]
        assert sum(shares) == len(names), said
        assert all(0 < share < len(names) for share in shares)
        return [(process.wait(), errors) for process, (_, errors) in zip(processes, said, strict=True)]

    with running(answer) as site:
        assert [status for status, _ in ended(24)] == [0, 0]
        short = sorted(ended(25))
    assert [status for status, _ in short] == [0, 1]
    assert "error: tea brought 24 listings, at least 25 are expected" in short[1][1]


@pytest.mark.slow
def test_a_crawl_from_which_nothing_comes_ends_and_says_so(tmp_path: Path) -> None:
    def answer(handler: Handler) -> None:
        if handler.path == "/":
            handler.send(html("<h1>ร้าน</h1>" + links("/product/silent")).body)
        elif handler.path == "/product/silent":
            time.sleep(20)
        else:
            handler.send(b"", 404)

    env = {"RUTHAN_CRAWL_STUCK": "2", "RUTHAN_CRAWL_LONGEST_WAIT": "0", "RUTHAN_CRAWL_TIMEOUT": "9"}
    with running(answer) as site:
        process = start(tmp_path, site.url, **env)
        output, errors = process.communicate(timeout=90)
    assert process.returncode == 1, output + errors
    assert "nothing came any more" in errors
    runs_file = (tmp_path / "var" / "crawl-runs.jsonl").read_text(encoding="utf-8")
    assert "was broken off: stuck" in runs_file
