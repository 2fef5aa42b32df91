"""The keyword scanner: the regulators' prohibited phrases found in a text, and nothing else.

This is how listings are screened today, and the peer that the model is compared with. It is kept as
strong as its kind allows: every phrase counts, in any case and with any white space between its words,
and where the class of the product is known only the phrases that bind that class are used.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from labels.phrases import Phrase, phrases
from labels.taxonomy import PROHIBITED_LABELS, ClaimLabel, ProductClass

_GAP = 20
"""Characters that an ellipsis inside a phrase may stand for."""


@dataclass(frozen=True, order=True)
class KeywordHit:
    """A phrase found at ``text[start:end]`` of the scanned text."""

    start: int
    end: int
    label: ClaimLabel
    phrase: str
    """The phrase as the list writes it."""


def _collapsed(text: str) -> tuple[str, list[int]]:
    """``text`` in lower case with runs of white space as one space, and each character's original index."""
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
    """A pattern for a wording with spaces or gaps in it; ``None`` when plain search will do."""
    if " " not in wording and "…" not in wording:
        return None
    parts = re.split(r"\s*…\s*", wording.strip("… "))
    return re.compile(f".{{0,{_GAP}}}?".join(" ?".join(map(re.escape, part.split())) for part in parts))


class KeywordBaseline:
    """Finds every occurrence of every phrase; overlapping and nested phrases are all found."""

    def __init__(self, source: Sequence[Phrase] | None = None) -> None:
        """Uses the shipped list unless given another one."""
        self._phrases = tuple(phrases() if source is None else source)

    @cached_property
    def _wordings(self) -> list[tuple[Phrase, str, str, re.Pattern[str] | None]]:
        return [
            (phrase, wording, wording.lower(), _pattern(wording.lower()))
            for phrase in self._phrases
            for wording in phrase.texts
        ]

    def scan(self, text: str, product_class: ProductClass | None = None) -> list[KeywordHit]:
        """All hits in order of their place, offsets into ``text``.

        With ``product_class`` only the phrases that bind that class; without it all of them. The same
        words under two labels give two hits, under one label one.
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
        """Whether any phrase with a prohibited label stands in the text."""
        return any(hit.label in PROHIBITED_LABELS for hit in self.scan(text, product_class))

    def score(self, text: str, product_class: ProductClass | None = None) -> float:
        """How many different prohibited phrases stand in the text: ranks listings, is no probability."""
        hits = self.scan(text, product_class)
        return float(len({hit.phrase for hit in hits if hit.label in PROHIBITED_LABELS}))
