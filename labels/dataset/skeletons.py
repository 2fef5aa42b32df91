"""Listings modelled on real ones: same order, length and register, but other goods and words.

A release trains on them together with real texts. They belong to no split, so results stay comparable.
"""

from pathlib import Path

from labels.dataset.shipped import data_folder, read_annotations
from labels.schema import Annotation


def skeletons_path(folder: Path | None = None) -> Path:
    """The file of these listings."""
    return (folder or data_folder()) / "skeletons.jsonl"


def load_skeletons(folder: Path | None = None) -> list[Annotation]:
    """Read these listings.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    return list(read_annotations(skeletons_path(folder)))
