"""Reads what was typed into the quick search: which kinds of thing it may name."""

import re
from dataclasses import dataclass
from typing import Final

from inference.contacts import find_contacts
from service.console.core.fields import MAX_DIGITS, number_in
from service.store.database.json_text import storable
from service.store.database.running_numbers import read as read_number
from service.store.index.search import Clause, SearchQuery
from service.text.search_words import MAX_QUERY, query_of

SHORTEST: Final = 2
"""Fewer characters name too many things."""

_CASE: Final = re.compile(rf"(?:เคส|case|#)?\s*(\d{{1,{MAX_DIGITS}}})", re.IGNORECASE)
_DIGITS: Final = re.compile(r"[\d\s/.-]+")
_REGISTRATION: Final = 13
_GROUPS: Final = ((2, 1, 5, 1, 4), (2, 1, 10))
"""How food serial numbers and cosmetic notification numbers of 13 digits are grouped on labels."""


@dataclass(frozen=True)
class Asked:
    """What a query may mean; several may hold at once.

    Attributes:
        text: the query without surplus spaces, with Arabic digits.
        case: the number of a case.
        number: Buddhist year and serial of a letter, complaint or warning.
        contacts: normalized values under which a contact may be stored.
        words: queries for the full-text search: the words, and other spellings of a registration number.
    """

    text: str
    case: int | None
    number: tuple[int, int] | None
    contacts: frozenset[str]
    words: tuple[SearchQuery, ...]

    @property
    def is_short(self) -> bool:
        """Whether only a case number can be meant."""
        return len(self.text) < SHORTEST


def asked(typed: str) -> Asked:
    """Parse a query; any text is valid."""
    text = "".join(_arabic(char) for char in " ".join(storable(typed).split())[:MAX_QUERY])
    case = _CASE.fullmatch(text)
    return Asked(
        text,
        number_in(case[1]) if case else None,
        read_number(text),
        _contacts(text),
        (query_of(text), *_registrations(text)),
    )


def _arabic(char: str) -> str:
    return str(int(char)) if char.isdecimal() else char


def _contacts(text: str) -> frozenset[str]:
    found = {contact.value for written in (text, f"line {text}") for contact in find_contacts(written)}
    if " " not in text:
        found.add(text.casefold())
    # A LINE ID is stored as it was written, with the sign or without.
    bare = {value.removeprefix("@") for value in found}
    found |= bare | {f"@{value}" for value in bare}
    if _DIGITS.fullmatch(text):
        found.add(_digits(text))
    return frozenset(value for value in found if len(value) > SHORTEST)


def _registrations(text: str) -> tuple[SearchQuery, ...]:
    """Queries for the ways in which listings write a registration number of 13 digits."""
    digits = _digits(text)
    if not _DIGITS.fullmatch(text) or len(digits) != _REGISTRATION:
        return ()
    spellings = [Clause(words=(digits,))]
    for groups in _GROUPS:
        ends = [sum(groups[: at + 1]) for at in range(len(groups))]
        starts = [0, *ends[:-1]]
        spellings.append(Clause(phrase=tuple(digits[a:b] for a, b in zip(starts, ends, strict=True))))
    return tuple(SearchQuery(digits, (clause,)) for clause in spellings)


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())
