"""Damage that undoing evasion does to honest text, by step.

    python -m benchmarks.texts.honest_text                    # clear listings and non-offers of the dataset
    python -m benchmarks.texts.honest_text posts.txt.gz ...   # any files with one text a line

A change to an honest text is damage unless the writer really pulled letters apart; ``--show N`` prints the
changes for a person to judge.
"""

import argparse
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from inference.text.evasion import join_letters
from inference.text.lookalikes import undo_lookalikes
from inference.text.offset_text import OffsetText
from inference.text.respellings import undo_respellings
from labels.dataset.shipped import Split, load_split

STEPS: dict[str, Callable[[OffsetText], OffsetText]] = {
    "letters pulled apart": join_letters,
    "look-alike letters": undo_lookalikes,
    "respellings": undo_respellings,
}


def texts(files: list[Path]) -> Iterator[str]:
    """Lines of the files, or the dataset's texts without a claim and without disguised twins."""
    if not files:
        for split in Split:
            for record in load_split(split):
                if not record.spans and not (record.group or "").startswith("ev2-T"):
                    yield record.text
    for path in files:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
        yield from (line.strip() for line in text.splitlines() if line.strip())


def main() -> None:
    """Run the benchmark and print the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N changes of each step")
    arguments = parser.parse_args()
    changed: Counter[str] = Counter()
    shown: dict[str, list[str]] = defaultdict(list)
    count = 0
    for text in texts(arguments.files):
        count += 1
        before = OffsetText(text)
        any_change = False
        for name, step in STEPS.items():
            after = step(before)
            if after.text != before.text:
                changed[name] += 1
                any_change = True
                at = next(
                    (i for i, (a, b) in enumerate(zip(before.text, after.text, strict=False)) if a != b),
                    min(len(before.text), len(after.text)),
                )
                window = slice(max(0, at - 15), at + 20)
                shown[name].append(f"{before.text[window]!r} -> {after.text[window]!r}")
            before = after
        changed["any of them"] += any_change
    print(f"{count:,} texts")
    for name in [*STEPS, "any of them"]:
        print(f"{name}: {changed[name]:,} changed, {changed[name] / max(1, count):.3%}")
        for line in shown[name][: arguments.show]:
            print(f"    {line}")


if __name__ == "__main__":
    main()
