"""Labelled rows of a page (brand, licence number, ingredients), whatever their markup.

They may be tables, definition lists, ``div``s with a label and a value, alternating labels and values, or
lines with a colon. A group of such rows counts if a heading, a class, or a label typical of specifications
identifies it.

A letter quotes what is read here. Where nothing but two adjacent elements separates a name from a value, they
are a row only if several rows and their labels show a table: "weight" and "falls by 5 kg" are a claim.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.plain_text import element_text
from crawler.pages.shown.row_labels import (
    AMOUNT,
    CHANGE,
    DETAILS,
    EXACT_MEASURE,
    FIRM,
    HEADING,
    KNOWN,
    LICENCE,
    MEASURE,
    NO_LABEL,
    QUANTITY,
    SPECIFICATION,
    SPECIFICATION_HEADING,
    TABLE_OF_DETAILS,
)
from crawler.pages.shown.zones import MOST_ELEMENTS, is_foreign, mark_of, short_text, texts_of

LONGEST_NAME: Final = 80
LONGEST_VALUE: Final = 2_000
"""Maximum characters; a longer value is running text under a heading."""
_MOST_PARTS: Final = 60
"""Maximum text fragments in a value; more are a part of the page."""
_REMEMBERED: Final = 10_000
"""Elements of a page about which an answer is kept."""
LINE: Final = re.compile(r"^([^:：]{1,80}?)\s*[:：]\s*(\S.*)$", re.DOTALL)
INLINE: Final = frozenset({"b", "strong", "span", "label", "em", "i", "font", "small", "u"})
_LABEL_TAGS: Final = frozenset({"label", "dt", "th", "td"})
_TITLE_TAGS: Final = frozenset({"h3", "h4", "h5", "h6"})
_COLONS: Final = (":", "：")
_VOID: Final = frozenset({"br", "hr", "svg", "input", "img", "button", "select", "script", "style", "wbr"})
ROWS_IN: Final = frozenset({"div", "section", "ul", "ol", "article", "main", "td", "p", "tbody"})
CELLS: Final = frozenset({"div", "li", "section"})


@dataclass(frozen=True)
class Row:
    """A name and its value.

    ``label`` is the element that holds only the name, if there is one; ``line`` one that holds the whole row
    as one text. ``is_said`` is whether a colon, or an element for labels, separates name and value.
    """

    name: str
    value: str
    label: HtmlElement | None = None
    line: HtmlElement | None = None
    is_said: bool = True


def labelled_rows(elements: Iterable[HtmlElement]) -> list[Row]:
    """Return the rows among a page's own elements in order, each name once."""
    found: dict[str, Row] = {}
    for node in elements:
        for row in _group(node):
            found.setdefault(row.name.casefold(), row)
    for known in (_holds_rows, _has_lines, _row, _label, _value):
        known.cache_clear()
    return list(found.values())


def _group(node: HtmlElement) -> list[Row]:
    """Return an element's rows, or none if nothing identifies them as a specification."""
    if node.tag == "table":
        rows = list(_table(node))
        hinted = _is_named(node, DETAILS) or _is_named(node, TABLE_OF_DETAILS)
    elif node.tag == "dl":
        rows = list(_definitions(node))
        hinted = _is_named(node, DETAILS) or _is_named(node, TABLE_OF_DETAILS)
    elif _may_hold_rows(node) and len(node):
        return _children(node) if _is_close(node) else []
    else:
        return []
    if hinted or any(KNOWN.match(x.name) for x in rows) or _follows(node, HEADING):
        return rows
    return []


def _may_hold_rows(node: HtmlElement) -> bool:
    return node.tag in ROWS_IN or is_custom(node)


def _is_close(node: HtmlElement) -> bool:
    """Whether an element has more in it than others around one another, whose rows the innermost give."""
    for _ in range(2 * _WRAPPERS):
        if len(node) != 1 or (node.text or "").strip() or (node[0].tail or "").strip():
            return True
        node = node[0]
    return False


def _children(node: HtmlElement) -> list[Row]:
    kids = kids_of(node)
    if any(x.tag == "br" for x in node):
        return _broken_lines(node)
    if rows := _columns(kids):
        return rows
    if (rows := _alternating(kids)) and not (node.text or "").strip():
        return _certain([("", row) for row in rows], _is_told(node))
    found = [(kind_of(kid), row) for kid in kids if not is_foreign(kid) and (row := _row(kid)) is not None]
    if not found:
        return []
    is_told = _is_told(node)
    if len(found) < 2 or not (is_told or _is_named(node, DETAILS) or _follows(node, HEADING)):
        # If no word identifies the group, only rows with a known label count.
        known = {kind for kind, row in found if KNOWN.match(row.name)}
        alike = [(kind, row) for kind, row in found if kind in known]
        # Paragraphs of running text, a few of which contain a colon, are no rows.
        is_list = 2 * len(alike) >= len(kids)
        found = alike if is_list else [each for each in alike if KNOWN.match(each[1].name)]
    return _certain([(tag, row) for (tag, _), row in found], is_told)


def _is_told(node: HtmlElement) -> bool:
    """Whether a word names the group a specification."""
    return _is_named(node, SPECIFICATION) or _follows(node, SPECIFICATION_HEADING)


@lru_cache(maxsize=_REMEMBERED)
def _has_lines(node: HtmlElement) -> bool:
    """Whether an element's text is read in lines; that of elements around it holds its lines too."""
    if not _may_hold_rows(node) or not any(x.tag == "br" for x in node):
        return False
    around = islice(filter(_has_lines, node.iterancestors()), _MOST_AROUND)
    return sum(1 for _ in around) < _MOST_AROUND and _is_bounded([node])


_MOST_AROUND: Final = 3
"""Elements around one that are read before with all that is in them."""


def _certain(found: list[tuple[str, Row]], is_told: bool) -> list[Row]:
    """Return the rows, each given with the tag of its element, that cannot be part of a sentence.

    Rows that only adjacent elements suggest count if a word names the group a specification, or if one of
    several of the same tag has a label with which no claim begins. A measure must have a quantity.
    """
    suggested = [(tag, row) for tag, row in found if not row.is_said]
    firm = {tag for tag, row in suggested if is_told or FIRM.match(row.name)}
    tables = {tag for tag in firm if is_told or sum(x == tag for x, _ in suggested) > 1}
    return [row for tag, row in found if row.is_said or _is_exact(row) or (tag in tables and _fits(row))]


def _fits(row: Row) -> bool:
    if not MEASURE.match(row.name):
        return True
    return bool(QUANTITY.match(row.value)) and not CHANGE.search(row.name)


def _is_exact(row: Row) -> bool:
    """Whether the value consists of an amount or a licence number only, as the name says."""
    if EXACT_MEASURE.match(row.name):
        return bool(AMOUNT.match(row.value))
    return bool(LICENCE.match(row.name)) and bool(_NUMBER.match(row.value))


_REGISTERED: Final = (
    r"(?:[12][ .-]{0,2}[A-Fa-f]|[G-Ng-n]|"
    r"ฆ\.?\s?(?:ส\.?\s?พ|[อทพษสมย])\.?\s?(?:[ก-ฮ.]{2,4}\s?)?|ว\.?อ\.?ส\.?)"
    r"[ .-]{0,3}[\d๐-๙]{1,6}\s?/\s?[\d๐-๙]{2,4}(?:\s?\(?[A-Z]{1,4}\)?)?"
)
"""Registrations of drugs (1A 12/35 (NB)) and hazardous substances (วอส. 1/2560), advertising permits."""
_NUMBER: Final = re.compile(
    rf"^(?:(?:[A-Zก-ฮ]{{1,2}}\.?\s?)?[\d๐-๙][\d๐-๙/-]{{3,}}|{_REGISTERED}|ฆ[อทพ]\.?\s?[\d๐-๙/]+)$"
)


def _broken_lines(node: HtmlElement) -> list[Row]:
    """Return the rows of an element whose lines end in ``<br>``.

    Lines of two elements are rows only if all are, are marked alike, and two have known labels.
    """
    lines_of_text = element_text(node).split("\n") if _has_lines(node) else []
    rows = [row for text in lines_of_text if (row := _row_of(text)) is not None]
    if any(KNOWN.match(x.name) for x in rows):
        return rows
    if any(text and text.strip() for text in (node.text, *(x.tail for x in node))):
        return []
    lines: list[list[HtmlElement]] = [[]]
    for kid in node:
        if kid.tag == "br":
            lines.append([])
        elif isinstance(kid.tag, str) and kid.tag not in _VOID:
            lines[-1].append(kid)
    lines = [line for line in lines if line]
    if len({tuple(map(kind_of, line[:2])) for line in lines}) > 1 or not _is_bounded([node]):
        return []
    pairs = [row for line in lines if (row := _of_parts(line[0], line[1:])) is not None]
    known = sum(bool(KNOWN.match(x.name)) for x in pairs)
    is_table = len(pairs) == len(lines) and known >= max(2, len(lines) / 2)
    return _certain([("br", row) for row in pairs], is_told=False) if is_table else []


def _of_parts(label: HtmlElement, rest: list[HtmlElement]) -> Row | None:
    """Return the row of a label and the adjacent elements of its value."""
    return _pair(label, rest) if len(rest) <= _MOST_VALUES else None


def is_custom(node: HtmlElement) -> bool:
    """Whether an element is a custom one (HTML 4.13.3: its name has a hyphen)."""
    return isinstance(node.tag, str) and "-" in node.tag


def kind_of(node: HtmlElement) -> tuple[str, str]:
    return node.tag, node.get("class") or ""


def _alternating(kids: list[HtmlElement]) -> list[Row]:
    """Return the rows of a flat list of alternating labels and values, distinguished by tag or class."""
    if len(kids) < 4 or len(kids) % 2:
        return []
    labels, values = kids[0::2], kids[1::2]
    kinds = {kind_of(x) for x in labels}, {kind_of(x) for x in values}
    if len(kinds[0]) != 1 or len(kinds[1]) != 1:
        return []
    if kinds[0] == kinds[1] and not _are_labels(labels, values):
        return []
    rows = [_pair(label, [value]) for label, value in zip(labels, values, strict=True)]
    return [x for x in rows if x is not None] if all(rows) else []


def _columns(kids: list[HtmlElement]) -> list[Row]:
    """Return the rows of two adjacent columns: all labels, then all values."""
    if len(kids) != 2:
        return []
    labels, values = (kids_of(x) for x in kids)
    if len(labels) < 2 or len(labels) != len(values) or not _are_labels(labels, values):
        return []
    found = [_pair(label, [value]) for label, value in zip(labels, values, strict=True)]
    rows = _certain([("", row) for row in found if row is not None], is_told=False)
    # In running text, a label is not followed by its value.
    return [Row(row.name, row.value) for row in rows]


def _are_labels(labels: list[HtmlElement], values: list[HtmlElement]) -> bool:
    """Whether the words alone distinguish labels from values."""
    return 2 * sum(map(_is_label, labels)) > len(labels) and not any(map(_is_label, values))


@lru_cache(maxsize=_REMEMBERED)  # elements around one another ask about the same ones
def _row(node: HtmlElement) -> Row | None:
    """Return an element's row: a label and a value, or one line with a colon."""
    kids = kids_of(node)
    for _ in range(_WRAPPERS):
        if len(kids) != 1 or not len(kids[0]) or (node.text or "").strip() or (kids[0].tail or "").strip():
            break
        if is_foreign(kids[0]):
            return None
        node, kids = kids[0], kids_of(kids[0])
    if node.tag in {"table", "dl"}:
        return None
    if (node.text or "").strip() or not kids:
        return _line(node) if all(x.tag in INLINE | {"a"} for x in kids) else None
    first, rest = kids[0], kids[1:]
    if not any((x.tail or "").strip() for x in kids):
        is_label = first.tag in _LABEL_TAGS | _TITLE_TAGS
        return _pair(first, rest) if 0 < len(rest) <= _MOST_VALUES or is_label else _line(node)
    if first.tag in INLINE | _LABEL_TAGS | _TITLE_TAGS and _marks_label(first):
        return _made(first, _following(first, rest)) if _is_bounded(rest) else None
    return _line(node) if all(x.tag in INLINE | {"a"} for x in kids) else None


_WRAPPERS: Final = 4
_MOST_VALUES: Final = 3
"""Maximum elements of a value after its label: a separator, a text, a unit."""


def _following(label: HtmlElement, rest: list[HtmlElement]) -> str:
    """Return all text behind a label, in elements or loose."""
    pieces = [label.tail or ""]
    for node in rest:
        pieces += [*texts_of(node), node.tail or ""]
    return " ".join(" ".join(pieces).split())


def _marks_label(node: HtmlElement) -> bool:
    text, tail = (short_text(node, LONGEST_NAME), (node.tail or "").strip())
    return (
        text.endswith(_COLONS)
        or tail.startswith(_COLONS)
        or node.tag in _LABEL_TAGS | _TITLE_TAGS
        or (node.tag in {"b", "strong"} and bool(KNOWN.match(text)))
    )


def _pair(label: HtmlElement, values: list[HtmlElement]) -> Row | None:
    if not values or _label(label) is None:
        return None
    if (value := _value(tuple(values))) is None or any(_holds_rows(x) for x in values):
        return None
    if kind_of(label) == kind_of(values[0]) and _is_label(values[0]):
        return None  # two labels, one above the other: a column of labels
    return _made(label, " ".join(value))


def _is_label(node: HtmlElement) -> bool:
    """Whether an element holds a known label; a licence number may read like one, but has digits."""
    text = short_text(node, LONGEST_NAME).strip(" :：")
    return bool(KNOWN.match(text)) and not any(x.isdigit() for x in text)


@lru_cache(maxsize=_REMEMBERED)
def _label(node: HtmlElement) -> tuple[str, str] | None:
    """Return an element's words, and those without a colon beside them, if they can be a label."""
    text = short_text(node, LONGEST_NAME + 2)
    pieces = [x for x in texts_of(node) if x.strip(":： ")] if text else []
    if len(pieces) != 1 or any(True for _ in node.iter("a", "h1", "h2")):
        return None
    return text, pieces[0]


def _made(label: HtmlElement, value: str) -> Row | None:
    if (words := _label(label)) is None:
        return None
    text, name = words
    is_said = label.tag in _LABEL_TAGS or text.endswith(_COLONS) or value.startswith(_COLONS)
    row = _named(name, value)
    return replace(row, label=label, is_said=is_said) if row is not None else None


def _named(name: str, value: str) -> Row | None:
    name, value = name.strip(" :：•-*|\t"), value.strip(" :：|")
    letters = sum(x.isalpha() for x in name)
    if not letters or len(name) > LONGEST_NAME or not 0 < len(value) <= LONGEST_VALUE or NO_LABEL.match(name):
        return None
    return Row(name, value)


def _line(node: HtmlElement) -> Row | None:
    row = _row_of(short_text(node, LONGEST_VALUE))
    return replace(row, line=node) if row is not None else None


def _row_of(text: str) -> Row | None:
    found = LINE.match(text)
    if found is None or "//" in found[2][:2]:
        return None
    return _named(found[1], found[2])


def _table(table: HtmlElement) -> Iterator[Row]:
    parts = [table, *(x for x in table if x.tag in {"thead", "tbody", "tfoot"})]
    lines = [[x for x in row if x.tag in {"th", "td"}] for part in parts for row in part if row.tag == "tr"]
    heads = [x for x in lines if len(x) > 2 and all(cell.tag == "th" for cell in x)]
    if len(lines) == 2 and heads and len(lines[0]) == len(lines[1]):
        lines = [list(pair) for pair in zip(*lines, strict=True)]
    for cells in lines:
        if len(cells) == 3 and not short_text(cells[1], LONGEST_NAME).strip(":：|-– "):
            cells = [cells[0], cells[2]]  # noqa: PLW2901 (the middle one separates the two)
        if len(cells) == 1 and (row := _line(cells[0])) is not None:
            yield row
        elif len(cells) == 2 or (len(cells) == 4 and all(_is_label_cell(x) for x in cells[0::2])):
            for label, value in zip(cells[0::2], cells[1::2], strict=True):
                if (row := _pair(label, [value])) is not None:
                    yield row


def _is_label_cell(cell: HtmlElement) -> bool:
    text = short_text(cell, LONGEST_NAME)
    return cell.tag == "th" or text.endswith((":", "：")) or bool(KNOWN.match(text)) or not text


def _definitions(node: HtmlElement) -> Iterator[Row]:
    boxes = [node, *(x for x in node if x.tag == "div")]
    for term in (x for box in boxes for x in box if x.tag == "dt"):
        values = []
        following = term.getnext()
        while following is not None and following.tag == "dd":
            values.append(following)
            following = following.getnext()
        value = _value(tuple(values)) if values else None
        if value is not None and (row := _made(term, ", ".join(value))) is not None:
            yield row


def kids_of(node: HtmlElement) -> list[HtmlElement]:
    return [x for x in node if isinstance(x.tag, str) and x.tag not in _VOID]


@lru_cache(maxsize=_REMEMBERED)
def _value(nodes: tuple[HtmlElement, ...]) -> list[str] | None:
    """Return the text of each element that has any; ``None`` if they are too much for a value."""
    if not _at_most((each for x in nodes for each in x.iter()), MOST_ELEMENTS):
        return None
    found: list[str] = []
    parts = 0
    for node in nodes:
        texts = list(islice(texts_of(node), _MOST_PARTS - parts + 1))
        parts += len(texts)
        if parts > _MOST_PARTS:
            return None
        found += [" ".join(texts)] if texts else []
    return found


def _is_bounded(nodes: list[HtmlElement]) -> bool:
    return _value(tuple(nodes)) is not None


def _at_most(found: Iterator[object], number: int) -> bool:
    return next(islice(found, number, None), None) is None


@lru_cache(maxsize=_REMEMBERED)
def _holds_rows(node: HtmlElement) -> bool:
    kids = kids_of(node)
    if node.tag in {"table", "dl"}:
        return True
    return len(kids) > 1 and (bool(_alternating(kids)) or sum(_row(x) is not None for x in kids) > 1)


def _is_named(node: HtmlElement, words: re.Pattern[str]) -> bool:
    return any(words.search(mark_of(x)) for x in [node, *islice(node.iterancestors(), 3)])


def _follows(node: HtmlElement, words: re.Pattern[str]) -> bool:
    """Whether the words before a group, or its first ones, are such a heading."""
    before = node.getprevious()
    while before is not None and not isinstance(before.tag, str):
        before = before.getprevious()
    first = next(iter(kids_of(node)), None)
    places = [x for x in (before, first) if x is not None]
    return any(text and words.match(text) for x in places if (text := short_text(x, LONGEST_NAME)))
