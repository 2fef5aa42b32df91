"""Where labelled rows are in a page's elements, so that its text shows each on a line of its own."""

import re
from collections.abc import Iterable
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.plain_text import RowMarks
from crawler.pages.shown.row_labels import HEADING
from crawler.pages.shown.rows import (
    CELLS,
    INLINE,
    LINE,
    LONGEST_NAME,
    ROWS_IN,
    Row,
    is_custom,
    kids_of,
    kind_of,
)
from crawler.pages.shown.zones import is_in_a_sentence, short_text, texts_of


def row_marks(rows: Iterable[Row], elements: Iterable[HtmlElement]) -> RowMarks:
    """Return where the rows are among a page's own elements, for its text."""
    found = list(rows)
    labels = {x.label for x in found if x.label is not None}
    return RowMarks(
        labels=labels,
        starts={x for x in labels if _begins_apart(x)},
        lines={x.line for x in found if x.line is not None and _is_apart(x.line)},
        values={value for node in elements for value in _unnamed_values(node)},
    )


def _begins_apart(label: HtmlElement) -> bool:
    """Whether no loose words of running text stand before a label."""
    parent = label.getparent()
    before = [] if parent is None else [parent.text, *(x.tail for x in label.itersiblings(preceding=True))]
    return not any(text and text.strip() for text in before) and not _is_in_prose(parent)


def _is_apart(line: HtmlElement) -> bool:
    """Whether an element is a block, or an inline one among nothing but other lines."""
    if not _is_inline(line):
        return True
    parent = line.getparent()
    beside = [x for x in kids_of(parent) if _is_inline(x)] if parent is not None else []
    texts = (text for x in beside if (text := " ".join(texts_of(x))))
    return all(LINE.match(x) or HEADING.fullmatch(x) for x in texts) and not _is_in_prose(line)


def _is_in_prose(node: HtmlElement | None) -> bool:
    while node is not None and _is_inline(node):
        if is_in_a_sentence(node):
            return True
        node = node.getparent()
    return False


def _is_inline(node: HtmlElement) -> bool:
    return node.tag in INLINE or node.tag == "a" or is_custom(node)


def _unnamed_values(node: HtmlElement) -> list[HtmlElement]:
    """Return the second of the two inline elements of each row, if an element consists of such rows.

    Nothing identifies them as a specification, but a style sheet separates the two.  A single row may be a
    word in two styles, and so may any paragraph, and any row whose parts have no classes of their own.
    """
    rows = kids_of(node) if node.tag in ROWS_IN or is_custom(node) else []
    if len(rows) < 2 or len({kind_of(x) for x in rows}) > 1:
        return []
    if rows[0].tag not in CELLS and not is_custom(rows[0]):
        return []
    pairs = [kids_of(x) for x in rows]
    if any(len(pair) != 2 or len(row) != 2 for row, pair in zip(rows, pairs, strict=True)):
        return []
    label, value = pairs[0]
    if kind_of(label) == kind_of(value) or not (_is_part(label) and _is_part(value)):
        return []
    loose = [*(x.text for x in rows), *(x.tail for pair in pairs for x in pair)]
    are_alike = len({tuple(map(kind_of, pair)) for pair in pairs}) == 1
    are_pairs = are_alike and not any(text and text.strip() for text in loose)
    return [value for _, value in pairs] if are_pairs and not any(map(_is_split, pairs)) else []


def _is_split(pair: list[HtmlElement]) -> bool:
    name, value = (short_text(x, LONGEST_NAME) for x in pair)
    return not name or not value or bool(_SPLIT.search(f"{name}\n{value}"))


_SPLIT: Final = re.compile(r"[\d.,]\n[\d.,%]|\n[\u0e30-\u0e3a\u0e45-\u0e4e]|[\u0e40-\u0e44]\n")
"""The joint of two elements that can only be inside a number or a Thai syllable."""


def _is_part(node: HtmlElement) -> bool:
    """Whether an inline element is more than styled words: it is a custom one or has a class."""
    return is_custom(node) or (node.tag in {"span", "label"} and bool(node.get("class")))
