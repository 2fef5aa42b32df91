"""Merges reviewed listings into the dataset without leakage, leaving the test split unchanged."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from labels.dataset.shipped import Split
from labels.dataset.splits import SHARES, families
from labels.real.held_out import real_validation_id
from labels.real.sealed import is_sealed
from labels.schema import REVIEW_PREFIX, REVIEW_SOURCE, Annotation

KIN_OF_TEST = "near-duplicate of a test listing, or in a family with one"
KIN_OF_REAL = "near-duplicate of a real validation text, or in a family with one"
SEALED = "the text, or one in its family, belongs to the sealed exam"
KIN_OF_BOTH = "near-duplicate of listings in both train and validation"
SAME_TEXT = "the dataset already has this text"
REPEATED = "a newer review has the same text"
GONE = "the dataset has it from an earlier merge, but the store no longer gives it"


@dataclass(frozen=True)
class Merged:
    """The grown splits; ``used`` counts the reviews in each, ``left_out`` those in none, by reason."""

    train: list[Annotation]
    validation: list[Annotation]
    used: Counter[Split] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def merge(
    dataset: Mapping[Split, Sequence[Annotation]],
    reviewed: Sequence[Annotation],
    real: Sequence[Annotation] = (),
) -> Merged:
    """Add reviewed listings to train and validation; the test split is never changed.

    A family (same group, or a chain of near-duplicate texts) joins the split of its relatives in the dataset;
    it is left out if that is the test split or several splits, if a text of the sealed exam belongs to it, or
    if a real validation text does, since these decide on promotion; of those that are not available, the
    hashes are known. A family without relatives goes to train or validation by a hash of its oldest listing's
    group, so that it goes there again when newer listings, or further texts of this one, have joined it: a
    model that continues from the last merge is then not validated on its training data.

    Reviewed listings of an earlier merge in train and validation are replaced by the present ones, so that no
    decision is learnt that was withdrawn or superseded since. Their families stay in their splits.

    Args:
        reviewed: oldest decision first.
        real: real validation texts.
    """
    ids = {record.id for record in reviewed}
    kept = {
        part: [r for r in records if part is Split.TEST or not (r.id in ids or _is_review(r))]
        for part, records in dataset.items()
    }
    left_out: Counter[str] = Counter()
    new = _distinct({record.text for records in kept.values() for record in records}, reviewed, left_out)
    oldest: dict[str, str] = {}
    for record in reviewed:
        # The id ends in a digest of the text, which says nothing about age.
        listing = record.group or record.id
        oldest[record.text] = min(oldest.get(record.text, listing), listing, key=_by_number)
    old = [(record, part) for part, records in dataset.items() for record in records]
    if gone := sum(_is_review(r) and r.id not in ids and part is not Split.TEST for r, part in old):
        left_out[GONE] = gone
    everyone = [*new, *(record for record, _ in old), *real]
    home = {i: part for i, (_, part) in enumerate(old, len(new))}
    used: Counter[Split] = Counter()
    for family in families(everyone):
        members = [everyone[i] for i in family if i < len(new)]
        if not members:
            continue
        if any(i >= len(new) + len(old) for i in family) or any(real_validation_id(m.text) for m in members):
            left_out[KIN_OF_REAL] += len(members)
            continue
        if any(is_sealed(m.text) for m in members):
            left_out[SEALED] += len(members)
            continue
        homes = {home[i] for i in family if i in home}
        if Split.TEST in homes:
            left_out[KIN_OF_TEST] += len(members)
            continue
        if len(homes) > 1:
            left_out[KIN_OF_BOTH] += len(members)
            continue
        part = homes.pop() if homes else _drawn(min((oldest[m.text] for m in members), key=_by_number))
        kept[part] += sorted(members, key=lambda r: r.id)
        used[part] += len(members)
    return Merged(kept[Split.TRAIN], kept[Split.VALIDATION], used, left_out)


def _is_review(record: Annotation) -> bool:
    """Whether a record was merged; a file of a person's own may be named like the source of reviews."""
    return record.source == REVIEW_SOURCE and record.id.startswith(REVIEW_PREFIX)


def _distinct(known: Set[str], reviewed: Sequence[Annotation], left_out: Counter[str]) -> list[Annotation]:
    """The reviewed listings whose text is neither known nor in a newer review."""
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
