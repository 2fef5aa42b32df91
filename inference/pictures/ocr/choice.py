"""Chooses between several readings of one line by confidence, dictionary words and likely letters."""

import math
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from inference.pictures.ocr.letters import letter_model
from inference.text.words import dictionary, split_words

_THAI_LETTER = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]")
_THAI_RUN = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+")

_LATE_MARK = re.compile("([ก-ฮ])([ก-ฮ])([\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+)")

NO_THAI = 0.6
"""What a reading without Thai letters counts for, where a Thai one counts its share of words."""

SHORT_WORD = 0.7
"""What a letter of a word of two letters counts for: noise falls apart into such words."""

LATIN_SURE, LATIN_BEATS = 0.9, 0.75
"""From which confidence a reading in Latin letters is believed, and under which Thai one it always is."""

UNLIKELY = 0.1
"""What a reading loses for each nat that its letters cost on average in the model of letters."""

SAME_LINE = 0.5
"""From which share of equal letters two readings are of the same words."""


class Guess(NamedTuple):
    """One reading of a line.

    Attributes:
        confidence: between 0 and 1.
        lowest: the lowest confidence of any part of it; 0 if unknown.
    """

    text: str
    confidence: float
    lowest: float = 0.0


def share_of_words(text: str) -> float | None:
    """The share of the Thai letters of ``text`` that are dictionary words; ``None`` if it has none."""
    letters = len(_THAI_LETTER.findall(text))
    if not letters:
        return None
    known = 0.0
    for run in _THAI_RUN.findall(text):
        for word in split_words(run):
            if len(word) > 1 and word in dictionary():
                known += len(word) * (1.0 if len(word) > 2 else SHORT_WORD)
    return known / letters


def with_marks_in_place(guess: Guess) -> Guess:
    """Move marks that were read one consonant too far to the right ("บตัร" for "บัตร").

    The reading is changed only if more of it is words then.
    """
    moved = guess._replace(text=_LATE_MARK.sub(r"\1\3\2", guess.text))
    return moved if worth(moved) > worth(guess) else guess


def worth(guess: Guess) -> float:
    """The score of a reading, between 0 and 2."""
    share = share_of_words(guess.text)
    return (guess.confidence + (NO_THAI if share is None else share)) if guess.text else 0.0


def likelihood(guess: Guess) -> float:
    """How good a reading is, by its confidence and by how likely its letters follow one another."""
    return guess.confidence - UNLIKELY * letter_model().mean_cost(guess.text) if guess.text else -math.inf


def best(guesses: Sequence[Guess]) -> Guess:
    """The reading with the highest score; the first of equals."""
    return max(guesses, key=worth)


def merged(one: Guess, other: Guess) -> Guess:
    """Combine two recognizers' readings of a line: they misread different letters.

    The better reading takes a part from the other one where its letters are likelier then, but no other
    digits. Readings of which less than half agrees are not combined.
    """
    better, worse = sorted((one, other), key=likelihood, reverse=True)
    aligned = SequenceMatcher(None, better.text, worse.text, autojunk=False)
    if aligned.ratio() < SAME_LINE:
        return better
    guess, moved = better, 0
    for kind, start, end, first, last in aligned.get_opcodes():
        if kind == "equal" or _digits(better.text[start:end]) != _digits(worse.text[first:last]):
            continue
        text = guess.text[: start + moved] + worse.text[first:last] + guess.text[end + moved :]
        changed = guess._replace(text=text)
        if likelihood(changed) > likelihood(guess):
            guess, moved = changed, moved + (last - first) - (end - start)
    return guess


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def prefers_latin(thai: Guess, latin: Guess) -> bool:
    """Whether the Latin recognizer read a line better than the Thai one."""
    if latin.confidence < LATIN_SURE or not latin.text:
        return False
    mostly_other = 2 * len(_THAI_LETTER.findall(thai.text)) <= len(thai.text)
    return not thai.text or mostly_other or thai.confidence < LATIN_BEATS
