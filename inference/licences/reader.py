"""Finds all licence numbers in a raw text, resolves overlaps and looks them up in the registry."""

import re
from dataclasses import replace
from datetime import date
from typing import Final

from inference.licences import digits, labelled, permits, registrations
from inference.licences.cues import Cues
from inference.licences.found import Found, current_year
from inference.licences.status import registry_check
from inference.registry.source import RegistrySource
from inference.text.surface import OccupiedCharacters, Surface
from labels.schema import LicenceCheck, LicenceKind

_URL: Final = re.compile(
    r"(?:https?://|(?<![\w.])www\.)[^\s<>\"'\u0e00-\u0e7f]{1,2000}"
    r"|(?<![a-z0-9.\-@_/])(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,10}/[^\s<>\"'\u0e00-\u0e7f]{1,2000}",
    re.IGNORECASE | re.ASCII,
)

_DIGIT: Final = re.compile("[0-9]")


def find_numbers(
    text: str,
    registry: RegistrySource | None = None,
    *,
    product_name: str | None = None,
    compare_names: bool = True,
    today: date | None = None,
) -> list[LicenceCheck]:
    """Every licence and permit number in the raw ``text``, sorted and without overlaps.

    ``text[start:end]`` is the number as written; the words that announce it ("อย.") are not part of it,
    letters that belong to it (ฆอ., G, 1A) are. ``product_name`` is the listing's product name if the text
    lacks it; it is used only to detect a borrowed number, which requires ``compare_names``. ``today`` decides
    which years lie in the future and how old the registry is (default: now). Runs in time linear in the
    length of the text.
    """
    surface = Surface(text)
    if not _DIGIT.search(surface.text):
        return []
    now = current_year(today)
    cues = Cues(surface.text)
    taken = OccupiedCharacters(len(surface.text))
    for match in _URL.finditer(surface.text):
        taken.take(*match.span())
    found = list(permits.find(surface.text, cues, taken, now))
    found += registrations.find(surface.text, cues, taken, now)
    found += digits.find(surface.text, cues, taken, now)
    found += labelled.find(surface.text, taken)
    found.sort(key=lambda f: f.start)
    spoken_about = f"{product_name}\n{text}" if product_name else text
    asked = registry.now() if registry is not None else None
    day = today or date.today()
    checks = []
    for one in _with_herbal_permits(found):
        start, end = surface.span(one.start, one.end)
        checks.append(registry_check(one, start, end, asked, spoken_about if compare_names else None, day))
    return checks


def _with_herbal_permits(found: list[Found]) -> list[Found]:
    """Treat a permit without a prefix as herbal if a herbal or traditional registration precedes it."""
    herbal = (LicenceKind.HERBAL_REGISTRATION, LicenceKind.TRADITIONAL_REGISTRATION)
    ends = [f.end for f in found if f.kind in herbal]
    return [
        replace(f, kind=LicenceKind.HERBAL_AD_PERMIT)
        if f.kind is LicenceKind.AD_PERMIT and permits.near_herbal(f, ends)
        else f
        for f in found
    ]
