"""Finds wording about the taste of food, as defined in ``food_taste.toml``."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from labels.guidance.claim_words import claim_words_in
from labels.letters import letters


def taste_in(line: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each phrase about taste in a line that makes no claim."""
    words = _words()
    if not words.phrases.search(line):
        return
    bare = letters(line)
    # Punctuation is no letter: 100 % is looked for in the line itself too.
    if not words.taste.search(bare) or words.never.search(bare) or words.never.search(line):
        return
    if next(claim_words_in(bare), None) is None:
        yield from (found.span() for found in words.phrases.finditer(line))


@dataclass(frozen=True)
class _Words:
    """The patterns of the file."""

    taste: re.Pattern[str]
    never: re.Pattern[str]
    phrases: re.Pattern[str]


@cache
def _words() -> _Words:
    table = tomllib.loads(resources.files("labels.guidance").joinpath("food_taste.toml").read_text("utf-8"))
    return _Words(*(re.compile("|".join(table[name])) for name in ("taste", "never", "phrases")))
