"""Speed and memory of importing a registry file, and speed of lookups.

The file is generated: food serials, cosmetic notifications and drug registrations with Thai names. Run:
``nice -n 19 python -m benchmarks.service.registry``: 500,000 rows, or as many as fit into a minute; with
``--seconds 600`` a busy machine gets through all of them.
"""

import argparse
import csv
import random
import resource
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from inference.licences import find_numbers
from inference.registry.source import RegistryError
from inference.registry.store import RegistryStore
from labels.schema import LicenceKind
from service.registry.importing import import_files
from service.registry.rows import Reading

HEADINGS = ("ประเภท", "เลขที่ใบอนุญาต", "ชื่อผลิตภัณฑ์", "ผู้รับอนุญาต", "สถานะ", "วันหมดอายุ")
WORDS = ("กาแฟ", "คอลลาเจน", "สมุนไพร", "ครีม", "น้ำมันปลา", "วิตามิน", "ทองคำ", "ดอกไม้", "ภูเขา", "ทะเล")
PILOT = 5_000
STRIDE = 1_000_003
"""A prime step: it visits every number once, out of order."""
DAY = date(2026, 11, 1)


def numbered(n: int) -> tuple[str, str]:
    """The nth number after the word for its kind: seven foods to two cosmetics to one drug."""
    serial, share = divmod(n, 10)
    if share < 7:
        place, last = divmod(serial * 7 + share, 10_000)
        return "อาหาร", f"10-1-{place:03}45-5-{last:04}"
    if share < 9:
        return "เครื่องสำอาง", f"10-1-64{serial * 2 + share:08}"
    return "ยา", f"1A {serial % 99_999 + 1}/{40 + serial // 99_999}"


def write_file(path: Path, rows: int) -> None:
    """Generate a register as a ministry exports it: unordered, with statuses and Buddhist dates.

    Nothing of it is kept in memory, so that the import's own memory can be measured.
    """
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        for n in range(rows):
            kind, number = numbered(n * STRIDE % rows)
            name = " ".join(chance.choices(WORDS, k=3)) + f" {n}"
            status = "ยกเลิก" if n % 20 == 0 else "คงอยู่"
            writer.writerow((kind, number, name, f"บริษัท ทดลอง {n % 5000} จำกัด", status, "31/12/2572"))


def megabytes() -> float:
    """The peak memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def microseconds(work: list[float]) -> str:
    """Format median and 99th percentile."""
    ordered = sorted(work)
    slow = ordered[-max(1, len(ordered) // 100)]
    return f"{statistics.median(ordered) * 1e6:.0f} (slowest hundredth {slow * 1e6:.0f})"


def affordable(seconds: float) -> int:
    """The number of rows that can be written, imported and looked up in that time, from a small trial."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        write_file(Path(folder) / "register.csv", PILOT)
        import_files(RegistryStore(Path(folder)), [Path(folder) / "register.csv"], "b", Reading(), DAY)
        spent = time.perf_counter() - begin
    return int(PILOT * 0.7 * seconds / spent)


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--lookups", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=60, help="fewer rows if they would take longer")
    chosen = parser.parse_args()
    rows = min(chosen.rows, affordable(chosen.seconds))
    table = Table("measured", "figure", title=f"a registry of {rows:,} rows")
    with tempfile.TemporaryDirectory() as folder:
        source, store = Path(folder) / "register.csv", RegistryStore(Path(folder) / "snapshots")
        begin = time.perf_counter()
        write_file(source, rows)
        table.add_row(
            "file written in", f"{time.perf_counter() - begin:.1f} s, {source.stat().st_size / 1e6:.0f} MB"
        )
        before = megabytes()
        begin, worked = time.perf_counter(), time.process_time()
        done = import_files(store, [source], "benchmark", Reading(), DAY)
        seconds, worked = time.perf_counter() - begin, time.process_time() - worked
        taken = done.manifest.records
        table.add_row("imported in", f"{seconds:.1f} s, {rows / seconds:,.0f} rows per second")
        table.add_row("of that on the processor", f"{worked:.1f} s, {rows / worked:,.0f} rows per second")
        table.add_row("numbers taken", f"{taken:,} of {rows:,}")
        table.add_row("additional memory", f"{megabytes() - before:.0f} MB")
        table.add_row("snapshot", f"{store.records_of(done.manifest.id).stat().st_size / 1e6:.0f} MB")
        begin = time.perf_counter()
        store.use(done.manifest.id, "benchmark")
        registry = store.current()
        table.add_row("verified twice, put in use and opened in", f"{time.perf_counter() - begin:.2f} s")
        if registry is None or taken != rows:
            raise RegistryError(f"{taken} of {rows} rows were taken: {done.first_remarks[:3]}")
        sample = random.Random(2).sample(range(rows // 10), min(chosen.lookups, rows // 10))
        food = [numbered(n * 10)[1] for n in sample]
        for what, shown in (("found", food), ("not found", [f"20{number[2:]}" for number in food])):
            spent = []
            for number in shown:
                begin = time.perf_counter()
                registry.lookup(LicenceKind.FOOD_SERIAL, number)
                spent.append(time.perf_counter() - begin)
            table.add_row(f"microseconds per lookup, {what}", microseconds(spent))
        spent = []
        for number in food[:1000]:
            begin = time.perf_counter()
            find_numbers(f"กาแฟ ดอกไม้ อย. {number} ราคา 100 บาท", registry)
            spent.append(time.perf_counter() - begin)
        table.add_row("microseconds to read and check a short text", microseconds(spent))
    Console().print(table)


if __name__ == "__main__":
    main()
