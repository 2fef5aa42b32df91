"""How far a line of a picture can be relied on, and which lines are parts of other lines."""

import re
from collections.abc import Sequence
from typing import Final

from inference.pictures.ocr.choice import NO_THAI, share_of_words
from inference.pictures.ocr.layout import Line
from inference.text.words import dictionary, split_words
from labels.pictured import Box

FRAGMENT: Final = 0.6
"""Share of another line's height below which a line over it may be a part of its letters."""

_SHORTEST: Final = 3
"""Letters of a Thai word that noise is not taken for."""

_CONTENT: Final = re.compile("[A-Za-z]{3}|[0-9]{3}|[๐-๙]{3}|[0-9]{2} ?%|(?<![ก-๎])(?:อย|ฆท|ฆพ|ฆอ|ฆสพ)(?![ก-๎])")
"""Latin words, numbers, shares and the names of permit numbers: noise seldom looks like them."""


def reliability(line: Line) -> float:
    """Return a line's reliability: its confidence or share of dictionary words, whichever is lower."""
    share = share_of_words(line.text)
    return min(line.confidence, NO_THAI if share is None else share)


def is_fragment(line: Line, lines: Sequence[Line]) -> bool:
    """Whether a line is a part of the letters of another line, such as tone marks, read by itself.

    Such a line lies over one that is much higher and has no word, no number of three digits, no share
    in per cent and no name of a permit number.
    """
    return not _has_content(line.text) and any(
        line.place.height < FRAGMENT * other.place.height and _overlap(line.box, other.box) for other in lines
    )


def _has_content(text: str) -> bool:
    words = dictionary()
    return bool(_CONTENT.search(text)) or any(
        len(word) >= _SHORTEST and word in words for word in split_words(text)
    )


def _overlap(one: Box, other: Box) -> bool:
    (left, top, width, height), (x, y, w, h) = one, other
    return left < x + w and x < left + width and top < y + h and y < top + height
