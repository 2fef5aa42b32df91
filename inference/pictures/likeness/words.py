"""Checks whether the words that a reviewer confirmed in one picture are also read in another.

A lawful banner can look the same as an unlawful one, so a decision is never carried over by likeness alone.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from inference.pictures.ocr.choice import share_of_words

MISREAD: Final = 0.1
"""Share of a claim's characters that may have been misread."""

SHORTEST: Final = 6
"""Minimum length in letters of words that can be recognized; shorter ones occur in any text."""

AROUND: Final = 24
"""Characters on each side in which a negation is searched for."""

STRANGE: Final = 6
"""Characters in a row beside the words that did not stand in the first picture: a price, no sentence."""

READABLE: Final = 0.7
"""Share of dictionary words in such characters from which they were read and not guessed."""

SLIP: Final = 2
"""How many such characters that are no words count: a single one is a slip of the recognizer."""

_GRAM: Final = 3

_DENIALS: Final = re.compile("ไม|มิ(?!น)|หาม|งด|ปราศจาก|อยา|ปลอด|เลิก|คำเตือน")
"""Negations and warnings, without tone marks, which OCR tends to lose."""

_TONES: Final = dict.fromkeys(map(ord, "\u0e48\u0e49\u0e4a\u0e4b"))


@dataclass(frozen=True)
class ConfirmedWords:
    """Words that a reviewer confirmed.

    Attributes:
        words: as they were read in the first picture.
        before, after: the text around them in that picture.
    """

    words: str
    before: str = ""
    after: str = ""

    @classmethod
    def of(cls, text: str, start: int, end: int) -> "ConfirmedWords":
        """Take words from the text of a picture."""
        return cls(text[start:end], text[:start], text[end:])


def words_read_again(confirmed: Sequence[ConfirmedWords], text: str) -> list[ConfirmedWords]:
    """Return the confirmed words that are read in a picture's text without being negated.

    A tenth of the characters may differ, but no digit. A new negation on either side rules the words out; so
    do other new words next to them, which may deny the claim in an unforeseen way, or may have been misread.
    """
    letters = _plain(text)
    return [words for words in confirmed if _stands_in(words, letters)]


def may_carry_over(confirmed: Sequence[ConfirmedWords], text: str) -> bool:
    """Whether all confirmed words are read in a picture's text; ``False`` if none were confirmed."""
    return bool(confirmed) and len(words_read_again(confirmed, text)) == len(confirmed)


def _stands_in(confirmed: ConfirmedWords, letters: str) -> bool:
    words = _plain(confirmed.words)
    if len(words) < SHORTEST or len(letters) < len(words) * (1 - MISREAD):
        return False
    found = fuzz.partial_ratio_alignment(words, letters)
    if found is None:
        return False
    start, end = (found.dest_start, found.dest_end) if len(words) <= len(letters) else (0, len(letters))
    seen = letters[start:end]
    if Levenshtein.distance(words, seen) > MISREAD * len(words) or _digits(words) != _digits(seen):
        return False
    before, after = _plain(confirmed.before), _plain(confirmed.after)
    if _denials(letters[:start], letters[end:]) > _denials(before, after):
        return False
    known = _grams(before + words + after)
    around = (letters[max(0, start - AROUND) : start], letters[end : end + AROUND])
    return not any(_has_strange_words(part, known) for part in around)


def _has_strange_words(letters: str, known: frozenset[str]) -> bool:
    """Whether a text has words that are not those of the known pieces."""
    places = [place for place, char in enumerate(letters) if ord(char) not in _TONES]
    bare = "".join(letters[place] for place in places)
    familiar = [False] * len(bare)
    for at in range(len(bare) - _GRAM + 1):
        if bare[at : at + _GRAM] in known:
            familiar[at : at + _GRAM] = [True] * _GRAM
    for is_familiar, run in groupby(range(len(bare)), familiar.__getitem__):
        if is_familiar:
            continue
        members = list(run)
        share = share_of_words(letters[places[members[0]] : places[members[-1]] + 1])
        if len(members) > STRANGE or (len(members) >= SLIP and share is not None and share < READABLE):
            return True
    return False


def _grams(letters: str) -> frozenset[str]:
    """The pieces of a text, without tone marks, since those are what a recognizer loses."""
    bare = letters.translate(_TONES)
    return frozenset(bare[at : at + _GRAM] for at in range(len(bare) - _GRAM + 1))


def _denials(before: str, after: str) -> int:
    around = (before[-AROUND:], after[:AROUND])
    return sum(len(_DENIALS.findall(part.translate(_TONES))) for part in around)


def _digits(letters: str) -> str:
    return "".join(char for char in letters if char.isdigit())


def _plain(text: str) -> str:
    """Normalize letters for comparison: no white space, one form of vowels."""
    text = unicodedata.normalize("NFC", text).replace("\u0e4d\u0e32", "\u0e33").replace("เเ", "แ")
    return re.sub(r"\s+", "", text).lower()
