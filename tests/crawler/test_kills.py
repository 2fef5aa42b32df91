"""A crawl, or one of three, is killed at any time: nothing is lost or duplicated."""

import json
import os
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from crawler.evidence.verification import Fault, verify_folder
from service.store import open_store

from .loopback import Handler, kill, running, start, until
from .test_commands import html, links, product

pytestmark = [pytest.mark.slow(20), pytest.mark.attack]

KILLS = int(os.environ.get("RUTHAN_TEST_ROUNDS", "3"))
"""Of one crawl; `make attack` sets more."""


def shop(products: int, per_page: int, seconds: float):  # type: ignore[no-untyped-def]
    """A shop of category pages that link to products and to the next page, each answer some time off."""
    pages = -(-products // per_page)
    found = {"/": html("<h1>ร้าน</h1>" + links("/category/1"))}
    for page in range(1, pages + 1):
        names = range((page - 1) * per_page, min(page * per_page, products))
        following = f'<a rel="next" href="/category/{page + 1}">ถัดไป</a>' if page < pages else ""
        found[f"/category/{page}"] = html(
            "<h1>ชา</h1>" + links(*(f"/product/{n}" for n in names)) + following
        )
    found |= {f"/product/{n}": product(f"ชา {n}") for n in range(products)}

    def answer(handler: Handler) -> None:
        time.sleep(seconds)
        page = found.get(handler.path)
        handler.send(page.body if page else b"", 200 if page else 404)

    return answer


def store_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'var' / 'ruthan.db'}"


def check_all_there(folder: Path, evidence: Path, products: int) -> None:
    """Every product once in the store, with evidence that is sound to its last whole record."""
    with open_store(store_of(folder)) as store:
        rows = store.listings.page(limit=products * 2).rows
        titles = Counter(row.title for row in rows)
        assert titles == {f"ชา {n}": 1 for n in range(products)}
        assert all(row.version == 1 for row in rows)
        report = verify_folder(evidence, store.captures)
    assert report.sound, report.findings
    assert {finding.fault for finding in report.findings} <= {Fault.TORN}
    assert report.captures >= products


def test_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    products = 15 * KILLS
    args = ("--out", "out", "--job", "job")
    random.seed(5)
    with running(shop(products, 12, 0.02)) as site:
        for _ in range(KILLS):
            before = len(site.paths("/product/"))
            process = start(tmp_path, site.url, *args)
            wanted = random.randint(4, 9)
            until(lambda: len(site.paths("/product/")) >= before + wanted)  # noqa: B023
            time.sleep(random.random() * 0.05)
            assert process.poll() is None, "it ended before it was killed"
            kill(process)
        last = start(tmp_path, site.url, *args)
        _, errors = last.communicate(timeout=300)
        assert last.returncode == 0, errors
        fetched = Counter(site.paths("/product/"))
    check_all_there(tmp_path, tmp_path / "out" / "evidence", products)
    lines = []
    for line in (tmp_path / "out" / "listings.jsonl").read_bytes().splitlines():
        try:
            lines.append(json.loads(line)["id"])
        except ValueError:
            continue  # torn by a kill; the listing was written again behind it
    assert len(lines) == len(set(lines)) == products
    # Only requests in progress at a kill are repeated: four, and the pages being parsed.
    assert sum(count - 1 for count in fetched.values()) <= 12 * KILLS
    again = start(tmp_path, site.url, *args)
    assert again.wait(120) != 0  # the server is gone: the start page is an error, and the rest is done
    again.communicate()


@pytest.mark.needs_redis
def test_three_processes_share_a_frontier_and_one_is_killed(tmp_path: Path, redis_url: str) -> None:
    products = 240
    env = {
        "RUTHAN_CRAWL_REDIS_URL": redis_url,
        "RUTHAN_CRAWL_FRONTIER": "nightly-2026-11-27",
        "RUTHAN_CRAWL_LEASE": "4",
        "RUTHAN_CRAWL_CONCURRENCY": "2",
    }

    def agent(number: int) -> str:
        return f"https://crawler.example/{number}"

    with running(shop(products, 24, 0.25)) as site:
        processes = [
            start(tmp_path, site.url, **env, RUTHAN_CRAWL_ABOUT_URL=agent(number)) for number in range(3)
        ]

        def share(number: int) -> list[str]:
            return [p for p, who in list(site.asked) if agent(number) in who and p.startswith("/product/")]

        until(lambda: all(share(number) for number in range(3)))
        kill(processes[0])
        results = [process.communicate(timeout=300) for process in processes[1:]]
        assert [process.returncode for process in processes[1:]] == [0, 0], results
        shares = [share(number) for number in range(3)]
        pages = Counter(path for path in site.paths() if not path.startswith(("/robots", "/sitemap")))
    check_all_there(tmp_path, tmp_path / "var" / "evidence", products)
    twice = {path for path, count in pages.items() if count > 1}
    assert all(count <= 2 for count in pages.values())
    # No page is fetched twice, but for those that the killed process had under way.
    assert len(twice) <= 8
    assert twice <= set(shares[0]) | {p for p in pages if p.startswith(("/category", "/"))} - {"/"}
    assert not set(shares[1]) & set(shares[2])
    assert all(len(each) > 5 for each in shares[1:])
