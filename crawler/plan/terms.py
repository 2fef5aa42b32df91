"""Search terms: written in the plan, from files, and generated from what the taxonomy names."""

from collections.abc import Iterable
from pathlib import Path

from labels.guidance.phrases import phrases
from labels.schema import Annotation
from labels.taxonomy import ClaimLabel

_SHORTEST, _LONGEST = 5, 60
"""Characters; shorter terms find everything, longer ones nothing."""
_CONFIRMED = {"C", "C2"}


def taxonomy_terms(labels: Iterable[ClaimLabel]) -> list[str]:
    """The phrases that regulators name for these labels, those that can be searched for."""
    wanted = set(labels)
    return clean(
        text
        for phrase in phrases()
        if phrase.label in wanted and phrase.status in _CONFIRMED
        for text in phrase.texts
        if "…" not in text
    )


def confirmed_terms(records: Iterable[Annotation]) -> list[str]:
    """The words of claims that reviewers confirmed, those that came up most often first."""
    seen: dict[str, int] = {}
    for record in records:
        for span in record.spans:
            text = " ".join(record.text[span.start : span.end].split())
            seen[text] = seen.get(text, 0) + 1
    return clean(sorted(seen, key=lambda x: (-seen[x], x)))


def read_terms(path: Path) -> list[str]:
    """The terms of a file, one a line; ``#`` begins a comment.  Raises ``OSError`` and ``ValueError``."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return clean((x.split("#", 1)[0] for x in lines), shortest=1)


def clean(texts: Iterable[str], shortest: int = _SHORTEST) -> list[str]:
    """Without doubles, and without what is too short or too long to search for."""
    kept = (" ".join(x.split()) for x in texts)
    return list(dict.fromkeys(x for x in kept if shortest <= len(x) <= _LONGEST))
