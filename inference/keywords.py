"""The keyword baseline: finds the regulators' prohibited phrases in a text.

Listings are screened this way today, so the model is compared with it. The baseline is made as strong as
possible: every phrase counts, in any case and with any whitespace between its words, and if the product class
is known, only the phrases that bind that class are used.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from labels.guidance.phrases import Phrase, phrases
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass

_GAP = 20
"""Maximum number of characters that an ellipsis inside a phrase matches."""


@dataclass(frozen=True, order=True)
class KeywordHit:
    """An occurrence of a phrase at ``text[start:end]``."""

    start: int
    end: int
    label: ClaimLabel
    phrase: str
    """The phrase as written in the list."""


def _collapsed(text: str) -> tuple[str, list[int]]:
    """``text`` in lower case with whitespace runs collapsed, and each character's original index."""
    characters: list[str] = []
    origin: list[int] = []
    for index, character in enumerate(text):
        if character.isspace():
            if characters and characters[-1] == " ":
                continue
            character = " "  # noqa: PLW2901
        lowered = character.lower()
        characters.append(lowered if len(lowered) == 1 else character)
        origin.append(index)
    return "".join(characters), origin


def _pattern(wording: str) -> re.Pattern[str] | None:
    """A regular expression for a wording with spaces or gaps; ``None`` if plain search is enough."""
    if " " not in wording and "…" not in wording:
        return None
    parts = re.split(r"\s*…\s*", wording.strip("… "))
    return re.compile(f".{{0,{_GAP}}}?".join(" ?".join(map(re.escape, part.split())) for part in parts))


class KeywordBaseline:
    """Finds every occurrence of every phrase, including overlapping and nested ones."""

    def __init__(self, source: Sequence[Phrase] | None = None) -> None:
        """Use ``phrases``, or the shipped list by default."""
        self._phrases = tuple(phrases() if source is None else source)

    @cached_property
    def _wordings(self) -> list[tuple[Phrase, str, str, re.Pattern[str] | None]]:
        return [
            (phrase, wording, wording.lower(), _pattern(wording.lower()))
            for phrase in self._phrases
            for wording in phrase.texts
        ]

    def scan(self, text: str, product_class: ProductClass | None = None) -> list[KeywordHit]:
        """All hits in order of position, with offsets into ``text``.

        With ``product_class`` only the phrases that bind that class count. The same words under two labels
        give two hits, under one label one.
        """
        collapsed, origin = _collapsed(text)
        found: set[KeywordHit] = set()
        for phrase, wording, lowered, pattern in self._wordings:
            if product_class is not None and product_class not in phrase.classes:
                continue
            if pattern is not None:
                places = [match.span() for match in pattern.finditer(collapsed)]
            else:
                places = []
                at = collapsed.find(lowered)
                while at >= 0:
                    places.append((at, at + len(lowered)))
                    at = collapsed.find(lowered, at + 1)
            for start, end in places:
                found.add(KeywordHit(origin[start], origin[end - 1] + 1, phrase.label, wording))
        return sorted(found)

    def is_prohibited(self, text: str, product_class: ProductClass | None = None) -> bool:
        """Whether any phrase with a prohibited label occurs in the text."""
        return any(hit.label in PROHIBITED_LABELS for hit in self.scan(text, product_class))

    def score(self, text: str, product_class: ProductClass | None = None) -> float:
        """The number of distinct prohibited phrases in the text: a ranking score, not a probability."""
        hits = self.scan(text, product_class)
        return float(len({hit.phrase for hit in hits if hit.label in PROHIBITED_LABELS}))
