"""File formats: JSON Lines, CSV, and workbooks, which are converted to JSON Lines."""

from enum import StrEnum


class Format(StrEnum):
    """The format of a file of listings."""

    JSONL = "jsonl"
    CSV = "csv"


CONTENT_TYPES = {
    "application/x-ndjson": Format.JSONL,
    "application/jsonl": Format.JSONL,
    "application/x-jsonlines": Format.JSONL,
    "text/csv": Format.CSV,
}
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ARCHIVE = "application/zip"
"""A ZIP archive of one such file, and of the pictures that its rows name."""
SUFFIXES = {
    ".jsonl": (Format.JSONL, False),
    ".ndjson": (Format.JSONL, False),
    ".csv": (Format.CSV, False),
    ".xlsx": (Format.JSONL, True),
}
"""The format of a file in an archive, by its suffix, and whether it is a workbook."""
MEDIA_TYPES = {Format.JSONL: "application/x-ndjson", Format.CSV: "text/csv; charset=utf-8"}

_UTF8 = {"utf-8", "utf8", "us-ascii", "ascii"}


def format_of(content_type: str) -> Format | None:
    """Return the format of a ``Content-Type``, if supported; for a workbook, that of its conversion."""
    return Format.JSONL if is_workbook(content_type) else CONTENT_TYPES.get(_media_type(content_type))


def is_archive(content_type: str) -> bool:
    """Whether a ``Content-Type`` names a ZIP archive."""
    return _media_type(content_type) == ARCHIVE


def is_workbook(content_type: str) -> bool:
    """Whether a ``Content-Type`` names an Excel workbook."""
    return _media_type(content_type) == WORKBOOK


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def other_charset(content_type: str) -> str | None:
    """Return the character set that a ``Content-Type`` names, unless it is UTF-8."""
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        charset = value.strip().strip('"').lower()
        if name.strip().lower() == "charset" and charset not in _UTF8:
            return charset
    return None


def wanted(accept: str, default: Format) -> Format:
    """Return the format that an ``Accept`` header prefers, or ``default``."""
    best, weight = default, 0.0
    for part in accept.split(","):
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        known = CONTENT_TYPES.get(media)
        quality = _quality(parameters)
        if known is not None and quality > weight:
            best, weight = known, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
