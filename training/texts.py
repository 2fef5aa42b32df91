"""Unlabelled texts for further pretraining: files at hand, or a dataset of the hub."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SHORTEST = 20
"""Characters under which a text teaches nothing about its words."""

FIELDS = ("text", "texts")
"""Names under which a JSON Lines record may keep its text, first found first taken."""


class TextsError(ValueError):
    """A file or a hub's dataset gives no texts; the message says what to do."""


def read_texts(path: Path) -> list[str]:
    """Texts of a file: ``.jsonl`` with a field ``text``, ``.txt`` with a text a line, or ``.gz`` of either.

    Lines end at a line feed alone: social texts hold other separators.

    Raises:
        TextsError: the file's form is unknown, a line is no JSON, or nothing is in it.
    """
    form = path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix
    if form not in {".txt", ".jsonl"}:
        raise TextsError(f"{path}: give .txt (a text a line) or .jsonl (a field text), or .gz of either")
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
    """A column of a dataset on the Hugging Face hub, without what teaches nothing.

    Raises:
        TextsError: the hub is out of reach, or the dataset has no such column.
    """
    return _kept(hub_column(name, column, split), name)


def hub_column(name: str, column: str, split: str = "train") -> list[str]:
    """A column of a dataset on the Hugging Face hub, every text as it is.

    Raises:
        TextsError: the hub is out of reach, or the dataset has no such column.
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


def _field(path: Path, number: int, line: str) -> str:
    try:
        record: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise TextsError(f"{path}, line {number}: no JSON ({error.msg})") from error
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
