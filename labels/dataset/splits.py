"""Splits the dataset without leakage: groups and near-duplicates stay together."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from labels.dataset.near_duplicates import near_duplicate_pairs
from labels.dataset.shipped import Split
from labels.schema import Annotation

SHARES = {Split.TRAIN: 0.76, Split.VALIDATION: 0.12, Split.TEST: 0.12}
"""Split shares of a new dataset."""

FROZEN_TEST_SHARES = {Split.TRAIN: 0.88, Split.VALIDATION: 0.12, Split.TEST: 0.0}
"""Split shares for added records: the test split is fixed, so models of all ages can be compared on it."""


def families(records: Sequence[Annotation]) -> list[list[int]]:
    """Indexes of records that must share a split: same ``group``, or near-duplicate texts."""
    parent = list(range(len(records)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    by_group: dict[str, int] = {}
    for i, record in enumerate(records):
        if record.group:
            parent[root(i)] = root(by_group.setdefault(record.group, i))
    for i, j in near_duplicate_pairs([record.text for record in records]):
        parent[root(j)] = root(i)
    found: dict[int, list[int]] = defaultdict(list)
    for i in range(len(records)):
        found[root(i)].append(i)
    return list(found.values())


def _traits(record: Annotation) -> list[str]:
    size = "long" if len(record.text) > 600 else "short"
    return [
        f"class {record.product_class}",
        f"offer {record.offer}",
        f"platform {record.platform}",
        f"size {size}",
        f"violating {bool(record.labels)}",
        *(f"label {label}" for label in record.labels),
    ]


class BridgeError(ValueError):
    """New records are related to records of several splits, so any placement leaks."""


def split(
    records: Sequence[Annotation],
    seed: int = 0,
    kept: Mapping[str, Split] | None = None,
    shares: Mapping[Split, float] = SHARES,
) -> dict[Split, list[Annotation]]:
    """Divide records by ``shares``, keeping families whole and traits (class, label, size …) in proportion.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas, 2011) over families: the rarest trait that
    still has families left goes first, each family to the split that lacks that trait most. The same records
    and seed give the same split in any input order.

    Args:
        kept: the existing split of records by id; their whole family joins them there.

    Raises:
        BridgeError: a family has existing records in several splits.
    """
    records = sorted(records, key=lambda r: r.id)
    kept = kept or {}
    todo = families(records)
    settled: list[tuple[list[int], Split]] = []
    for family in todo:
        homes = {kept[records[i].id] for i in family if records[i].id in kept}
        if len(homes) > 1:
            new = [records[i].id for i in family if records[i].id not in kept]
            old = [f"{records[i].id} ({kept[records[i].id]})" for i in family if records[i].id in kept]
            raise BridgeError(
                f"{', '.join(new)} near-duplicates or in a group with {', '.join(old)}, which are in "
                "different splits: rewrite or remove the new records"
            )
        settled += [(family, home) for home in homes]
    todo = [family for family in todo if not any(records[i].id in kept for i in family)]

    def order(family: list[int]) -> str:
        return hashlib.sha256(f"{seed}:{records[family[0]].id}".encode()).hexdigest()

    todo.sort(key=order)
    total: Counter[str] = Counter()
    for record in records:
        total.update([*_traits(record), "all"])
    wanted = {
        part: Counter({trait: n * share for trait, n in total.items()}) for part, share in shares.items()
    }
    counts = [Counter(t for i in family for t in [*_traits(records[i]), "all"]) for family in todo]
    left = set(range(len(todo)))
    assigned: dict[Split, list[int]] = {part: [] for part in Split}
    for family, home in settled:
        wanted[home].subtract(Counter(t for i in family for t in [*_traits(records[i]), "all"]))
        assigned[home] += family
    while left:
        remaining: Counter[str] = Counter()
        for k in left:
            remaining.update(counts[k])
        rarest = min((t for t in remaining if t != "all"), key=lambda t: (remaining[t], t), default="all")
        for k in sorted(k for k in left if counts[k][rarest]):
            part = max(wanted, key=lambda p: (wanted[p][rarest], wanted[p]["all"]))
            wanted[part].subtract(counts[k])
            assigned[part] += todo[k]
            left.remove(k)
    return {part: [records[i] for i in sorted(indexes)] for part, indexes in assigned.items()}
