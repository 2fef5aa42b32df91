"""An archive with the file of a batch and the pictures that its rows name.

Entries are read one by one into memory, each within a bound; none is ever written under its own name, and an
archive within the archive is not opened.
"""

import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import BinaryIO, Final

from inference.pictures.errors import PictureError
from inference.pictures.reader import MAX_BYTES
from labels.files.whole import whole_file
from service.batches.formats import SUFFIXES
from service.batches.problems import BadFile, FileTooLarge, too_many_bytes

MAX_ENTRIES: Final = 10_000
MAX_DIRECTORY: Final = 4 * 2**20
"""Maximum bytes of the archive's directory, which is read into memory as a whole."""

_END: Final = struct.Struct("<4s4H2IH")
_END_MARK, _LARGE_MARK, _ENTRY_MARK = b"PK\x05\x06", b"PK\x06\x07", b"PK\x01\x02"
_LARGE_LENGTH: Final = 20
_COMMENT: Final = 2**16
_UTF_8: Final = 0x800
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others may take gigabytes of memory for a small entry."""
_OF_SYSTEMS: Final = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, struct.error)
"""What ``zipfile`` raises on damaged archives."""


class Archive:
    """An open archive; its pictures are found by their path relative to the file of the batch.

    If all pictures lie in one folder beside that file, their names may omit the folder.  Raises
    :class:`~service.batches.problems.BadFile` for an archive that cannot be used, and ``OSError``.
    """

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        _check_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
            entries = {_name(info): info for info in self._zip.infolist() if not info.is_dir()}
        except _UNREADABLE as error:
            raise _damaged() from error
        for name, info in entries.items():
            _check(name, info)
        if len(entries) < sum(not info.is_dir() for info in self._zip.infolist()):
            raise _refused("two of its files have the same name", "มีไฟล์ชื่อซ้ำกัน")
        if sum(info.file_size for info in entries.values()) > max_bytes:
            raise too_many_bytes(max_bytes)
        entries = {name: info for name, info in entries.items() if not _is_left_by_system(name)}
        tables = [name for name in entries if _suffix(name) in SUFFIXES]
        if len(tables) != 1:
            found = ", ".join(tables)[:300] or "none"
            raise _refused(
                f"it needs exactly one file of listings (.jsonl, .ndjson, .csv or .xlsx), and has {found}",
                "ต้องมีไฟล์รายการ (.jsonl .ndjson .csv หรือ .xlsx) เพียงไฟล์เดียว",
            )
        self._table = entries.pop(tables[0])
        self.format, self.is_workbook = SUFFIXES[_suffix(tables[0])]
        self._pictures = _beside(tables[0], entries)

    def extract_table(self, path: Path) -> None:
        """Write the file of listings to ``path``.  Raises ``OSError`` and ``BadFile``."""
        try:
            with self._zip.open(self._table) as table, whole_file(path) as out:
                copyfileobj(table, out, 2**20)
        except _UNREADABLE as error:
            raise _damaged() from error

    def content(self, name: str) -> bytes:
        """Return the bytes of the picture with this name; raises ``PictureError``."""
        info = self._pictures.get(_normal(name))
        if info is None:
            raise PictureError("picture_not_in_folder")
        if info.file_size > MAX_BYTES:
            raise PictureError("picture_too_large", size=info.file_size, limit=MAX_BYTES)
        try:
            with self._zip.open(info) as file:
                # Without a number, it inflates up to 2 GiB whatever the entry declares.
                return file.read(info.file_size + 1)
        except _UNREADABLE as error:
            raise PictureError("picture_damaged") from error


@contextmanager
def opened(path: Path, max_bytes: int) -> Iterator[Archive]:
    """Open the archive at ``path`` while the block runs; raises like :class:`Archive`."""
    with path.open("rb") as file:
        yield Archive(file, max_bytes)


def _check_directory(file: BinaryIO) -> None:
    """Refuse an archive with too many entries before ``zipfile`` reads them all into memory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _COMMENT - _LARGE_LENGTH))
    tail = file.read()
    at = len(tail) - _END.size
    if not (tail[at:].startswith(_END_MARK) and tail.endswith(b"\0\0")):  # there is a comment behind it
        at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise _damaged()
    length = _END.unpack_from(tail, at)[5]
    # ``zipfile`` uses the directory of a ZIP64 archive whatever this one says.
    if length > MAX_DIRECTORY or tail[:at][-_LARGE_LENGTH:].startswith(_LARGE_MARK):
        raise _too_many()
    file.seek(max(0, size - len(tail) + at - length))
    if file.read(length).count(_ENTRY_MARK) > MAX_ENTRIES:
        raise _too_many()
    file.seek(0)


def _name(info: zipfile.ZipInfo) -> str:
    """Return the path of an entry; one that is not marked as UTF-8 may be so, or in a Thai code page."""
    name = info.orig_filename
    if not info.flag_bits & _UTF_8:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "cp874"):
            with suppress(UnicodeDecodeError):
                name = raw.decode(encoding)
                break
    return _normal(name)


def _normal(name: str) -> str:
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    return path.removeprefix("./")


def _check(name: str, info: zipfile.ZipInfo) -> None:
    parts = name.split("/")
    if "\0" in name or ".." in parts or not parts[0] or parts[0].endswith(":"):
        raise _refused("a file in it leads out of the archive", "มีชื่อไฟล์ที่ชี้ออกนอกไฟล์ zip")
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        raise _refused("it has a link, where a file should be", "มีลิงก์แทนไฟล์")
    if info.flag_bits & _ENCRYPTED:
        raise _refused("it is encrypted", "มีการตั้งรหัสผ่าน")
    if info.compress_type not in _METHODS:
        raise _refused("it is compressed by another method than Deflate", "ใช้วิธีบีบอัดอื่นนอกจาก Deflate")


def _is_left_by_system(name: str) -> bool:
    """Whether the file is metadata that macOS or Windows added."""
    path = PurePosixPath(name)
    return path.parts[0] == "__MACOSX" or path.name.startswith("._") or path.name in _OF_SYSTEMS


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _beside(table: str, entries: Mapping[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Return the pictures by their paths relative to the file of listings."""
    base = table[: table.rfind("/") + 1]
    found = {name.removeprefix(base): info for name, info in entries.items()}
    folders = {name.partition("/")[0] if "/" in name else "" for name in found}
    if len(folders) == 1 and (folder := folders.pop()):
        found = {name.removeprefix(f"{folder}/"): info for name, info in found.items()} | found
    return found


def _damaged() -> BadFile:
    return _refused("it is no complete ZIP archive", "ไฟล์ zip ไม่สมบูรณ์")


def _refused(english: str, thai: str) -> BadFile:
    return BadFile(f"the archive cannot be used: {english}", f"ใช้ไฟล์ zip นี้ไม่ได้: {thai}")


def _too_many() -> BadFile:
    return FileTooLarge(
        f"the archive has more than {MAX_ENTRIES:,} files, or is of the kind ZIP64: split it",
        f"ไฟล์ zip มีเกิน {MAX_ENTRIES:,} ไฟล์ หรือเป็นแบบ ZIP64 ให้แบ่งส่งเป็นหลายชุด",
    )
