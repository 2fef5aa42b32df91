"""Rewritten variants of listings that must not change a classifier's answer.

Seeds are fixed, so that two evaluations see the same variants.
"""

import random
from collections.abc import Sequence

from inference.contacts import find_contacts
from inference.licences import find_numbers
from labels.schema import Annotation
from training.augmentation.augment import Augmenter, Shares, randomize_digits
from training.augmentation.disguise import disguise
from training.augmentation.edits import Edit, apply_edits, claimed_places

SEED = 20_261


def masked(records: Sequence[Annotation]) -> list[Annotation]:
    """Each listing with names, contacts and digits replaced at random.

    Brand, price, licence number and URL are gone; a classifier that loses on these has learnt shortcuts.
    """
    augment = Augmenter(records, Shares(), SEED)
    return [_masked(record, augment) for record in records]


def _masked(record: Annotation, augment: Augmenter) -> Annotation:
    claimed = claimed_places(record)
    contacts = [
        contact
        for contact in find_contacts(record.text, find_numbers(record.text))
        if claimed.isdisjoint(range(contact.start, contact.end))
    ]
    edits = []
    for contact in contacts:
        kept = "".join(
            augment.random.choice("abcdefghkmnprstuvwxyz") if c.isascii() and c.isalpha() else c
            for c in record.text[contact.start : contact.end]
        )
        edits.append(Edit(contact.start, contact.end, kept))
    renamed = augment.rename(apply_edits(record, edits))
    return renamed.model_copy(update={"text": randomize_digits(renamed.text, augment.random)})


def disguised(records: Sequence[Annotation]) -> list[Annotation]:
    """Each listing as written by a seller who fears a filter."""
    rng = random.Random(SEED)  # noqa: S311 - a fixed variant
    return [disguise(record, rng) for record in records]
