"""What the imported registry says about a number that was found."""

import re
from functools import cache
from typing import Final

from inference.licences.found import Found
from inference.registry import RecordStatus, Registry, RegistryRecord
from labels.schema import LicenceCheck, NumberShape, RegistryStatus

_GENERIC: Final = re.compile(
    "ผลิตภัณฑ์|อาหาร|เสริม|เสริมอาหาร|ผลิตภัณฑ์เสริมอาหาร|ชนิด|แคปซูล|เม็ด|ขนาด|กลิ่น|ตรา|ยี่ห้อ|เครื่องสำอาง|สมุนไพร|"
    "ครีม|เครื่องมือ|แพทย์|เครื่องมือแพทย์|น้ำ|สูตร|และ|สำหรับ|แบบ|the|and|for|brand|dietary|supplement|product|food|"
    "capsules?|tablets?|cream"
)
_LEAST: Final = 3


def registry_check(
    found: Found, start: int, end: int, registry: Registry | None, spoken_about: str
) -> LicenceCheck:
    """The licence check of ``found`` at ``[start, end)`` of the original text.

    An ambiguous number is looked up as each kind it may be; exactly one hit decides its kind.
    """
    kind, number, shape, reason = found.kind, found.number, found.shape, found.reason
    record = None
    if shape is NumberShape.AMBIGUOUS and registry is not None:
        hits = [(k, n, r) for k, n in found.candidates if (r := registry.lookup(k, n)) is not None]
        if len(hits) == 1:
            kind, number, record = hits[0]
            shape = NumberShape.VALID
            reason = "เลขไม่มีขีดคั่น ทะเบียนมีเลขนี้เพียงประเภทเดียว"
    elif shape is NumberShape.VALID and registry is not None:
        record = registry.lookup(kind, number)
    status, why = _status(shape, registry, record, spoken_about)
    return LicenceCheck(
        start=start, end=end, kind=kind, number=number, shape=shape, status=status, reason=f"{reason}{why}"
    )


def _status(
    shape: NumberShape, registry: Registry | None, record: RegistryRecord | None, spoken_about: str
) -> tuple[RegistryStatus, str]:
    if shape is not NumberShape.VALID:
        return RegistryStatus.NOT_CHECKED, ""
    if registry is None:
        return RegistryStatus.NOT_LOADED, " ยังไม่ได้นำเข้าทะเบียนจึงยังไม่ได้ตรวจ"
    as_of = f"(ข้อมูล ณ {registry.snapshot_date.isoformat()})"
    if record is None:
        return RegistryStatus.NOT_FOUND, f" แต่ไม่พบเลขนี้ในทะเบียน {as_of}"
    if record.status is RecordStatus.CANCELLED:
        return RegistryStatus.CANCELLED, f" แต่ทะเบียนระบุว่า “{record.product_name}” ถูกยกเลิกแล้ว {as_of}"
    if names_other_product(record.product_name, spoken_about):
        return RegistryStatus.OTHER_PRODUCT, f" แต่ทะเบียนระบุว่าเป็นเลขของ “{record.product_name}” {as_of}"
    return RegistryStatus.ACTIVE, f" ทะเบียนระบุว่าเป็นเลขของ “{record.product_name}” ยังมีผล {as_of}"


def names_other_product(registered: str, spoken_about: str) -> bool:
    """Whether no telling word of the registered name occurs in the text.

    Conservative: one shared word of three characters or more clears it, words that every product carries
    do not count, and a name without telling words accuses nobody.
    """
    words = _telling_words(registered)
    if not words:
        return False
    folded = spoken_about.casefold()
    closed = re.sub(r"\s+", "", folded)
    return not any(word in folded or word in closed for word in words)


@cache
def _telling_words(name: str) -> tuple[str, ...]:
    from pythainlp.tokenize import word_tokenize  # noqa: PLC0415 - only listings with a registry hit pay for its dictionary

    words: set[str] = set()
    for chunk in re.split(r"[\s()\[\]/,.\-–:;\"'“”]+", name.casefold()):
        words.update(word_tokenize(chunk, engine="newmm", keep_whitespace=False))
        if chunk.isascii():
            words.add(chunk)
    return tuple(
        sorted(w for w in words if len(w) >= _LEAST and not _GENERIC.fullmatch(w) and not w.isdigit())
    )
