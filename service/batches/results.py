"""Results as stored (JSON Lines) and as served (JSON Lines or CSV)."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from labels.csv_injection import plain_cell
from service.batches.reading import BOM
from service.batches.shapes import BatchLine
from service.store.database.json_text import dumps, storable

COLUMNS = [
    "line",
    "id",
    "status",
    "verdict",
    "risk",
    "product_class",
    "offer",
    "claims",
    "licences",
    "reasons_thai",
    "reasons_english",
    "law",
    "truncated",
    "model",
    "listing_id",
    "deposit",
    "problem",
    "problem_thai",
    "problem_english",
    "pictures",
]
"""Columns of a result as CSV; several values in a cell are on separate lines."""

_BLOCK = 2**18


def packed(line: BatchLine) -> bytes:
    """Serialize one line of JSON Lines with its line feed; omits null values except the id."""
    fields: dict[str, Any] = {"line": line.line, "id": line.id, "status": line.status}
    for name in ("assessment", "problem"):
        if (part := getattr(line, name)) is not None:
            fields[name] = part.model_dump(mode="json")
    for name in ("listing_id", "deposit"):
        if (value := getattr(line, name)) is not None:
            fields[name] = value
    return f"{dumps(storable(fields))}\n".encode()


def as_json_lines(files: Iterable[Path]) -> Iterator[bytes]:
    """Yield the content of result files, block by block."""
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block


def as_csv(files: Iterable[Path]) -> Iterator[bytes]:
    """Yield result files as one CSV table, in blocks, with a byte order mark for spreadsheets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    yield BOM + buffer.getvalue().encode()
    for path in files:
        buffer.seek(0)
        buffer.truncate()
        with path.open("rb") as file:
            for line in file:
                writer.writerow(_cells(json.loads(line)))
        yield buffer.getvalue().encode()


def _cells(line: dict[str, Any]) -> list[str]:
    found = line.get("assessment") or {}
    problem = line.get("problem") or {}
    law = {ref["citation"]: None for part in _parts(found) for ref in part.get("law", [])}
    values: dict[str, object] = {
        **{name: line.get(name) for name in ("line", "id", "status", "listing_id", "deposit")},
        **{
            name: found.get(name)
            for name in ("verdict", "risk", "product_class", "offer", "truncated", "model")
        },
        "claims": "\n".join(
            f"{claim['label']}: {claim['text']}" for text in _texts(found) for claim in text.get("claims", [])
        ),
        "licences": "\n".join(
            f"{item['kind']} {item['number']}: {item['shape']}, {item['status']}"
            for text in _texts(found)
            for item in text.get("licences", [])
        ),
        "reasons_thai": "\n".join(item["thai"] for item in found.get("findings", [])),
        "reasons_english": "\n".join(item["english"] for item in found.get("findings", [])),
        "law": "\n".join(law),
        "problem": problem.get("code"),
        "problem_thai": problem.get("thai"),
        "problem_english": problem.get("english"),
        "pictures": "\n".join(f"{item['file']}: {item['status']}" for item in found.get("pictures", [])),
    }
    return [_cell(values[name]) for name in COLUMNS]


def _texts(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the assessment of the text, and those of its pictures."""
    return [found, *found.get("pictures", [])]


def _parts(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for text in _texts(found):
        yield from text.get("claims", [])
    yield from found.get("findings", [])


def _cell(value: object) -> str:
    """Return a cell that spreadsheets do not interpret as a formula."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain_cell("" if value is None else str(value))
