"""Memory and processor time of ``ruthan score`` by the number of listings, each size in a process of its own.

    python -m benchmarks.bulk --sizes 200 2000 20000

The last column is what each listing beyond the size above costs: the start, which every run pays once, is
taken out by the difference. With the tests' tiny bundle, so that what grows with the files is not hidden by
the model; ``--bundle`` names another.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.batches import TINY, write_file

REPEATED = 5_000
"""Sizes up to this one are run several times: the time of the start, which varies, weighs in them."""


def measured(path: Path, bundle: Path) -> tuple[float, float]:
    """Peak megabytes and processor seconds of one run, its start included."""
    out = path.with_name("out.jsonl")
    command = [sys.executable, "-m", "ruthan", "score", "--restart", "--bundle", str(bundle), str(path)]
    process = subprocess.Popen([*command, str(out)], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 2_000, 20_000])
    parser.add_argument("--characters", type=int, default=100, help="of a listing, about")
    parser.add_argument("--repeats", type=int, default=3, help=f"of sizes up to {REPEATED:,}; the median")
    parser.add_argument("--bundle", type=Path, default=TINY)
    chosen = parser.parse_args()
    sizes = sorted(chosen.sizes)
    peaks, seconds = [], []
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = Path(folder) / f"{size}.jsonl"
            write_file(path, size, chosen.characters)
            runs = [measured(path, chosen.bundle) for _ in range(chosen.repeats if size <= REPEATED else 1)]
            peaks.append(max(peak for peak, _ in runs))
            seconds.append(statistics.median(cost for _, cost in runs))
    beyond = [
        "",
        *(
            f"{(b - a) * 1000 / (m - n):.3f}"
            for (a, b), (n, m) in zip(pairwise(seconds), pairwise(sizes), strict=True)
        ),
    ]
    table = Table("listings", "peak MB", "processor seconds", "ms a listing beyond the size above")
    for size, peak, cost, more in zip(sizes, peaks, seconds, beyond, strict=True):
        table.add_row(f"{size:,}", f"{peak:.0f}", f"{cost:.2f}", more)
    Console().print(table)


if __name__ == "__main__":
    main()
