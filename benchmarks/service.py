"""How many listings a second the service answers under many clients, and how long a lone one waits.

Peers, each a process of its own with the same bundle and the same whole assessment, one after another in the
same run: a plain FastAPI handler (as one writes it without thinking of the model: a plain function, which the
framework runs in threads, with a lock around the model), LitServe (``pip install 'ruthan[bench]'``) with its
batching, and the model alone without any server.  infinity-emb is no peer: it asks for transformers below 5
and numpy below 2, and does not install beside ours.

Run: ``python -m benchmarks.service --clients 64 --requests 256``.  Prints a table with ratios.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from inference.classifier import Classifier
from inference.turns import Turns
from labels.dataset import Split, load_split
from labels.schema import Assessment, Listing
from labels.taxonomy import ProductClass, Verdict
from service.lanes import Lanes, cores
from service.store import open_store
from service.store.models import Scope

ROOT = Path(__file__).parents[1]
PATIENCE = 300.0


@dataclass
class Measured:
    """Of one server: listings a second with many clients, seconds of each request, seconds of lone ones."""

    rate: float
    crowded: list[float]
    lone: list[float]


def plain(port: int) -> None:
    """The plain peer."""
    import uvicorn
    from fastapi import FastAPI

    app, classifier, lock = FastAPI(), Classifier(), threading.Lock()

    @app.get("/readyz")
    def ready() -> str:
        return "ready"

    @app.post("/v1/classify")
    def classify(body: dict[str, Any]) -> list[dict[str, Any]]:
        listings = [Listing(id=item["id"], description=item["text"]) for item in body["listings"]]
        with lock:
            return [found.model_dump(mode="json") for found in classifier.classify(listings)]

    uvicorn.run(app, port=port, log_level="error")


@contextmanager
def started(command: list[str], url: str, settings: dict[str, str]) -> Iterator[None]:
    """A server as a process of its own, ready; stopped at the end."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=os.environ | settings,
            cwd=ROOT,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            while not _is_ready(url):
                if process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{command}: {log.read().decode()}")
                time.sleep(0.1)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # LitServe's children outlast it at times
                process.wait(30)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=PATIENCE).status_code == 200
    except httpx.TransportError:
        return False


def measure(url: str, token: str, texts: Sequence[str], clients: int, lone: int) -> Measured:
    """Send each text once, from so many clients at once; before it some from one client alone."""
    headers = {"Authorization": f"Bearer {token}"}

    def ask(client: httpx.Client, text: str) -> float:
        begin = time.perf_counter()
        answer = client.post("/v1/classify", json={"listings": [{"id": "1", "text": text}]})
        answer.raise_for_status()
        return time.perf_counter() - begin

    with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
        for text in texts[:5]:
            ask(client, text)
        alone = [ask(client, texts[n % len(texts)]) for n in range(lone)]
    waiting, lock, crowded = iter(texts), threading.Lock(), list[float]()

    def work() -> None:
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client:
            while True:
                with lock:
                    text = next(waiting, None)
                if text is None:
                    return
                crowded.append(ask(client, text))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(texts) / (time.perf_counter() - begin)
    if len(crowded) != len(texts):
        raise SystemExit("some requests failed: the figures would be wrong")
    return Measured(rate, crowded, alone)


def offline(texts: Sequence[str], lone: int) -> Measured:
    """The model without a server, one listing after another."""
    classifier = Classifier()
    listings = [Listing(id="1", description=text) for text in texts]
    classifier.classify(listings[:5])
    seconds = []
    begin = time.perf_counter()
    for listing in listings:
        start = time.perf_counter()
        classifier.classify([listing])
        seconds.append(time.perf_counter() - start)
    rate = len(texts) / (time.perf_counter() - begin)
    return Measured(rate, seconds, seconds[:lone])


class _AtOnce:
    """A model that takes no time, so that what is left is the ring's."""

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """The same for every listing."""
        return _ANSWER
        yield


_ANSWER = Assessment(
    id="1",
    verdict=Verdict.CLEAR,
    risk=0.1,
    product_class=ProductClass.OTHER,
    product_class_probability=0.9,
    offer=True,
    offer_probability=0.9,
    model="at once",
)


def paid_for_the_ring(repeats: int = 2000) -> list[float]:
    """Seconds that a lone listing pays for the way to a lane and back, for each of many."""
    lanes, listings, paid = Lanes(cores()), [Listing(id="1", description="ก")], []
    for _ in range(repeats):
        begin = time.perf_counter()
        lanes.submit(_AtOnce(), listings).result()
        paid.append(time.perf_counter() - begin)
    lanes.close()
    return paid


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def peers(folder: Path) -> Iterator[tuple[str, Callable[[int], list[str]], dict[str, str], str]]:
    """Name, command for a port, settings, and API key of each server."""
    url = f"sqlite:///{folder / 'ruthan.db'}"
    with open_store(url) as store:
        token = store.api_keys.create("bench", [Scope.CLASSIFY]).token
    settings = {
        "RUTHAN_DATABASE_URL": url,
        "RUTHAN_SECRET_FILE": str(folder / "secret"),
        "RUTHAN_RATE_LIMIT": "",
        "RUTHAN_LOG_LEVEL": "error",
    }
    yield (
        "ruthan serve",
        lambda port: ["ruthan", "serve", "--no-worker", "--port", str(port)],
        settings,
        token,
    )
    command = ["benchmarks.service", "--plain", "--port"]
    yield "plain FastAPI handler", lambda port: [*command, str(port)], {}, "none"
    if find_spec("litserve") is None:
        return
    lit = ["benchmarks.litserve_peer", "--port"]
    yield "LitServe", lambda port: [*lit, str(port)], {}, "none"
    many = str(cores())
    yield "LitServe, a worker a core", lambda port: [*lit, str(port), "--workers", many], {}, "none"


def percentile(seconds: Sequence[float], share: float) -> float:
    """Milliseconds."""
    return 1000 * sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


def show(found: dict[str, list[Measured]], title: str) -> None:
    """A table of medians over the rounds, with ratios to ours."""
    middle = {
        name: {
            "listings / s": statistics.median(m.rate for m in rounds),
            "p50 ms": statistics.median(percentile(m.crowded, 0.5) for m in rounds),
            "p99 ms": statistics.median(percentile(m.crowded, 0.99) for m in rounds),
            "lone p50 ms": statistics.median(percentile(m.lone, 0.5) for m in rounds),
            "lone p99 ms": statistics.median(percentile(m.lone, 0.99) for m in rounds),
        }
        for name, rounds in found.items()
    }
    own = middle["ruthan serve"]
    table = Table(title=title)
    table.add_column("what")
    for column in (*own, "ours is"):
        table.add_column(column, justify="right")
    for name, row in middle.items():
        ratio = f"{own['listings / s'] / row['listings / s']:.2f} x"
        table.add_row(name, *(f"{value:.1f}" for value in row.values()), ratio)
    console = Console(width=120)
    console.print(table)
    paid = paid_for_the_ring()
    console.print(
        f"a lone listing pays {percentile(paid, 0.5):.2f} ms for the way to the model and back"
        f" (p99 {percentile(paid, 0.99):.2f} ms)"
    )
    console.print_json(json.dumps(middle))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--lone", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--plain", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.plain:
        plain(chosen.port)
        return
    records = load_split(Split.TEST)
    texts = [records[n % len(records)].text for n in range(chosen.requests)]
    found: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory() as folder:
        servers = list(peers(Path(folder)))
        for _ in range(chosen.rounds):  # the servers in turn, so that what else the machine does meets all
            for name, command, settings, token in servers:
                port = free_port()
                url = f"http://127.0.0.1:{port}"
                with started(command(port), url, settings):
                    found.setdefault(name, []).append(measure(url, token, texts, chosen.clients, chosen.lone))
            found.setdefault("the model alone", []).append(offline(texts, chosen.lone))
    title = f"{chosen.requests} listings, {chosen.clients} clients, median of {chosen.rounds} rounds"
    show(found, title)


if __name__ == "__main__":
    main()
