"""Full-page screenshots of listings, rendered from the page in the evidence.

The browser shows the body as fetched and runs no script. It cannot reach the network: images, styles and
fonts come through the crawler's downloader, with the same address checks, robots.txt rules and size limits.
"""

import asyncio
import logging
import os
import shutil
from collections import OrderedDict
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future

log = logging.getLogger(__name__)

RESOURCE: Final = "ruthan_resource"
"""Meta key of a request for a page's resource, which may be on another site."""
PNG: Final = "image/png"
_WANTED: Final = frozenset({"image", "stylesheet", "font"})
_MOST: Final = 60
_WIDTH, _HEIGHT, _LONGEST = 1280, 800, 20_000
_SECONDS: Final = 30.0
_HOPS: Final = 3
_KEPT: Final = 200
_KEPT_BYTES: Final = 500_000


class Photographer:
    """One browser per run, started for the first screenshot; takes one screenshot at a time."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._one_at_a_time = asyncio.Lock()
        self._playwright: Any = None
        self._browser: Any = None
        self._seen: OrderedDict[str, Response] = OrderedDict()
        """Cache of styles and logos that many pages share."""

    async def picture(self, url: str, body: bytes, content_type: str) -> bytes | None:
        """Return a PNG of the page, or ``None`` if that fails; the reason is logged."""
        async with self._one_at_a_time:
            try:
                return await asyncio.wait_for(self._picture(url, body, content_type), 3 * _SECONDS)
            except Exception as error:
                # Whatever the browser's error, the listing is worth more than its screenshot.
                log.warning(
                    "no screenshot of %s: %s", url, str(error).splitlines()[0] if str(error) else error
                )
                return None

    async def close(self) -> None:
        """Close the browser."""
        if self._browser is not None:
            await self._browser.close()
            await self._playwright.stop()
            self._browser = self._playwright = None

    async def _picture(self, url: str, body: bytes, content_type: str) -> bytes:
        browser = await self._started()
        context = await browser.new_context(
            java_script_enabled=False,
            service_workers="block",
            accept_downloads=False,
            locale="th-TH",
            viewport={"width": _WIDTH, "height": _HEIGHT},
        )
        try:
            page = await context.new_page()
            shown = _Shown(self, url, body, content_type)
            await context.route("**/*", shown.answer)
            try:
                await page.goto(url, wait_until="load", timeout=1000 * _SECONDS)
            except Exception as error:
                if "Timeout" not in type(error).__name__:
                    raise
                log.info("screenshot of %s taken before all its pictures had loaded", url)
            clip = {"x": 0, "y": 0, "width": _WIDTH, "height": _LONGEST}
            taken: bytes = await page.screenshot(full_page=True, clip=clip, timeout=1000 * _SECONDS)
            return taken
        finally:
            await context.close()

    async def _started(self) -> Any:
        if self._browser is None:
            from playwright.async_api import async_playwright  # noqa: PLC0415 (only where pictures are wanted)

            program = chromium()
            if program is None:
                raise FileNotFoundError(
                    "no chromium: install Debian's chromium-headless-shell, or name one in RUTHAN_CHROMIUM"
                )
            self._playwright = await async_playwright().start()
            # Chromium must not resolve names: everything it shows is passed to it.
            arguments = ["--host-resolver-rules=MAP * ~NOTFOUND", "--disable-dev-shm-usage"]
            if hasattr(os, "geteuid") and os.geteuid() == 0:
                arguments.append("--no-sandbox")
            self._browser = await self._playwright.chromium.launch(executable_path=program, args=arguments)
        return self._browser

    async def fetch(self, url: str) -> Response | None:
        """Fetch a page's resource through the crawler's downloader; ``None`` if unavailable."""
        if url in self._seen:
            self._seen.move_to_end(url)
            return self._seen[url]
        assert self.crawler.engine is not None
        found: Any = Request(url, meta={RESOURCE: True, "dont_retry": True})
        for _ in range(_HOPS):
            found = await maybe_deferred_to_future(self.crawler.engine.downloader.fetch(found))
            if isinstance(found, Response):
                break
        if not isinstance(found, Response) or found.status >= 400:
            return None
        if len(found.body) <= _KEPT_BYTES:
            self._seen[url] = found
            while len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        return found


class _Shown:
    """Answers the browser's requests while it shows one page."""

    def __init__(self, photographer: Photographer, url: str, body: bytes, content_type: str) -> None:
        self.photographer, self.url = photographer, url
        self.body, self.content_type = body, content_type
        self.asked = 0
        self.shown = False

    async def answer(self, route: Any) -> None:
        """Serve the page itself once, then its resources, and nothing else."""
        request = route.request
        try:
            if request.is_navigation_request() and not self.shown:
                self.shown = True
                headers = {"Content-Type": self.content_type or "text/html"}
                await route.fulfill(status=200, headers=headers, body=self.body)
                return
            found = await self._resource(request)
            if found is None:
                await route.abort()
                return
            kind = found.headers.get("Content-Type") or b"application/octet-stream"
            headers = {"Content-Type": kind.decode("latin-1"), "Access-Control-Allow-Origin": "*"}
            await route.fulfill(status=200, headers=headers, body=found.body)
        except Exception as error:
            log.debug("not shown: %s: %s", request.url, error)
            try:
                await route.abort()
            except Exception:
                log.debug("the page was closed before %s arrived", request.url)

    async def _resource(self, request: Any) -> Response | None:
        if request.resource_type not in _WANTED or urlsplit(request.url).scheme not in {"http", "https"}:
            return None
        self.asked += 1
        return await self.photographer.fetch(request.url) if self.asked <= _MOST else None


def chromium() -> str | None:
    """Return the path of the browser: the one in RUTHAN_CHROMIUM, else one of Debian's."""
    return (
        os.environ.get("RUTHAN_CHROMIUM")
        or shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
    )
