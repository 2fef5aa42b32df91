"""The client's side of an upload: a file on disk, or listings written to a temporary one."""

import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from service.batches.formats import WORKBOOK

TYPES = {
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".xlsx": WORKBOOK,
}


@contextmanager
def spooled(
    source: Path | Iterable[dict[str, Any]], encoding: str | None = None
) -> Iterator[tuple[IO[bytes], dict[str, str]]]:
    """Yield an open file and the headers to send it with; records become compressed JSON Lines.

    ``encoding`` is the file's, if it is not UTF-8.

    Raises ``ValueError`` for an unsupported suffix, and ``OSError``.
    """
    if isinstance(source, Path):
        packed = source.suffix.lower() == ".gz"
        suffix = Path(source.stem).suffix if packed else source.suffix
        kind = TYPES.get(suffix.lower())
        if kind is None:
            raise ValueError(
                f"{source}: name the file .jsonl, .ndjson, .csv or .xlsx, optionally followed by .gz"
            )
        if encoding is not None:
            kind = f"{kind}; charset={encoding}"
        with source.open("rb") as file:
            yield file, {"Content-Type": kind} | ({"Content-Encoding": "gzip"} if packed else {})
        return
    with tempfile.TemporaryFile() as file:
        with gzip.open(file, "wt", encoding="utf-8", errors="replace", compresslevel=5) as text:
            for record in source:
                text.write(json.dumps(record, ensure_ascii=False) + "\n")
        yield file, {"Content-Type": TYPES[".jsonl"], "Content-Encoding": "gzip"}
