"""Facts that, besides label and class, decide which law applies to a listing (``facts.toml``)."""

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources


class Fact(StrEnum):
    """One fact about a claim's words, the goods, a number or the seller."""

    NOTIFIED_DISEASE = "notified_disease"
    COMPLETE_CURE = "complete_cure"
    BREASTS = "breasts"
    INJECTION = "injection"
    BANNED_SUBSTANCE = "banned_substance"
    DANGEROUS_DRUG = "dangerous_drug"
    PSYCHOTROPIC = "psychotropic"
    CANNABIS_FLOWER = "cannabis_flower"
    E_CIGARETTE = "e_cigarette"
    KRATOM = "kratom"
    DRUG_IN_FOOD = "drug_in_food"
    INFANT_FOOD = "infant_food"
    PERMIT_SHOWN = "permit_shown"
    NUMBER_REVOKED = "number_revoked"
    NUMBER_CANCELLED = "number_cancelled"
    NUMBER_BORROWED = "number_borrowed"
    SELLER_LICENSED = "seller_licensed"


@dataclass(frozen=True)
class FactTerm:
    """A fact's names, and the patterns of claim words that establish it, if any."""

    fact: Fact
    thai: str
    english: str
    words: re.Pattern[str] | None


@cache
def _terms() -> dict[Fact, FactTerm]:
    text = resources.files(__package__).joinpath("facts.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)
    return {
        fact: FactTerm(
            fact,
            rows[fact.value]["thai"],
            rows[fact.value]["english"],
            re.compile("|".join(rows[fact.value]["words"]), re.IGNORECASE)
            if "words" in rows[fact.value]
            else None,
        )
        for fact in Fact
    }


def fact_term(fact: Fact) -> FactTerm:
    """The names of a fact."""
    return _terms()[fact]


def facts_in(words: str) -> frozenset[Fact]:
    """The facts that the words of a claim establish."""
    return frozenset(
        fact for fact, term in _terms().items() if term.words is not None and term.words.search(words)
    )
