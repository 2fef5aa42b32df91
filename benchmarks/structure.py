"""The structure of the code: its size, modules in each folder, and which folder imports which.

    python -m benchmarks.structure [--depth 2] [--root CHECKOUT]

With ``--root`` it describes another checkout, such as one from before a change (``git worktree add``).
Needs grimp, which import-linter brings.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import grimp
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[1]
PACKAGES = ("labels", "inference", "training", "service", "crawler")
FOLDERS = (*PACKAGES, "benchmarks", "tests")

_CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_THAI = re.compile("[\u0e00-\u0e7f]{20}")


def siblings(root: Path = ROOT) -> dict[str, int]:
    """Modules in each folder without ``__init__.py``, migrations and subfolders."""
    folders = {
        path.relative_to(root).as_posix(): sum(1 for f in path.glob("*.py") if f.name != "__init__.py")
        for top in FOLDERS
        for path in (root / top, *(root / top).rglob("*"))
        if path.is_dir() and path.name not in {"__pycache__", "versions"}
    }
    return {folder: count for folder, count in folders.items() if count}


def lines(root: Path = ROOT) -> dict[str, int]:
    """Lines of each module of the code and its tests."""
    return {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for top in FOLDERS
        for path in (root / top).rglob("*.py")
    }


def paragraphs(root: Path = ROOT) -> list[int]:
    """Words of each English paragraph or list item of the documents, without code and tables."""
    return [
        len(block.split())
        for path in (*root.glob("*.md"), *(root / "docs").rglob("*.md"))
        if path.name != "CHANGELOG.md"
        for block in _blocks(path.read_text(encoding="utf-8"))
        if not _THAI.search(block)
    ]


def _blocks(text: str) -> Iterator[str]:
    """The paragraphs and list items of a Markdown text."""
    for block in re.split(r"\n\s*\n", _CODE.sub("", text)):
        for part in re.split(r"^\s*(?:[-*]|\d+\.)\s+", block, flags=re.MULTILINE):
            if part.strip() and not part.lstrip().startswith(("|", "#", "<", "!")):
                yield part


def folder_of(module: str, depth: int, root: Path = ROOT) -> str:
    """The folder that holds a module, no deeper than ``depth`` names."""
    parts = module.split(".")
    is_package = (root / Path(*parts)).is_dir()
    return "/".join((parts if is_package else parts[:-1])[:depth] or parts[:1])


def imports(depth: int, root: Path = ROOT) -> Counter[tuple[str, str]]:
    """How many imports go from one folder to another."""
    sys.path.insert(0, str(root))
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    sys.path.pop(0)
    found: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            pair = folder_of(module, depth, root), folder_of(imported, depth, root)
            if pair[0] != pair[1]:
                found[pair] += 1
    return found


def main() -> None:
    """Print the sizes and both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--depth", type=int, default=2, help="names of a folder's path that are told apart")
    parser.add_argument("--root", type=Path, default=ROOT, help="another checkout to describe")
    given = parser.parse_args()
    depth, root = given.depth, given.root.resolve()
    console = Console()
    sizes, words = lines(root), paragraphs(root)
    table = Table("", "count", "median", "largest", title="Sizes")
    table.add_row(
        "modules (lines)", str(len(sizes)), f"{median(sizes.values()):.0f}", str(max(sizes.values()))
    )
    table.add_row("paragraphs (words)", str(len(words)), f"{median(words):.0f}", str(max(words)))
    console.print(table)
    table = Table("folder", "modules", title="Modules in a folder")
    for folder, count in sorted(siblings(root).items(), key=lambda item: -item[1]):
        table.add_row(folder, str(count))
    console.print(table)
    table = Table("folder", "imports", title="Imports between folders")
    found = imports(depth, root)
    for folder in sorted({source for source, _ in found}):
        targets = Counter({target: n for (source, target), n in found.items() if source == folder})
        table.add_row(folder, ", ".join(f"{target} {n}" for target, n in targets.most_common()))
    console.print(table)


if __name__ == "__main__":
    main()
