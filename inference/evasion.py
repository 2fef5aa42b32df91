"""Undoing letters that sellers pull apart: ม ะ เ ร็ ง, โ-ร-ค, รัก.ษา.

Letters are joined only where PyThaiNLP's dictionary says that the joined letters are words and the
pieces were not, so that abbreviations (พ.ศ.), lists and ordinary spacing stay as they are. Where the
pieces are words too (มะ.เร็ง, เบา🔥หวาน), the joined word must be one of the prohibited phrases' own.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from inference.offset_text import OffsetText
from inference.words import dictionary, split_words
from labels.phrases import phrases

_LETTER = r"[ก-ฮฤฦะ-ฺเ-ๅ็-์]"
_EMOJI = r"\u2600-\u27BF\U0001F000-\U0001FAFF"
_GLUE = rf"[.\-_/\\*+~^'`\"·•∙…|:;,!{_EMOJI}]"
_SEPARATOR = rf"(?: ?{_GLUE} ?| )"
_PIECE = rf"{_LETTER}{{1,4}}"

_PULLED_APART = re.compile(rf"(?<!{_LETTER})(?:{_PIECE}{_SEPARATOR}){{2,60}}{_PIECE}(?!{_LETTER})")
_SEPARATORS = re.compile(_SEPARATOR)
_CUT_IN_TWO = re.compile(rf"({_LETTER}{{1,10}})({_GLUE}{{1,2}})({_LETTER}{{1,10}})")
_LIST_MARKS = frozenset(",;:|/+&!")
_PAUSES = frozenset({"..", "…"})
_SHORTEST_JOINED = 4
_FEWEST_PIECES = 3


@cache
def _watched_words() -> frozenset[str]:
    """The dictionary words that prohibited phrases are made of."""
    wordings = (text for phrase in phrases() for text in phrase.texts)
    return frozenset(word for text in wordings for word in split_words(text) if _is_word(word))


def _is_word(piece: str) -> bool:
    return len(piece) > 1 and piece in dictionary()


@lru_cache(maxsize=4096)
def _kept_apart(run: str) -> tuple[int, int] | None:
    """The part of a run of pieces that is pulled-apart words, as offsets; ``None`` if there is none."""
    gaps = [m.span() for m in _SEPARATORS.finditer(run)]
    pieces = _SEPARATORS.split(run)
    if sum(map(_is_word, pieces)) * 2 > len(pieces):
        return None
    # Whole words around the pulled-apart ones are neighbours, unless they complete a single word.
    first, last = 0, len(pieces)
    while first < last and _is_word(pieces[first]):
        first += 1
    while last > first and _is_word(pieces[last - 1]):
        last -= 1
    if last - first >= _FEWEST_PIECES and _makes_words(pieces[first:last]):
        return (gaps[first - 1][1] if first else 0), (gaps[last - 1][0] if last < len(pieces) else len(run))
    if (last - first >= _FEWEST_PIECES and _makes_words(pieces)) or _is_word("".join(pieces)):
        return 0, len(run)
    return None


def _makes_words(pieces: list[str]) -> bool:
    words = split_words("".join(pieces))
    return len(words) < len(pieces) and all(map(_is_word, words))


@lru_cache(maxsize=4096)
def _cut_in_two(left: str, glue: str, right: str) -> bool:
    """Whether the glue stands inside a word."""
    if glue in _PAUSES:
        return False
    known = dictionary()
    listed = not _LIST_MARKS.isdisjoint(glue)
    for i in range(len(left)):
        head = left[i:]
        # What is left over must stand by itself: joining may not eat a part of another word.
        if i and not all(map(_is_word, split_words(left[:i]))):
            continue
        for j in range(len(right), 0, -1):
            tail = right[:j]
            word = head + tail
            if len(word) < _SHORTEST_JOINED or word not in known or not _begins_a_word(right[j:]):
                continue
            words = _is_word(head) + _is_word(tail)
            if (listed and words) or (words == 2 and word not in _watched_words()):
                continue
            return True
    return False


def _begins_a_word(rest: str) -> bool:
    return not rest or _is_word(split_words(rest)[0])


def _gaps(text: str) -> Iterator[tuple[int, int]]:
    for run in _PULLED_APART.finditer(text):
        part = _kept_apart(run.group())
        if part is not None:
            begin, end = run.start() + part[0], run.start() + part[1]
            yield from (gap.span() for gap in _SEPARATORS.finditer(text, begin, end))


def join_letters(text: OffsetText) -> OffsetText:
    """Join pulled-apart letters of Thai words; everything else stays."""
    text = text.without(_gaps(text.text))
    cuts = _CUT_IN_TWO.finditer(text.text)
    return text.without(m.span(2) for m in cuts if _cut_in_two(*m.groups()))
