"""Measures a reviewer's key presses, scrolling and waiting over 40 scripted cases, in Debian's chromium.

An empty store is filled with 40 invented cases of 0 to 12 claims. A script then works them as a reviewer
would: all claims right in most, one wrong in some, no claim in a few. It reports the keys per case, the
pixels scrolled, the claims visible when a case opens, the vertical position of the queue's first row, and the
time from the deciding key until the next case is rendered and until the decision is saved, by the browser's
clock. Each case is read for ``--read`` seconds before its first key; a reviewer reads much longer.

Run: ``python -m benchmarks.service.reviewer --listings 100000 --postgres``. Without ``--postgres`` the
database is a new SQLite file; ``--database URL`` fills your own empty one. If the page cannot confirm all
claims with one key, as in older versions, the script confirms them one by one.

Then a case with a text of 200,000 characters is opened: the time until its first paint, and until the frame
after each key. ``--cases 0`` measures only that.
"""

import argparse
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import ViewportSize, sync_playwright
from rich.console import Console
from rich.table import Table
from sqlalchemy import text, update

from benchmarks.service import store_contents
from benchmarks.service.store import postgres
from labels.law.catalogue import law_for, law_of_words, provision
from labels.schema import Assessment, Claim, Listing
from labels.taxonomy import LABELS, ProductClass, Rule, Verdict, label_term
from service.console import mount
from service.running.serving import Server
from service.settings import Settings
from service.store import Store, open_store
from service.store.tables.case_tables import QueueEntry

CASES = 40
NAME, PASSWORD = "scripted", "a long password of a benchmark"
WINDOW: ViewportSize = {"width": 1280, "height": 800}
CLAIMS = (7, 3, 1, 12, 5, 0, 9, 2, 7, 4)
"""Number of claims of the cases, in turn."""
_LEAST = 0.95
"""The highest priority of the other listings."""

_WORDS = (
    "รักษาเบาหวานให้หายขาด",
    "ลดความดันโลหิตสูงได้จริง",
    "ผอมลง 5 กิโลใน 1 สัปดาห์",
    "เห็นผลจริง 100%",
    "แพทย์แนะนำ",
    "ละลายไขมันหน้าท้อง",
    "ป้องกันมะเร็งทุกชนิด",
    "ผิวขาวขึ้นใน 3 วัน",
    "ล้างสารพิษในตับ",
    "ฟื้นฟูไตเสื่อม",
    "หายปวดเข่าทันที",
    "อึด ทน นาน",
)
_RELIED_ON = tuple(
    label
    for label in LABELS
    if label_term(label).rule is Rule.PROHIBITED
    and any(provision(ref.id).is_proposed for ref in law_for(label, ProductClass.FOOD_SUPPLEMENT))
)
"""Labels on which a decision rests without a tick: the page asks about others."""
_PLAIN = ("บรรจุ 30 แคปซูล", "ส่งฟรีทั่วประเทศ", "เก็บเงินปลายทางได้", "ทานง่าย วันละ 1 เม็ด")

_IN_SIGHT = """() => {
  const bar = document.querySelector(".verdict-bar").getBoundingClientRect();
  const list = document.querySelector(".claims")?.getBoundingClientRect();
  return [...document.querySelectorAll("[data-claim]")].filter((row) => {
    const box = row.getBoundingClientRect();
    return box.top >= list.top - 1 && box.bottom <= Math.min(list.bottom, bar.top, innerHeight) + 1;
  }).length;
}"""

_COUNT_SCROLLING = """(() => {
  window.scrolled = 0;
  const places = new WeakMap();
  addEventListener("scroll", ({ target }) => {
    const box = target === document ? document.documentElement : target;
    window.scrolled += Math.abs(box.scrollTop - (places.get(box) ?? 0));
    places.set(box, box.scrollTop);
  }, { capture: true, passive: true });
})()"""

_NOTE_PRESSES = """(() => {
  addEventListener("keydown", () => sessionStorage.setItem("pressed", Date.now()), { capture: true });
})()"""

_NOTE_ANSWERS = """(() => {
  const note = (name) => sessionStorage.setItem(name, Date.now());
  const drawn = () => requestAnimationFrame(() => requestAnimationFrame(() => note("drawn")));
  addEventListener("DOMContentLoaded", () => {
    note("saved");
    drawn();
    new MutationObserver(drawn).observe(document.documentElement, { childList: true });
  });
  const push = history.pushState;
  history.pushState = (...values) => { note("saved"); push.apply(history, values); };
})()"""
"""Notes when a page is rendered, also one that replaces the body, and when its address says that the decision
before it was saved."""

_SINCE_PRESS = """() => {
  const at = (name) => Number(sessionStorage.getItem(name));
  const [pressed, drawn, saved] = [at("pressed"), at("drawn"), at("saved")];
  return drawn > pressed && saved > pressed && [drawn - pressed, saved - pressed];
}"""
"""Milliseconds from the last key until the next page is rendered and until the decision is saved."""


_NOTE_FRAMES = """(() => {
  window.frames_after = [];
  addEventListener("keydown", ({ timeStamp }) => {
    const drawn = () => window.frames_after.push(performance.now() - timeStamp);
    requestAnimationFrame(() => setTimeout(drawn));
  }, { capture: true });
})()"""
"""Notes the milliseconds from each key until its frame is drawn."""

LONG = 200_000
"""Characters of the long text."""
LONG_KEYS = (
    *("j", "j", "j", "k", "c", "c", "r", "u", "n", "Escape", "m", "Escape", "e", "Escape", "a", "ArrowRight"),
    *("ArrowDown", "Shift+ArrowRight", "Escape", "b", "?", "?", "Shift+C", "j", "c"),
)


@dataclass
class Figures:
    """The measurements, one value per case."""

    keys: list[int] = field(default_factory=list)
    scrolled: list[float] = field(default_factory=list)
    claims: list[tuple[int, int]] = field(default_factory=list)
    """Visible claims and all claims of the cases that have any."""
    rendered: list[float] = field(default_factory=list)
    """Milliseconds until the next case is rendered."""
    saved: list[float] = field(default_factory=list)
    """Milliseconds until the decision is saved."""


def surround(store: Store, listings: int) -> None:
    """Fill an empty store with other listings, all after the cases in the queue."""
    store_contents.fill(store, listings)
    with store.database.writing() as session:
        session.execute(update(QueueEntry).where(QueueEntry.priority > _LEAST).values(priority=_LEAST))
        if not store.database.is_sqlite:
            # The rows came with their numbers, which the server's counters do not know of.
            for table in ("listing", "assessment", "review", "campaign", "campaign_member"):
                count = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                session.execute(text(count))


def fill(store: Store) -> None:
    """Add the cases and their reviewer to a store."""
    draw = random.Random(21)
    store.users.create(NAME, PASSWORD, "ผู้วัด")
    for number in range(CASES):
        words = draw.sample(_WORDS, CLAIMS[number % len(CLAIMS)])
        lines = [*words, *_PLAIN]
        draw.shuffle(lines)
        listing = Listing(
            id=f"case {number}",
            title=f"แคปซูลตัวอย่างสูตรที่ {number}",
            description="\n".join(lines),
            seller="ร้านตัวอย่าง",
        )
        starts = sorted((listing.text.index(line), line) for line in words)
        claims = [
            Claim(
                start=start,
                end=start + len(line),
                label=_RELIED_ON[_WORDS.index(line) % len(_RELIED_ON)],
                probability=0.9,
                text=line,
            )
            for start, line in starts
        ]
        _add(store, listing, claims, 1 - number / 1000)


def add_long(store: Store) -> int:
    """Add a case whose text has a different claim in each of its lines; returns its number."""
    lines: list[str] = []
    claims, at = [], 0
    while at < LONG:
        words = f"{_WORDS[len(lines) % len(_WORDS)]} สูตรที่ {len(lines)}"
        label = LABELS[len(lines) % len(LABELS)]
        law = law_of_words(label, ProductClass.FOOD_SUPPLEMENT, words)
        claims.append(Claim(start=at, end=at + len(words), label=label, probability=0.9, text=words, law=law))
        lines.append(f"{words} {_PLAIN[len(lines) % len(_PLAIN)]}")
        at += len(lines[-1]) + 1
    listing = Listing(id="long", description="\n".join(lines), seller="ร้านตัวอย่าง")
    return _add(store, listing, claims, 0.9)


def _add(store: Store, listing: Listing, claims: Sequence[Claim], risk: float) -> int:
    assessment = Assessment(
        id=listing.id,
        verdict=Verdict.PROHIBITED if claims else Verdict.CLEAR,
        risk=risk,
        product_class=ProductClass.FOOD_SUPPLEMENT,
        product_class_probability=0.9,
        offer=True,
        offer_probability=0.9,
        claims=list(claims),
        model="benchmark",
    )
    number = store.deposit(listing, [], "benchmark").listing_id
    store.assessments.record(number, assessment)
    return number


def read_long(tab: Any, address: str, number: int) -> Table:
    """Open the case with the long text and press each key; returns the figures as a table."""
    tab.goto(f"{address}/cases/{number}")
    # The page may be loaded before its first frame is drawn.
    entry = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
    paint = tab.wait_for_function(entry).json_value()
    nodes, claims = (tab.locator(which).count() for which in ("*", "[data-claim]"))
    slowest: dict[str, float] = {}
    count = 0
    for key in LONG_KEYS:
        tab.keyboard.press(key)
        count += 1 + key.count("+")
        tab.wait_for_function("(count) => window.frames_after.length >= count", arg=count)
        slowest[key] = max(slowest.get(key, 0.0), tab.evaluate("window.frames_after.at(-1)"))
    table = Table(f"a text of {LONG:,} characters", "value")
    table.add_row("elements, rows of claims", f"{nodes:,}, {claims:,}")
    table.add_row("first paint", f"{paint:.0f} ms")
    for key, took in sorted(slowest.items(), key=lambda item: -item[1])[:5]:
        table.add_row(f"slowest keys: {key}", f"{took:.0f} ms")
    return table


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve on loopback; yields the address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error")
    server = Server(config, threading.Event(), drain_seconds=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def keys_of(number: int, claims: int, confirms_all: bool) -> list[str]:
    """Return the keys of a case; in every fifth case with several claims the first is wrong."""
    if not claims:
        return ["3"]
    # The decision must rest on another one.
    wrong = number % 5 == 3 and claims > 1
    if confirms_all:
        return [*(["r"] if wrong else []), "Shift+C", "1"]
    return ["r" if wrong else "c", *["c"] * (claims - 1), "1"]


def log_in(tab: Any, address: str) -> None:
    """Log the reviewer in, which opens the queue."""
    tab.goto(f"{address}/login")
    tab.fill("input[name=name]", NAME)
    tab.fill("input[name=password]", PASSWORD)
    tab.click("button.primary")
    tab.wait_for_url("**/queue")


def work(tab: Any, address: str, figures: Figures, read: float, cases: int) -> float:
    """Work all cases, each read for ``read`` seconds.

    Returns the vertical position of the queue's first row.
    """
    top: float = tab.evaluate("document.querySelector('[data-row]').getBoundingClientRect().top + scrollY")
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/cases/*")
    confirms_all = tab.locator("script[src$='spans.js']").count() > 0
    for number in range(cases):
        claims = tab.locator("[data-claim]").count()
        if claims:
            figures.claims.append((tab.evaluate(_IN_SIGHT), claims))
        *marking, decision = keys_of(number, claims, confirms_all)
        time.sleep(read)
        for key in marking:
            tab.keyboard.press(key)
        figures.scrolled.append(tab.evaluate("[window.scrolled, window.scrolled = 0][0]"))
        figures.keys.append(len(marking) + 1)
        tab.keyboard.press(decision)
        rendered, saved = tab.wait_for_function(_SINCE_PRESS).json_value()
        figures.rendered.append(rendered)
        figures.saved.append(saved)
    return top


def table_of(figures: Figures, top: float) -> Table:
    """Return the figures as a table."""
    table = Table("measure", "value")
    seven = [seen for seen, claims in figures.claims if claims == 7]
    table.add_row("keys a case, mean", f"{statistics.mean(figures.keys):.1f}")
    table.add_row("keys a case, most", str(max(figures.keys)))
    # Few cases may have no claim, or never seven.
    table.add_row("claims in sight of 7", str(min(seven, default="–")))
    table.add_row("claims in sight, most", str(max((seen for seen, _ in figures.claims), default="–")))
    table.add_row("pixels scrolled a case, mean", f"{statistics.mean(figures.scrolled):.0f}")
    table.add_row("first row of the queue, y", f"{top:.0f}")
    for words, times in (("next case", figures.rendered), ("saved", figures.saved)):
        table.add_row(f"key to {words}, median", f"{statistics.median(times):.0f} ms")
        table.add_row(f"key to {words}, 95th percentile", f"{sorted(times)[int(0.95 * len(times))]:.0f} ms")
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", help="URL of an empty database; a new SQLite file without it")
    parser.add_argument("--postgres", action="store_true", help="a new PostgreSQL instead of SQLite")
    parser.add_argument("--listings", type=int, default=0, help="number of other listings")
    parser.add_argument("--read", type=float, default=1.0, help="seconds before the first key of a case")
    parser.add_argument("--cases", type=int, default=CASES, help="number of cases to work")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as servers:
        url = asked.database or f"sqlite:///{folder}/ruthan.db"
        if asked.postgres and not asked.database:
            url = servers.enter_context(postgres(Path(folder)))(asked.listings)
        settings = Settings.of({"database.url": url, "secret.file": Path(folder) / "secret"})
        app, figures = FastAPI(), Figures()
        with open_store(url) as store, sync_playwright() as driver:
            if asked.listings:
                surround(store, asked.listings)
            fill(store)
            mount(app, store, settings)
            browser = driver.chromium.launch(
                executable_path=asked.chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            with served(app) as address:
                tab = browser.new_page(viewport=WINDOW, locale="th-TH")
                tab.add_init_script(_COUNT_SCROLLING)
                tab.add_init_script(_NOTE_PRESSES)
                tab.add_init_script(_NOTE_ANSWERS)
                tab.add_init_script(_NOTE_FRAMES)
                busy, out = os.getloadavg()[0], Console()
                log_in(tab, address)
                if asked.cases:
                    top = work(tab, address, figures, asked.read, min(asked.cases, CASES))
                    out.print(table_of(figures, top))
                out.print(read_long(tab, address, add_long(store)))
            browser.close()
        out.print(
            f"{asked.listings:,} other listings, {store.database.engine.dialect.name};"
            f" load {busy:.1f} before and {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors"
        )


if __name__ == "__main__":
    main()
