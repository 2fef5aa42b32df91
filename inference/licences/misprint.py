"""Malformed licence numbers: misplaced hyphens, a digit too many or too few.

A real slimming product carried ``13-125561-50004``; the regulator's notice called the number false.
"""

import re
from typing import Final

from inference.licences.chains import Chain, Window
from inference.licences.cues import Cue
from inference.licences.found import Found
from inference.licences.structure import DEVICE_LENGTH, FOOD_LENGTH
from labels.schema import LicenceKind, NumberShape

_FORMS: Final = {
    LicenceKind.FOOD_SERIAL: "เลขสารบบอาหารต้องมี 13 หลักแบบ XX-X-XXXXX-X-XXXX",
    LicenceKind.COSMETIC_NOTIFICATION: (
        "เลขจดแจ้งเครื่องสำอางต้องมี 13 หลักแบบ XX-X-XXXXXXXXXX หรือ 10 หลักแบบ XX-X-XXXXXXX"
    ),
    LicenceKind.DEVICE_LICENCE: "เลขเครื่องมือแพทย์ต้องมี 12 หลักแบบ XX-X-X-X-XXXXXXX",
}
_KINDS: Final = {
    Cue.FOOD: LicenceKind.FOOD_SERIAL,
    Cue.FDA: LicenceKind.FOOD_SERIAL,
    Cue.COSMETIC: LicenceKind.COSMETIC_NOTIFICATION,
    Cue.DEVICE: LicenceKind.DEVICE_LICENCE,
}
_NEAR_MISS: Final = range(FOOD_LENGTH - 4, FOOD_LENGTH + 4)
_GROUPS: Final = 3
_LOOKALIKE: Final = re.compile(r"-?[0-9]{0,5}[OoIlQ][0-9OoIlQ\-]{0,12}(?![A-Za-z0-9])")
"""A number that continues with letters that look like digits (10-1-12345-5-O001)."""


def find(chain: Chain, cue: Cue) -> Found | None:
    """A number directly after the licence word ``cue`` that fits no kind, or ``None``."""
    kind = _KINDS[cue]
    run = chain.tight_run(0)
    letters = _LOOKALIKE.match(chain.text, run.end)
    if letters and run.cuts:
        number = f"{run.written}{letters[0].upper()}"
        reason = f"มีตัวอักษรปนอยู่ในเลข แต่{_FORMS[kind]}"
        return Found(run.start, letters.end(), kind, number, NumberShape.INVALID, reason)
    total = sum(run.lengths)
    if total not in _NEAR_MISS or (not run.cuts and run.digits.startswith("0")):
        return None
    if not run.cuts:
        meant = (DEVICE_LENGTH - 1, DEVICE_LENGTH + 1) if kind is LicenceKind.DEVICE_LICENCE else (12, 14)
        return _wrong(run, kind, total) if total in meant else None
    if len(run.lengths) >= _GROUPS and run.lengths[:2] == (2, 1):
        device = len(run.lengths) == 5 and run.lengths[:4] == (2, 1, 1, 1)
        return _wrong(run, LicenceKind.DEVICE_LICENCE if device else kind, total)
    return _wrong(run, kind, total) if run.lengths[0] == 2 and total > DEVICE_LENGTH - 2 else None


def hyphens(window: Window, cue: Cue | None = None) -> Found:
    """Thirteen digits whose hyphens fit no kind; without a licence word, a malformed food serial."""
    kind = LicenceKind.COSMETIC_NOTIFICATION if cue is Cue.COSMETIC else LicenceKind.FOOD_SERIAL
    form = "-".join(str(n) for n in window.lengths)
    return _found(window, kind, f"ขีดคั่นผิดตำแหน่ง เขียนเป็นกลุ่ม {form} แต่{_FORMS[kind]}")


def _wrong(run: Window, kind: LicenceKind, total: int) -> Found:
    return _found(run, kind, f"มี {total} หลัก แบ่งเป็น {'-'.join(map(str, run.lengths))} แต่{_FORMS[kind]}")


def _found(window: Window, kind: LicenceKind, reason: str) -> Found:
    return Found(window.start, window.end, kind, window.written, NumberShape.INVALID, reason)
