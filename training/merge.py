"""Putting reviewed listings into the dataset so that nothing leaks and the test split stays as it is."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from labels.dataset import Split
from labels.schema import Annotation
from labels.splits import SHARES, families

KIN_OF_TEST = "near-duplicate of, or in a family with, a listing of the test split"
KIN_OF_BOTH = "near-duplicate of listings of train and of validation"
SAME_TEXT = "the dataset has this very text already"
REPEATED = "another review, newer, has this very text"


@dataclass(frozen=True)
class Merged:
    """The grown splits; ``used`` counts the reviews in each, ``left_out`` those in none, by reason."""

    train: list[Annotation]
    validation: list[Annotation]
    used: Counter[Split] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def merge(dataset: Mapping[Split, Sequence[Annotation]], reviewed: Sequence[Annotation]) -> Merged:
    """Add reviewed listings to train and validation; the test split is never touched.

    A family (same group, or near-duplicate texts, in a chain) goes where its kin of the dataset is, and is
    left out where that is the test split or several splits. A family without kin is sent to train or
    validation by a hash of the lowest number among its ids, so that it goes there again next time, when newer
    listings have joined it: a model that goes on from the last merge's is not validated on what it learnt.

    A reviewed listing that the dataset has under the same id, from an earlier merge, takes its place.

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
    """The reviewed listings whose text is neither the dataset's nor that of a newer review."""
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
    """Sorts ``review-9`` before ``review-14``."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def _drawn(key: str) -> Split:
    share = SHARES[Split.VALIDATION] / (SHARES[Split.TRAIN] + SHARES[Split.VALIDATION])
    drawn = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) / 2**64
    return Split.VALIDATION if drawn < share else Split.TRAIN
