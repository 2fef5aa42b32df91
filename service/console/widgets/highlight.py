"""Splitting a text into segments, so that overlapping highlights become flat, escaped markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """A highlighted range ``text[start:end]``.

    ``style`` is the CSS class, ``note`` the text on hover and focus, ``anchor`` the id of its row beside the
    text, ``number`` the small number in front of it.
    """

    start: int
    end: int
    style: str
    note: str
    anchor: str = ""
    number: str = ""


@dataclass(frozen=True)
class Segment:
    """A range of the text with the same marks; ``marks`` is empty for plain text.

    ``begins`` is whether the first of its marks starts here; only then is it a tab stop and shows its number.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    begins: bool = False
    MAX_STYLES = 3
    MAX_NOTES = 6

    @property
    def is_blank(self) -> bool:
        """Whether this only continues a mark over whitespace, where a link would have no accessible name."""
        return bool(self.marks) and not self.begins and not self.text.strip()

    @property
    def first(self) -> Mark:
        """The mark that starts here, or else the first in order; the segment links to its row."""
        return self.marks[0]

    @cached_property
    def styles(self) -> list[str]:
        """The distinct CSS classes, the first mark's first, at most :attr:`MAX_STYLES`."""
        return list(dict.fromkeys(mark.style for mark in self.marks))[: self.MAX_STYLES]

    @property
    def note(self) -> str:
        """The notes of all marks, one per line, at most :attr:`MAX_NOTES` and the count of the rest."""
        notes = list(dict.fromkeys(mark.note for mark in self.marks))
        rest = len(notes) - self.MAX_NOTES
        return "\n".join(notes[: self.MAX_NOTES] + ([f"และอีก {rest} รายการ"] if rest > 0 else []))


def segments(text: str, marks: Sequence[Mark]) -> list[Segment]:
    """Split ``text`` at every edge of a mark.

    The segments joined give the text.  Marks are clipped to the text, and those entirely outside are dropped.
    A single sweep over the edges: the cost grows with the number of segments and of the marks over each,
    not with the square of the length.
    """
    size = len(text)
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for index, mark in enumerate(marks):
        start, end = max(0, mark.start), min(size, mark.end)
        if start < end:
            starts.setdefault(start, []).append(index)
            ends.setdefault(end, []).append(index)
    edges = sorted({0, size, *starts, *ends})
    active: dict[int, None] = {}
    found: list[Segment] = []
    for start, end in pairwise(edges):
        for index in ends.get(start, ()):
            del active[index]
        fresh = starts.get(start, [])
        # Marks that start here come first, so that every mark is first once and reachable by keyboard.
        order = [*fresh, *active]
        active.update(dict.fromkeys(fresh))
        found.append(Segment(text[start:end], tuple(marks[i] for i in order), bool(fresh)))
    return found
