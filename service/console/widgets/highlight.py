"""Cutting a text into runs, so that overlapping highlights become flat, escaped markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Mark:
    """A run ``text[start:end]`` worth seeing.

    ``style`` is the CSS class, ``note`` what hover and focus say, ``anchor`` the id of its row beside the
    text, ``number`` the small figure in front of it.
    """

    start: int
    end: int
    style: str
    note: str
    anchor: str = ""
    number: str = ""


@dataclass(frozen=True)
class Segment:
    """A run of the text over which the same marks hold; ``marks`` is empty for plain text.

    ``begins`` is whether the first of its marks starts here: only then is it a stop for the Tab key, and
    only then does it show its number.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    begins: bool = False
    MAX_STYLES = 3
    MAX_NOTES = 6

    @property
    def is_blank(self) -> bool:
        """Whether a mark only goes on here, over blanks: a link of them would have no name."""
        return bool(self.marks) and not self.begins and not self.text.strip()

    @property
    def first(self) -> Mark:
        """The mark that starts here, else the one given first; the segment links to its row."""
        return self.marks[0]

    @property
    def styles(self) -> list[str]:
        """The different CSS classes, the first mark's first, at most :attr:`MAX_STYLES`."""
        return list(dict.fromkeys(mark.style for mark in self.marks))[: self.MAX_STYLES]

    @property
    def note(self) -> str:
        """What all its marks say, one a line; many are cut to :attr:`MAX_NOTES` and a count."""
        notes = list(dict.fromkeys(mark.note for mark in self.marks))
        rest = len(notes) - self.MAX_NOTES
        return "\n".join(notes[: self.MAX_NOTES] + ([f"และอีก {rest} รายการ"] if rest > 0 else []))


def segments(text: str, marks: Sequence[Mark]) -> list[Segment]:
    """Cut ``text`` at every edge of a mark.

    The segments joined are the text.  Marks that reach outside the text are cut to it, and those wholly
    outside are left out.  One sweep over the edges: the work grows with the number of segments and of the
    marks over each, never with the square of the length.
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
        # What starts here leads, so that every mark leads one segment and can be reached by the keyboard.
        order = [*fresh, *active]
        active.update(dict.fromkeys(fresh))
        found.append(Segment(text[start:end], tuple(marks[i] for i in order), bool(fresh)))
    return found
