"""The same Parquet file scored in one process, and with Ray Data on 1, 2 and 4 workers.

    python -m benchmarks.model.workers --listings 512

The texts are the test split's. Each run is done twice: over a batch for each worker with copies of one
listing, which is read once in a batch, and over all listings. The difference leaves out starting and loading.
Processor time is that of all processes, Ray's too. One cluster on this machine serves all runs, so more
workers than processors only share them.
"""

import argparse
import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import ray
from pyarrow import parquet
from ray.data import DataContext
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.model.market_texts import described
from benchmarks.page import add_write, publish
from inference.bulk.local import AT_ONCE, local_lines
from inference.bulk.on_ray import ray_lines
from inference.bulk.scoring import Line, ScoringJob
from inference.bulk.spool import Place
from inference.model.engine import processors
from labels.dataset.shipped import Split, load_split

TICKS = os.sysconf("SC_CLK_TCK")
A_DAY = 10_000_000
LOOK = 0.25
"""Seconds between two looks at the processes: what one does after the last is not counted."""

START = 120
"""Seconds that Ray may take to start all workers before it gives them anything to do."""


class Processes:
    """Processor time of this process and all below it, also of those that have ended."""

    def __init__(self) -> None:
        self._known: dict[int, float] = {}

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the processes again and again."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(LOOK):
                self.seconds()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def seconds(self) -> float:
        """Processor seconds so far."""
        parents, used = dict[int, int](), dict[int, float]()
        for entry in Path("/proc").iterdir():
            try:
                fields = (
                    (entry / "stat").read_text().rpartition(")")[2].split() if entry.name.isdigit() else []
                )
            except OSError:  # it has ended
                continue
            if fields:
                parents[int(entry.name)] = int(fields[1])
                used[int(entry.name)] = (int(fields[11]) + int(fields[12])) / TICKS
        below, last = {os.getpid()}, {os.getpid()}
        while last := {child for child, parent in parents.items() if parent in last}:
            below |= last
        self._known |= {pid: used[pid] for pid in below}
        return sum(self._known.values())


@dataclass(frozen=True)
class Measured:
    """Seconds and processor seconds of a run, and its result lines."""

    seconds: float
    processor: float
    answers: list[str]


def measured(lines: Iterator[Sequence[Line]], processes: Processes) -> Measured:
    """Run to the end."""
    began, worked = time.perf_counter(), processes.seconds()
    with processes.watched():
        answers = [line.text for part in lines for line in part]
    return Measured(time.perf_counter() - began, processes.seconds() - worked, answers)


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listings", type=int, default=512)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--bundle", type=Path)
    add_write(parser)
    chosen = parser.parse_args()
    records = load_split(Split.TEST)
    texts = [records[k % len(records)].text for k in range(chosen.listings)]
    job, processes = ScoringJob(chosen.bundle, seen_bytes=0), Processes()
    logging.getLogger("ray").setLevel(logging.ERROR)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_worker_niceness", "0")
    ray.init(
        num_cpus=max(chosen.workers) + 1,
        include_dashboard=False,
        log_to_driver=False,
        configure_logging=False,
    )
    DataContext.get_current().wait_for_min_actors_s = START
    table = Table(
        "what",
        "listings / s",
        "seconds to start and load",
        "processor ms per listing",
        f"processors for {A_DAY:,} listings a day",
    )
    with tempfile.TemporaryDirectory() as folder:
        most = max(chosen.workers)
        copies, whole = Path(folder) / "copies.parquet", Path(folder) / "whole.parquet"
        for path, given in ((copies, texts[:1] * AT_ONCE * most), (whole, texts)):
            rows = [{"id": str(k), "text": text} for k, text in enumerate(given)]
            parquet.write_table(pa.Table.from_pylist(rows), path)

        def run(path: Path, workers: int) -> Measured:
            place = Place(run="")
            lines = (
                ray_lines([path], place, job, workers=workers) if workers else local_lines([path], place, job)
            )
            return measured(lines, processes)

        for workers in (0, most):  # the first runs also load modules from disk
            run(copies, workers)
        answers: list[str] = []
        count = len(texts) - most  # the others are read in the first run as well
        for workers in track([0, *chosen.workers], "measuring", console=Console(stderr=True)):
            start, found = run(copies, workers), run(whole, workers)
            name = f"Ray, workers: {workers}" if workers else "without Ray, a thread per processor"
            answers = answers or found.answers
            assert found.answers == answers, f"{name}: other results"
            processor = (found.processor - start.processor) / count
            table.add_row(
                name,
                f"{count / (found.seconds - start.seconds):,.1f}",
                f"{start.seconds:.1f}",
                f"{processor * 1000:,.1f}",
                f"{A_DAY * processor / 86_400:,.1f}",
            )
    ray.shutdown()
    said = (
        f"{described(texts)}. All results are the same. This machine has {processors()} processors: more "
        f"workers share them. The last column is {A_DAY:,} times the processor time of a listing, divided by "
        "the 86,400 seconds of a day."
    )
    publish("model.workers", [table, said], chosen.write)


if __name__ == "__main__":
    main()
