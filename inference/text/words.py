"""Thai word segmentation with PyThaiNLP's dictionary, robust on long and hostile text."""

import re
from functools import cache, lru_cache

from pythainlp.corpus.common import thai_words
from pythainlp.tokenize import word_tokenize

CHUNK = 400
"""Characters passed to the tokenizer at once: its time grows superlinearly on ambiguous runs."""

_RUN = re.compile(r"[\u0E00-\u0E7F]+|[^\u0E00-\u0E7F\s]+|\s+")
_THAI = re.compile(r"[\u0E00-\u0E7F]")


@cache
def dictionary() -> frozenset[str]:
    """PyThaiNLP's word list."""
    words: frozenset[str] = thai_words()
    return words


def split_words(text: str) -> list[str]:
    """Words, spaces and other runs of ``text``; joined they give ``text`` again.

    Thai runs are segmented by ``newmm``; a run of another script is one piece. Runs longer than :data:`CHUNK`
    are cut there first, so an occasional word is split.
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
    # Cached: one call costs far more than one word, and evasion checks and spam repeat the same runs.
    return tuple(word_tokenize(run, engine="newmm", keep_whitespace=True))


def forget_words() -> None:
    """Clear the segmentation cache, so that benchmarks start cold."""
    _thai_words.cache_clear()
