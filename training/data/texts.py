"""Reads unlabelled texts for pretraining and distillation, from local files or a Hugging Face dataset."""

import gzip
import json
import zlib
from collections.abc import Sequence
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
    """Texts of a file, without those that are too short.

    It is ``.jsonl`` with a field ``text``, ``.txt`` with one text per line, or ``.gz`` of either.

    Only a line feed ends a line: social media texts contain other separators.

    Raises:
        TextsError: the format is unknown, a line is not JSON, or the file is empty.
    """
    return [text.strip() for _, text in numbered_texts(path)]


def numbered_texts(path: Path) -> list[tuple[int, str]]:
    """Like :func:`read_texts`, but each text as it stands in the file, with its line from 1.

    Raises:
        TextsError: the format is unknown, a line is not JSON, or the file is empty.
    """
    form = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if form not in {".txt", ".jsonl"}:
        raise TextsError(f"{path}: give .txt (one text per line) or .jsonl (a field text), or .gz of either")
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise TextsError(f"{path} is not a whole gzip file ({error}): fetch or compress it again") from error
    try:
        lines = list(enumerate(data.decode("utf-8-sig").split("\n"), 1))
    except UnicodeDecodeError as error:
        raise TextsError(f"{path} is not UTF-8: convert it first") from error
    found = lines if form == ".txt" else [(n, _field(path, n, line)) for n, line in lines if line.strip()]
    kept = [(number, text) for number, text in found if is_long_enough(text)]
    if not kept:
        raise TextsError(f"{path} holds no text of {SHORTEST} characters or more")
    return kept


def hub_column(name: str, column: str, split: str = "train") -> list[str]:
    """A column of a Hugging Face dataset, also its short texts.

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


def is_long_enough(text: str) -> bool:
    """Whether a text carries enough context to learn from."""
    return len(text.strip()) >= SHORTEST
