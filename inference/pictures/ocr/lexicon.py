"""Corrects lost and misread vowels and tone marks with PyThaiNLP's dictionary.

Consonants are never changed, nor is a word into another word: what an officer is shown as written must have
been written. A reading of "นำหนัก" becomes "น้ำหนัก", since only tone marks differ and the dictionary has one
such word.
"""

import re
from collections import defaultdict
from functools import cache, lru_cache

from pythainlp.corpus.tnc import unigram_word_freqs

from inference.text.words import dictionary, split_words

_RUN = re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]+")

_NO_TONES: dict[int, int | None] = dict.fromkeys(map(ord, "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c"), None)
_LIKE = ("\u0e34\u0e35\u0e36\u0e37\u0e31", "\u0e38\u0e39", "\u0e32\u0e33", "เแ")
"""Vowels that a recogniser takes for one another."""

_SHAPE = _NO_TONES | {ord(char): ord(group[0]) for group in _LIKE for char in group}

SHORTEST, LONG = 4, 6
"""Characters without tone marks of a word that a reading is mended to, since shorter ones look like others;
and from how many one vowel may be changed in a reading that falls into words."""

COMMON = 20
"""How often such a word stands in the Thai National Corpus: a rare one is no likelier than a slip."""

MOST_PIECES = 4
"""Pieces into which a misread word may have fallen."""


def _only_words(shape: dict[int, int | None]) -> dict[str, str]:
    """Shape -> the one common word of the dictionary that has it."""
    often = unigram_word_freqs()
    words: dict[str, list[str]] = defaultdict(list)
    for word in dictionary():
        if often.get(word, 0) >= COMMON and _RUN.fullmatch(word):
            words[word.translate(shape)].append(word)
    return {key: found[0] for key, found in words.items() if len(found) == 1 and len(key) >= SHORTEST}


@cache
def _by_letters() -> dict[str, str]:
    """Letters without tone marks -> the one common word that has them."""
    return _only_words(_NO_TONES)


@cache
def _by_shape() -> dict[str, str]:
    """Letters without tone marks and with one vowel for its like -> the one common word that has them."""
    return _only_words(_SHAPE)


def with_words_mended(text: str) -> str:
    """A line whose misread Thai words are words again where the dictionary leaves no choice."""
    return _RUN.sub(lambda match: _mended_run(match.group()), text)


@lru_cache(maxsize=2048)
def _mended_run(run: str) -> str:
    pieces = split_words(run)
    mended: list[str] = []
    at = 0
    while at < len(pieces):
        for count in range(min(MOST_PIECES, len(pieces) - at), 0, -1):
            meant = _meant(pieces[at : at + count])
            if meant is not None:
                mended.append(meant)
                at += count
                break
        else:
            mended.append(pieces[at])
            at += 1
    return "".join(mended)


def _meant(pieces: list[str]) -> str | None:
    read = "".join(pieces)
    if read in dictionary():
        return None
    letters = _by_letters().get(read.translate(_NO_TONES))
    if letters is not None:
        return letters
    meant = _by_shape().get(read.translate(_SHAPE))
    if meant is None:
        return None
    fragments = any(p not in dictionary() for p in pieces) and not any(
        len(p) > 2 and p in dictionary() for p in pieces
    )
    one_vowel = len(read) == len(meant) and sum(a != b for a, b in zip(read, meant, strict=True)) == 1
    return meant if fragments or (one_vowel and len(meant) >= LONG) else None
