"""The structure of the code: modules in each folder, and which folder imports which.

    python -m benchmarks.structure [--depth 2]

Needs grimp, which import-linter brings.
"""

import argparse
from collections import Counter
from pathlib import Path

import grimp
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
PACKAGES = ("labels", "inference", "training", "service", "crawler")


def siblings() -> dict[str, int]:
    """Modules in each folder of the packages, without ``__init__.py``, migrations and subfolders."""
    folders = {
        path.relative_to(ROOT).as_posix(): sum(1 for f in path.glob("*.py") if f.name != "__init__.py")
        for package in PACKAGES
        for path in (ROOT / package, *(ROOT / package).rglob("*"))
        if path.is_dir() and path.name not in {"__pycache__", "versions"}
    }
    return {folder: count for folder, count in folders.items() if count}


def folder_of(module: str, depth: int) -> str:
    """The folder that holds a module, no deeper than ``depth`` names."""
    parts = module.split(".")
    is_package = (ROOT / Path(*parts)).is_dir()
    return "/".join((parts if is_package else parts[:-1])[:depth] or parts[:1])


def imports(depth: int) -> Counter[tuple[str, str]]:
    """How many imports go from one folder to another."""
    graph = grimp.build_graph(*PACKAGES)
    found: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = folder_of(module, depth), folder_of(imported, depth)
            if pair[0] != pair[1]:
                found[pair] += 1
    return found


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--depth", type=int, default=2, help="names of a folder's path that are told apart")
    depth = parser.parse_args().depth
    console = Console()
    table = Table("folder", "modules", title="Modules in a folder")
    for folder, count in sorted(siblings().items(), key=lambda item: -item[1]):
        table.add_row(folder, str(count))
    console.print(table)
    table = Table("folder", "imports", title="Imports between folders")
    found = imports(depth)
    for folder in sorted({source for source, _ in found}):
        targets = Counter({target: n for (source, target), n in found.items() if source == folder})
        table.add_row(folder, ", ".join(f"{target} {n}" for target, n in targets.most_common()))
    console.print(table)


if __name__ == "__main__":
    main()
