"""The open elements at a place of a page, as libxml2 opens and closes them."""

import re
from collections import defaultdict
from typing import Final

HOLD_NONE: Final = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed frame hr img input link meta param source track wbr html head body",
    )
)
"""Elements without others in them, and those of which a page has one."""
_CELLS: Final = frozenset(("td", "th"))
_ENDED_BY: Final = {
    **dict.fromkeys(("ul", "ol", "dl", "div", "table", "form", "h1", "h2", "h3", "p"), frozenset(("p",))),
    "a": frozenset(("a",)),
    "li": frozenset(("li", "p")),
    "dd": frozenset(("dt", "p")),
    "dt": frozenset(("dd", "p")),
    "option": frozenset(("option",)),
    **dict.fromkeys(("td", "th"), frozenset((*_CELLS, "p"))),
    "tr": frozenset((*_CELLS, "tr", "p")),
}
"""A tag that begins -> the innermost elements that it ends (fewer than in libxml2's ``htmlStartClose``)."""
RANKS: Final = {
    "div": 1,
    **dict.fromkeys(("td", "th"), 2),
    "tr": 3,
    **dict.fromkeys(("thead", "tbody", "tfoot"), 4),
    "table": 5,
}
"""An end tag closes no open element of a higher rank (libxml2's ``htmlEndPriority``)."""
_HIGHEST: Final = 5


class OpenElements:
    """The open elements, by name and by rank."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._of_name: defaultdict[str, list[int]] = defaultdict(list)
        self._of_rank: defaultdict[int, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def innermost(self) -> str:
        """Name of the element that was opened last; empty if none is open."""
        return self._names[-1] if self._names else ""

    def open(self, name: str) -> int:
        """Open an element and return how deep it is; 0 if it holds none."""
        if name in HOLD_NONE:
            return 0
        while self._names and self._names[-1] in _ENDED_BY.get(name, ()):
            self._end()
        self._of_name[name].append(len(self._names))
        self._of_rank[RANKS.get(name, 0)].append(len(self._names))
        self._names.append(name)
        return len(self._names)

    def pass_by(self, name: str) -> None:
        """Open an element whose tag also ends it."""
        if self.open(name):
            self._end()

    def close(self, name: str) -> int:
        """Close the element of an end tag with those inside it.

        Returns how many remain open; -1 if it closes none.
        """
        places = self._of_name.get(name)
        if not places:
            return -1
        place = places[-1]
        for rank in range(RANKS.get(name, 0) + 1, _HIGHEST + 1):
            if (higher := self._of_rank.get(rank)) and higher[-1] > place:
                return -1
        while len(self._names) > place:
            self._end()
        return place

    def place_of(self, name: str) -> int:
        """Return how many elements are around the innermost open one of a name; -1 if none is open."""
        places = self._of_name.get(name)
        return places[-1] if places else -1

    def close_anyway(self, name: str) -> list[str]:
        """Close the innermost element of a name with all inside it; return their names, innermost first."""
        places = self._of_name.get(name)
        return self.close_from(places[-1]) if places else []

    def close_from(self, place: int) -> list[str]:
        """Close the element that ``place`` others are around with all inside it; return their names."""
        return [self._end() for _ in range(len(self._names) - place)]

    def _end(self) -> str:
        name = self._names.pop()
        self._of_name[name].pop()
        self._of_rank[RANKS.get(name, 0)].pop()
        return name
