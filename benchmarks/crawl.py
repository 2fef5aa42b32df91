"""Pages per second of the whole crawler relative to bare fetching of the same pages, and its memory use.

A local server (another process) serves a shop of invented products. Three crawls, each in its own process:

- ``fetch``: Scrapy requests every page and ignores its content;
- ``follow``: Scrapy follows the links of every page, as ``scrapy bench`` does;
- ``full``: the crawler as ``ruthan crawl`` runs it: links, extraction, evidence (WARC, synced to disk),
  deposit (SQLite).

Politeness (delays, AutoThrottle) is off in all three: it protects other people's servers.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median
from typing import Any

PER_CATEGORY = 50
SAMPLES = 20
LONG = 250
"""Pages between two memory samples, each printed immediately."""
MODES = ("fetch", "follow", "full")
WORDS = [
    *("สมุนไพร", "ขมิ้นชัน", "ไพล", "ชาเขียว", "น้ำผึ้ง", "ครีม", "บำรุงผิว", "สบู่", "ยาหม่อง", "น้ำมัน", "กลิ่นหอม"),
    *("ธรรมชาติ", "ส่งฟรี", "บรรจุ", "กล่อง", "ขวด", "วิธีใช้", "ทา", "ดื่ม", "วันละ", "ครั้ง", "เช้า", "เย็น", "ผิวแห้ง"),
]


def product_page(number: int, count: int) -> bytes:
    """A product page of about 14 kB with JSON-LD, navigation, related products and a specification table."""
    rng = random.Random(number)
    name = f"{rng.choice(WORDS)}{rng.choice(WORDS)} รุ่น {number}"
    text = " ".join(rng.choice(WORDS) for _ in range(180))
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": name,
        "description": text,
        "sku": f"S{number}",
        "brand": {"@type": "Brand", "name": "ตราตัวอย่าง"},
        "image": [f"/image/{number}.jpg"],
        "offers": {"@type": "Offer", "price": str(rng.randint(50, 990)), "priceCurrency": "THB"},
    }
    nav = "".join(f'<li><a href="/category/{n}">หมวด {n}</a></li>' for n in range(1, 21))
    related = "".join(
        f'<div class="product-card"><a href="/product/{rng.randrange(count)}"><img src="/image/r{n}.jpg">'
        f"<span>{rng.choice(WORDS)}</span></a></div>"
        for n in range(8)
    )
    rows = "".join(f"<tr><th>{rng.choice(WORDS)}</th><td>{rng.choice(WORDS)}</td></tr>" for _ in range(12))
    return (
        f'<!doctype html><html lang="th"><head><meta charset="utf-8"><title>{name}</title>'
        f'<script type="application/ld+json">{json.dumps(data, ensure_ascii=False)}</script></head><body>'
        f'<nav><ul>{nav}</ul></nav><main><h1>{name}</h1><p class="price">{data["offers"]["price"]} บาท</p>'  # type: ignore[index]
        f'<div id="description"><p>{text}</p></div><table class="spec">{rows}</table>'
        f"<section>{related}</section></main><footer>ร้านตัวอย่าง</footer></body></html>"
    ).encode()


def category_page(number: int, count: int) -> bytes:
    """A category page with its products; the home page (0) links to the categories."""
    if number == 0:
        paths = [f"/category/{n}" for n in range(1, -(-count // PER_CATEGORY) + 1)]
    else:
        first = (number - 1) * PER_CATEGORY
        paths = [f"/product/{n}" for n in range(first, min(first + PER_CATEGORY, count))]
    links = "".join(f'<a href="{path}">{path}</a>' for path in paths)
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{links}</body></html>'.encode()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: int) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1].decode()
            kind, _, number = path.strip("/").partition("/")
            status = "200 OK"
            if kind in {"", "category"}:
                body = category_page(int(number or 0), count)
            elif kind == "product":
                body = product_page(int(number), count)
            else:
                status, body = "404 Not Found", b""
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
                f"Content-Length: {len(body)}\r\n\r\n".encode()
                + body
            )
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _serve(count: int) -> None:
    server = await asyncio.start_server(lambda r, w: _answer(r, w, count), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


def resident() -> float:
    """Resident memory of this process, in MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return float("nan")


def _cpu() -> float:
    """CPU seconds of this process so far."""
    used = os.times()
    return used.user + used.system


class Meter:
    """Times the crawl from its first response to its last and samples memory."""

    def __init__(self, expected: int) -> None:
        self.every = max(1, expected // SAMPLES)
        self.pages = 0
        self.first = self.last = 0.0
        self.cpu = 0.0
        self.memory: list[tuple[int, float]] = []

    def met(self, *_: object) -> None:
        """Count one more page."""
        self.last = time.perf_counter()
        if not self.first:
            self.first, self.cpu = self.last, _cpu()
        self.pages += 1
        if self.pages % self.every == 0:
            self.memory.append((self.pages, resident()))
            if self.every >= LONG:
                print("{} pages, {:.0f} MB".format(*self.memory[-1]), file=sys.stderr, flush=True)

    def report(self, listings: int) -> str:
        """One line of JSON."""
        seconds = self.last - self.first
        return json.dumps(
            {
                "pages": self.pages,
                "listings": listings,
                "seconds": seconds,
                "pages_a_second": self.pages / seconds,
                "cpu_seconds": _cpu() - self.cpu,
                "memory": self.memory,
            }
        )


def _bare(url: str, count: int, follow: bool, meter: Meter) -> int:
    from scrapy import Request, Spider, signals
    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.linkextractors import LinkExtractor

    extractor = LinkExtractor()

    class BareSpider(Spider):
        name = "bare"

        async def start(self) -> AsyncIterator[Any]:
            paths = [""] if follow else [f"product/{n}" for n in range(count)]
            for path in paths:
                yield Request(f"{url}/{path}", self.parse)

        def parse(self, response: Any) -> Any:
            if follow:
                for link in extractor.extract_links(response):
                    yield Request(link.url, self.parse)

    process = AsyncCrawlerProcess(
        {"LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "CONCURRENT_REQUESTS": 16,
         "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False}
    )  # fmt: skip
    crawler = process.create_crawler(BareSpider)
    crawler.signals.connect(meter.met, signal=signals.response_received)
    process.crawl(crawler)
    process.start()
    return 0


def _full(url: str, folder: Path, count: int, meter: Meter) -> int:
    from crawler.options import CrawlOptions
    from crawler.run import Source, run_sources
    from crawler.spiders.websites.shop import ShopSpider

    options = CrawlOptions(
        max_pages=10 * count + 1000, max_depth=0, delay=0, concurrency=16, allow_private=True
    )
    own = {"AUTOTHROTTLE_ENABLED": False, "ROBOTSTXT_OBEY": True}
    seen = 0

    def show(progress: Any) -> None:
        nonlocal seen
        if progress.url:  # a response, not a listing
            meter.met()
        seen = progress.listings

    os.chdir(folder)
    (summary,) = run_sources(
        [Source("shop", ShopSpider, {"urls": [f"{url}/"]}, own)],
        database=f"sqlite:///{folder / 'ruthan.db'}",
        options=options,
        on_progress=show,
    )
    return summary.listings


def measure(mode: str, url: str, count: int) -> None:
    """Crawl once in this process and print the cost."""
    meter = Meter(count)
    with tempfile.TemporaryDirectory(prefix="ruthan-bench-") as folder:
        if mode == "full":
            listings = _full(url, Path(folder), count, meter)
            assert listings == count, f"{listings} listings of {count}"
        else:
            listings = _bare(url, count, mode == "follow", meter)
        print(meter.report(listings), flush=True)
        os.chdir("/")


def main() -> None:
    """Run the three crawls in turns and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=600, help="product pages (default 600)")
    parser.add_argument("--rounds", type=int, default=3, help="number of rounds; medians are printed")
    parser.add_argument("--only", choices=MODES, help="run only this crawl")
    parser.add_argument(
        "--memory-pages",
        type=int,
        metavar="N",
        help="crawl a shop of N products once, in full, and print memory as pages grow",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--child", nargs=2, metavar=("MODE", "URL"), help=argparse.SUPPRESS)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_pages:
        options.pages, options.rounds, options.only = options.memory_pages, 1, "full"
    if options.serve:
        asyncio.run(_serve(options.pages))
    elif options.child:
        mode, url = options.child
        measure(mode, url, options.pages)
    else:
        _compare(options)


def _compare(options: argparse.Namespace) -> None:
    command = [sys.executable, "-m", "benchmarks.crawl", "--pages", str(options.pages)]
    modes = [options.only] if options.only else MODES
    rounds: list[dict[str, dict[str, Any]]] = []
    with subprocess.Popen([*command, "--serve"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            for turn in range(options.rounds):
                rounds.append({})
                for mode in modes:
                    print(f"round {turn + 1}: {mode} ...", file=sys.stderr, flush=True)
                    done = subprocess.run(
                        [*command, "--child", mode, url], stdout=subprocess.PIPE, text=True, check=True
                    )
                    rounds[-1][mode] = json.loads(done.stdout.splitlines()[-1])
        finally:
            server.terminate()
    if options.json:
        print(json.dumps(rounds))
        return
    print("| crawl | pages | pages per second | CPU ms per page | ratio to fetch | to follow |")
    print("|---|---|---|---|---|---|")
    for mode in modes:
        print(f"| {mode} | {rounds[0][mode]['pages']} | {' | '.join(_figures(rounds, mode))} |")
    if options.memory_pages:
        print("\n| pages | memory, MB |\n|---|---|")
        for pages, mb in rounds[0]["full"]["memory"]:
            print(f"| {pages} | {mb:.0f} |")


def _figures(rounds: list[dict[str, dict[str, Any]]], mode: str) -> list[str]:
    """Medians over the rounds; ratios are taken within each round, under equal load."""

    def speed(turn: dict[str, dict[str, Any]], other: str) -> float:
        return float(turn[other]["pages_a_second"])

    cpu = median(1000 * turn[mode]["cpu_seconds"] / turn[mode]["pages"] for turn in rounds)
    ratios = [
        f"{median(speed(turn, mode) / speed(turn, other) for turn in rounds):.2f}"
        if other in rounds[0]
        else ""
        for other in ("fetch", "follow")
    ]
    return [f"{median(speed(turn, mode) for turn in rounds):.0f}", f"{cpu:.1f}", *ratios]


if __name__ == "__main__":
    main()
