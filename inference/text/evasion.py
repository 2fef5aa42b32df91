"""Rejoins letters that sellers pull apart: ม ะ เ ร็ ง, โ-ร-ค, รัก.ษา.

Letters are joined where no Thai word could stand as it is written (a vowel sign on its own), or where
PyThaiNLP's dictionary says that the joined letters are words and the pieces were not, so that abbreviations
(พ.ศ.), lists and ordinary spacing stay as they are. Where the pieces are words too (มะ.เร็ง, เบา🔥หวาน), the
joined word must occur in a prohibited phrase.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from inference.text.offset_text import OffsetText
from inference.text.words import dictionary, split_words
from labels.guidance.phrases import phrases

_LETTER = r"[ก-ฮฤฦะ-ฺเ-ๅ็-์]"
_EMOJI = r"\u2600-\u27BF\u2B00-\u2BFF\U0001F000-\U0001FAFF"
_GLUE = rf"[.\-_/\\*+~^'`\"·•∙…|:;,!{_EMOJI}]"
_SEPARATOR = rf"(?: ?{_GLUE} ?| )"
_PIECE = rf"{_LETTER}{{1,4}}"

_PULLED_APART = re.compile(rf"(?<!{_LETTER})(?:{_PIECE}{_SEPARATOR}){{2,60}}{_PIECE}(?!{_LETTER})")
_SEPARATORS = re.compile(_SEPARATOR)
# Possessive: matching fewer letters never helps, since a letter would follow.
_CUT = re.compile(rf"{_LETTER}{{1,40}}+(?:{_GLUE}{{1,2}}+{_LETTER}{{1,40}}+){{1,30}}+")
_CUT_SOMEWHERE = re.compile(rf"(?<={_LETTER}){_GLUE}{{1,2}}{_LETTER}")
_GLUES = re.compile(rf"{_GLUE}{{1,2}}")
# No word begins with a mark that belongs to the consonant before it, and none ends in a leading vowel.
_IMPOSSIBLE = re.compile(rf"(?<=[ก-ฮั-ฺ็-์]){_GLUE}{{1,2}}(?=[ะ-ฺ็-์])|(?<=[เ-ไ]){_SEPARATOR}(?=[ก-ฮ])")
_LIST_MARKS = frozenset(",;:|+&!")
_PAUSES = frozenset({"..", "…"})
_SHORTEST_JOINED = 4
_SHORTEST_HIDDEN = 3
_FEWEST_PIECES = 3
_BOTH = 2


@cache
def watched_words() -> frozenset[str]:
    """The dictionary words that occur in prohibited phrases."""
    wordings = (text for phrase in phrases() for text in phrase.texts)
    return frozenset(word for text in wordings for word in split_words(text) if _is_word(word))


def _is_word(piece: str) -> bool:
    return len(piece) > 1 and piece in dictionary()


@lru_cache(maxsize=4096)
def _kept_apart(run: str) -> tuple[int, int] | None:
    """The offsets of the pulled-apart words in a run of pieces; ``None`` if there are none."""
    gaps = [m.span() for m in _SEPARATORS.finditer(run)]
    pieces = _SEPARATORS.split(run)
    if sum(map(_is_word, pieces)) * 2 > len(pieces):
        return None
    # Whole words on either side are neighbours, unless all pieces together form one word.
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
def _cuts_inside_words(run: str) -> tuple[tuple[int, int], ...]:
    """The separators inside words, as ranges of a run of Thai letters and signs."""
    glues = list(_GLUES.finditer(run))
    joined = _GLUES.sub("", run)
    words: list[tuple[int, str]] = []
    at = 0
    for word in split_words(joined):
        words.append((at, word))
        at += len(word)
    found, removed = [], 0
    for n, glue in enumerate(glues):
        place = glue.start() - removed
        removed += len(glue.group())
        start, word = next((s, w) for s, w in reversed(words) if s <= place)
        left = run[glues[n - 1].end() if n else 0 : glue.start()]
        right = run[glue.end() : glues[n + 1].start() if n + 1 < len(glues) else len(run)]
        if start < place and _hidden(word, left, glue.group(), right):
            found.append(glue.span())
    return tuple(found)


def _hidden(word: str, left: str, glue: str, right: str) -> bool:
    """Whether the separator between two pieces splits ``word``."""
    watched = word in watched_words()
    if glue in _PAUSES or word not in dictionary():
        return False
    whole = _ends_in_a_word(left) + _begins_with_a_word(right)
    # A dot may end an abbreviation, and both halves of a word may be words.
    short_enough = watched or (not whole and "." not in glue)
    if len(word) < (_SHORTEST_HIDDEN if short_enough else _SHORTEST_JOINED):
        return False
    listed = not _LIST_MARKS.isdisjoint(glue)
    return not ((listed and whole) or (whole == _BOTH and not watched))


def _ends_in_a_word(piece: str) -> bool:
    return all(map(_is_word, split_words(piece)))


def _begins_with_a_word(piece: str) -> bool:
    return _is_word(split_words(piece)[0])


def _gaps(text: str) -> Iterator[tuple[int, int]]:
    for run in _PULLED_APART.finditer(text):
        part = _kept_apart(run.group())
        if part is not None:
            begin, end = run.start() + part[0], run.start() + part[1]
            yield from (gap.span() for gap in _SEPARATORS.finditer(text, begin, end))


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    if not _CUT_SOMEWHERE.search(text):
        return
    for run in _CUT.finditer(text):
        yield from ((run.start() + a, run.start() + b) for a, b in _cuts_inside_words(run.group()))


def join_letters(text: OffsetText) -> OffsetText:
    """Join pulled-apart letters of Thai words and leave everything else unchanged."""
    text = text.without(_gaps(text.text))
    text = text.sub(_IMPOSSIBLE, "")
    return text.without(_cuts(text.text))
