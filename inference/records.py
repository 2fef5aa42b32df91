"""Converts a foreign record to a listing, by the same rules for the command line and the API."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isnan
from sys import float_info
from typing import Any

from labels.other_text import OTHER_TEXT
from labels.schema import OFFERED, Listing
from labels.taxonomy import Platform

MAX_ID = 200
MAX_REACH = 1e12
"""Maximum number of people that a listing can have reached; ``extra.reach`` orders the queue."""

NEGATIVE = re.compile(r"\s*-\s*[0-9.]")
"""Start of a text that is a negative number."""
_NUMBER = r"\s*\+?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?\s*$"
NO_NUMBER = re.compile(rf"(?!{NEGATIVE.pattern})(?!{_NUMBER})[^0-9]*[0-9]")
"""Start of a text with digits that is no number, such as ``1.2k``; one without digits tells no number."""

_NO_PRICE = frozenset({"nan", "n/a", "n.a.", "<na>", "null", "none"})
_SHEET_ERRORS = frozenset({"#n/a", "#value!", "#ref!", "#div/0!", "#name?", "#null!", "#num!"})
"""What spreadsheets write instead of a value."""

_FIRST_YEAR, _LAST_YEAR = 1970, 2200
"""Accepted years; times outside are mistakes, and some databases cannot return them."""

_PLAIN_ID = re.compile(r'"id"\s*:\s*(?:"([^"\\\x00-\x1f]{1,200})"|(-?\d{1,200})(?![\d.eE]))')
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_OURS = frozenset({OFFERED, OTHER_TEXT})
"""Fields that no sender sets: they override what the record says of an offer, and part its text."""
_PARTS = ("title", "description")
_SIDE_TEXTS = ("url", "price", "currency", "seller", "seller_url")


class RecordError(ValueError):
    """A record that is not a listing; the message says what to change, ``field`` names the field at fault.

    ``thai`` is the message in Thai.
    """

    def __init__(self, message: str, field: str = "", *, thai: str) -> None:
        super().__init__(message)
        self.field = field
        self.thai = thai


def listing_from_record(record: object) -> Listing:
    """Turn ``{"id", "text"}`` or ``{"id", "title", "description"}`` into a listing.

    ``text`` wins over ``title`` and ``description`` unless it is blank and one of them is not.  ``null``
    counts as an empty text.  Where ``title`` is absent, the description is the only text; where it is
    ``null`` or empty, the text still starts with a line feed, so that offsets fit
    ``title + "\\n" + description``.  Fields that a listing knows (url, price, currency, seller, seller_url,
    platform, images, captured_at) are taken where they fit; all others, and a price that is
    negative or a placeholder such as ``N/A``, are kept aside in ``extra``, except those that no sender sets.
    A number that no double holds, a reach below 0 or above :data:`MAX_REACH`, also as text, and one with
    digits that is no number are refused; NaN counts as missing.  Half an emoji (a lone surrogate), and a NUL
    in the id, become U+FFFD, one character for one.  Raises :class:`RecordError`.
    """
    if not isinstance(record, Mapping):
        raise RecordError(
            f'a listing must be an object such as {{"id": "1", "text": "…"}}, not {_kind(record)}',
            thai='รายการต้องเป็นออบเจกต์ เช่น {"id": "1", "text": "…"}',
        )
    fields: dict[str, Any] = {str(key): value for key, value in record.items()}
    _check_numbers(fields)
    listing_id = _id(fields.pop("id", None))
    title: str | None = None
    has_parts = not all(_is_blank(fields.get(name)) for name in _PARTS)
    if "text" in fields and not (has_parts and _is_blank(fields["text"])):
        description = _text(fields, "text")
    elif "title" in fields or "description" in fields:
        fields.pop("text", None)
        title = _text(fields, "title") if "title" in fields else None
        description = _text(fields, "description")
    else:
        raise RecordError(
            'the listing has no text: give "text", or "title" and "description"',
            "text",
            thai='รายการไม่มีข้อความ ให้ใส่ "text" หรือ "title" กับ "description"',
        )
    known = _known(fields)
    extra = {name: value for name, value in _clean(fields).items() if name not in _OURS}
    return Listing(id=listing_id, title=title, description=description, extra=extra, **known)


def listing_within(record: object, max_text_characters: int) -> Listing:
    """Convert a record to a listing, checking type and length of all texts, even unused ones.

    Raises :class:`RecordError`.
    """
    listing = listing_from_record(record)
    assert isinstance(record, Mapping)
    for name in ("text", "title", "description"):
        value = record.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise RecordError(
                f'"{name}" must be a text: put it in quotes',
                name,
                thai=f'"{name}" ต้องเป็นข้อความ ให้ใส่ในเครื่องหมายคำพูด',
            )
        if len(value) > max_text_characters:
            raise RecordError(
                f'"{name}" has {len(value):,} characters: send at most {max_text_characters:,}',
                name,
                thai=f'"{name}" ยาว {len(value):,} อักขระ ส่งได้ไม่เกิน {max_text_characters:,} อักขระ',
            )
    return listing


def id_of(record: object) -> str | None:
    """The id in an invalid record, if it can be shown."""
    given = record.get("id") if isinstance(record, Mapping) else None
    if isinstance(given, bool) or not isinstance(given, (str, int)) or given == "":
        return None
    return _UNSTORABLE.sub("\ufffd", str(given))[:MAX_ID]


def id_in(line: str) -> str | None:
    """The id in a line of invalid JSON, if it can be recognized."""
    found = _PLAIN_ID.search(line)
    return None if found is None else found[1] or found[2]


def _id(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        raise RecordError(
            'the listing has no "id": give each listing an id of its own',
            "id",
            thai='รายการไม่มี "id" ให้ใส่รหัสของแต่ละรายการ',
        )
    if not isinstance(value, str):
        raise RecordError(
            f'"id" must be a text or a whole number, not {_kind(value)}',
            "id",
            thai='"id" ต้องเป็นข้อความหรือจำนวนเต็ม',
        )
    if len(value) > MAX_ID:
        raise RecordError(
            f'"id" has {len(value)} characters: use at most {MAX_ID}',
            "id",
            thai=f'"id" ยาว {len(value)} อักขระ ใช้ได้ไม่เกิน {MAX_ID} อักขระ',
        )
    # Answers are to name the listing by the id under which it is stored.
    return _UNSTORABLE.sub("\ufffd", value)


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.pop(name, None)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RecordError(
            f'"{name}" must be a text, not {_kind(value)}: put it in quotes',
            name,
            thai=f'"{name}" ต้องเป็นข้อความ ให้ใส่ไว้ในเครื่องหมายคำพูด',
        )
    return _LONE_SURROGATE.sub("\ufffd", value)


def _is_blank(value: object) -> bool:
    """Whether a value is missing or a text without a visible character."""
    if isinstance(value, str):
        return not any(char.isprintable() and char != " " for char in value)
    return value is None or _is_missing(value)


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    """Move the values that fit a field of a listing out of ``fields``."""
    known: dict[str, Any] = {}
    for name in _SIDE_TEXTS:
        value = fields.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not _is_missing(value):
            value = str(value)
        if name == "price" and (_is_negative(value) or _is_placeholder(value)):
            continue  # many programs write -1 or "N/A" for an unknown price
        if isinstance(value, str) and not _LONE_SURROGATE.search(value):
            known[name] = value
    if isinstance(fields.get("platform"), str) and fields["platform"] in set(Platform):
        known["platform"] = Platform(fields["platform"])
    images = fields.get("images")
    if isinstance(images, list) and all(isinstance(x, str) and not _LONE_SURROGATE.search(x) for x in images):
        known["images"] = images
    moment = _moment(fields.get("captured_at"))
    if moment is not None:
        known["captured_at"] = moment
    for name in known:
        del fields[name]
    return known


def _moment(value: object) -> datetime | None:
    """Parse an ISO 8601 time; UTC if it has no zone."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return moment if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None
    except (ValueError, OverflowError):
        return None


def _check_numbers(fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if _is_too_large(value):
            raise RecordError(
                f'"{name}" holds a number that is too large: put it in quotes',
                name,
                thai=f'"{name}" มีตัวเลขที่ใหญ่เกินไป ให้ใส่ในเครื่องหมายคำพูด',
            )
    reach = fields.get("reach")
    if _is_negative(reach):
        raise RecordError(
            '"reach" must not be negative: give how many people saw the listing, or leave it out',
            "reach",
            thai='"reach" ต้องไม่ติดลบ ให้ใส่จำนวนผู้พบเห็นโฆษณา หรือไม่ต้องใส่',
        )
    if isinstance(reach, str) and NO_NUMBER.match(reach):
        raise RecordError(
            '"reach" must be a number, such as 1200: give how many people saw the listing, or leave it out',
            "reach",
            thai='"reach" ต้องเป็นตัวเลข เช่น 1200 ให้ใส่จำนวนผู้พบเห็นโฆษณา หรือไม่ต้องใส่',
        )
    if _number_of(reach) > MAX_REACH:
        raise RecordError(
            f'"reach" must be at most {MAX_REACH:,.0f}: give how many people saw the listing',
            "reach",
            thai=f'"reach" ต้องไม่เกิน {MAX_REACH:,.0f} ให้ใส่จำนวนผู้พบเห็นโฆษณา',
        )


def _is_too_large(value: Any) -> bool:
    if isinstance(value, (int, float)):
        return not _is_missing(value) and not -float_info.max <= value <= float_info.max
    if isinstance(value, Mapping):
        return any(map(_is_too_large, value.values()))
    return isinstance(value, list) and any(map(_is_too_large, value))


def _is_negative(value: Any) -> bool:
    """Whether a value is a negative number; tables give numbers as texts."""
    if isinstance(value, str):
        return NEGATIVE.match(value) is not None
    return isinstance(value, (int, float)) and value < 0


def _is_placeholder(value: Any) -> bool:
    """Whether a text only says that there is no price; a blank one says nothing."""
    text = value.strip().casefold() if isinstance(value, str) else ""
    return text in _NO_PRICE | _SHEET_ERRORS or (text != "" and not any(map(str.isalnum, text)))


def _number_of(value: Any) -> float:
    """Return a number, which tables give as text, also with thousands separators; NaN for anything else."""
    if isinstance(value, str):
        value = value.replace(",", "")
    try:
        return float(value) if isinstance(value, (int, float, str)) else float("nan")
    except ValueError:
        return float("nan")


def _is_missing(value: Any) -> bool:
    """Whether a value is NaN, which many programs write for a missing number."""
    return isinstance(value, float) and isnan(value)


def _clean(value: Any) -> Any:
    if _is_missing(value):
        return None
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    return value


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number" if isinstance(value, (int, float)) else type(value).__name__)
