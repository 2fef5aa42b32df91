"""Reads unlabelled texts for pretraining and distillation, from local files or a Hugging Face dataset."""

import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from labels.schema import Annotation
from labels.taxonomy import Platform, ProductClass

SHORTEST = 20
"""Shorter texts are skipped, since they carry too little context."""

FIELDS = ("text", "texts")
"""Possible names of the text field in a JSON Lines record, in order of preference."""


class TextsError(ValueError):
    """A file or a hub dataset gives no texts; the message says what to do."""


def read_texts(path: Path) -> list[str]:
    """Texts of a file.

    It is ``.jsonl`` with a field ``text``, ``.txt`` with one text per line, or ``.gz`` of either.

    Only a line feed ends a line: social media texts contain other separators.

    Raises:
        TextsError: the format is unknown, a line is not JSON, or the file is empty.
    """
    form = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if form not in {".txt", ".jsonl"}:
        raise TextsError(f"{path}: give .txt (one text per line) or .jsonl (a field text), or .gz of either")
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    try:
        lines = data.decode("utf-8-sig").split("\n")
        found = (
            lines if form == ".txt" else [_field(path, n, line) for n, line in enumerate(lines, 1) if line]
        )
    except UnicodeDecodeError as error:
        raise TextsError(f"{path} is not UTF-8: convert it first") from error
    return _kept(found, str(path))


def hub_texts(name: str, column: str, split: str = "train") -> list[str]:
    """A column of a Hugging Face dataset, without texts that are too short.

    Raises:
        TextsError: the hub is unreachable, or the dataset has no such column.
    """
    return _kept(hub_column(name, column, split), name)


def hub_column(name: str, column: str, split: str = "train") -> list[str]:
    """A column of a Hugging Face dataset, unfiltered.

    Raises:
        TextsError: the hub is unreachable, or the dataset has no such column.
    """
    from datasets import load_dataset

    try:
        rows = load_dataset(name, split=split)
    except Exception as error:
        raise TextsError(
            f"the hub did not give {name} ({type(error).__name__}). Download it where the hub is reachable, "
            "write it as JSON Lines with a field text and name the file: ruthan pretrain --texts FILE"
        ) from error
    if column not in rows.column_names:
        raise TextsError(f"{name} has no column {column}: it has {', '.join(rows.column_names)}")
    return [text for text in rows[column] if isinstance(text, str)]


def as_records(texts: Sequence[str], name: str = "text") -> list[Annotation]:
    """One record without claims per text, numbered after ``name``.

    Platform and class are placeholders, since a record must have them: distillation reads no annotation, and
    the class of a non-offer is masked.
    """
    return [
        Annotation(
            id=f"{name}-{number}",
            platform=Platform.WEB_SHOP,
            product_class=ProductClass.OTHER,
            offer=False,
            text=text,
        )
        for number, text in enumerate(texts)
    ]


def _field(path: Path, number: int, line: str) -> str:
    try:
        record: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise TextsError(f"{path}, line {number}: not JSON ({error.msg})") from error
    values = (record.get(name) for name in FIELDS) if isinstance(record, dict) else iter(())
    text = next((value for value in values if isinstance(value, str)), None)
    if text is None:
        raise TextsError(f"{path}, line {number}: no field {' or '.join(FIELDS)} that holds a text")
    return text


def _kept(texts: Iterator[str] | list[str], source: str) -> list[str]:
    kept = [stripped for text in texts if len(stripped := text.strip()) >= SHORTEST]
    if not kept:
        raise TextsError(f"{source} holds no text of {SHORTEST} characters or more")
    return kept
