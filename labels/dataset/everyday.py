"""Everyday listings without claims, as most of a marketplace sells, kept apart from the splits.

Shirts, tyres, rice, amulets, houses to let. They belong to none of train, validation and test, so results on
those stay comparable. One part is training data for what to pass, the rest measures false alarms.
"""

import hashlib
from enum import StrEnum
from pathlib import Path

from labels.dataset.shipped import Split, data_folder, load_split, read_annotations
from labels.schema import Annotation

SHARES = 3
"""One in this many families is held out."""


class EverydayPart(StrEnum):
    """The use of a listing. Nothing is ever fitted or tuned on ``held_out``."""

    FITTING = "fitting"
    HELD_OUT = "held_out"


def everyday_path(folder: Path | None = None) -> Path:
    """The file of everyday listings."""
    return (folder or data_folder()) / "everyday.jsonl"


def part_of(record: Annotation) -> EverydayPart:
    """The part of a listing, by a hash of its group or, without one, of its id.

    Adding records never moves others, and a group is never split.
    """
    family = hashlib.sha256((record.group or record.id).encode()).digest()
    return EverydayPart.FITTING if int.from_bytes(family[:8]) % SHARES else EverydayPart.HELD_OUT


def load_everyday(part: EverydayPart | None = None, folder: Path | None = None) -> list[Annotation]:
    """Read all everyday listings or those of one part.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    records = read_annotations(everyday_path(folder))
    return [record for record in records if part is None or part_of(record) is part]


def load_training(folder: Path | None = None) -> list[Annotation]:
    """The training data: the train split, and with the shipped dataset the everyday listings for fitting.

    Raises:
        DatasetError: a file is missing or a line in it is not a record.
    """
    train = load_split(Split.TRAIN, folder)
    return train if folder is not None else [*train, *load_everyday(EverydayPart.FITTING)]
