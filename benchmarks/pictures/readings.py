"""Readings of pictures, kept in a file: limits can be studied without reading again."""

import json
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from inference.pictures.messages import restored, stored
from inference.pictures.reader import PictureReader, ReadPicture

SECONDS = 300.0
"""Time limit for one picture: a busy machine may take its time."""


@dataclass(frozen=True)
class Reading:
    """What was read in a picture, and the seconds that it took."""

    picture: ReadPicture
    seconds: float


class Readings:
    """Reads pictures, each once.

    Args:
        file: where readings are kept, one JSON object a line; nowhere by default. Readings of another version
            of the engine are ignored; after a change of our own code, delete the file.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._reader = PictureReader(seconds=SECONDS, kept_bytes=0)
        self._engine = self._reader.engine()
        self._file = file
        self._kept: dict[str, Reading] = {}
        if file is not None and file.exists():
            for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
                if row["engine"] == self._engine:
                    lines = tuple(map(restored, row["lines"]))
                    picture = ReadPicture(row["sha256"], lines, row["engine"])
                    self._kept[row["sha256"]] = Reading(picture, row["seconds"])

    def __enter__(self) -> "Readings":
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    def of(self, content: bytes) -> Reading:
        """The reading of a picture file.  Raises ``PictureError``."""
        digest = sha256(content).hexdigest()
        if digest not in self._kept:
            start = time.perf_counter()
            picture = self._reader.read(content)
            self._kept[digest] = Reading(picture, time.perf_counter() - start)
            self._write(self._kept[digest])
        return self._kept[digest]

    def _write(self, reading: Reading) -> None:
        if self._file is None:
            return
        row = {
            "sha256": reading.picture.sha256,
            "engine": reading.picture.engine,
            "seconds": round(reading.seconds, 3),
            "lines": [stored(line) for line in reading.picture.lines],
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
