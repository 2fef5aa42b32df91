"""The words that a letter quotes: as they stand, each once, with a plain reading where spelling evades."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inference.text.reading import LINE_SEPARATOR, read
from labels.taxonomy import ClaimLabel
from service.decisions.notice import QuotedClaim
from service.referral.visible import one_line
from service.referral.wording import violations
from service.text.thai_calendar import WESTERN

_REPEATED_MARK: Final = re.compile(r"([^\w\s])\1+")


@dataclass(frozen=True)
class Quote:
    """Words of the listing, fit for print.

    Attributes:
        label: what the words do, all kinds of violation together.
        reading: what they say in plain spelling; empty where that is how they are spelled.
        law: ids of the provisions that they meet.
    """

    text: str
    label: str
    reading: str
    law: frozenset[str]


def quotes_of(claims: Sequence[QuotedClaim], most: int) -> list[Quote]:
    """A quote for each wording, in the order of the text; at most ``most`` characters of each."""
    labels: dict[str, list[ClaimLabel]] = {}
    law: dict[str, set[str]] = {}
    for claim in sorted(claims, key=lambda claim: (claim.start, -claim.end)):
        wording = " ".join(claim.text.split())
        labels.setdefault(wording, []).append(claim.label)
        law.setdefault(wording, set()).update(ref.id for ref in claim.law)
    return [
        Quote(one_line(wording, most), violations(found), reading_of(wording, most), frozenset(law[wording]))
        for wording, found in labels.items()
    ]


def reading_of(wording: str, most: int) -> str:
    """The plain reading of words spelled so as to evade; empty where only digits or marks differ."""
    plain = _bare(read(wording).text.replace(LINE_SEPARATOR, " "))
    return "" if plain == _bare(wording) else one_line(plain, most)


def _bare(text: str) -> str:
    """Without repeated marks, in Western digits, on one line."""
    return " ".join(_REPEATED_MARK.sub(r"\1", text.translate(WESTERN)).split())
