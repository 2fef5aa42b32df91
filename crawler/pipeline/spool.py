"""JSON Lines files that hold listings instead of, or in addition to, the store."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from pydantic import BaseModel, ConfigDict, ValidationError

from labels.files.private import make_folder, open_bytes
from labels.files.sync import sync_folder
from labels.files.whole import write_whole
from labels.schema import Capture, Listing
from service.store.pictures.repository import NewPicture

SOURCE = "crawl"
"""Source name of this crawler's listings."""


class Spooled(BaseModel):
    """A listing on its way to the store."""

    model_config = ConfigDict(extra="forbid")

    listing: Listing
    captures: list[Capture] = []
    source: str = SOURCE
    seen: Capture | None = None
    """The record of the visit that found it, if there is one."""
    pictures: list[NewPicture] = []
    pictures_complete: bool = False
    """Whether these are all pictures of the listing."""


_APPENDING = Lock()
"""The sources of one run write to the same file, each from its own thread."""


@dataclass
class LineFile:
    """Appends complete lines to a file, created on first use."""

    path: Path
    lines: int = 0

    def add(self, *records: BaseModel) -> None:
        """Append records and sync them to disk. Raises ``OSError``."""
        make_folder(self.path.parent)
        lines = [x.model_dump_json().encode("utf-8", errors="replace") + b"\n" for x in records]
        data = b"".join(lines)
        with _APPENDING, open_bytes(self.path, "ab+") as file:
            size = file.seek(0, os.SEEK_END)
            if size and _last_byte(self.path) != b"\n":
                data = b"\n" + data  # after the torn line of a killed run
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if not size:
                sync_folder(self.path.parent)
        self.lines += len(records)


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def read_spool(path: Path) -> Iterator[tuple[int, Spooled | str]]:
    """Yield line numbers and records of a spool or ``listings.jsonl`` file; a string is an error message.

    Raises ``OSError`` if the file cannot be read.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                data = json.loads(line)
                is_spooled = isinstance(data, dict) and "listing" in data
                yield number, Spooled.model_validate(data if is_spooled else {"listing": data})
            except (ValueError, ValidationError) as error:
                yield number, f"not a listing: {str(error).splitlines()[0]}"


def write_spool(path: Path, records: Sequence[Spooled]) -> None:
    """Replace a spool's records, or delete it if there are none."""
    if not records:
        path.unlink(missing_ok=True)
        return
    write_whole(path, "".join(x.model_dump_json() + "\n" for x in records).encode())
