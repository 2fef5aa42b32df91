"""Everyday listings: what most of a marketplace sells, none of it with a claim, kept beside the splits.

Shirts, tyres, rice, amulets, houses to let. They are no part of train, validation and test, so that figures
on those compare with earlier ones; a part of them teaches what to let pass, the rest measures it.
"""

import hashlib
from enum import StrEnum
from pathlib import Path

from labels.dataset import Split, data_folder, load_split, read_annotations
from labels.schema import Annotation

SHARES = 3
"""Of as many families one is held out."""


class EverydayPart(StrEnum):
    """What a listing may be used for. Nothing is ever fitted or tuned on ``held_out``."""

    FITTING = "fitting"
    HELD_OUT = "held_out"


def everyday_path(folder: Path | None = None) -> Path:
    """Where the everyday listings lie."""
    return (folder or data_folder()) / "everyday.jsonl"


def part_of(record: Annotation) -> EverydayPart:
    """The part that a listing belongs to, by a hash of its group, or of its id where it has none.

    Records that are added later move no other, and a group is never parted.
    """
    family = hashlib.sha256((record.group or record.id).encode()).digest()
    return EverydayPart.FITTING if int.from_bytes(family[:8]) % SHARES else EverydayPart.HELD_OUT


def load_everyday(part: EverydayPart | None = None, folder: Path | None = None) -> list[Annotation]:
    """Read the everyday listings, all or those of one part.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    records = read_annotations(everyday_path(folder))
    return [record for record in records if part is None or part_of(record) is part]


def load_training(folder: Path | None = None) -> list[Annotation]:
    """What a model learns from: the train split, and the shipped dataset's everyday listings for fitting.

    Raises:
        DatasetError: a file is missing or a line in it is not a record.
    """
    train = load_split(Split.TRAIN, folder)
    return train if folder is not None else [*train, *load_everyday(EverydayPart.FITTING)]
