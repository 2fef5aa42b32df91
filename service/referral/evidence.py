"""Evidence for a case pack: of each WARC file only the records behind one listing, byte for byte.

A record is copied as it lies in the file, so its own digests still hold.  A record that does not match its
digest is left out, and said to be missing: a pack must not carry what nobody can rely on.
"""

import gzip
import logging
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from service.store.models import Capture

log = logging.getLogger(__name__)

_GZIP = b"\x1f\x8b"
_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class Lack(StrEnum):
    """Why a capture is not in the pack."""

    NO_FILE = "no_file"
    NO_RECORD = "no_record"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Evidence:
    """What a pack carries.

    Attributes:
        warc: the records of the listing, each a gzip member; empty where there are none.
        found: the captures whose responses are in ``warc``.
        missing: the others, with the reason.
        pictures: name -> body of captures that are pictures (screenshots).
    """

    warc: bytes = b""
    found: tuple[Capture, ...] = ()
    missing: tuple[tuple[Capture, Lack], ...] = ()
    pictures: dict[str, bytes] = field(default_factory=dict)


@dataclass
class _Record:
    kind: str
    id: str
    concurrent: str
    offset: int
    length: int
    sha256: str
    body: bytes
    sound: bool


def gather(folder: Path, captures: Sequence[Capture]) -> Evidence:
    """The evidence of these captures, in the order of their files and of the records in them.

    Reads each file to its end: a file holds the pages of a whole crawl and has no index.
    """
    by_file: dict[str, list[Capture]] = {}
    for capture in captures:
        by_file.setdefault(capture.warc_file, []).append(capture)
    parts: list[bytes] = []
    found: list[Capture] = []
    missing: list[tuple[Capture, Lack]] = []
    pictures: dict[str, bytes] = {}
    for name in sorted(by_file):
        wanted = {capture.warc_record_id: capture for capture in by_file[name]}
        path = _inside(folder, name)
        if path is None:
            missing += [(capture, Lack.NO_FILE) for capture in wanted.values()]
            continue
        records = _records(path, set(wanted))
        answers = {record.id: record for record in records if record.id in wanted}
        sound: set[str] = set()
        for number, capture in wanted.items():
            record = answers.get(number)
            if record is None:
                missing.append((capture, Lack.NO_RECORD))
            elif not record.sound or record.sha256 != capture.sha256:
                missing.append((capture, Lack.DAMAGED))
            else:
                sound.add(number)
                found.append(capture)
                ending = _PICTURES.get(capture.content_type.partition(";")[0].strip().lower())
                if ending:
                    pictures[f"screenshot-{len(pictures) + 1}.{ending}"] = record.body
        if sound:
            parts += [
                _member(path, record)
                for record in records
                if record.kind == "warcinfo" or record.id in sound or record.concurrent in sound
            ]
    return Evidence(b"".join(parts), tuple(found), tuple(missing), pictures)


def _inside(folder: Path, name: str) -> Path | None:
    """The file, where it lies in the evidence folder; ``None`` where it does not, or cannot by its name."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):  # too long, a NUL or half an emoji, links in a circle
        return None


def _records(path: Path, wanted: Iterable[str]) -> list[_Record]:
    """The file's own description, the wanted records and the requests that belong to them."""
    found: list[_Record] = []
    wanted = set(wanted)
    try:
        with path.open("rb") as stream:
            archive = ArchiveIterator(stream, check_digests=True)
            for record in archive:
                headers = record.rec_headers
                number = headers.get_header("WARC-Record-ID") or ""
                concurrent = headers.get_header("WARC-Concurrent-To") or ""
                if record.rec_type != "warcinfo" and not {number, concurrent} & wanted:
                    continue
                body: bytes = record.raw_stream.read()
                passed: Any = record.digest_checker.passed
                offset, length = archive.get_record_offset(), archive.get_record_length()
                found.append(
                    _Record(
                        kind=record.rec_type,
                        id=number,
                        concurrent=concurrent,
                        offset=offset,
                        length=length,
                        sha256=sha256(body).hexdigest(),
                        body=body if number in wanted else b"",
                        sound=passed is not False,
                    )
                )
    except (OSError, ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
        # The tail of a killed run: the records before it are whole.
        log.warning("%s cannot be read to its end: %s", path, error)
    return found


def _member(path: Path, record: _Record) -> bytes:
    with path.open("rb") as stream:
        stream.seek(record.offset)
        raw = stream.read(record.length)
    # Between the records of a file that is not packed lie two line ends, which belong to neither.
    return raw if raw.startswith(_GZIP) else gzip.compress(raw + b"\r\n\r\n", mtime=0)
