"""Numbers written without hyphens, classified by the words before them and their digit structure."""

from typing import Final

from inference.licences.chains import Window
from inference.licences.cues import LICENCE_CUES, PRODUCT_CUES, Cue
from inference.licences.found import Found
from inference.licences.structure import (
    before_food_law,
    cosmetic_fault,
    cosmetic_form,
    device_form,
    food_fault,
    food_form,
    is_barcode,
    is_national_id,
)
from labels.schema import LicenceKind, NumberShape

_WORDS: Final = {
    Cue.FOOD: "คำว่า “สารบบ” ข้างหน้าบอกว่าเป็นเลขสารบบอาหาร",
    Cue.FDA: "คำว่า “อย.” ข้างหน้าบอกว่าเป็นเลขสารบบอาหาร",
    Cue.COSMETIC: "คำว่า “จดแจ้ง” ข้างหน้าบอกว่าเป็นเลขจดแจ้งเครื่องสำอาง",
}
_NAMES: Final = {
    LicenceKind.FOOD_SERIAL: "เลขสารบบอาหาร",
    LicenceKind.COSMETIC_NOTIFICATION: "เลขจดแจ้งเครื่องสำอาง",
}


def thirteen(window: Window, cue: Cue | None, adjoining: bool, now: int) -> Found | None:
    """Thirteen digits without separators: a food serial, a cosmetic notification, or either.

    ``cue`` is the nearest word before; ``adjoining`` means that nothing stands between it and the digits.
    """
    digits = window.digits
    not_food, not_cosmetic = food_fault(digits, now), cosmetic_fault(digits, now)
    if not_food and not_cosmetic:
        return _neither(window, cue, not_food, not_cosmetic) if adjoining else None
    # Sellers call any number อย., and where it can be a cosmetic's, its year decides.
    if not not_food and cue is not Cue.FOOD:
        not_food = "" if not_cosmetic else before_food_law(digits)
    food, cosmetic = food_form(digits), cosmetic_form(digits)
    candidates = tuple(
        (kind, form)
        for kind, form, fault in (
            (LicenceKind.FOOD_SERIAL, food, not_food),
            (LicenceKind.COSMETIC_NOTIFICATION, cosmetic, not_cosmetic),
        )
        if not fault
    )
    names = [f"{_NAMES[kind]} {form}" for kind, form in candidates]
    if cue not in PRODUCT_CUES and (is_barcode(digits) or is_national_id(digits)):
        other = "บาร์โค้ด" if is_barcode(digits) else "เลขประจำตัวประชาชนหรือผู้เสียภาษี"
        return _ambiguous(window, [*names, other], candidates)
    if cue not in LICENCE_CUES and len(names) == 1:
        return _ambiguous(window, [*names, "เลขอื่นที่ไม่ใช่เลขอนุญาต"], candidates)
    if not (not_food or not_cosmetic) and cue not in _WORDS:
        return _ambiguous(window, names, candidates)
    if not_cosmetic or (not not_food and cue is not Cue.COSMETIC):
        why = _why(cue, Cue.FOOD, "เลขจดแจ้งเครื่องสำอาง", not_cosmetic)
        return _food(window, NumberShape.VALID, why)
    return _cosmetic(window, NumberShape.VALID, _why(cue, Cue.COSMETIC, "เลขสารบบอาหาร", not_food))


def _neither(window: Window, cue: Cue | None, not_food: str, not_cosmetic: str) -> Found | None:
    if cue is Cue.COSMETIC:
        return _cosmetic(window, NumberShape.INVALID, not_cosmetic)
    return _food(window, NumberShape.INVALID, not_food) if cue in PRODUCT_CUES else None


def cosmetic(window: Window) -> Found:
    """Ten digits after a notification word."""
    return _cosmetic(window, NumberShape.VALID, "เลขจดแจ้งเครื่องสำอางแบบเดิม 10 หลัก (2-1-7)")


def device(window: Window, fault: str) -> Found:
    """Twelve digits after a device word; ``fault`` is the Thai reason why they are invalid, or empty."""
    return Found(
        window.start,
        window.end,
        LicenceKind.DEVICE_LICENCE,
        device_form(window.digits),
        NumberShape.INVALID if fault else NumberShape.VALID,
        fault or "เลขเครื่องมือแพทย์ 12 หลัก ปี พ.ศ. ถูกต้อง",
    )


def _why(cue: Cue | None, own: Cue, other: str, fault: str) -> str:
    if cue in _WORDS and (cue is own or (own is Cue.FOOD and cue is Cue.FDA)):
        return _WORDS[cue]
    return f"ไม่ใช่{other}เพราะ{fault}"


def _food(window: Window, shape: NumberShape, reason: str) -> Found:
    kind = LicenceKind.FOOD_SERIAL
    return Found(window.start, window.end, kind, food_form(window.digits), shape, reason)


def _cosmetic(window: Window, shape: NumberShape, reason: str) -> Found:
    kind = LicenceKind.COSMETIC_NOTIFICATION
    return Found(window.start, window.end, kind, cosmetic_form(window.digits), shape, reason)


def _ambiguous(window: Window, names: list[str], candidates: tuple[tuple[LicenceKind, str], ...]) -> Found:
    reason = f"เลข 13 หลักไม่มีขีดคั่นและไม่มีคำบอกชนิด เป็นได้ทั้ง{' และ'.join(names)}"
    kind, shape = LicenceKind.AMBIGUOUS, NumberShape.AMBIGUOUS
    return Found(window.start, window.end, kind, window.digits, shape, reason, candidates)
