"""Merges reviewed listings into the dataset without leakage, leaving the test split unchanged."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labels.dataset.shipped import Split
from labels.dataset.splits import SHARES, families
from labels.schema import Annotation

KIN_OF_TEST = "near-duplicate of a test listing, or in a family with one"
KIN_OF_BOTH = "near-duplicate of listings in both train and validation"
SAME_TEXT = "the dataset already has this text"
REPEATED = "a newer review has the same text"


@dataclass(frozen=True)
class Merged:
    """The grown splits; ``used`` counts the reviews in each, ``left_out`` those in none, by reason."""

    train: list[Annotation]
    validation: list[Annotation]
    used: Counter[Split] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def merge(dataset: Mapping[Split, Sequence[Annotation]], reviewed: Sequence[Annotation]) -> Merged:
    """Add reviewed listings to train and validation; the test split is never changed.

    A family (same group, or a chain of near-duplicate texts) joins the split of its relatives in the dataset;
    it is left out if that is the test split or several splits. A family without relatives goes to train or
    validation by a hash of its lowest id number, so that it goes there again when newer listings have joined
    it: a model that continues from the last merge is then not validated on its training data.

    A reviewed listing that the dataset has under the same id, from an earlier merge, replaces it.

    Args:
        reviewed: oldest decision first.
    """
    left_out: Counter[str] = Counter()
    new = _distinct(dataset, reviewed, left_out)
    lowest: dict[str, str] = {}
    for record in reviewed:
        lowest[record.text] = min(lowest.get(record.text, record.id), record.id, key=_by_number)
    home = {record.id: part for part, records in dataset.items() for record in records}
    taken = {record.id for record in new}
    kept = {part: [r for r in records if r.id not in taken] for part, records in dataset.items()}
    everyone = [*new, *(record for records in kept.values() for record in records)]
    used: Counter[Split] = Counter()
    for family in families(everyone):
        members = [everyone[i] for i in family if i < len(new)]
        if not members:
            continue
        homes = {home[everyone[i].id] for i in family if everyone[i].id in home}
        if Split.TEST in homes:
            left_out[KIN_OF_TEST] += len(members)
            continue
        if len(homes) > 1:
            left_out[KIN_OF_BOTH] += len(members)
            continue
        part = homes.pop() if homes else _drawn(min((lowest[m.text] for m in members), key=_by_number))
        kept[part] += sorted(members, key=lambda r: r.id)
        used[part] += len(members)
    return Merged(kept[Split.TRAIN], kept[Split.VALIDATION], used, left_out)


def _distinct(
    dataset: Mapping[Split, Sequence[Annotation]], reviewed: Sequence[Annotation], left_out: Counter[str]
) -> list[Annotation]:
    """The reviewed listings whose text is in neither the dataset nor a newer review."""
    ids = {record.id for record in reviewed}
    known = {
        record.text
        for part, records in dataset.items()
        for record in records
        if part is Split.TEST or record.id not in ids
    }
    newest: dict[str, Annotation] = {}
    for record in reviewed:
        if record.text in known:
            left_out[SAME_TEXT] += 1
            continue
        if record.text in newest:
            left_out[REPEATED] += 1
        newest[record.text] = record
    return list(newest.values())


def _by_number(name: str) -> list[str | int]:
    """Sort key that puts ``review-9`` before ``review-14``."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def _drawn(key: str) -> Split:
    share = SHARES[Split.VALIDATION] / (SHARES[Split.TRAIN] + SHARES[Split.VALIDATION])
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
    return Split.VALIDATION if drawn < share else Split.TRAIN
