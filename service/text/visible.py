"""Sanitizes quoted text for letters: one line, nothing invisible, nothing that a font lacks."""

import unicodedata
from functools import cache, lru_cache
from importlib import resources

from fontTools.ttLib import TTFont

FONTS = resources.files("service.referral").joinpath("fonts")
REGULAR, BOLD = "Sarabun-Regular.ttf", "Sarabun-Bold.ttf"

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@cache
def glyphs() -> frozenset[int]:
    """Return the code points that the letters' font has in both weights."""
    found: list[set[int]] = []
    for name in (REGULAR, BOLD):
        with resources.as_file(FONTS.joinpath(name)) as path, TTFont(path, lazy=True) as font:
            found.append(set(font.getBestCmap()))
    return frozenset(found[0] & found[1])


def one_line(text: str, most: int) -> str:
    """Return at most ``most`` characters of ``text`` on one line, with invisible characters written out.

    Runs of spaces and line breaks become one space.  A control character, a direction mark, a zero-width
    character or a lone surrogate is written as ``[อักขระที่มองไม่เห็น U+202E]``, so that it can neither hide
    nor reorder words.
    """
    line = "".join(_shown(char) for char in " ".join(text[:most].split()))
    return line + "…" if len(text) > most else line


def printable(text: str) -> str:
    """Return ``text`` with every character missing from the letters' font written as ``[U+1F525]``."""
    return "".join(_drawn(char) for char in text)


def _written(char: str, name: str = "") -> str:
    return f"[{name}U+{ord(char):04X}]"


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    return _written(char, "อักขระที่มองไม่เห็น ") if unicodedata.category(char) in _INVISIBLE else char


@lru_cache(maxsize=4096)
def _drawn(char: str) -> str:
    return char if ord(char) in glyphs() else _written(char)
