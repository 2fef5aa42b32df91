"""The cost of a batch: an API and a worker as processes, with a stub model that takes no time.

Run: ``python -m benchmarks.service.batches --lines 10000``; with ``--bundle FOLDER``, a worker with that
model. Prints one JSON document.
"""

import argparse
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from labels.schema import Assessment, Listing
from labels.taxonomy import ProductClass, Verdict
from service.batches.running import BatchRunner
from service.client import Ruthan
from service.running import worker
from service.settings import Settings
from service.store import open_store
from service.store.tables.api_tables import Scope

ROOT = Path(__file__).parents[2]
TINY = ROOT / "tests" / "data" / "tiny_bundle"
WORDS = ["แคปซูล", "ตัวอย่าง", "สมุนไพร", "กล่อง", "บำรุง", "ผิว", "รักษาเบาหวาน", "ราคา", "ส่งฟรี", "วิตามิน"]


class StandIn:
    """A stub classifier that answers immediately."""

    model_id = "stand-in 1 (000000)"

    def classify(self, listings: Sequence[Listing]) -> list[Assessment]:
        """The same answer for every listing."""
        return [
            Assessment(
                id=listing.id,
                verdict=Verdict.CLEAR,
                risk=0.1,
                product_class=ProductClass.OTHER,
                product_class_probability=0.9,
                offer=True,
                offer_probability=0.9,
                model=self.model_id,
            )
            for listing in listings
        ]


def work() -> None:
    """Run a worker with the stub until it is stopped."""
    stop, settings = threading.Event(), Settings()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with open_store(settings.database.url) as store:
        batches = BatchRunner(store, StandIn(), settings)
        worker.run(
            store, StandIn(), poll_seconds=0.1, batch=settings.worker.batch, stop=stop, aside=batches.step
        )


def write_file(path: Path, lines: int, characters: int) -> None:
    """Write a file of listings of about this many characters each."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            text = " ".join(chance.choices(WORDS, k=max(1, characters // 7)))
            file.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")


def memory(process: "subprocess.Popen[bytes]", field: str) -> float:
    """``VmRSS`` or ``VmHWM`` (the peak) of a process, in MB."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(field)


@contextmanager
def started(command: list[str], settings: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one of our modules with arguments and stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def measure(folder: Path, lines: int, characters: int, bundle: Path | None, port: int) -> dict[str, Any]:
    """Send a batch, wait for it and download the result."""
    path = folder / "listings.jsonl"
    write_file(path, lines, characters)
    url = f"sqlite:///{folder / 'ruthan.db'}"
    with open_store(url) as store:
        token = store.api_keys.create("bench", [Scope.CLASSIFY, Scope.INGEST]).token
    settings = {
        "RUTHAN_DATABASE_URL": url,
        "RUTHAN_BATCH_FOLDER": str(folder / "batches"),
        "RUTHAN_MODEL_BUNDLE": str(bundle or TINY),
        "RUTHAN_SECRET_FILE": str(folder / "secret"),
        "RUTHAN_RATE_LIMIT": "",
    }
    program = ["ruthan", "worker"] if bundle else ["benchmarks.service.batches", "--work"]
    with (
        started(["ruthan", "serve", "--no-worker", "--port", str(port)], settings) as api,
        Ruthan(f"http://127.0.0.1:{port}", token, retries=60, sleep=lambda _: time.sleep(0.5)) as ruthan,
    ):
        ruthan.classify([{"id": "warm", "text": "ก"}])
        api_before = memory(api, "VmRSS")
        begin = time.perf_counter()
        batch = ruthan.submit_batch(path)
        sent = time.perf_counter() - begin
        with started(program, settings) as process:
            while not ruthan.batch(batch.id).done:
                time.sleep(0.1)
            worker_before = memory(process, "VmRSS")
            done = ruthan.wait(batch.id)
            worker_peak = memory(process, "VmHWM")
        begin = time.perf_counter()
        received = sum(1 for _ in ruthan.results(batch.id))
        fetched = time.perf_counter() - begin
        api_peak = memory(api, "VmHWM")
    assert done.started_at is not None
    assert done.finished_at is not None
    seconds = (done.finished_at - done.started_at).total_seconds()
    assert received == done.received == lines
    packed = gzip.compress(path.read_bytes(), 5)
    return {
        "lines": lines,
        "file_mb": round(path.stat().st_size / 2**20, 1),
        "file_gzip_mb": round(len(packed) / 2**20, 1),
        "upload_seconds": round(sent, 2),
        "lines_per_second": round(lines / seconds, 1),
        "fetch_seconds": round(fetched, 2),
        "api_mb_before": round(api_before),
        "api_mb_peak": round(api_peak),
        "worker_mb_after_first_chunk": round(worker_before),
        "worker_mb_peak": round(worker_peak),
    }


def main() -> None:
    """Run the benchmark and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--characters", type=int, default=1000)
    parser.add_argument("--bundle", type=Path, help="its folder; default: the stub")
    parser.add_argument("--port", type=int, default=8699)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.work:
        work()
        return
    bundle = chosen.bundle.resolve() if chosen.bundle else None
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), chosen.lines, chosen.characters, bundle, chosen.port)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
