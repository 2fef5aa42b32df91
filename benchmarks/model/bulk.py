"""Memory and processor time of ``ruthan score`` by number of listings, each size in its own process.

    python -m benchmarks.model.bulk --sizes 200 2000 20000

The last column is the cost per listing above the size before; the difference cancels the startup cost that
every run pays once. The smaller sizes run repeatedly beside the largest, so that other load on the machine
affects all equally; figures are medians. The tests' tiny bundle is used by default, so that growth with file
size is not hidden by the model; ``--bundle`` names another.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

from benchmarks.page import add_write, publish
from benchmarks.service.batches import TINY, write_file


def started(path: Path, bundle: Path) -> "subprocess.Popen[bytes]":
    """Start a run over a file from scratch."""
    command = [sys.executable, "-m", "ruthan", "score", "--restart", "--bundle", str(bundle), str(path)]
    return subprocess.Popen([*command, f"{path}.out.jsonl"], stderr=subprocess.DEVNULL)


def ended(run: "subprocess.Popen[bytes]", wait: bool = True) -> tuple[float, float] | None:
    """Peak megabytes and processor seconds of a run including startup; ``None`` while it is running."""
    process, status, used = os.wait4(run.pid, 0 if wait else os.WNOHANG)
    if not process:
        return None
    run.returncode = os.waitstatus_to_exitcode(status)
    assert run.returncode == 0
    return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def measured(files: Mapping[int, Path], bundle: Path, repeats: int) -> dict[int, list[tuple[float, float]]]:
    """The results of :func:`ended` for each size's runs."""
    *smaller, largest = sorted(files)
    found: dict[int, list[tuple[float, float]]] = {size: [] for size in files}
    long, turn, done = started(files[largest], bundle), 0, None
    while done is None or turn < repeats:
        for size in smaller:
            cost = ended(started(files[size], bundle))
            assert cost is not None
            found[size].append(cost)
        turn += 1
        done = done or ended(long, wait=not smaller)
    found[largest].append(done)
    return found


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2_000, 20_000])
    parser.add_argument("--characters", type=int, default=100, help="approximate length of a listing")
    parser.add_argument("--repeats", type=int, default=3, help="minimum number of runs of the smaller sizes")
    parser.add_argument("--bundle", type=Path, default=TINY)
    add_write(parser)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {size: Path(folder) / f"{size}.jsonl" for size in chosen.sizes}
        for size, path in files.items():
            write_file(path, size, chosen.characters)
        found = measured(files, chosen.bundle, chosen.repeats)
    table = Table("listings", "runs", "peak MB", "processor seconds", "ms per listing above the size before")
    before: tuple[int, float] | None = None
    for size in sorted(files):
        cost = statistics.median(seconds for _, seconds in found[size])
        beyond = "" if before is None else f"{(cost - before[1]) * 1000 / (size - before[0]):.3f}"
        peak = max(peak for peak, _ in found[size])
        table.add_row(f"{size:,}", str(len(found[size])), f"{peak:.0f}", f"{cost:.2f}", beyond)
        before = size, cost
    publish("model.bulk", [table], chosen.write)


if __name__ == "__main__":
    main()
