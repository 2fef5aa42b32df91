"""Removes tags that nest too deep for the parser: beyond 2,048 open elements it drops the rest of a page."""

import re
from collections import defaultdict
from typing import Final

LIMITS: Final = (1900, 900, 300, 60)
"""Elements around one. The estimate may be too low: while the parser still drops text, the next is tried."""

_TAG: Final = re.compile(r"<(?:(!--)|[!?]|/(?![a-zA-Z])|(/?)([a-zA-Z][^\s/>]*))")
_COMMENT_END: Final = re.compile(r"-?>|.*?--!?>", re.DOTALL)
_TAG_END: Final = re.compile(
    r"""(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|(?=>)))?+)*+>"""
)
_RAW_END: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
_HOLD_NONE: Final = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed frame hr img input link meta param source track wbr html head body",
    )
)
"""Elements without others in them, and those of which a page has one."""
_INLINE: Final = frozenset(
    re.findall(r"\w+", "a abbr b big cite em font i mark s small span strong sub sup u")
)
"""Elements that part no words."""
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
_RANKS: Final = {
    "div": 1,
    **dict.fromkeys(("td", "th"), 2),
    "tr": 3,
    **dict.fromkeys(("thead", "tbody", "tfoot"), 4),
    "table": 5,
}
"""An end tag closes no open element of a higher rank (libxml2's ``htmlEndPriority``)."""
_HIGHEST: Final = 5


def without_deepest_tags(text: str, limit: int) -> str:
    """Return HTML without the tags of elements more than ``limit`` deep; their text stays in place.

    Takes linear time.
    """
    elements = _Open()
    kept: list[str] = []
    copied = at = 0
    find_end = _end_of_tag
    while tag := _TAG.search(text, at):
        name = (tag.group(3) or "").lower()
        if tag.group(1):
            comment = _COMMENT_END.match(text, tag.end())
            at = comment.end() if comment else 0
        elif not (at := find_end(text, tag.end())):
            # A quotation mark is the last of its kind: to look for its pair again takes quadratic time.
            find_end = _next_bracket
            at = find_end(text, tag.end())
        if not at:
            break
        if tag.group(2):
            is_deep = elements.close(name) >= limit
        elif ending := _RAW_END.get(name):
            end = ending.search(text, at)
            if end is None:
                break
            at, is_deep = end.start(), False
        else:
            is_deep = bool(name) and elements.open(name) > limit
        if is_deep:
            kept.append(text[copied : tag.start()] + ("" if name in _INLINE else " "))
            copied = at
    return "".join((*kept, text[copied:])) if kept else text


def _end_of_tag(text: str, at: int) -> int:
    """Return where the tag ends whose name ends at ``at``; 0 if it does not."""
    attributes = _TAG_END.match(text, at)
    return attributes.end() if attributes else 0


def _next_bracket(text: str, at: int) -> int:
    """Return the place after the next bracket, be it within quotation marks; 0 if there is none."""
    return text.find(">", at) + 1


class _Open:
    """The open elements."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._of_name: defaultdict[str, list[int]] = defaultdict(list)
        self._of_rank: defaultdict[int, list[int]] = defaultdict(list)

    def open(self, name: str) -> int:
        """Open an element and return how deep it is; 0 if it holds none."""
        if name in _HOLD_NONE:
            return 0
        while self._names and self._names[-1] in _ENDED_BY.get(name, ()):
            self._end()
        self._of_name[name].append(len(self._names))
        self._of_rank[_RANKS.get(name, 0)].append(len(self._names))
        self._names.append(name)
        return len(self._names)

    def close(self, name: str) -> int:
        """Close the element of an end tag with those inside it.

        Returns how many remain open; -1 if it closes none.
        """
        places = self._of_name.get(name)
        if not places:
            return -1
        place = places[-1]
        for rank in range(_RANKS.get(name, 0) + 1, _HIGHEST + 1):
            if (higher := self._of_rank.get(rank)) and higher[-1] > place:
                return -1
        while len(self._names) > place:
            self._end()
        return place

    def _end(self) -> None:
        name = self._names.pop()
        self._of_name[name].pop()
        self._of_rank[_RANKS.get(name, 0)].pop()
