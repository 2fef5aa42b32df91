"""Looks up a found number in the imported registry."""

import re
from datetime import date
from functools import cache
from typing import Final

from inference.licences.found import Found
from inference.licences.provinces import spellings
from inference.registry.source import RecordStatus, Registry, RegistryRecord
from inference.text.reading import read
from labels.schema import LicenceCheck, LicenceKind, NumberShape, RegistryStatus

_GENERIC: Final = re.compile(
    "ผลิตภัณฑ์|อาหาร|เสริม|เสริมอาหาร|ผลิตภัณฑ์เสริมอาหาร|ชนิด|แคปซูล|เม็ด|ขนาด|กลิ่น|ตรา|ยี่ห้อ|เครื่องสำอาง|สมุนไพร|"
    "ครีม|เครื่องมือ|แพทย์|เครื่องมือแพทย์|น้ำ|สูตร|และ|สำหรับ|แบบ|the|and|for|brand|dietary|supplement|product|food|"
    "capsules?|tablets?|cream"
)
_LEAST: Final = 3
_WRITTEN: Final = re.compile("[!-~]+")
_LATIN: Final = re.compile("(?<![a-z])[a-z]{3,}(?![a-z])")
_NO_NAME: Final = re.compile(
    "fda|gmp|haccp|iso|halal|line|inbox|facebook|instagram|tiktok|shopee|lazada|official|thailand|shop|store|order|"
    "sale|free|new|hot|promotion|set|pcs?|box|net|exp|mfg|mfd|lot|tel|call|cod|ems|kerry|flash|spf|size|mcg"
)
"""Latin words of Thai ads that are no product's name."""
_NOT_IN_FORCE: Final = (
    (RegistryStatus.REVOKED, re.compile("(?:ถูก|สั่ง)*เพิกถอน(?!.*คำขอ)|revoked")),
    (RegistryStatus.SUSPENDED, re.compile("(?:อยู่ระหว่าง|ถูก|ขอ|สั่ง)*(?:พัก|ระงับ)|suspended")),
    (RegistryStatus.EXPIRED, re.compile("(?:หมด|สิ้น|ขาด)อายุ|(?:ขาด|ไม่)ต่ออายุ|expired")),
)
"""What the beginning of the register's word means."""


def registry_check(
    found: Found, start: int, end: int, registry: Registry | None, spoken_about: str | None, today: date
) -> LicenceCheck:
    """The licence check of ``found`` at ``[start, end)`` of the original text.

    An ambiguous number is looked up as each possible kind; exactly one hit decides. If the registry holds the
    same digits under another kind, the number is of that kind when the registered name occurs in the text
    (sellers call every number อย.), and a mismatch otherwise.

    Args:
        spoken_about: the text searched for the registered name; ``None`` skips the comparison.
        today: the date from which the snapshot's age is counted.
    """
    kind, number, shape, reason = found.kind, found.number, found.shape, found.reason
    record, foreign = None, False
    if shape is NumberShape.AMBIGUOUS and registry is not None:
        hits = [(k, n, r) for k, n in found.candidates if (r := registry.lookup(k, n)) is not None]
        if len(hits) == 1:
            kind, number, record = hits[0]
            shape = NumberShape.VALID
            reason = "เลขไม่มีขีดคั่น ทะเบียนมีเลขนี้เพียงประเภทเดียว"
    elif shape is NumberShape.VALID and registry is not None:
        record = _lookup(registry, kind, number)
        other = registry.same_digits(kind, number) if record is None else None
        if other is not None:
            record = other
            foreign = spoken_about is not None and not _is_named(other.product_name, spoken_about)
            if not foreign:
                kind, number = other.kind, other.number
                reason = "เลขสิบสามหลักนี้ทะเบียนมีเป็นประเภทอื่นเพียงประเภทเดียว"
    status, why = RegistryStatus.NOT_CHECKED, ""
    if shape is NumberShape.VALID:
        status, why = _status(kind, registry, record, foreign, spoken_about, today)
    return LicenceCheck(
        start=start, end=end, kind=kind, number=number, shape=shape, status=status, reason=f"{reason}{why}"
    )


def _lookup(registry: Registry, kind: LicenceKind, number: str) -> RegistryRecord | None:
    """The record of a number, also where the register writes a permit's province in another way."""
    written = (number, *spellings(number))
    return next((x for each in written if (x := registry.lookup(kind, each)) is not None), None)


def _status(
    kind: LicenceKind,
    registry: Registry | None,
    record: RegistryRecord | None,
    foreign: bool,
    spoken_about: str | None,
    today: date,
) -> tuple[RegistryStatus, str]:
    if registry is None:
        return RegistryStatus.NOT_LOADED, " ยังไม่ได้นำเข้าทะเบียนจึงยังไม่ได้ตรวจ"
    status, why = _found_status(kind, registry, record, foreign, spoken_about)
    return status, f" {why} {snapshot_age(record.as_of if record else None, registry, today)}"


def _found_status(
    kind: LicenceKind,
    registry: Registry,
    record: RegistryRecord | None,
    foreign: bool,
    spoken_about: str | None,
) -> tuple[RegistryStatus, str]:
    if record is None and not registry.covers(kind):
        return RegistryStatus.NOT_LOADED, "ทะเบียนที่นำเข้าไม่มีเลขประเภทนี้เลยจึงยังไม่ได้ตรวจ"
    if record is None:
        return RegistryStatus.NOT_FOUND, "แต่ไม่พบเลขนี้ในทะเบียน"
    name = record.product_name
    if foreign:
        return RegistryStatus.OTHER_CLASS, f"แต่ทะเบียนระบุว่าเป็นเลขประเภทอื่น {record.number} ของ “{name}”"
    if record.status is RecordStatus.CANCELLED:
        written = f"มีสถานะ “{record.status_written}”" if record.status_written else "ถูกยกเลิกแล้ว"
        return status_not_in_force(record), f"แต่ทะเบียนระบุว่า “{name}” {written}"
    if spoken_about is not None and names_other_product(name, spoken_about):
        return RegistryStatus.OTHER_PRODUCT, f"แต่ทะเบียนระบุว่าเป็นเลขของ “{name}”"
    return RegistryStatus.ACTIVE, f"ทะเบียนระบุว่าเป็นเลขของ “{name}” ยังมีผล"


def status_not_in_force(record: RegistryRecord) -> RegistryStatus:
    """Why a record is not in force, by the register's own word."""
    word = re.sub(r"[\s\u200b\ufeff]+", "", record.status_written).casefold().removeprefix("สถานะ")
    found = (status for status, pattern in _NOT_IN_FORCE if pattern.match(word))
    return next(found, RegistryStatus.CANCELLED)


def snapshot_age(as_of: date | None, registry: Registry, today: date) -> str:
    """The date and age of an answer in Thai, with a warning if it is old.

    Args:
        as_of: the record's own date, if it has one; otherwise the snapshot's date is used.
    """
    day = as_of or registry.snapshot_date
    age = max(0, (today - day).days)
    old = f" ข้อมูลเก่ากว่า {registry.max_age_days} วัน ควรนำเข้าทะเบียนใหม่" if age > registry.max_age_days else ""
    return f"(ข้อมูล ณ {day.isoformat()} อายุ {age} วัน{old})"


def names_other_product(registered: str, spoken_about: str) -> bool:
    """Whether no distinctive word of the registered name occurs in the text.

    Conservative: one shared word of three or more characters is a match, words common to all products do not
    count, and a name without distinctive words never counts as a mismatch. Nor does a Latin name where the
    text spells names in Thai letters only.
    """
    if _is_named(registered, spoken_about):
        return False
    is_latin = all(map(str.isascii, _telling_words(registered)))
    return not is_latin or _has_latin_name(read(spoken_about, undo_evasion=False).text.casefold())


def _is_named(registered: str, spoken_about: str) -> bool:
    """Whether a distinctive word of the registered name occurs in the text, or the name has none."""
    words = _telling_words(registered)
    if not words:
        return True
    folded = read(spoken_about, undo_evasion=False).text.casefold()
    closed = re.sub(r"\s+", "", folded)
    return any(word in folded or word in closed for word in words)


def _has_latin_name(text: str) -> bool:
    """Whether a text in lower case has a Latin word that could be a product's name."""
    for written in _WRITTEN.findall(text):
        # Addresses and accounts are no names.
        if re.search("[./@:]", written.strip(".:")):
            continue
        for word in _LATIN.findall(written):
            if not _NO_NAME.fullmatch(word) and not _GENERIC.fullmatch(word):
                return True
    return False


@cache
def _telling_words(name: str) -> tuple[str, ...]:
    from pythainlp.tokenize import word_tokenize  # noqa: PLC0415 - only listings with a registry hit pay for its dictionary

    words: set[str] = set()
    name = read(name, undo_evasion=False).text
    for chunk in re.split(r"[\s()\[\]/,.\-–:;\"'“”]+", name.casefold()):
        words.update(word_tokenize(chunk, engine="newmm", keep_whitespace=False))
        if chunk.isascii():
            words.add(chunk)
    return tuple(
        sorted(w for w in words if len(w) >= _LEAST and not _GENERIC.fullmatch(w) and not w.isdigit())
    )
