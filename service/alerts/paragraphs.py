"""Splits the plain text of a warning into paragraphs and lists."""

import unicodedata
from dataclasses import dataclass

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_BULLET = "- "


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; ``items`` is the list that follows it, if one does."""

    text: str
    items: tuple[str, ...] = ()


def readable(text: str) -> str:
    """Return ``text`` without invisible characters; line breaks stay, other runs of spaces become one."""
    seen = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)
    return "\n".join(" ".join(line.split()) for line in seen.splitlines()).strip()


def paragraphs(text: str) -> list[Paragraph]:
    """Split ``text`` by lines into paragraphs; lines that start with "- " are a list below the paragraph."""
    found: list[Paragraph] = []
    for line in text.splitlines():
        if line.startswith(_BULLET):
            last = found.pop() if found else Paragraph("")
            found.append(Paragraph(last.text, (*last.items, line.removeprefix(_BULLET).strip())))
        elif line.strip():
            found.append(Paragraph(line.strip()))
    return found
