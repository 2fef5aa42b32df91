"""Evidence for a case pack: only the records of its listings, copied byte for byte.

A record is copied unchanged, so its own digests stay valid.  A record that does not match its digest is left
out and reported as missing: a pack must not contain unreliable evidence.
"""

import gzip
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from labels.evidence.warc import VIEW, Damage, Record, read_warc
from service.store.tables.core_tables import Capture

log = logging.getLogger(__name__)

_GZIP = b"\x1f\x8b"
_PICTURES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/tiff": "tif",
}


class MissingReason(StrEnum):
    """Why a capture is not in the pack."""

    NO_FILE = "no_file"
    NO_RECORD = "no_record"
    DAMAGED = "damaged"
    TORN = "torn"
    """The record is not in the readable part of a damaged file."""


@dataclass(frozen=True)
class Evidence:
    """The evidence in a pack.

    Attributes:
        warc: the records of the listings, each once and as a gzip member; empty if there are none.
        found: captures whose responses are in ``warc``.
        missing: the others, with the reason.
        screenshots: name -> body of the pictures that the crawler made of a page.
        pictures: name -> body of the pictures that the seller published.
    """

    warc: bytes = b""
    found: tuple[Capture, ...] = ()
    missing: tuple[tuple[Capture, MissingReason], ...] = ()
    screenshots: dict[str, bytes] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def without(self, hashes: Collection[str]) -> "Evidence":
        """The same without the seller's pictures of these hashes, which the pack shows elsewhere."""
        others = [
            (name.rpartition(".")[2], body)
            for name, body in self.pictures.items()
            if sha256(body).hexdigest() not in hashes
        ]
        return replace(self, pictures=_numbered("listing-picture", others))


def gather(folder: Path, captures: Sequence[Capture]) -> Evidence:
    """Collect the evidence of these captures, in the order of files and records.

    Reads each file to its end: a file contains the pages of a whole crawl and has no index.
    """
    by_file: dict[str, list[Capture]] = {}
    for capture in captures:
        by_file.setdefault(capture.warc_file, []).append(capture)
    parts: list[bytes] = []
    found: list[Capture] = []
    missing: list[tuple[Capture, MissingReason]] = []
    bodies: list[tuple[Capture, bytes]] = []
    for name in sorted(by_file):
        # One page may be the evidence of several listings.
        wanted: dict[str, list[Capture]] = {}
        for capture in by_file[name]:
            wanted.setdefault(capture.warc_record_id, []).append(capture)
        path = _inside(folder, name)
        if path is None:
            missing += [(capture, MissingReason.NO_FILE) for capture in by_file[name]]
            continue
        records, whole = _read(path, set(wanted))
        answers = {record.id: record for record in records if record.id in wanted}
        sound: set[str] = set()
        for number, captures_of in wanted.items():
            record = answers.get(number)
            for capture in captures_of:
                if record is None:
                    missing.append((capture, MissingReason.NO_RECORD if whole else MissingReason.TORN))
                elif record.sound is False or not record.length or record.sha256 != capture.sha256:
                    missing.append((capture, MissingReason.DAMAGED))
                else:
                    found.append(capture)
                    if number not in sound:
                        bodies.append((capture, record.body))
                    sound.add(number)
        if sound:
            parts += [
                _member(path, record)
                for record in records
                if record.kind == "warcinfo" or record.id in sound or record.concurrent_to in sound
            ]
    return Evidence(b"".join(parts), tuple(found), tuple(missing), *_named(bodies))


def _named(bodies: Sequence[tuple[Capture, bytes]]) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Name -> body of the screenshots among these captures, and of the seller's pictures."""
    screenshots: list[tuple[str, bytes]] = []
    pictures: list[tuple[str, bytes]] = []
    for capture, body in bodies:
        ending = _PICTURES.get(capture.content_type.partition(";")[0].strip().lower())
        if ending:
            (screenshots if capture.url.startswith(VIEW) else pictures).append((ending, body))
    return _numbered("screenshot", screenshots), _numbered("listing-picture", pictures)


def _numbered(name: str, files: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    return {f"{name}-{number}.{ending}": body for number, (ending, body) in enumerate(files, start=1)}


@dataclass(frozen=True)
class Stored:
    """One capture as currently stored in its file.

    ``lack`` is ``None`` if the record exists and its digests match; ``sha256`` is that of the body in the
    file, empty without a record; ``body`` is as received, possibly encoded as ``headers`` say.
    """

    lack: MissingReason | None
    sha256: str = ""
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def read_capture(folder: Path, capture: Capture) -> Stored:
    """Read the stored record of a capture; reads its file up to the record."""
    path = _inside(folder, capture.warc_file)
    if path is None:
        return Stored(MissingReason.NO_FILE)
    damaged = False
    try:
        for record in read_warc(path):
            if isinstance(record, Damage):
                damaged = True
            elif record.id == capture.warc_record_id:
                if record.sound is False or record.sha256 != capture.sha256:
                    return Stored(MissingReason.DAMAGED, record.sha256)
                return Stored(None, record.sha256, record.body, record.headers)
    except OSError as error:
        log.warning("%s cannot be read to its end: %s", path, error)
        damaged = True
    return Stored(MissingReason.TORN if damaged else MissingReason.NO_RECORD)


def _inside(folder: Path, name: str) -> Path | None:
    """Return the path if it is inside the evidence folder, else ``None``."""
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, a lone surrogate, or a symlink loop
        return None


def _read(path: Path, wanted: Collection[str]) -> tuple[list[Record], bool]:
    """Read the warcinfo, the wanted records and their requests, and whether the whole file is readable."""
    found: list[Record] = []
    whole = True
    try:
        for record in read_warc(path):
            if isinstance(record, Damage):
                log.warning("%s: %d bytes at %d: %s", path, record.length, record.start, record.detail)
                whole = False
            elif record.kind == "warcinfo" or record.id in wanted or record.concurrent_to in wanted:
                found.append(record)
    except OSError as error:
        log.warning("%s cannot be read to its end: %s", path, error)
        whole = False
    return found, whole


def _member(path: Path, record: Record) -> bytes:
    with path.open("rb") as stream:
        stream.seek(record.start)
        raw = stream.read(record.length)
    # Uncompressed records are separated by two line ends, which belong to neither.
    return raw if raw.startswith(_GZIP) else gzip.compress(raw + b"\r\n\r\n", mtime=0)
