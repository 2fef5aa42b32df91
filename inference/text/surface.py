"""The raw text with digits, dashes, slashes and spaces folded for number matching, with an offset map.

The original text is never changed. :class:`Surface` holds a second string in which every character stands for
one character or character reference of the original, invisible characters and tags without values are left
out, and offsets map back. Letters, line breaks and everything else are kept.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from inference.text.markup import undo_markup
from inference.text.offset_text import OffsetText

_DIGIT_ZEROS: Final = (
    0x0E50,
    0x0ED0,
    0x17E0,
    0x0660,
    0x06F0,
    0x0966,
    0xFF10,
    0x1D7CE,
    0x1D7D8,
    0x1D7E2,
    0x1D7EC,
)
"""Code point of zero in Thai, Lao (a look-alike), Khmer, Arabic, Devanagari, full-width and mathematical
digits."""

_DASHES: Final = (
    "\u00ad\u058a\u05be\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2212\u2500\u2501"
    "\u2e3a\u2e3b\u30fc\ufe58\ufe63\uff0d\u02d7\u00af\u23af\uff70"
)
_SLASHES: Final = "\u2044\u2215\u29f8\uff0f"
_SPACES: Final = (
    "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
)
_INVISIBLE: Final = (
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffa\ufffb\u20e3"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f"
)
"""Zero-width and direction marks, variation selectors, and the keycap frame of emoji digits."""

_SINGLE: Final = {
    "\uff0e": ".",
    "\u2024": ".",
    "\u3002": ".",
    "\uff1a": ":",
    "\uff3f": "_",
    "\uff20": "@",
    "\ufe6b": "@",
}
_GONE: Final = "\x00"


def _table() -> dict[int, str]:
    table = {ord(a): b for a, b in _SINGLE.items()}
    for zero in _DIGIT_ZEROS:
        table |= {zero + n: str(n) for n in range(10)}
    table |= {ord(c): "-" for c in _DASHES} | {ord(c): "/" for c in _SLASHES} | {ord(c): " " for c in _SPACES}
    for upper, lower in ((0xFF21, 0xFF41),):
        table |= {upper + n: chr(ord("A") + n) for n in range(26)}
        table |= {lower + n: chr(ord("a") + n) for n in range(26)}
    return table | {ord(c): _GONE for c in _INVISIBLE} | {0: " "}


_TABLE: Final = _table()


class Surface:
    """A folded copy of a text; :meth:`span` maps a range of ``text`` to offsets in the original."""

    def __init__(self, original: str) -> None:
        self.original = original
        self._places: tuple[Sequence[int], Sequence[int]] | None = None
        text = original
        if "&" in original or "<" in original:
            shown = undo_markup(OffsetText(original), keep_values=True)
            text, self._places = shown.text, (shown.starts, shown.ends)
        folded = text.translate(_TABLE)
        if _GONE in folded:
            kept = [i for i, c in enumerate(folded) if c != _GONE]
            starts, ends = self._places or (range(len(text)), range(1, len(text) + 1))
            self._places = [starts[i] for i in kept], [ends[i] for i in kept]
            folded = folded.replace(_GONE, "")
        self.text = folded

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original range of the non-empty ``text[start:end]``.

        Invisible characters inside the range are included, those at its edges are not.
        """
        if self._places is None:
            return start, end
        starts, ends = self._places
        return starts[start], ends[end - 1]

    def cover(self, start: int, end: int) -> tuple[int, int]:
        """The range of ``text`` that shows the original's ``[start, end)``."""
        if self._places is None:
            return start, end
        starts, ends = self._places
        return bisect_right(ends, start), bisect_left(starts, end)


class OccupiedCharacters:
    """Tracks which characters of a surface text belong to a match; queries are linear in their range."""

    def __init__(self, length: int) -> None:
        self._bits = bytearray(length)

    def free(self, start: int, end: int) -> bool:
        """Whether no character of the range is taken."""
        return 1 not in self._bits[start:end]

    def take(self, start: int, end: int) -> bool:
        """Take the range unless part of it is already taken; returns whether it was free."""
        if not self.free(start, end):
            return False
        self._bits[start:end] = b"\x01" * (end - start)
        return True
