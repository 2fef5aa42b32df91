"""Memory and processor time of ``ruthan score`` by the number of listings, each size in a process of its own.

    python -m benchmarks.bulk --sizes 2000 20000

With the tests' tiny bundle, so that what grows with the files is not hidden by the model; ``--bundle`` names
another.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.batches import TINY, write_file


def measured(size: int, bundle: Path, folder: Path) -> tuple[float, float]:
    """Peak megabytes, and processor milliseconds a listing."""
    path = folder / f"{size}.jsonl"
    write_file(path, size, 100)
    command = [sys.executable, "-m", "ruthan", "score", "--bundle", str(bundle), str(path)]
    process = subprocess.Popen([*command, str(folder / f"{size}-out.jsonl")], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return used.ru_maxrss / 1024, (used.ru_utime + used.ru_stime) * 1000 / size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument("--bundle", type=Path, default=TINY)
    chosen = parser.parse_args()
    table = Table("listings", "peak MB", "processor ms a listing")
    with tempfile.TemporaryDirectory() as folder:
        for size in chosen.sizes:
            peak, cost = measured(size, chosen.bundle, Path(folder))
            table.add_row(f"{size:,}", f"{peak:.0f}", f"{cost:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
