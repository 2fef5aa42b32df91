"""Throughput of the service with many clients, latency of a single client, and memory, against other servers.

Peers, each in its own process with the same weights, take turns in one run:

- with our engine and the full assessment: a plain FastAPI handler (a function that the framework runs in
  threads, with a lock around the model) and LitServe (``pip install 'ruthan[bench]'``) with its batching;
- with their own engine, only from tokens to logits: LitServe as a typical user writes it, on the padded int8
  graph in ONNX Runtime, and infinity-emb's classify endpoint, in PyTorch and in int8. These truncate texts at
  512 tokens. infinity-emb needs older packages and its own environment (see docs/speed.md), whose program
  ``--infinity`` names;
- the model alone without any server.

Run: ``python -m benchmarks.service.throughput --clients 64 --requests 256``. Prints a table with ratios.
"""

import argparse
import math
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from rich.table import Table
from tokenizers import Tokenizer

from benchmarks.page import add_write, publish
from benchmarks.service.serving_peers import OURS, PATIENCE, Peer, Running, peers, started
from inference.classifier import Classifier
from inference.model.bundle import COMPACT, SHIPPED_NAMES, load_bundle, shipped_bundle
from inference.model.cooperative import Turns
from labels.dataset.shipped import Split, load_split
from labels.schema import Assessment, Listing
from labels.taxonomy import ProductClass, Verdict
from service.inference_pool.pool import InferencePool, cores

SHORT = range(80, 121)
"""Token range of the listings that represent "about 100 tokens"."""

WARM = [f"สินค้าทดสอบชิ้นที่ {n}" for n in range(5)]
"""Number of warm-up requests per server."""


@dataclass
class Measured:
    """The measurements of one server.

    Attributes:
        rate: listings per second with many clients.
        crowded: seconds of each request with many clients. lone, short: seconds of single-client requests,
            with listings of any length and of about 100 tokens.
        processor: server processor seconds per listing, many clients.
        short_processor: server processor seconds of each single-client request with about 100 tokens.
            resident, peak: megabytes of its processes at the end, and at the peak.
    """

    rate: float
    crowded: list[float]
    lone: list[float]
    short: list[float]
    processor: float
    short_processor: list[float]
    resident: float = math.nan
    peak: float = math.nan


@dataclass(frozen=True)
class Texts:
    """The texts to send: by many clients, by a single one, and by a single one with short listings."""

    crowded: Sequence[str]
    lone: Sequence[str]
    short: Sequence[str]

    @classmethod
    def of_the_test_split(cls, crowded: int, lone: int) -> "Texts":
        """This many texts of each; single-client texts are distinct, since a server may cache the others."""
        tokenizer = Tokenizer.from_file(str(load_bundle(shipped_bundle()).tokenizer_path))
        tokenizer.no_truncation()
        texts = [record.text for record in load_split(Split.TEST)]
        rest = texts[crowded:]
        short = [text for text in rest if len(tokenizer.encode(text, add_special_tokens=False)) in SHORT]
        lone_ones = [text for text in rest if text not in short[:lone]]
        if not short or not lone_ones:
            raise SystemExit(f"the test split has {len(texts)} listings: choose fewer --requests")
        return cls(texts[:crowded], lone_ones[:lone], short[:lone])


def measure(peer: Peer, running: Running, texts: Texts, clients: int) -> Measured:
    """Send each text once: some from a single client, then the others from this many clients at once."""
    given: dict[str, Any] = {
        "base_url": running.url,
        "headers": {"Authorization": f"Bearer {peer.token}"},
        "timeout": PATIENCE,
        # No TLS on loopback: to load certificates for each client would take time from the servers.
        "verify": False,
        "trust_env": False,
    }

    def ask(client: httpx.Client, text: str) -> float:
        body = peer.body(text)
        begin = time.perf_counter()
        client.post(peer.path, json=body).raise_for_status()
        return time.perf_counter() - begin

    with httpx.Client(**given) as client:
        for text in WARM:
            ask(client, text)
        lone = [ask(client, text) for text in texts.lone]
        short, short_processor = [], []
        for text in texts.short:
            taken = running.processor_seconds()
            short.append(ask(client, text))
            short_processor.append(running.processor_seconds() - taken)
    waiting, lock, crowded = iter(texts.crowded), threading.Lock(), list[float]()

    def work() -> None:
        with httpx.Client(**given) as client:
            while True:
                with lock:
                    text = next(waiting, None)
                if text is None:
                    return
                crowded.append(ask(client, text))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    taken, begin = running.processor_seconds(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = len(texts.crowded) / (time.perf_counter() - begin)
    if len(crowded) != len(texts.crowded):
        raise SystemExit(f"{peer.name}: some requests failed, so the figures would be wrong")
    processor = (running.processor_seconds() - taken) / len(texts.crowded)
    return Measured(rate, crowded, lone, short, processor, short_processor, *running.megabytes())


def offline(texts: Texts, bundle: Path) -> Measured:
    """The model without a server, one listing after another."""
    classifier = Classifier(bundle)

    def seconds(some: Sequence[str], clock: Callable[[], float] = time.perf_counter) -> list[float]:
        taken = []
        for text in some:
            begin = clock()
            classifier.classify([Listing(id="1", description=text)])
            taken.append(clock() - begin)
        return taken

    seconds(WARM)
    lone, half = seconds(texts.lone), len(texts.short) // 2
    short, short_processor = seconds(texts.short[:half]), seconds(texts.short[half:], time.process_time)
    taken, one_by_one = time.process_time(), seconds(texts.crowded)
    processor = (time.process_time() - taken) / len(one_by_one)
    return Measured(len(one_by_one) / sum(one_by_one), [], lone, short, processor, short_processor)


class _AtOnce:
    """A model that takes no time, to measure the inference pool's own overhead."""

    def turns(self, listing: Listing) -> Turns[Assessment]:
        """The same answer for every listing."""
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


def paid_for_the_lanes(repeats: int = 2000) -> list[float]:
    """The seconds that a single listing pays for the way to the model and back, for many listings."""
    pool, listings, paid = InferencePool(cores()), [Listing(id="1", description="ก")], []
    for _ in range(repeats):
        begin = time.perf_counter()
        pool.submit(_AtOnce(), listings).result()
        paid.append(time.perf_counter() - begin)
    pool.close()
    return paid


def percentile(seconds: Sequence[float], share: float) -> float:
    """The percentile in milliseconds; NaN if nothing was measured."""
    if not seconds:
        return math.nan
    return 1000 * sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


def show(found: dict[str, list[Measured]], title: str, write: bool) -> None:
    """Publish a table of medians over the rounds, with ratios to ours."""
    middle = {
        name: {
            "listings / s": statistics.median(m.rate for m in rounds),
            "CPU ms": statistics.median(1000 * m.processor for m in rounds),
            "p50 ms": statistics.median(percentile(m.crowded, 0.5) for m in rounds),
            "p99 ms": statistics.median(percentile(m.crowded, 0.99) for m in rounds),
            "lone p50 ms": statistics.median(percentile(m.lone, 0.5) for m in rounds),
            "lone p99 ms": statistics.median(percentile(m.lone, 0.99) for m in rounds),
            "short p50 ms": statistics.median(percentile(m.short, 0.5) for m in rounds),
            "short p99 ms": statistics.median(percentile(m.short, 0.99) for m in rounds),
            "short CPU p50 ms": statistics.median(percentile(m.short_processor, 0.5) for m in rounds),
            "short CPU p99 ms": statistics.median(percentile(m.short_processor, 0.99) for m in rounds),
            "MB": statistics.median(m.resident for m in rounds),
            "peak MB": statistics.median(m.peak for m in rounds),
        }
        for name, rounds in found.items()
    }
    own = middle[OURS]
    table = Table(title=title)
    table.add_column("what")
    for column in (*own, "ours is"):
        table.add_column(column, justify="right")
    for name, row in middle.items():
        ratio = f"{own['listings / s'] / row['listings / s']:.2f} x"
        table.add_row(name, *(f"{value:.1f}" for value in row.values()), ratio)
    paid = paid_for_the_lanes()
    said = (
        f"A single listing pays {percentile(paid, 0.5):.2f} ms for the way to the model and back"
        f" (p99 {percentile(paid, 0.99):.2f} ms)."
    )
    publish("service.throughput", [table, said], write, width=170)


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--requests", type=int, default=256)
    parser.add_argument("--lone", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--infinity", type=Path, help="path of the program infinity_emb, to include it")
    parser.add_argument("--bundle", default=COMPACT, choices=SHIPPED_NAMES, help="the model of every server")
    parser.add_argument("--only", default="", help="only servers whose name contains this, besides ours")
    add_write(parser)
    chosen = parser.parse_args()
    texts = Texts.of_the_test_split(chosen.requests, chosen.lone)
    found: dict[str, list[Measured]] = {}
    with tempfile.TemporaryDirectory() as folder:
        servers = [
            peer
            for peer in peers(Path(folder), shipped_bundle(chosen.bundle), chosen.infinity)
            if chosen.only in peer.name or peer.name == OURS
        ]
        for _ in range(chosen.rounds):  # in turns, so that other load affects all servers
            for peer in servers:
                with started(peer) as running:
                    found.setdefault(peer.name, []).append(measure(peer, running, texts, chosen.clients))
            found.setdefault("our engine, no server", []).append(
                offline(texts, shipped_bundle(chosen.bundle))
            )
    show(
        found,
        f"{chosen.requests} listings, {chosen.clients} clients, median of {chosen.rounds} rounds",
        chosen.write,
    )


if __name__ == "__main__":
    main()
