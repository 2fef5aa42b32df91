"""Letters that a page hides inside a word: its readers do not see them."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

BEGIN, END = "\ufdd0", "\ufdd1"
"""Around a hidden piece in a text: noncharacters, which no text contains and no cleaning takes for spaces."""
_INLINE: Final = frozenset(
    {"a", "b", "bdi", "big", "del", "em", "font", "i", "ins", "mark", "s", "small", "span", "strong", "sub",
     "sup", "u"}
)  # fmt: skip
_MOST_INSIDE: Final = 20
_NEIGHBOURS: Final = 4
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_ZERO: Final = re.compile(r"0*\.?0+(?:px|em|rem|%|pt|vw)?")
_LETTER: Final = r"[\w\u0e30-\u0e3a\u0e40-\u0e4e.,/-]"
"""Of a word, a price or a licence number."""
_INSIDE: Final = re.compile(rf"(?<={_LETTER})(?:{BEGIN}[^{BEGIN}{END}]*{END})+(?={_LETTER})")
_MARKS: Final = str.maketrans({BEGIN: None, END: None})
_FEW: Final = 6
"""Letters below which a hidden piece is no claim that a script could show."""


def is_concealed(node: HtmlElement) -> bool:
    """Whether an inline element hides itself, and all that is inside, by its own attributes."""
    if not node.attrib or node.tag not in _INLINE:
        return False
    style = node.get("style")
    if node.get("hidden") is None and not (style and _hides(style)):
        return False
    inside = list(islice(node.iterdescendants(), _MOST_INSIDE))
    if len(inside) == _MOST_INSIDE or any(x.tag not in _INLINE or x.attrib for x in inside):
        return False
    return any(map(str.isalnum, "".join(node.itertext()))) or _is_among_loose_letters(node)


def _hides(style: str) -> bool:
    values: dict[str, str] = {}
    important: set[str] = set()
    for declaration in _COMMENT.sub("", style).lower().split(";"):
        name, _, value = (x.strip() for x in declaration.partition(":"))
        plain, mark, _ = value.partition("!")
        if mark or name not in important:
            values[name] = plain.strip()
        if mark:
            important.add(name)
    return (
        values.get("display") == "none"
        or values.get("visibility") in {"hidden", "collapse"}
        or any(_ZERO.fullmatch(values.get(x, "")) for x in ("font-size", "opacity"))
    )


def _is_among_loose_letters(node: HtmlElement) -> bool:
    """Whether loose text is on both sides: a hidden colon may separate two elements, a label and a value."""
    before = next((x for x in islice(node.itersiblings(preceding=True), _NEIGHBOURS) if x.tail), None)
    parent = node.getparent()
    left = before.tail if before is not None else parent.text if parent is not None else None
    right = next((x.tail for x in _from(node) if x.tail), None)
    return bool(left and right and not left[-1].isspace() and not right[0].isspace())


def _from(node: HtmlElement) -> Iterator[HtmlElement]:
    yield node
    yield from islice(node.itersiblings(), _NEIGHBOURS)


def as_shown(text: str) -> str:
    """Return a text with marked pieces as its readers see it.

    A few letters inside a word are left out. A press or a script may show more of them: then the line follows
    with them, too. Pieces between words stay.
    """
    if BEGIN not in text:
        return text
    return "\n".join(each for line in text.split("\n") for each in _lines(line))


def _lines(line: str) -> list[str]:
    whole = line.translate(_MARKS)
    hidden = _INSIDE.findall(line)
    shown = _INSIDE.sub("", line).translate(_MARKS)
    has_claims = any(sum(map(str.isalnum, piece)) >= _FEW for piece in hidden)
    return [shown, whole] if has_claims else [shown]
