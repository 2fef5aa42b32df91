"""Thai word boundaries from PyThaiNLP's dictionary, safe on long and hostile text."""

import re
from functools import cache, lru_cache

from pythainlp.corpus.common import thai_words
from pythainlp.tokenize import word_tokenize

CHUNK = 400
"""Characters handed to the tokenizer at once: its time grows faster than linear on ambiguous runs."""

_RUN = re.compile(r"[\u0E00-\u0E7F]+|[^\u0E00-\u0E7F\s]+|\s+")
_THAI = re.compile(r"[\u0E00-\u0E7F]")


@cache
def dictionary() -> frozenset[str]:
    """PyThaiNLP's word list."""
    words: frozenset[str] = thai_words()
    return words


def split_words(text: str) -> list[str]:
    """Words, spaces and other runs of ``text``; joined they are ``text`` again.

    Thai runs are cut by ``newmm``; a run of another script is one piece. Runs longer than
    :data:`CHUNK` are cut there first, so one word in some hundred characters may be parted.
    """
    pieces: list[str] = []
    for match in _RUN.finditer(text):
        run = match.group()
        if not _THAI.match(run):
            pieces.append(run)
            continue
        for at in range(0, len(run), CHUNK):
            pieces += _thai_words(run[at : at + CHUNK])
    return pieces


@lru_cache(maxsize=4096)
def _thai_words(run: str) -> tuple[str, ...]:
    # Kept, since one call costs far more than one word: evasion checks and spam ask again and again.
    return tuple(word_tokenize(run, engine="newmm", keep_whitespace=True))


def forget_words() -> None:
    """Forget which runs were cut before, so that a measurement reads texts as if for the first time."""
    _thai_words.cache_clear()
