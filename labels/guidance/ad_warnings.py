"""The mandatory warnings in advertisements, defined in ``ad_warnings.toml``."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from labels.law.catalogue import Status, law_ref
from labels.letters import letters
from labels.schema import LawRef
from labels.taxonomy import ProductClass


@dataclass(frozen=True)
class AdWarning:
    """A mandatory sentence: which ads need it and how it is recognized."""

    code: str
    classes: tuple[ProductClass, ...]
    thai: str
    """The sentence to add, in Thai."""
    english: str
    patterns: tuple[re.Pattern[str], ...]
    """Patterns on the letters of a text; the sentence is present if all of them match."""
    when: re.Pattern[str] | None
    """Pattern on the letters of a text: required only if it matches."""
    unless: re.Pattern[str] | None
    """Pattern on the letters of a text: not required if it matches."""
    law: tuple[LawRef, ...]
    required: bool
    """Whether a draft without it is rejected; otherwise it is only a remark."""
    status: Status
    sources: tuple[str, ...]

    def missing(self, plain: str) -> bool:
        """Whether a text, given as its letters, needs the sentence but lacks it."""
        if self.when is not None and not self.when.search(plain):
            return False
        if self.unless is not None and self.unless.search(plain):
            return False
        return not all(pattern.search(plain) for pattern in self.patterns)


@cache
def ad_warnings() -> tuple[AdWarning, ...]:
    """Every warning in file order."""
    text = resources.files(__package__).joinpath("ad_warnings.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return tuple(
        AdWarning(
            code=row["code"],
            classes=tuple(ProductClass(value) for value in row["classes"]),
            thai=row["thai"],
            english=row["english"],
            patterns=tuple(re.compile(source) for source in row["pattern"]),
            when=_pattern(row.get("when")),
            unless=_pattern(row.get("unless")),
            law=tuple(law_ref(provision_id) for provision_id in row["law"]),
            required=row["required"],
            status=row["status"],
            sources=tuple(data["source"][key] for key in row["sources"]),
        )
        for row in data["warning"]
    )


def missing_warnings(text: str, product_class: ProductClass) -> list[AdWarning]:
    """The warnings that an advertisement of this class needs and ``text`` lacks."""
    plain = letters(text)
    return [row for row in ad_warnings() if product_class in row.classes and row.missing(plain)]


def _pattern(source: str | None) -> re.Pattern[str] | None:
    return re.compile(source) if source is not None else None
