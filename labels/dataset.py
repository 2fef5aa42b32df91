"""The shipped dataset: annotated listings as JSON Lines, one file per split."""

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from labels.inline import InlineMarkupError, parse_inline
from labels.schema import Annotation


class Split(StrEnum):
    """The parts of the dataset. Nothing is ever tuned on ``test``."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


class DatasetError(ValueError):
    """A dataset file cannot be read; the message names the file, the line and the remedy."""


def data_folder() -> Path:
    """The folder of the shipped dataset."""
    return Path(str(resources.files("labels"))) / "data"


def split_path(split: Split, folder: Path | None = None) -> Path:
    """Where a split of the dataset lies."""
    return (folder or data_folder()) / f"{split}.jsonl"


def load_split(split: Split, folder: Path | None = None) -> list[Annotation]:
    """Read one split.

    Raises:
        DatasetError: the file is missing or a line in it is not a record.
    """
    return list(read_annotations(split_path(split, folder)))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise DatasetError(f"{path}: no such file; name a JSON Lines file of annotated listings")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise DatasetError(f"{path}:{number}: not JSON: {error}") from error
            if not isinstance(row, dict):
                raise DatasetError(f"{path}:{number}: expected one JSON object a line")
            yield number, row


def read_annotations(path: Path) -> Iterator[Annotation]:
    """Yield the records of a dataset file (spans as offsets).

    Raises:
        DatasetError: a line is not JSON or breaks the schema.
    """
    for number, row in _rows(path):
        try:
            yield Annotation.model_validate(row)
        except ValidationError as error:
            raise DatasetError(f"{path}:{number}: {_first_problem(error)}") from error


def read_raw(path: Path) -> Iterator[Annotation]:
    """Yield the records of a raw file as annotators write it (spans inline).

    Raises:
        DatasetError: a line is not JSON, its markup is broken, or it breaks the schema.
    """
    for number, row in _rows(path):
        try:
            text, spans = parse_inline(str(row.get("text", "")))
            yield Annotation.model_validate({"source": path.stem, **row, "text": text, "spans": spans})
        except InlineMarkupError as error:
            raise DatasetError(f"{path}:{number}: {error}") from error
        except ValidationError as error:
            raise DatasetError(f"{path}:{number}: {_first_problem(error)}") from error


def write_annotations(path: Path, records: Iterable[Annotation]) -> None:
    """Write records as JSON Lines, one object a line, empty fields left out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for record in records:
            row = record.model_dump(mode="json", exclude_defaults=True)
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(str(x) for x in problem["loc"]) or "record"
    return f"{where}: {problem['msg']}"
