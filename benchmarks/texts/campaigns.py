"""The similarity threshold for campaigns, measured on the shipped dataset.

    python -m benchmarks.texts.campaigns

The dataset's groups are intentional near-duplicates: the same ad with another claim, class or permit. Texts
of different groups, or of none, count as different ads. In addition, a thousand texts get copies as in a
campaign: other digits (prices, phone and licence numbers), another seller's line at the end, and disguised
words. For each threshold the benchmark prints how many pairs of a group, copies, and pairs of different ads
end up in one campaign, and the size of the largest campaign, both by similarity to its first text and, for
comparison, in chains of members.
"""

import argparse
import random
import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations

from rich.console import Console
from rich.progress import track
from rich.table import Table

from inference.text.sketch import Sketch, sketch
from labels.dataset.shipped import Split, load_split
from labels.schema import Annotation
from training.augmentation.disguise import disguise

THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
LINES = (
    "\nร้านพี่ก้อย ส่งไวทุกวัน โทร 080-000-{:04d}",
    "\nสั่งได้ที่ไลน์ @shop{:04d} เก็บปลายทางได้",
    "\nโปรวันนี้ {} บาท ส่งฟรี",
)


def copies(record: Annotation, rng: random.Random) -> list[str]:
    """Three copies: other digits, another seller's line with other digits, and disguised words."""
    other = re.sub(r"\d", lambda _: str(rng.randrange(10)), record.text)
    return [other, other + rng.choice(LINES).format(rng.randrange(10_000)), disguise(record, rng).text]


class Grouping:
    """Campaigns by similarity to their first text, as in the store."""

    def __init__(self, threshold: float, chains: bool = False) -> None:
        self.threshold, self.chains = threshold, chains
        self.firsts: list[Sketch] = []
        self.bands: dict[int, list[int]] = {}
        self.parent: list[int] = []

    def add(self, made: Sketch) -> int:
        """The campaign of a new text."""
        near = {number for band in made.bands() for number in self.bands.get(band, ())}
        alike = [(made.similarity(self.firsts[number]), -number) for number in near]
        found = [(likeness, number) for likeness, number in alike if likeness >= self.threshold]
        if found and not self.chains:
            return -max(found)[1]
        number = len(self.firsts)
        self.firsts.append(made)
        self.parent.append(number)
        for band in made.bands():
            self.bands.setdefault(band, []).append(number)
        for _, other in found:
            self.parent[self.root(number)] = self.root(-other)
        return number

    def root(self, number: int) -> int:
        """The campaign that a member belongs to after merging."""
        while self.parent[number] != number:
            self.parent[number] = self.parent[self.parent[number]]
            number = self.parent[number]
        return number


def campaigns(sketches: Sequence[Sketch | None], threshold: float, chains: bool = False) -> list[int]:
    """The campaign of each text; texts too short to compare get their own, with negative numbers."""
    grouping = Grouping(threshold, chains)
    found = [-1 - i if made is None else grouping.add(made) for i, made in enumerate(sketches)]
    return [number if number < 0 else grouping.root(number) for number in found]


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, help="limit the number of texts, for a quick look")
    arguments = parser.parse_args()
    records = [record for split in Split for record in load_split(split)][: arguments.most]
    progress, rng = Console(stderr=True), random.Random(0)
    own = [sketch(record.text) for record in track(records, "texts", console=progress)]
    sampled = rng.sample(range(len(records)), min(1000, len(records)))
    copied = [
        (i, [sketch(text) for text in copies(records[i], rng)])
        for i in track(sampled, "copies", console=progress)
        if own[i] is not None
    ]
    groups: dict[str, list[int]] = {}
    for i, record in enumerate(records):
        if record.group is not None:
            groups.setdefault(record.group, []).append(i)
    pairs = [pair for members in groups.values() for pair in combinations(members, 2)]
    table = Table(title=f"{len(records):,} texts, {sum(s is None for s in own)} of them too short to compare")
    for name in (
        "threshold",
        "pairs of a group",
        "digits",
        "digits, line",
        "disguise",
        "different ads",
        "largest",
    ):
        table.add_column(name, justify="right")
    table.add_column("largest in chains", justify="right")
    for threshold in THRESHOLDS:
        found = campaigns(own, threshold)
        together = sum(found[i] == found[j] for i, j in pairs) / len(pairs)
        shares = [
            sum(_alike(own[i], made[kind], threshold) for i, made in copied) / len(copied)
            for kind in range(3)
        ]
        members: dict[int, list[int]] = {}
        for i, number in enumerate(found):
            members.setdefault(number, []).append(i)
        different = sum(
            _ad(records[i], i) != _ad(records[j], j) for m in members.values() for i, j in combinations(m, 2)
        )
        chained = Counter(campaigns(own, threshold, chains=True)).most_common(1)[0][1]
        row = [f"{threshold:.1f}", f"{together:.1%}", *(f"{share:.1%}" for share in shares)]
        table.add_row(*row, f"{different:,}", str(max(map(len, members.values()))), str(chained))
    Console().print(table)


def _alike(one: Sketch | None, other: Sketch | None, threshold: float) -> bool:
    return (
        one is not None
        and other is not None
        and bool(set(one.bands()) & set(other.bands()))
        and one.similarity(other) >= threshold
    )


def _ad(record: Annotation, index: int) -> str:
    return record.group or f"#{index}"


if __name__ == "__main__":
    main()
