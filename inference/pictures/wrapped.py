"""Finds the paragraphs of a picture, whose lines end where they are full and not where a phrase does."""

from collections.abc import Sequence
from itertools import pairwise

from inference.pictures.ocr.layout import Line
from inference.text.words import split_words

FULL = 0.9
"""Part of the widest line's width that a line and the next word must exceed. The word's width is estimated
from its share of letters."""

FEWEST = 2
"""Fewest full lines of a paragraph: the longer of two lines is full, whatever they say."""

LIKE = 1.7
"""How many times as high as its neighbour a line of the same block may be."""

NEAR = 1.2
"""Most letter heights between the lines of a block."""

SHARED = 0.3
"""Part of the narrower line's width over which two lines of a block stand above each other."""


def runs_on(lines: Sequence[Line]) -> list[bool]:
    """For each line but the last, whether its phrase goes on in the next one; lines in reading order.

    It does in a paragraph, a block in which no line but the last had room for the next word, if a Thai letter
    stands on either side: Thai has no space between words, so none was lost there. A list is no paragraph if
    its lines differ in length.
    """
    found = []
    for block in _blocks(lines):
        breaks = list(pairwise(block))
        widest = max(line.place.width for line in block)
        is_paragraph = len(breaks) >= FEWEST and all(_is_full(*pair, widest) for pair in breaks)
        found += [is_paragraph and _is_thai(line.text[-1:], after.text[:1]) for line, after in breaks]
        found.append(False)
    return found[:-1]


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines grouped into blocks, in order."""
    blocks: list[list[Line]] = []
    for line in lines:
        if blocks and _follows(blocks[-1][-1], line):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return blocks


def _follows(line: Line, after: Line) -> bool:
    """Whether a line stands right below another of the same letters."""
    left, top, width, height = line.box
    other_left, other_top, other_width, _ = after.box
    low, high = sorted((line.place.height, after.place.height))
    shared = min(left + width, other_left + other_width) - max(left, other_left)
    return (
        high < LIKE * low
        and shared > SHARED * min(width, other_width)
        and line.place.y < after.place.y
        and other_top - (top + height) < NEAR * low
    )


def _is_full(line: Line, after: Line, widest: float) -> bool:
    """Whether the first word of the line after it had no room on a line."""
    if not after.text:
        return True
    word = len(split_words(after.text)[0]) / len(after.text) * after.place.width
    return line.place.width + word > FULL * widest


def _is_thai(*letters: str) -> bool:
    return all("ก" <= letter <= "ฺ" or "เ" <= letter <= "๎" for letter in letters)
