"""Texts and quoted words with characters masked in place, so that their offsets stay."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from service.store.tables.core_tables import Listing, ListingVersion

MASK: Final = "█"
"""Stands for each masked character."""
Mask = Callable[[str], str]
"""Masks words of a text; its length stays."""


def parts_of(row: Listing | ListingVersion, text: str) -> tuple[str | None, str]:
    """Return the title and the description that a masked text of this row has."""
    if row.title is None:
        return None, text
    return text[: len(row.title)], text[len(row.title) + 1 :]


def masked_claims(claims: Sequence[dict[str, Any]], text: str | None, mask: Mask) -> list[dict[str, Any]]:
    """Return claims with their words taken from the masked text; ``mask`` masks those in pictures.

    Without the text, claims in it stay as they are.
    """
    return [_masked_claim(claim, text, mask) for claim in claims]


def _masked_claim(claim: dict[str, Any], text: str | None, mask: Mask) -> dict[str, Any]:
    if claim.get("picture"):
        return claim | {name: mask(claim[name]) for name in ("text", "read") if name in claim}
    return claim if text is None else claim | {"text": text[claim["start"] : claim["end"]]}


def changed_words(old: Iterable[dict[str, Any]], new: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the words of claims before and after masking, where they differ."""
    pairs = ((one["text"], other["text"]) for one, other in zip(old, new, strict=True))
    return [(before, after) for before, after in pairs if before != after]


def masked_findings(
    findings: Iterable[dict[str, Any]], changed: Iterable[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return findings, which may quote the words of a claim, with the changed words in them."""
    pairs = list(changed)
    return [
        finding | {name: _replaced(finding[name], pairs) for name in ("thai", "english")}
        for finding in findings
    ]


def _replaced(words: str, changed: Iterable[tuple[str, str]]) -> str:
    for old, new in changed:
        words = words.replace(old, new)
    return words
