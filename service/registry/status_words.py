"""The registers' words for the status of a licence."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from inference.registry.source import RecordStatus
from service.registry.dates import read_date

_THING: Final = r"(?:การ)?(?:ใบอนุญาต|ใบรับจดแจ้ง|ใบสำคัญ|ทะเบียน(?:ตำรับ)?|เลขสารบบ(?:อาหาร)?|อนุญาต|จดแจ้ง|ผลิตภัณฑ์)?"
_AFTER: Final = r"(?P<after>แล้ว|ชั่วคราว|ตามคำขอ|ตามกฎหมาย|โดย.*|เมื่อ.*|วันที่.*|ตั้งแต่.*|\(.*\)|\[.*\]|)"
_ENDED: Final = (
    "ยกเลิก|เพิกถอน|พักใช้|พัก|ระงับ|หมดอายุ|สิ้นอายุ|สิ้นสุด|สิ้นผล|ขาดอายุ|ขาดต่ออายุ|ไม่ต่ออายุ|เลิกกิจการ|เลิก|ปิดกิจการ"
    "|ไม่คงอยู่|ไม่มีผล|จำหน่ายออก"
)
_ENDED_ENGLISH: Final = "cancell?ed|revoked|suspended|expired|withdrawn|terminated|inactive|invalid|void"
_CANCELLED: Final = re.compile(rf"(?:(?:ถูก|ขอ|สั่ง)?(?:{_ENDED}){_THING}|(?:{_ENDED_ENGLISH})){_AFTER}")
_ACTIVE: Final = re.compile(
    r"(?:(?:ยัง)?(?:คงอยู่|คงสถานะ|มีผล(?:บังคับ)?(?:ใช้)?(?:อยู่)?|ใช้งาน(?:อยู่)?|ใช้ได้|ปกติ|ได้รับอนุญาต|อนุญาต|อนุมัติ)"
    rf"{_THING}|(?:active|valid|approved|current|inforce|registered)){_AFTER}"
)
_SAYS_ENDED: Final = re.compile(f"{_ENDED}|{_ENDED_ENGLISH}")
# Without มีผล and อนุมัติ: a cancellation takes effect and is approved, too.
_SAYS_IN_FORCE: Final = re.compile(
    "(?<!ไม่)(?:คงอยู่|คงสถานะ|ใช้ได้|ปกติ|ได้รับอนุญาต)|(?<!in)(?:active|valid)|ยกเลิกการ"
)
_UNTIL: Final = re.compile(
    r"[(\[](?:(?:วัน)?(?:ที่)?(?:หมดอายุ|สิ้นอายุ)|(?:(?:ใช้)?ได้|ต่ออายุ(?:แล้ว)?)?(?:จน)?ถึง|expires(?:on)?|expirydate|(?:valid)?until)"
    r"(?:ใน|เมื่อ)?:?(?P<date>[^()\[\]]+)[)\]]"
)


class StatusUnknown(ValueError):
    """An unknown status word; the message says what to do."""


def read_status(written: str, mapping: Mapping[str, RecordStatus]) -> RecordStatus:
    """Return the status that a register's word means.

    The whole word must be known: ``ยกเลิกการพักใช้`` (a suspension lifted) is the opposite of ``ยกเลิก``.
    One that contradicts itself, such as ``คงอยู่ (ถูกเพิกถอน)``, is not. A date of expiry is no contradiction:
    see :func:`expiry_in`.

    Args:
        mapping: words given explicitly, as parsed by :func:`parse_status_words`.
    """
    word = _closed(written)
    status = mapping.get(word) or _known(word.removeprefix("สถานะ"))
    if status is not None:
        return status
    raise StatusUnknown(
        f"the status {written!r} is not known: define it with --status-words '{written}=active'"
        " (or =cancelled)"
    )


def expiry_in(written: str, mapping: Mapping[str, RecordStatus]) -> date | None:
    """Return the last day of a status in force: ``คงอยู่ (หมดอายุ 31 ธ.ค. 2570)``.

    ``None`` if it names none, or if it is one of the words given explicitly, which mean what they were given.
    """
    word = _closed(written)
    found = None if word in mapping else _ACTIVE.fullmatch(word.removeprefix("สถานะ"))
    return None if found is None else _last_day(found["after"])


def _last_day(after: str) -> date | None:
    found = _UNTIL.fullmatch(after)
    try:
        return None if found is None else read_date(found["date"])
    except ValueError:
        return None


@lru_cache(1000)  # every row has one of few words
def _known(word: str) -> RecordStatus | None:
    for known, opposite, status in (
        (_CANCELLED, _SAYS_IN_FORCE, RecordStatus.CANCELLED),
        (_ACTIVE, _SAYS_ENDED, RecordStatus.ACTIVE),
    ):
        found = known.fullmatch(word)
        if found is not None:
            after = found["after"]
            dated = status is RecordStatus.ACTIVE and _last_day(after) is not None
            return status if dated or not opposite.search(after) else None
    return None


def parse_status_words(given: str) -> dict[str, RecordStatus]:
    """Parse ``word=active,word=cancelled``; raises :class:`StatusUnknown` for anything else."""
    mapping = {}
    for part in filter(None, (one.strip() for one in given.split(","))):
        word, _, status = part.rpartition("=")
        try:
            mapping[_closed(word)] = RecordStatus(status.strip())
        except ValueError:
            raise StatusUnknown(f"{part!r} is not WORD=active or WORD=cancelled") from None
    return mapping


@lru_cache(1000)
def _closed(written: str) -> str:
    return re.sub(r"[\s\u200b\ufeff]+", "", written.replace("\u0e4d\u0e32", "\u0e33")).casefold()
