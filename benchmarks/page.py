"""Prints a benchmark's tables, and writes them into docs/speed.md with the machine, the day and the load.

A block of the page lies between ``<!-- benchmarks.NAME -->`` and ``<!-- end of benchmarks.NAME -->``. With
``--write`` a benchmark replaces its own block, or only what was measured on a processor of the same name.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"
INSTRUCTIONS = {
    "amx_int8": "AMX int8",
    "amx_bf16": "AMX bfloat16",
    "avx512_vnni": "AVX-512 VNNI",
    "avx_vnni": "AVX VNNI",
    "asimddp": "dot products",
    "i8mm": "int8 products",
}
"""Flags of Linux for instructions on which the speed of int8 and bfloat16 products depends."""

_AT_START = os.getloadavg()[0]


def processor() -> str:
    """The processor's name, and its instructions for int8 and bfloat16 products."""
    known = Path("/proc/cpuinfo")
    text = known.read_text(encoding="utf-8") if known.is_file() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    flags = re.search(r"^(?:flags|Features)\s*: (.+)$", text, re.MULTILINE)
    present = set(flags[1].split()) if flags else set()
    able = [said for flag, said in INSTRUCTIONS.items() if flag in present]
    return f"{name[1] if name else 'unknown processor'} ({', '.join(able) or 'no int8 instructions known'})"


def conditions(command: str) -> str:
    """One sentence: the command, the processor, the day and the load average before and after the run."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    day = date.today()
    return (
        f"`{command}`: {processor()}, processors: {count}, {day.day} {day:%B %Y}, load average "
        f"{_AT_START:.1f} before and {os.getloadavg()[0]:.1f} after."
    )


def markdown(table: Table) -> str:
    """A table of ``rich`` in Markdown, with its title above it."""
    rows = [[str(column.header) for column in table.columns]]
    rows.append(["---", *["---:"] * (len(table.columns) - 1)])
    rows += [list(row) for row in zip(*(map(str, column.cells) for column in table.columns), strict=True)]
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join([*([f"{table.title}:", ""] if table.title else []), *lines])


def replace_block(page: str, name: str, content: str) -> str:
    """The page with the content of one block replaced.

    Raises:
        SystemExit: the page has no such block.
    """
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise SystemExit(f"docs/speed.md has no block {name}: add {begin} and {end} where it belongs")
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"


def other_processors(page: str, name: str, said: str) -> str:
    """What a block says of other processors than the one in ``said``: parts that begin with a command."""
    _, _, rest = page.partition(f"<!-- {name} -->")
    parts = re.split(r"^(?=`python -m )", rest.partition(f"<!-- end of {name} -->")[0], flags=re.MULTILINE)
    return "\n\n".join(part.strip() for part in parts[1:] if measured_on(part) != measured_on(said))


def measured_on(said: str) -> str:
    """The processor that :func:`conditions` names."""
    return said.partition("`: ")[2].partition(", processors:")[0]


def add_write(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--write``."""
    parser.add_argument("--write", action="store_true", help="also write the tables into docs/speed.md")


def publish(
    name: str, parts: Sequence[Table | str], write: bool, width: int = 150, by_processor: bool = False
) -> None:
    """Print tables and sentences, and with ``write`` put them into the block ``benchmarks.NAME``.

    Args:
        by_processor: what the block says of other processors stays, below.
    """
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    said = conditions(" ".join(["python -m", f"benchmarks.{name}", *given]))
    console = Console(width=width)
    for part in parts:
        console.print(part)
    console.print(said)
    if write:
        page, block = PAGE.read_text(encoding="utf-8"), f"benchmarks.{name}"
        content = "\n\n".join([said, *(markdown(p) if isinstance(p, Table) else p for p in parts)])
        if by_processor and (others := other_processors(page, block, said)):
            content += f"\n\n{others}"
        PAGE.write_text(replace_block(page, block, content), encoding="utf-8")
