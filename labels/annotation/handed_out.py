"""Reads the texts of files that annotators already have, whatever answers stand beside them."""

import json
from pathlib import Path
from typing import Any

from labels.annotation.inline import InlineMarkupError, parse_inline
from labels.annotation.studio import TEXT
from labels.dataset.shipped import DatasetError


def texts_handed_out(path: Path) -> list[str]:
    """The texts of JSON Lines with spans inline or as offsets, or of a JSON list of Label Studio tasks.

    Raises:
        DatasetError: the file is missing or not UTF-8, or an entry has no text.
    """
    if not path.is_file():
        raise DatasetError(path, 0, ["no such file; name a file of annotated listings or of tasks"])
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(path, 0, ["not UTF-8: save the file as UTF-8"]) from error
    if content.lstrip().startswith("["):
        tasks = _json(path, 0, content)
        return [_text(path, 0, task.get("data") if isinstance(task, dict) else None, TEXT) for task in tasks]
    lines = ((number, line) for number, line in enumerate(content.split("\n"), 1) if line.strip())
    return [_plain(path, number, _json(path, number, line)) for number, line in lines]


def _json(path: Path, number: int, content: str) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        what = "write one JSON object per line, or give Label Studio's tasks"
        raise DatasetError(path, number, [f"not JSON: {error}: {what}"]) from error


def _plain(path: Path, number: int, row: object) -> str:
    text = _text(path, number, row, "text")
    if isinstance(row, dict) and row.get("spans"):
        return text
    try:
        return parse_inline(text)[0]
    except InlineMarkupError:
        return text


def _text(path: Path, number: int, row: object, name: str) -> str:
    text = row.get(name) if isinstance(row, dict) else None
    if not isinstance(text, str):
        raise DatasetError(path, number, [f"an entry has no field {name!r} that holds a text"])
    return text
