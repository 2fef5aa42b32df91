"""The plain text of a warning, as people type it, cut into paragraphs and lists."""

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
    """``text`` without what nobody sees, such as direction marks and control characters; its line breaks are
    kept, runs of other spaces are one space."""
    seen = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)
    return "\n".join(" ".join(line.split()) for line in seen.splitlines()).strip()


def paragraphs(text: str) -> list[Paragraph]:
    """Each line a paragraph; lines that begin with "- " are the list of the paragraph before them."""
    found: list[Paragraph] = []
    for line in text.splitlines():
        if line.startswith(_BULLET):
            last = found.pop() if found else Paragraph("")
            found.append(Paragraph(last.text, (*last.items, line.removeprefix(_BULLET).strip())))
        elif line.strip():
            found.append(Paragraph(line.strip()))
    return found
