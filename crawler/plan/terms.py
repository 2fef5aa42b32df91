"""Search terms from the plan, from files, and from the taxonomy."""

from collections.abc import Iterable
from pathlib import Path

from labels.guidance.phrases import phrases
from labels.schema import Annotation
from labels.taxonomy import ClaimLabel

_SHORTEST, _LONGEST = 5, 60
"""Length limits: shorter terms match everything, longer ones nothing."""
_CONFIRMED = {"C", "C2"}


def taxonomy_terms(labels: Iterable[ClaimLabel]) -> list[str]:
    """Return the phrases that regulators list for these labels, limited to searchable ones."""
    wanted = set(labels)
    return clean(
        text
        for phrase in phrases()
        if phrase.label in wanted and phrase.status in _CONFIRMED
        for text in phrase.texts
        if "…" not in text
    )


def confirmed_terms(records: Iterable[Annotation]) -> list[str]:
    """Return the words of claims that reviewers confirmed, most frequent first."""
    seen: dict[str, int] = {}
    for record in records:
        for span in record.spans:
            text = " ".join(record.text[span.start : span.end].split())
            seen[text] = seen.get(text, 0) + 1
    return clean(sorted(seen, key=lambda x: (-seen[x], x)))


def read_terms(path: Path) -> list[str]:
    """Read a file's terms, one per line; ``#`` begins a comment. Raises ``OSError`` and ``ValueError``."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return clean((x.split("#", 1)[0] for x in lines), shortest=1)


def clean(texts: Iterable[str], shortest: int = _SHORTEST) -> list[str]:
    """Remove duplicates and terms too short or too long to search for."""
    kept = (" ".join(x.split()) for x in texts)
    return list(dict.fromkeys(x for x in kept if shortest <= len(x) <= _LONGEST))
