"""The client's side of an upload: a file on disk, listings written to a temporary one, or an archive."""

import gzip
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from service.batches.formats import ARCHIVE, SUFFIXES, WORKBOOK

TYPES = {
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".csv": "text/csv",
    ".xlsx": WORKBOOK,
    ".zip": ARCHIVE,
}
PICTURES = frozenset({".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
"""Suffixes of the files of a folder that are sent."""


@contextmanager
def spooled(
    source: Path | Iterable[dict[str, Any]], encoding: str | None = None, images: Path | None = None
) -> Iterator[tuple[IO[bytes], dict[str, str]]]:
    """Yield an open file and the headers to send it with; records become compressed JSON Lines.

    ``encoding`` is the file's, if it is not UTF-8.  With ``images``, a folder, the file and the pictures in
    the folder become an archive; it holds them under the folder's own name beside the file, so that names are
    relative to the folder or begin with its name.

    Raises ``ValueError`` for an unsupported suffix, and ``OSError``.
    """
    charset = "" if encoding is None else f"; charset={encoding}"
    if images is not None:
        if not images.is_dir():
            raise ValueError(f"{images} is not a folder of pictures")
        with tempfile.TemporaryFile() as file:
            _pack(file, source, images)
            yield file, {"Content-Type": ARCHIVE + charset}
        return
    if isinstance(source, Path):
        packed = source.suffix.lower() == ".gz"
        suffix = Path(source.stem).suffix if packed else source.suffix
        kind = TYPES.get(suffix.lower())
        if kind is None:
            raise ValueError(
                f"{source}: name the file .jsonl, .ndjson, .csv or .xlsx, optionally followed by .gz, or .zip"
            )
        with source.open("rb") as file:
            yield file, {"Content-Type": kind + charset} | ({"Content-Encoding": "gzip"} if packed else {})
        return
    with tempfile.TemporaryFile() as file:
        with gzip.open(file, "wt", encoding="utf-8", errors="replace", compresslevel=5) as text:
            text.writelines(map(_line, source))
        yield file, {"Content-Type": TYPES[".jsonl"], "Content-Encoding": "gzip"}


def _pack(file: IO[bytes], source: Path | Iterable[dict[str, Any]], images: Path) -> None:
    with zipfile.ZipFile(
        file, "w", zipfile.ZIP_DEFLATED, compresslevel=5, strict_timestamps=False
    ) as archive:
        if isinstance(source, Path):
            if source.suffix.lower() not in SUFFIXES:
                raise ValueError(f"{source}: with images, name the file .jsonl, .ndjson, .csv or .xlsx")
            archive.write(source, source.name)
        else:
            with archive.open("listings.jsonl", "w") as lines:
                lines.writelines(_line(record).encode("utf-8", "replace") for record in source)
        folder = images.resolve().name or "images"
        for picture in sorted(images.rglob("*")):
            if picture.suffix.lower() in PICTURES and picture.is_file():
                # They are compressed already.
                archive.write(
                    picture, f"{folder}/{picture.relative_to(images).as_posix()}", zipfile.ZIP_STORED
                )
    file.seek(0)


def _line(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
