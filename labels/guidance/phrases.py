"""The phrases that regulators name as prohibited, defined in ``phrases.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from labels.law.catalogue import Status
from labels.taxonomy import ClaimLabel, ProductClass


@dataclass(frozen=True)
class Phrase:
    """One prohibited phrase: where it binds, what it claims, and how well it is confirmed."""

    id: str
    """``P001`` to ``P392``."""
    texts: tuple[str, ...]
    """Its wordings, usually one; "…" stands for up to twenty characters."""
    label: ClaimLabel
    classes: tuple[ProductClass, ...]
    """The product classes in whose advertising it is prohibited."""
    types: tuple[str, ...]
    """Claim types of its group, T1 to T16."""
    status: Status
    sources: tuple[str, ...]
    only: str
    """A condition under which the phrase is prohibited, in words; usually empty."""


@cache
def phrases() -> tuple[Phrase, ...]:
    """Every phrase in order of its number."""
    text = resources.files(__package__).joinpath("phrases.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return tuple(
        Phrase(
            id=row["id"],
            texts=tuple(row["text"]),
            label=ClaimLabel(row["label"]),
            classes=tuple(ProductClass(value) for value in group["classes"]),
            types=tuple(group["types"]),
            status=row.get("status", group["status"]),
            sources=tuple(data["source"][key] for key in group["sources"]),
            only=row.get("only", ""),
        )
        for group in data["group"]
        for row in group["phrases"]
    )
