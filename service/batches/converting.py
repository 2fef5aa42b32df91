"""Converts an upload in another encoding to UTF-8."""

import codecs
from pathlib import Path
from typing import Final

from labels.files.private import open_bytes
from service.batches.problems import BadFile, too_many_bytes

CHARSETS: Final = {
    "windows-874": "cp874",
    "cp874": "cp874",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""Accepted encodings other than UTF-8, by their names in a ``Content-Type``."""

_STEP: Final = 2**20
_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def as_utf_8(path: Path, charset: str | None, max_bytes: int) -> None:
    """Rewrite a file from another encoding to UTF-8.

    ``charset`` is a key of :data:`CHARSETS`, or ``None`` if none was given: then UTF-16 is recognized by its
    byte order mark, and everything else left as it is.  Raises ``OSError``, and
    :class:`~service.batches.problems.BadFile` for a file that is not in that encoding, or larger than
    ``max_bytes`` in UTF-8.
    """
    with path.open("rb") as file:
        marked = file.read(2) in _MARKS
    if marked:
        charset = "utf-16"
    if charset is None:
        return
    decoder = codecs.getincrementaldecoder(CHARSETS[charset])()
    target = path.with_name(f"{path.name}.utf-8")
    size = taken = 0
    try:
        with path.open("rb") as file, open_bytes(target, "wb") as out:
            while True:
                part = file.read(_STEP)
                try:
                    text = decoder.decode(part, final=not part)
                except UnicodeDecodeError as error:
                    raise _not_in(charset, taken + error.start) from error
                taken += len(part)
                encoded = text.encode("utf-8")
                size += len(encoded)
                if size > max_bytes:
                    raise too_many_bytes(max_bytes)
                out.write(encoded)
                if not part:
                    break
        target.replace(path)
    finally:
        target.unlink(missing_ok=True)


def _not_in(charset: str, byte: int) -> BadFile:
    return BadFile(
        f"the file is not {charset}, as its Content-Type says (see byte {byte}): name its actual encoding,"
        f" or send UTF-8",
        f"ไฟล์ไม่ได้เข้ารหัสแบบ {charset} ตามที่ระบุใน Content-Type (ดูไบต์ที่ {byte}) โปรดระบุให้ตรง หรือส่งเป็น UTF-8",
    )
