"""Recognizes words with which advertisements make claims, as defined in ``claim_words.toml``."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources


def claim_words_in(words: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each such word in a text reduced to its letters."""
    return (found.span() for found in _pattern().finditer(words))


@cache
def _pattern() -> re.Pattern[str]:
    table = tomllib.loads(resources.files("labels.guidance").joinpath("claim_words.toml").read_text("utf-8"))
    return re.compile("|".join(f"(?:{'|'.join(table[name])})" for name in table))
