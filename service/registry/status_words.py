"""The registers' words for the status of a licence."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from inference.registry.source import RecordStatus

_THING: Final = r"(?:การ)?(?:ใบอนุญาต|ใบรับจดแจ้ง|ใบสำคัญ|ทะเบียน(?:ตำรับ)?|เลขสารบบ(?:อาหาร)?|อนุญาต|จดแจ้ง|ผลิตภัณฑ์)?"
_AFTER: Final = r"(?:แล้ว|ชั่วคราว|ตามคำขอ|ตามกฎหมาย|โดย.*|เมื่อ.*|วันที่.*|ตั้งแต่.*|\(.*\)|\[.*\])?"
_CANCELLED: Final = re.compile(
    rf"(?:ถูก|ขอ|สั่ง)?(?:ยกเลิก|เพิกถอน|พักใช้|พัก|ระงับ|หมดอายุ|สิ้นอายุ|สิ้นสุด|สิ้นผล|ขาดอายุ|ขาดต่ออายุ|ไม่ต่ออายุ|เลิกกิจการ|เลิก|ปิดกิจการ"
    rf"|ไม่คงอยู่|ไม่มีผล|จำหน่ายออก){_THING}{_AFTER}"
    r"|(?:cancell?ed|revoked|suspended|expired|withdrawn|terminated|inactive|invalid|void)(?:\(.*\))?"
)
_ACTIVE: Final = re.compile(
    rf"(?:ยัง)?(?:คงอยู่|คงสถานะ|มีผล(?:บังคับ)?(?:ใช้)?(?:อยู่)?|ใช้งาน(?:อยู่)?|ใช้ได้|ปกติ|ได้รับอนุญาต|อนุญาต|อนุมัติ){_THING}{_AFTER}"
    r"|(?:active|valid|approved|current|inforce|registered)(?:\(.*\))?"
)


class StatusUnknown(ValueError):
    """An unknown status word; the message says what to do."""


def read_status(written: str, mapping: Mapping[str, RecordStatus]) -> RecordStatus:
    """Return the status that a register's word means.

    The whole word must be known: ``ยกเลิกการพักใช้`` (a suspension lifted) is the opposite of ``ยกเลิก``.

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


@lru_cache(1000)  # every row has one of few words
def _known(word: str) -> RecordStatus | None:
    if _CANCELLED.fullmatch(word):
        return RecordStatus.CANCELLED
    return RecordStatus.ACTIVE if _ACTIVE.fullmatch(word) else None


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
