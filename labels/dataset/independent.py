"""An independent test set by writers who had seen neither the dataset nor a model.

The test split shares its writers' habits with the train split; these texts do not, so the gap between the two
shows how well test results generalize. Nothing is fitted or tuned on them.
"""

from pathlib import Path

from labels.dataset.shipped import data_folder, read_annotations
from labels.schema import Annotation


def independent_path(folder: Path | None = None) -> Path:
    """The file of the independent test set."""
    return (folder or data_folder()) / "independent.jsonl"


def load_independent(folder: Path | None = None) -> list[Annotation]:
    """Read the independent test set.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    return list(read_annotations(independent_path(folder)))
