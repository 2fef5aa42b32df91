"""Replaces Latin letters and digits that stand for similar-looking Thai letters: ผoม, ลดwุง, 0้วน.

A foreign character is read as Thai only if that produces a word of the prohibited phrases or a longer
dictionary word, so sizes, units and English words beside Thai ones are left alone.
"""

import re
from functools import lru_cache
from itertools import product

from inference.text.evasion import watched_words
from inference.text.offset_text import OffsetText
from inference.text.words import dictionary

LOOKALIKES: dict[str, str] = {
    "o": "อ",
    "0": "อ",
    "u": "นบ",
    "n": "กทถ",
    "w": "พผ",
    "p": "ผพ",
    "s": "ร",
    "a": "ลส",
    "v": "ข",
    "c": "ด",
    "m": "ท",
    "j": "ง",
    "y": "ฟฝ",
    "3": "ว",
    "l": "เ",
    "q": "ว",
    "r": "ร",
    "i": "ไ",
}
"""The Thai letters that each character may stand for; capitals stand for the same ones."""

_LETTER = r"[ก-ฮฤฦะ-ฺเ-ๅ็-์]"
_LATIN = "".join(c + c.upper() for c in LOOKALIKES if c.isalpha())
_DIGITS = "".join(c for c in LOOKALIKES if c.isdigit())
_FOREIGN = rf"(?:[{_LATIN}]{{1,2}}|[{_DIGITS}])"
# At most two in a row, with Thai on both sides or a Thai mark after: English words are longer.
_MIXED = re.compile(
    rf"(?:{_LETTER}{{0,12}}(?<![A-Za-z0-9]){_FOREIGN}(?![A-Za-z0-9])){{1,3}}{_LETTER}{{1,12}}"
)
# Every match of _MIXED contains one, so this cheap search rules most texts out first.
_FOREIGN_BEFORE_THAI = re.compile(rf"(?<![A-Za-z0-9]){_FOREIGN}(?={_LETTER})")
_FOREIGN_ONE = re.compile(f"[{_LATIN}{_DIGITS}]")
_SHORTEST, _SHORTEST_UNWATCHED = 3, 5
_DEPENDENT = re.compile("[ะ-ฺ็-์]")
_MOST_READINGS = 64


@lru_cache(maxsize=4096)
def _read_as_thai(run: str) -> str:
    places = [m.start() for m in _FOREIGN_ONE.finditer(run)]
    options = [LOOKALIKES[run[at].lower()] for at in places]
    count = 1
    for option in options:
        count *= len(option)
    if count > _MOST_READINGS:
        return run
    best = (0, run)
    for choice in product(*options):
        letters = list(run)
        for at, letter in zip(places, choice, strict=True):
            letters[at] = letter
        read = "".join(letters)
        covered = [_covering_word(read, at) for at in places]
        if all(covered):
            best = max(best, (sum(covered), read))
    return best[1]


def _covering_word(text: str, at: int) -> int:
    """Length of the longest word covering the character at ``at``; 0 if there is none."""
    watched, known = watched_words(), dictionary()
    # In honest writing a combining mark cannot follow a foreign letter.
    shortest = _SHORTEST if _DEPENDENT.match(text, at + 1) else _SHORTEST_UNWATCHED
    longest = 0
    for start in range(max(0, at - 12), at + 1):
        for end in range(max(at + 1, start + _SHORTEST), min(len(text), start + 14) + 1):
            word = text[start:end]
            if word in watched or (len(word) >= shortest and word in known):
                longest = max(longest, end - start)
    return longest


def undo_lookalikes(text: OffsetText) -> OffsetText:
    """Replace each foreign character that hides a word of a claim with its Thai letter."""
    if not _FOREIGN_BEFORE_THAI.search(text.text):
        return text
    return text.sub(_MIXED, lambda match: _read_as_thai(match.group()))
