"""Undoing letters that sellers pull apart: ม ะ เ ร็ ง, โ-ร-ค, รัก.ษา.

Letters are joined only where PyThaiNLP's dictionary says that the joined letters are words and the
pieces were not, so that abbreviations (พ.ศ.), lists and ordinary spacing stay as they are. Where the
pieces are words too (มะ.เร็ง, เบา🔥หวาน), the joined word must be one of the prohibited phrases' own.
"""

import re
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
_CUT_IN_TWO = re.compile(rf"({_LETTER}{{1,10}}){_GLUE}{{1,2}}({_LETTER}{{1,10}})")
_LIST_MARKS = frozenset(",;:|/+&!")
_SHORTEST_JOINED = 4


@cache
def _watched_words() -> frozenset[str]:
    """The dictionary words that prohibited phrases are made of."""
    wordings = (text for phrase in phrases() for text in phrase.texts)
    return frozenset(word for text in wordings for word in split_words(text) if _is_word(word))


def _is_word(piece: str) -> bool:
    return len(piece) > 1 and piece in dictionary()


@lru_cache(maxsize=4096)
def _joined(run: str) -> str:
    pieces = _SEPARATORS.split(run)
    if sum(map(_is_word, pieces)) * 2 > len(pieces):
        return run
    joined = "".join(pieces)
    words = split_words(joined)
    if len(words) < len(pieces) and all(map(_is_word, words)):
        return joined
    return run


@lru_cache(maxsize=4096)
def _bridged(run: str, left: str, right: str) -> str:
    known = dictionary()
    listed = not _LIST_MARKS.isdisjoint(run)
    for i in range(len(left)):
        head = left[i:]
        for j in range(len(right), 0, -1):
            tail = right[:j]
            word = head + tail
            if len(word) < _SHORTEST_JOINED or word not in known:
                continue
            if _is_word(head) and _is_word(tail) and (listed or word not in _watched_words()):
                continue
            # The rest of the left side must stand by itself: joining may not eat a word's tail.
            rest = left[:i]
            if rest and not all(map(_is_word, split_words(rest))):
                continue
            return left + right
    return run


def join_letters(text: OffsetText) -> OffsetText:
    """Join pulled-apart letters of Thai words; everything else stays."""
    text = text.sub(_PULLED_APART, lambda m: _joined(m.group()))
    return text.sub(_CUT_IN_TWO, lambda m: _bridged(m.group(), m.group(1), m.group(2)))
