"""The sentences that an advertisement must carry, as data: ``ad_warnings.toml`` beside this module."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from labels.law import Status, law_ref
from labels.letters import letters
from labels.schema import LawRef
from labels.taxonomy import ProductClass


@dataclass(frozen=True)
class AdWarning:
    """One sentence, whose ads must carry it, and how it is recognised."""

    code: str
    classes: tuple[ProductClass, ...]
    thai: str
    """The sentence to add."""
    english: str
    patterns: tuple[re.Pattern[str], ...]
    """On the letters of a text; the sentence stands where all are found."""
    when: re.Pattern[str] | None
    """On the letters of a text: asked for only where this is found."""
    unless: re.Pattern[str] | None
    """On the letters of a text: not asked for where this is found."""
    law: tuple[LawRef, ...]
    required: bool
    """Whether a draft may not go out without it; otherwise it is told only."""
    status: Status
    sources: tuple[str, ...]

    def missing(self, plain: str) -> bool:
        """Whether a text, given as its letters, should carry the sentence and does not."""
        if self.when is not None and not self.when.search(plain):
            return False
        if self.unless is not None and self.unless.search(plain):
            return False
        return not all(pattern.search(plain) for pattern in self.patterns)


@cache
def ad_warnings() -> tuple[AdWarning, ...]:
    """Every warning, in the order of the file."""
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
    """The warnings that an advertisement of this class should carry and ``text`` lacks."""
    plain = letters(text)
    return [row for row in ad_warnings() if product_class in row.classes and row.missing(plain)]


def _pattern(source: str | None) -> re.Pattern[str] | None:
    return re.compile(source) if source is not None else None
