"""How grave the harm of a listing's claims may be, defined in ``severity.toml``; it decides nothing."""

import re
import tomllib
from collections.abc import Iterable
from enum import IntEnum
from functools import cache
from importlib import resources

from labels.letters import letters
from labels.taxonomy import ClaimLabel, ProductClass, Rule, label_term


class Severity(IntEnum):
    """How grave the harm may be; greater is worse."""

    NONE = 0
    SOME = 1
    SERIOUS = 2
    GRAVE = 3


_LABELS = {label.value: label for label in ClaimLabel}


def severity_of(claims: Iterable[tuple[str, str]], product_class: str | None) -> Severity:
    """Return the gravest severity of claims, each a label and its words; unknown labels do not count."""
    diseases, classes = _table()
    worst = Severity.NONE
    for name, words in claims:
        label = _LABELS.get(name)
        if label is None or label_term(label).rule is not Rule.PROHIBITED:
            continue
        if label is ClaimLabel.DISEASE:
            found = Severity.GRAVE if diseases.search(letters(words)) else Severity.SERIOUS
        else:
            found = Severity.SERIOUS if product_class in classes else Severity.SOME
        worst = max(worst, found)
    return worst


def priority_of(risk: float, severity: Severity) -> float:
    """Return the risk times a weight that doubles with each grade of severity.

    So a case that is more likely than not comes before every case of a lower grade.
    """
    return risk * 2.0**severity


@cache
def _table() -> tuple[re.Pattern[str], frozenset[str]]:
    table = tomllib.loads(resources.files("labels.guidance").joinpath("severity.toml").read_text("utf-8"))
    patterns = [pattern for row in table["diseases"] for pattern in row["patterns"]]
    return re.compile("|".join(patterns)), frozenset(
        ProductClass(name) for name in table["classes"]["serious"]
    )
