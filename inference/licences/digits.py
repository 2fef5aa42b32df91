"""Digits-only numbers: food serial, cosmetic notification, medical device, clinic licence.

Shapes: 2-1-5-1-4, 2-1-10 (older 2-1-7), 2-1-1-1-7 and 11 digits. The positions of the hyphens tell food from
cosmetics; without hyphens, the words before the number and its digit structure decide.
"""

import re
from collections.abc import Iterator
from typing import Final

from inference.licences import bare, misprint
from inference.licences.chains import Chain, Window, broken_chains, chains
from inference.licences.cues import NEAR, PRODUCT_CUES, Cue, Cues
from inference.licences.found import Found
from inference.licences.structure import (
    CLINIC_LENGTH,
    COSMETIC_CUTS,
    COSMETIC_LENGTHS,
    FOOD_CUTS,
    FOOD_LENGTH,
    clinic_fault,
    cosmetic_fault,
    cosmetic_form,
    device_fault,
    device_form,
    food_fault,
    food_form,
)
from inference.text.surface import OccupiedCharacters
from labels.schema import LicenceKind, NumberShape

_FOOD_SHAPE: Final = (2, 1, 5, 1, 4)
_DEVICE_SHAPE: Final = (2, 1, 1, 1, 7)
_COSMETIC_SHAPES: Final = ((2, 1, 10), (2, 1, 7))
_LEAST: Final = 9
_SPELT: Final = 5
"""The longest group in digits that are spaced out arbitrarily."""


_OPENING: Final = (2, 3, 8, 9, FOOD_LENGTH)
"""Possible lengths of the first group when thirteen digits are cut where a food serial may be."""
_REST_OF_LINE: Final = re.compile(r"[ .,)]*(?:\r?\n|\Z)")


def find(text: str, cues: Cues, taken: OccupiedCharacters, now: int) -> Iterator[Found]:
    """Every digits-only number in a surface text; each match is marked as taken."""
    # First, because the part before the break would be a malformed number.
    for chain in broken_chains(text):
        for first in range(len(chain.lengths)):
            found = _over_two_lines(chain, first, cues, now)
            if found and taken.take(found.start, found.end):
                yield found
    for chain in chains(text, _LEAST):
        for first in range(len(chain.lengths)):
            found = _grouped(chain, first, cues, now)
            if found and taken.take(found.start, found.end):
                yield found
        for first in range(len(chain.lengths)):
            found = _announced(chain, cues, now) if first == 0 else None
            found = found or _unannounced(chain, first, cues, now)
            if found and taken.take(found.start, found.end):
                yield found


def _over_two_lines(chain: Chain, first: int, cues: Cues, now: int) -> Found | None:
    """A number that one line break cuts; only a valid one, as the next line may be something else."""
    found = _grouped(chain, first, cues, now)
    grouped = found is not None
    if found is None and cues.adjoining(chain.at[first]) in PRODUCT_CUES:
        whole = chain.holding(first, FOOD_LENGTH)
        found = _spaced(whole, cues, now) if whole and _readable(whole) else None
    if found is None or found.shape is not NumberShape.VALID:
        return None
    first_line, *others = chain.text[found.start : found.end].split("\n")
    if len(others) != 1:
        return None
    if first_line.rstrip().endswith("-") or others[0].lstrip().startswith("-"):
        return found
    # Otherwise what follows may be the price: it needs hyphens of its own, or to be all of its line.
    alone = "-" in others[0] or _REST_OF_LINE.match(chain.text, found.end)
    return found if alone and not grouped else None


def _grouped(chain: Chain, first: int, cues: Cues, now: int) -> Found | None:
    """A number whose groups have the lengths of its kind."""
    five = chain.lengths[first : first + 5]
    if five == _FOOD_SHAPE:
        return _food(Window(chain, first, first + 4), cues, now)
    if five == _DEVICE_SHAPE:
        return _device(Window(chain, first, first + 4), cues, now)
    if five[:3] in _COSMETIC_SHAPES:
        return _cosmetic(Window(chain, first, first + 2), cues, now)
    return None


def _food(window: Window, cues: Cues, now: int) -> Found | None:
    fault = food_fault(window.digits, now)
    if fault and not window.signed and cues.before(window.start, NEAR, *PRODUCT_CUES) is None:
        return None
    reason = fault or "รูปแบบ 2-1-5-1-4 รหัสจังหวัด และปีของเลขสารบบอาหารถูกต้อง"
    return _found(window, LicenceKind.FOOD_SERIAL, food_form(window.digits), reason, bool(fault))


def _device(window: Window, cues: Cues, now: int) -> Found | None:
    if not window.signed and cues.before(window.start, NEAR, *PRODUCT_CUES) is None:
        return None
    fault = device_fault(window.digits, now)
    reason = fault or "รูปแบบ 12 หลักและปีของเลขเครื่องมือแพทย์ถูกต้อง"
    return _found(window, LicenceKind.DEVICE_LICENCE, device_form(window.digits), reason, bool(fault))


def _cosmetic(window: Window, cues: Cues, now: int) -> Found | None:
    digits = window.digits
    announced = cues.before(window.start, NEAR, *PRODUCT_CUES) is not None
    fault = cosmetic_fault(digits, now)
    if not announced and (fault or not window.signed or cues.nearest(window.start, NEAR) is Cue.OTHER):
        return None
    food_words = cues.nearest(window.start, NEAR) in (Cue.FOOD, Cue.FDA)
    if fault and food_words and len(digits) == FOOD_LENGTH and not food_fault(digits, now):
        return misprint.hyphens(window)
    form = "2-1-10" if len(digits) == FOOD_LENGTH else "2-1-7"
    reason = fault or f"รูปแบบ {form} รหัสจังหวัด และปีของเลขจดแจ้งเครื่องสำอางถูกต้อง"
    return _found(window, LicenceKind.COSMETIC_NOTIFICATION, cosmetic_form(digits), reason, bool(fault))


def _announced(chain: Chain, cues: Cues, now: int) -> Found | None:
    """A number directly after a licence word, however its digits are spaced."""
    cue = cues.adjoining(chain.at[0])
    if cue in (Cue.CLINIC, Cue.LICENCE):
        return _clinic(chain, cue)
    if cue not in PRODUCT_CUES:
        return None
    whole = chain.holding(0, FOOD_LENGTH)
    if cue is not Cue.DEVICE and whole and _readable(whole):
        hyphened = (_spaced(whole, cues, now) or misprint.hyphens(whole, cue)) if whole.signed else None
        return hyphened or bare.thirteen(whole, cue, True, now)
    short = chain.holding(0, COSMETIC_LENGTHS[1])
    if cue in (Cue.COSMETIC, Cue.FDA) and short and not short.signed and _readable(short):
        fault = cosmetic_fault(short.digits, now)
        if not fault:
            return bare.cosmetic(short)
    device = chain.holding(0, 12)
    if device and not device.signed and _readable(device) and cue is not Cue.FOOD:
        fault = device_fault(device.digits, now)
        if not fault or cue is Cue.DEVICE:
            return bare.device(device, fault)
    return misprint.find(chain, cue)


def _spaced(window: Window, cues: Cues, now: int) -> Found | None:
    """Thirteen digits whose hyphens stand where they should, with whitespace elsewhere between digits."""
    if window.signed == FOOD_CUTS:
        return _food(window, cues, now)
    return _cosmetic(window, cues, now) if window.signed == COSMETIC_CUTS else None


def _readable(window: Window) -> bool:
    """Whether the whitespace between the digits is spacing within one number, not before the next number."""
    return window.cuts <= FOOD_CUTS or window.signed == window.cuts or max(window.lengths) <= _SPELT


def _clinic(chain: Chain, cue: Cue) -> Found | None:
    window = chain.holding(0, CLINIC_LENGTH)
    if window is not None and _readable(window):
        return None if cue is Cue.LICENCE and clinic_fault(window.digits) else _clinic_found(window)
    run = chain.tight_run(0)
    near_miss = not run.cuts and len(run.digits) in (CLINIC_LENGTH - 1, CLINIC_LENGTH + 1)
    # Ten digits starting with zero are a phone number.
    return _clinic_found(run) if cue is Cue.CLINIC and near_miss and not run.digits.startswith("0") else None


def _unannounced(chain: Chain, first: int, cues: Cues, now: int) -> Found | None:
    """Eleven digits of a clinic or thirteen of a product with no licence word directly before them."""
    if chain.lengths[first] == CLINIC_LENGTH:
        near = cues.nearest(chain.at[first], NEAR) is Cue.CLINIC and not chain.glued(first, first)
        window = Window(chain, first, first)
        return _clinic_found(window) if near and not clinic_fault(window.digits) else None
    if chain.lengths[first] not in _OPENING:
        return None
    window13 = chain.holding(first, FOOD_LENGTH)
    if window13 is None or not window13.cuts <= FOOD_CUTS or chain.glued(first, window13.last):
        return None
    return _thirteen(window13, cues.nearest(window13.start, NEAR, Cue.HERBAL, Cue.CLINIC), now)


def _thirteen(window: Window, cue: Cue | None, now: int) -> Found | None:
    if cue is Cue.OTHER:
        return None
    if window.signed:
        return None if food_fault(window.digits, now) else misprint.hyphens(window)
    if window.cuts and cue not in PRODUCT_CUES:
        return None
    return bare.thirteen(window, cue, False, now)


def _clinic_found(window: Window) -> Found:
    fault = clinic_fault(window.digits)
    reason = fault or "มี 11 หลักและรหัสจังหวัดถูกต้อง"
    return _found(window, LicenceKind.CLINIC_LICENCE, window.digits, reason, bool(fault))


def _found(window: Window, kind: LicenceKind, number: str, reason: str, wrong: bool) -> Found:
    shape = NumberShape.INVALID if wrong else NumberShape.VALID
    return Found(window.start, window.end, kind, number, shape, reason)
