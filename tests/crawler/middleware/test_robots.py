"""robots.txt is obeyed on every host, also one that holds only pictures, and where it cannot be read."""

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.settings import Settings

from crawler.evidence.screenshots import RESOURCE
from crawler.middleware import robots
from crawler.middleware.guard import AddressGuard
from crawler.middleware.limits import BudgetSpent
from crawler.middleware.robots import RobotsRules, RobotsUnavailable

from ..evidence.test_pictures import image
from ..evidence.test_pictures import product as product_with
from ..loopback import Handler, running
from ..test_commands import Page, crawl, links, product, serving

FORBIDDING = Page(b"User-agent: *\nDisallow: /\n", headers={"Content-Type": "text/plain"})


@pytest.mark.slow
def test_pictures_of_another_host_obey_its_rules(tmp_path: Path) -> None:
    with (
        serving({"/a.png": image(40), "/robots.txt": FORBIDDING}) as closed,
        serving({"/b.png": image(50), "/robots.txt": Page(b"", 404)}) as free,
    ):
        pages = {"/": product_with("ชาขิง", f"{closed.url}/a.png", f"{free.url}/b.png")}
        with serving(pages) as shop:
            result = crawl(tmp_path, shop.url, RUTHAN_CRAWL_PICTURES="true")
    assert result.returncode == 0, result.stderr
    assert closed.asked == ["/robots.txt"]
    assert free.asked == ["/robots.txt", "/b.png"]


@pytest.mark.slow
def test_nothing_is_fetched_where_the_rules_cannot_be_read(tmp_path: Path) -> None:
    pages = {"/": product("ชาขิง"), "/robots.txt": Page(b"", 503)}
    with serving(pages) as shop:
        result = crawl(tmp_path, shop.url)
    assert result.returncode == 1
    assert set(shop.asked) == {"/robots.txt"}
    assert "robots.txt answered HTTP 503: nothing is fetched until it can be read" in result.stderr


@pytest.mark.slow
def test_the_rules_hold_for_pages_that_wait_for_them(tmp_path: Path) -> None:
    def answer(handler: Handler) -> None:
        if handler.path == "/robots.txt":
            time.sleep(0.3)
            handler.send(b"User-agent: *\nDisallow: /private\n")
        else:
            handler.send(product("ชาขิง", links("/private/d")).body)

    with running(answer) as site:
        named = [f"{site.url}/private/{name}" for name in "abc"]
        crawl(tmp_path, site.url, *named)
    assert site.paths("/private") == []


def rules(*answers: Any) -> tuple[RobotsRules, list[str]]:
    """The middleware with these answers to its requests in order, and the addresses that it requests."""
    asked: list[str] = []
    left = iter(answers)

    async def download(request: Request) -> Response:
        asked.append(request.url)
        AddressGuard(crawler).process_request(request)
        await asyncio.sleep(0.01)
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return Response(request.url, **answer)

    settings = Settings({"ROBOTSTXT_OBEY": True, "ROBOTSTXT_USER_AGENT": "Ruthan"})
    spider = SimpleNamespace(sites={"shop.example"})
    engine = SimpleNamespace(download_async=download)
    stats = SimpleNamespace(inc_value=lambda name: None)
    crawler: Any = SimpleNamespace(settings=settings, spider=spider, engine=engine, stats=stats)
    return RobotsRules(crawler), asked


def picture(url: str = "https://cdn.example/a.png") -> Request:
    return Request(url, meta={RESOURCE: True})


@pytest.mark.parametrize("status", [200, 404, 403])
def test_only_an_answer_with_status_200_has_rules(status: int) -> None:
    middleware, asked = rules({"status": status, "body": b"User-agent: *\nDisallow: /a.png\n"})
    if status == 200:
        with pytest.raises(IgnoreRequest, match="Forbidden"):
            asyncio.run(middleware.process_request(picture()))
    else:
        asyncio.run(middleware.process_request(picture()))
    assert asked == ["https://cdn.example/robots.txt"]


def test_a_failure_holds_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    middleware, asked = rules({"status": 500}, ConnectionError("refused"), {"status": 200, "body": b""})

    async def ask() -> None:
        for _ in range(2):
            with pytest.raises(RobotsUnavailable):
                await middleware.process_request(picture())
        assert len(asked) == 1
        monkeypatch.setattr(robots, "_AGAIN_AFTER", -1.0)
        with pytest.raises(ConnectionError):
            await middleware.process_request(picture())
        await middleware.process_request(picture())
        await middleware.process_request(picture())

    asyncio.run(ask())
    assert len(asked) == 3


def test_the_rules_outlive_the_picture_that_asked_for_them() -> None:
    middleware, asked = rules({"status": 200, "body": b"User-agent: *\nDisallow: /\n"})

    async def ask() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await middleware.process_request(picture())
        waiting = [middleware.process_request(picture()) for _ in range(3)]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(x) for x in found] == [IgnoreRequest] * 3

    asyncio.run(ask())
    assert len(asked) == 1


def test_a_page_whose_rules_the_budget_holds_back_is_left_to_the_budget() -> None:
    middleware, _ = rules(BudgetSpent("spent"))
    asyncio.run(middleware.process_request(picture()))


def test_only_robots_txt_may_be_on_another_site() -> None:
    crawler: Any = SimpleNamespace(settings=Settings(), spider=SimpleNamespace(sites={"shop.example"}))
    guard, exempt = AddressGuard(crawler), {"dont_obey_robotstxt": True}
    moved = {**exempt, "redirect_urls": ["https://cdn.example/robots.txt"]}
    guard.process_request(Request("https://cdn.example/robots.txt", meta=exempt))
    guard.process_request(Request("https://www.cdn.example/rules.txt", meta=moved))
    for url, meta in (
        ("https://cdn.example/robots.txt", {}),
        ("https://cdn.example/x", exempt),
        ("https://10.0.0.1/robots.txt", exempt),
    ):
        with pytest.raises(IgnoreRequest):
            guard.process_request(Request(url, meta=meta))
