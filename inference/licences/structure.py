"""Structural rules for the digits of each kind of number; no kind has a check digit."""

from inference.licences.found import full_year, year_fault
from inference.licences.provinces import is_province

FOOD_LENGTH = 13
COSMETIC_LENGTHS = (13, 10)
DEVICE_LENGTH = 12
CLINIC_LENGTH = 11
FOOD_CUTS = frozenset({2, 3, 8, 9})
"""The digit positions of a food serial's hyphens."""
COSMETIC_CUTS = frozenset({2, 3})
"""The digit positions of a cosmetic notification's hyphens."""
_FIRST_FOOD_ACT = 2507
_EARLIEST_COSMETIC = 40
_EARLIEST_DEVICE = 50


def food_fault(digits: str, now: int) -> str:
    """The Thai reason why 13 digits cannot be a food serial 2-1-5-1-4, or an empty string.

    Premises: province, then 1-4 (made or imported, licensed by the FDA or the province), then three digits
    and the two-digit B.E. year of the premises' licence.
    """
    if not is_province(digits[:2]):
        return f"สองหลักแรก {digits[:2]} ไม่ใช่รหัสจังหวัด"
    if digits[2] not in "1234":
        return f"หลักที่สามของเลขสารบบอาหารต้องเป็น 1-4 แต่เป็น {digits[2]}"
    return year_fault(digits[6:8], now)


def before_food_law(digits: str) -> str:
    """The Thai reason to doubt a 13-digit food serial: a year before the first food act, B.E. 2507."""
    year = full_year(digits[6:8])
    return f"ปี พ.ศ. {year} ในเลขอยู่ก่อนกฎหมายอาหารฉบับแรก" if year < _FIRST_FOOD_ACT else ""


def cosmetic_fault(digits: str, now: int) -> str:
    """The Thai reason why 13 or 10 digits cannot be a cosmetic notification (2-1-10, older 2-1-7)."""
    if not is_province(digits[:2]):
        return f"สองหลักแรก {digits[:2]} ไม่ใช่รหัสจังหวัด"
    if digits[2] not in "12":
        return f"หลักที่สามของเลขจดแจ้งเครื่องสำอางต้องเป็น 1 หรือ 2 แต่เป็น {digits[2]}"
    if int(digits[3:5]) < _EARLIEST_COSMETIC:
        return f"หลักที่ 4-5 ของเลขจดแจ้งต้องเป็นปี พ.ศ. แต่เป็น {digits[3:5]}"
    return year_fault(digits[3:5], now)


def device_fault(digits: str, now: int) -> str:
    """The Thai reason why 12 digits cannot be a medical device number YY-A-B-C-NNNNNNN."""
    if int(digits[:2]) < _EARLIEST_DEVICE:
        return f"สองหลักแรกของเลขเครื่องมือแพทย์ต้องเป็นปี พ.ศ. แต่เป็น {digits[:2]}"
    return year_fault(digits[:2], now)


def clinic_fault(digits: str) -> str:
    """The Thai reason why digits cannot be an 11-digit clinic licence, or an empty string."""
    if len(digits) != CLINIC_LENGTH:
        return f"เลขที่ใบอนุญาตสถานพยาบาลต้องมี {CLINIC_LENGTH} หลัก แต่มี {len(digits)} หลัก"
    if not is_province(digits[:2]):
        return f"สองหลักแรก {digits[:2]} ไม่ใช่รหัสจังหวัด"
    return ""


def hyphenated(digits: str, *groups: int) -> str:
    """Split ``digits`` into groups of the given lengths, joined by hyphens."""
    parts, at = [], 0
    for length in groups:
        parts.append(digits[at : at + length])
        at += length
    return "-".join(parts)


def food_form(digits: str) -> str:
    """Format 13 digits as a food serial."""
    return hyphenated(digits, 2, 1, 5, 1, 4)


def cosmetic_form(digits: str) -> str:
    """Format 13 or 10 digits as a cosmetic notification."""
    return hyphenated(digits, 2, 1, len(digits) - 3)


def device_form(digits: str) -> str:
    """Format 12 digits as a medical device number."""
    return hyphenated(digits, 2, 1, 1, 1, 7)


def is_barcode(digits: str) -> bool:
    """Whether 13 digits are a GTIN-13 with a valid check digit (GS1 General Specifications, 7.9)."""
    total = sum(int(d) * (3 if n % 2 else 1) for n, d in enumerate(digits[:12]))
    return (10 - total % 10) % 10 == int(digits[12])


def is_national_id(digits: str) -> bool:
    """Whether 13 digits have the valid check digit of a Thai identity or tax number (modulo 11)."""
    total = sum(int(d) * (13 - n) for n, d in enumerate(digits[:12]))
    return (11 - total % 11) % 10 == int(digits[12])
