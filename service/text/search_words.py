"""Splits texts and queries into the lexemes of the full-text search.

Texts are normalized by ``inference.text.reading``, so that a word is found however a seller spelled it
(``ร.ั.ก.ษ.า`` is found as ``รักษา``), and tokenized by PyThaiNLP's ``newmm``.  newmm splits depending on
context, and its dictionary has compounds (``โรคเบาหวาน``) as well as their parts (``เบาหวาน``).  So compounds
are split into parts, which are indexed in order, and so is every dictionary word formed by consecutive parts.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import pythainlp

from inference.text.reading import read
from inference.text.words import dictionary, split_words
from service.store.index.search import Clause, Lexemes, SearchQuery, Unindexed

VERSION = f"2 pythainlp {pythainlp.__version__}"
"""Changes whenever the same text might give other lexemes; listings of another version are indexed again."""

MAX_QUERY = 200
"""Most characters of a query that are used."""
MAX_CLAUSES = 30
LONGEST = 60
"""Maximum length of a lexeme; longer ones are truncated."""
BREAK = "\u00b6"
"""Separator of fields, so that no phrase spans two of them."""

_THAI = "\u0e01-\u0e2e\u0e30-\u0e3a\u0e40-\u0e45\u0e47-\u0e4e"
_LEXEME = re.compile(rf"[{_THAI}]+|(?:(?![\u0e00-\u0e7f])[^\W_])+")
_IS_THAI = re.compile(f"[{_THAI}]")
_CLAUSE = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"－": "-", "−": "-"})
_SHORTEST_COMPOUND = 6
_MOST_PARTS = 5


def lexemes_of(listing: Unindexed) -> Lexemes:
    """Return the lexemes of a listing: title, description, seller and address."""
    parts: list[str] = []
    words: set[str] = set()
    for field in (listing.title, listing.description, listing.seller, listing.url):
        if not field:
            continue
        found = lexemes_of_text(field)
        parts += [BREAK, *found.parts] if parts else found.parts
        words |= found.words
    return Lexemes(tuple(parts), frozenset(words))


def lexemes_of_text(text: str) -> Lexemes:
    """Return the lexemes of one text: normalized in order, compounds, and words as written."""
    reading = read(text).text
    tokens = list(_tokens(reading))
    parts = [part for token in tokens for part in parts_of(token)]
    words = {*tokens, *_compounds(parts)}
    if reading != text:
        # Single letters of a spaced-out word are not useful for search.
        words.update(token for token in _tokens(text) if len(token) > 1)
    return Lexemes(tuple(parts), frozenset(words.difference(parts)))


def query_of(text: str) -> SearchQuery:
    """Parse a query: words that must all occur, ``"phrases"``, and ``-words`` that must not.

    Any text is a valid query.  Spaced-out letters are joined, except in a query with quotes or exclusions.
    """
    text = " ".join(text.split())[:MAX_QUERY]
    plain = text.translate(_QUOTES)
    if '"' not in plain and not re.search(r"(?:^|\s)-", plain):
        plain = read(plain).text
    wanted: list[Clause] = []
    unwanted: list[Clause] = []
    for match in _CLAUSE.finditer(plain):
        sign, quoted, word = match.groups()
        if word is None:
            (unwanted if sign else wanted).extend(_phrase(quoted))
        elif word.startswith("-"):
            unwanted.extend(_phrase(word[1:]))
        else:
            wanted.extend(_all_words(word))
    return SearchQuery(text, _once(wanted), _once(unwanted))


@lru_cache(maxsize=8192)
def parts_of(word: str) -> tuple[str, ...]:
    """Return the parts of a compound, or the word itself.

    A split needs dictionary words on both sides, the second of at least three characters: shorter ones occur
    in too many words that are not compounds.  The most even split is taken, and its sides are split
    recursively.
    """
    if len(word) < _SHORTEST_COMPOUND or word not in dictionary():
        return (word,)
    cuts = [at for at in range(2, len(word) - 2) if word[:at] in dictionary() and word[at:] in dictionary()]
    if not cuts:
        return (word,)
    at = min(cuts, key=lambda cut: abs(2 * cut - len(word)))
    return parts_of(word[:at]) + parts_of(word[at:])


def _tokens(text: str) -> Iterator[str]:
    for match in _LEXEME.finditer(text.casefold()):
        run = match.group()
        if _IS_THAI.match(run):
            for piece in split_words(run):
                yield piece[:LONGEST]
        else:
            yield run[:LONGEST]


def _compounds(parts: list[str]) -> Iterator[str]:
    known = dictionary()
    for start, first in enumerate(parts):
        if not _IS_THAI.match(first):
            continue
        word = first
        for part in parts[start + 1 : start + _MOST_PARTS]:
            word += part
            if word in known:
                yield word


def _all_words(run: str) -> Iterator[Clause]:
    """Yield each Thai word of a run by itself; numbers and other scripts as phrases."""
    other: list[str] = []
    for token in _tokens(read(run).text):
        if _IS_THAI.match(token):
            yield from _one(other)
            other = []
            yield from _one([token])
        else:
            other.append(token)
    yield from _one(other)


def _phrase(text: str) -> Iterator[Clause]:
    yield from _one(list(_tokens(read(text).text)))


def _one(tokens: list[str]) -> Iterator[Clause]:
    parts = tuple(part for token in tokens for part in parts_of(token))
    if len(tokens) == 1:
        yield Clause(words=(tokens[0],))
    elif parts:
        yield Clause(phrase=parts)


def _once(clauses: list[Clause]) -> tuple[Clause, ...]:
    return tuple(dict.fromkeys(clauses))[:MAX_CLAUSES]
