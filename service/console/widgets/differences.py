"""A short word-by-word difference between two texts."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from inference.text.words import split_words

MAX_CHARACTERS = 6000
"""Characters of each text that are compared; the page says so if there are more."""
CONTEXT = 40
"""Characters kept at each end of a long run that both texts share."""


class Kind(StrEnum):
    """Which text a piece belongs to."""

    BOTH = "both"
    ONLY_HERE = "only-here"
    ONLY_THERE = "only-there"
    LEFT_OUT = "left-out"
    """The middle of a long run that both texts share."""


@dataclass(frozen=True)
class Piece:
    """A run of words."""

    kind: Kind
    text: str


def differences(here: str, there: str) -> list[Piece]:
    """Return the pieces of ``there``, each change preceded by what ``here`` has in its place.

    Long shared runs are shortened.  Words are split with PyThaiNLP's dictionary, so that a changed word is
    marked as a whole.
    """
    mine, other = split_words(here[:MAX_CHARACTERS]), split_words(there[:MAX_CHARACTERS])
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, mine, other).get_opcodes():
        if tag == "equal":
            found += _shortened("".join(other[j1:j2]), first=not found, last=j2 == len(other))
            continue
        if i1 < i2:
            found.append(Piece(Kind.ONLY_HERE, "".join(mine[i1:i2])))
        if j1 < j2:
            found.append(Piece(Kind.ONLY_THERE, "".join(other[j1:j2])))
    return found


def is_cut(here: str, there: str) -> bool:
    """Whether a text was too long for a full comparison."""
    return max(len(here), len(there)) > MAX_CHARACTERS


def _shortened(text: str, first: bool, last: bool) -> list[Piece]:
    before, after = (0 if first else CONTEXT), (0 if last else CONTEXT)
    if len(text) <= before + after + CONTEXT:
        return [Piece(Kind.BOTH, text)]
    kept = [Piece(Kind.BOTH, text[:before])] if before else []
    kept.append(Piece(Kind.LEFT_OUT, "…"))
    if after:
        kept.append(Piece(Kind.BOTH, text[-after:]))
    return kept
