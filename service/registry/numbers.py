"""Normalizes the numbers of a register with the code that reads listings, so that both forms match."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final

from inference.licences import find_numbers
from inference.licences.found import current_year
from inference.licences.structure import (
    CLINIC_LENGTH,
    COSMETIC_LENGTHS,
    DEVICE_LENGTH,
    FOOD_LENGTH,
    clinic_fault,
    cosmetic_fault,
    cosmetic_form,
    device_fault,
    device_form,
    food_fault,
    food_form,
)
from inference.text.surface import Surface
from labels.schema import LicenceKind, NumberShape

K = LicenceKind

_WORDS: Final[Mapping[str, tuple[LicenceKind, ...]]] = {
    "อาหาร": (K.FOOD_SERIAL, K.FOOD_AD_PERMIT),
    "ผลิตภัณฑ์เสริมอาหาร": (K.FOOD_SERIAL, K.FOOD_AD_PERMIT),
    "เลขสารบบอาหาร": (K.FOOD_SERIAL,),
    "food": (K.FOOD_SERIAL, K.FOOD_AD_PERMIT),
    "เครื่องสำอาง": (K.COSMETIC_NOTIFICATION,),
    "cosmetic": (K.COSMETIC_NOTIFICATION,),
    "ยา": (K.DRUG_REGISTRATION, K.TRADITIONAL_REGISTRATION, K.HERBAL_REGISTRATION, K.DRUG_AD_PERMIT),
    "ยาแผนปัจจุบัน": (K.DRUG_REGISTRATION,),
    "ยาแผนโบราณ": (K.TRADITIONAL_REGISTRATION, K.HERBAL_REGISTRATION),
    "drug": (K.DRUG_REGISTRATION, K.TRADITIONAL_REGISTRATION, K.HERBAL_REGISTRATION, K.DRUG_AD_PERMIT),
    "สมุนไพร": (K.HERBAL_REGISTRATION, K.TRADITIONAL_REGISTRATION, K.HERBAL_AD_PERMIT),
    "ผลิตภัณฑ์สมุนไพร": (K.HERBAL_REGISTRATION, K.TRADITIONAL_REGISTRATION, K.HERBAL_AD_PERMIT),
    "herbal": (K.HERBAL_REGISTRATION, K.TRADITIONAL_REGISTRATION, K.HERBAL_AD_PERMIT),
    "เครื่องมือแพทย์": (K.DEVICE_LICENCE, K.DEVICE_AD_PERMIT),
    "medical device": (K.DEVICE_LICENCE, K.DEVICE_AD_PERMIT),
    "วัตถุอันตราย": (K.HAZARD_REGISTRATION,),
    "hazardous substance": (K.HAZARD_REGISTRATION,),
    "สถานพยาบาล": (K.CLINIC_LICENCE, K.CLINIC_AD_PERMIT),
    "คลินิก": (K.CLINIC_LICENCE, K.CLINIC_AD_PERMIT),
    "โฆษณาอาหาร": (K.FOOD_AD_PERMIT,),
    "โฆษณายา": (K.DRUG_AD_PERMIT,),
    "โฆษณาเครื่องมือแพทย์": (K.DEVICE_AD_PERMIT,),
    "โฆษณาสถานพยาบาล": (K.CLINIC_AD_PERMIT,),
    "โฆษณาสมุนไพร": (K.HERBAL_AD_PERMIT,),
    "โฆษณาผลิตภัณฑ์สมุนไพร": (K.HERBAL_AD_PERMIT,),
}
_ANNOUNCED: Final[Mapping[LicenceKind, str]] = {
    K.DRUG_REGISTRATION: "ทะเบียนยา",
    K.TRADITIONAL_REGISTRATION: "ทะเบียนยา",
    K.HERBAL_REGISTRATION: "ทะเบียนยา",
    K.HAZARD_REGISTRATION: "วอส.",
    K.FOOD_AD_PERMIT: "ฆอ.",
    K.DRUG_AD_PERMIT: "ฆท.",
    K.DEVICE_AD_PERMIT: "ฆพ.",
    K.CLINIC_AD_PERMIT: "ฆสพ.",
    K.HERBAL_AD_PERMIT: "ใบอนุญาตโฆษณาผลิตภัณฑ์สมุนไพรเลขที่",
    K.AD_PERMIT: "ใบอนุญาตโฆษณาเลขที่",
}
"""Prefixes that tell the parser the kind of a number."""

_OWN_PREFIX: Final = re.compile(r"^(?:ฆ|ว\.?\s?อ\.?\s?ส)")
_BEFORE: Final = re.compile(r"^(?:เลขที่|เลข|อย\.?|no\.?|:|\s)+", re.IGNORECASE)
_SEPARATORS: Final = re.compile(r"[\s.\-_/]")
_SPOILT: Final = re.compile(r"\d(?:\.\d+)?e\+?\d+", re.IGNORECASE)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?: 00:00:00)?")
_SERIES: Final = frozenset({K.TRADITIONAL_REGISTRATION, K.HERBAL_REGISTRATION})


class NumberUnreadable(ValueError):
    """A cell without a number of the register's kind; the message says why."""


@lru_cache(1000)  # every row has one of few words
def kinds_from(written: str) -> tuple[LicenceKind, ...]:
    """Return the kinds that a cell in the column of kinds can mean; empty for an unknown word."""
    word = re.sub(r"\s+", " ", written.replace("\u0e4d\u0e32", "\u0e33")).strip().casefold()
    try:
        return (LicenceKind(word),)
    except ValueError:
        return _WORDS.get(word, ())


def read_number(
    written: str, kinds: Sequence[LicenceKind] = (), heading: str = "", today: date | None = None
) -> tuple[LicenceKind, str]:
    """Return a number's kind and normalized form, as from :func:`inference.licences.find_numbers`.

    Args:
        kinds: the possible kinds; if empty, ``heading`` and the number itself decide.
        heading: the heading of the column.

    Raises:
        NumberUnreadable: it is malformed, of no known kind, or not alone in its cell.
    """
    text = Surface(written).text.strip()
    if not text:
        raise NumberUnreadable("there is no number")
    if _SPOILT.fullmatch(text):
        raise NumberUnreadable(f"{text}: a spreadsheet rounded the number; store the column as text")
    if _ISO.fullmatch(text):
        raise NumberUnreadable(
            f"{text}: a spreadsheet converted the number to a date; store the column as text"
        )
    if not kinds:
        return _read(f"{heading.strip()} {text}", len(heading.strip()) + 1, frozenset(K), today)
    faults = []
    for kind in kinds:
        try:
            return _DIGITS[kind](text, today) if kind in _DIGITS else _announced(text, kind, today)
        except NumberUnreadable as error:
            faults.append(str(error))
    raise NumberUnreadable(faults[0])


def _announced(text: str, kind: LicenceKind, today: date | None) -> tuple[LicenceKind, str]:
    before = "" if _OWN_PREFIX.match(text) else _ANNOUNCED.get(kind, "") + " "
    allowed = _SERIES if kind in _SERIES else frozenset({kind})
    return _read(before + text, len(before), allowed, today)


def _read(
    text: str, start: int, allowed: frozenset[LicenceKind], today: date | None
) -> tuple[LicenceKind, str]:
    found = [check for check in find_numbers(text, today=today) if check.end > start]
    if not found:
        raise NumberUnreadable(f"{text[start:]!r} is not written like a number of a known kind")
    check = found[0]
    if check.shape is NumberShape.AMBIGUOUS:
        raise NumberUnreadable(
            f"{text[start:]!r} fits several kinds: choose one with --kind or a column kind"
        )
    if check.shape is NumberShape.INVALID:
        raise NumberUnreadable(check.reason.strip())
    alone = (
        len(found) == 1 and not text[check.end :].strip() and not _BEFORE.sub("", text[start : check.start])
    )
    if not alone:
        raise NumberUnreadable(f"{text[start:]!r}: {check.number} is not alone in its cell")
    if check.kind not in allowed:
        raise NumberUnreadable(f"{check.number} is a {check.kind}, not a {' or '.join(sorted(allowed))}")
    return check.kind, check.number


def _digits(text: str, lengths: Sequence[int]) -> str:
    digits = _SEPARATORS.sub("", _BEFORE.sub("", text))
    if not digits.isdecimal():
        raise NumberUnreadable(f"{text!r} contains more than digits and hyphens")
    if len(digits) not in lengths:
        wanted = " หรือ ".join(map(str, lengths))
        raise NumberUnreadable(f"{text!r} มี {len(digits)} หลัก แต่ต้องมี {wanted} หลัก")
    return digits


def _checked(kind: LicenceKind, form: str, fault: str) -> tuple[LicenceKind, str]:
    if fault:
        raise NumberUnreadable(f"{form}: {fault}")
    return kind, form


def _food(text: str, today: date | None) -> tuple[LicenceKind, str]:
    digits = _digits(text, (FOOD_LENGTH,))
    return _checked(K.FOOD_SERIAL, food_form(digits), food_fault(digits, current_year(today)))


def _cosmetic(text: str, today: date | None) -> tuple[LicenceKind, str]:
    digits = _digits(text, COSMETIC_LENGTHS)
    return _checked(
        K.COSMETIC_NOTIFICATION, cosmetic_form(digits), cosmetic_fault(digits, current_year(today))
    )


def _device(text: str, today: date | None) -> tuple[LicenceKind, str]:
    digits = _digits(text, (DEVICE_LENGTH,))
    return _checked(K.DEVICE_LICENCE, device_form(digits), device_fault(digits, current_year(today)))


def _clinic(text: str, _today: date | None) -> tuple[LicenceKind, str]:
    digits = _digits(text, (CLINIC_LENGTH,))
    return _checked(K.CLINIC_LICENCE, digits, clinic_fault(digits))


_DIGITS: Final = {
    K.FOOD_SERIAL: _food,
    K.COSMETIC_NOTIFICATION: _cosmetic,
    K.DEVICE_LICENCE: _device,
    K.CLINIC_LICENCE: _clinic,
}
