"""Listings written on the skeletons of real ones: the same order, length and register, other goods and words.

They are no part of the splits, whose figures compare with earlier ones; they are read beside real texts.
"""

from pathlib import Path

from labels.dataset import data_folder, read_annotations
from labels.schema import Annotation


def skeletons_path(folder: Path | None = None) -> Path:
    """Where they lie."""
    return (folder or data_folder()) / "skeletons.jsonl"


def load_skeletons(folder: Path | None = None) -> list[Annotation]:
    """Read them.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    return list(read_annotations(skeletons_path(folder)))
