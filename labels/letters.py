"""Reduces a text to its letters, so that a sentence is recognized whatever its spacing and punctuation."""

import re
import unicodedata

# NFKC splits ำ; sellers also type its halves with the tone mark between them.
_BROKEN_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
_AM = "\u0e33"
_TWO_SARA_E, _SARA_AE = "\u0e40\u0e40", "\u0e41"


class _Kept(dict[int, str | None]):
    """What :func:`letters` makes of each sign, found out when it is first met."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        kept = str(unicodedata.decimal(sign)) if sign.isdecimal() else sign
        self[code] = kept if unicodedata.category(sign)[0] in "LMN" else None
        return self[code]


_KEPT = _Kept()

WESTERN_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
"""For :meth:`str.translate`: Thai digits become Arabic ones, and nothing else changes."""


def letters(text: str) -> str:
    """The letters, vowel and tone marks and digits of ``text`` in one spelling.

    Spaces, punctuation, emoji and invisible characters are removed; digits become Arabic, Latin letters lower
    case, a split ำ and a doubled เ are repaired. Lengths change, so offsets do not map back to ``text``.
    """
    kept = unicodedata.normalize("NFKC", text).casefold().translate(_KEPT)
    return _BROKEN_AM.sub(rf"\1{_AM}", kept).replace(_TWO_SARA_E, _SARA_AE)
