"""The words that letters and notices quote: verbatim, each once, with a plain reading of evasive spelling."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from inference.text.reading import LINE_SEPARATOR, read
from labels.letters import WESTERN_DIGITS
from labels.schema import LawRef
from labels.taxonomy import ClaimLabel
from service.text.official_wording import ranges, violations
from service.text.visible import one_line

_APART_AM = re.compile("(?:\u0e4d([\u0e48-\u0e4b]?)|([\u0e48-\u0e4b])\u0e4d)า")
"""ำ typed as two characters, with a tone mark after or before the first."""
_REPEATED_MARK: Final = re.compile(r"([^\w\s])\1+")
_EMOJI_LOOK: Final = dict.fromkeys((0xFE0E, 0xFE0F))
"""Characters that choose how an emoji looks, which hide nothing."""
_BROKEN_WORD: Final = re.compile(r"([ัื][่-๋]?|(?<!ก)็|[เแโไใ]) +(?=[ก-ฮ])")
"""A space after a vowel that no word ends with, as in ``วั น``."""


class Quotable(Protocol):
    """Confirmed words, such as :class:`~service.decisions.notice.QuotedClaim`."""

    start: int
    end: int
    label: ClaimLabel
    text: str
    law: list[LawRef]
    picture: str | None


@dataclass(frozen=True)
class Quote:
    """Sanitized words of the listing.

    Attributes:
        label: the kinds of violation of the words, in Thai.
        labels: the same as labels, each once.
        where: the pictures that show the words, in Thai; empty if the listing's text alone has them.
        reading: their plain spelling; empty if they are spelled plainly.
        law: ids of the provisions that they violate.
    """

    text: str
    label: str
    labels: tuple[ClaimLabel, ...]
    where: str
    reading: str
    law: frozenset[str]


def quotes_of(
    claims: Sequence[Quotable],
    most: int,
    pictures: Mapping[str, int],
    missing_permit: Collection[str] = (),
) -> list[Quote]:
    """Return a quote for each wording, first those of the text, of at most ``most`` characters.

    Args:
        pictures: the numbers of the letter's pictures by their hash.
        missing_permit: ids of provisions that demand a permit, if the advertisement shows none.
    """
    labels: dict[str, list[ClaimLabel]] = {}
    law: dict[str, set[str]] = {}
    places: dict[str, list[str | None]] = {}
    for claim in sorted(claims, key=lambda claim: (claim.picture or "", claim.start, -claim.end)):
        wording = " ".join(claim.text.split())
        labels.setdefault(wording, []).append(claim.label)
        law.setdefault(wording, set()).update(ref.id for ref in claim.law)
        places.setdefault(wording, []).append(claim.picture)
    return [
        Quote(
            one_line(wording, most),
            violations(found, not law[wording].isdisjoint(missing_permit)),
            tuple(dict.fromkeys(found)),
            _where(places[wording], pictures),
            reading_of(wording, most),
            frozenset(law[wording]),
        )
        for wording, found in labels.items()
    ]


def _where(places: Iterable[str | None], pictures: Mapping[str, int]) -> str:
    """Name the pictures that show some words; ``None`` among the places is the listing's text."""
    found = list(dict.fromkeys(places))
    shown = [digest for digest in found if digest is not None]
    if not shown:
        return ""
    numbers = [pictures[digest] for digest in shown if digest in pictures]
    where = where_of(numbers)
    return f"ในคำบรรยายและ{where}" if None in found else where


def where_of(pictures: Collection[int]) -> str:
    """Name pictures of the advertisement by their numbers in a letter, which a notice does not have."""
    return f"ในภาพโฆษณาที่ {ranges(pictures)}" if pictures else "ในภาพโฆษณา"


def in_quotes(wording: str, most: int) -> str:
    """Return at most ``most`` characters of a wording in quotation marks, followed by its reading, if any."""
    return with_reading(one_line(wording, most), reading_of(wording, most))


def with_reading(text: str, reading: str) -> str:
    """Return sanitized words in quotation marks, followed by their reading unless it is empty."""
    return f"“{text}” (อ่านว่า “{reading}”)" if reading else f"“{text}”"


def reading_of(wording: str, most: int) -> str:
    """Return the plain reading of evasively spelled words; empty if only digits or marks differ."""
    plain = _BROKEN_WORD.sub(r"\1", _bare(read(wording).text.replace(LINE_SEPARATOR, " ")))
    return "" if plain == _as_printed(_bare(wording)) else one_line(plain, most)


def _as_printed(text: str) -> str:
    """Spell what looks alike in print in one way: two เ as แ, a nikhahit and า as ำ."""
    return _APART_AM.sub(lambda am: (am[1] or am[2] or "") + "ำ", text.replace("เเ", "แ"))


def _bare(text: str) -> str:
    """Normalize: no repeated marks, Western digits, one line."""
    return " ".join(_REPEATED_MARK.sub(r"\1", text.translate(WESTERN_DIGITS | _EMOJI_LOOK)).split())
