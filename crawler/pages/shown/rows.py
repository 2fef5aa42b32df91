"""Labelled rows of a page (brand, licence number, ingredients), whatever their markup.

They may be tables, definition lists, ``div``s with a label and a value, alternating labels and values, or
lines with a colon. A group of such rows counts if a heading, a class, or a label typical of specifications
identifies it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from lxml.html import HtmlElement

from crawler.pages.plain_text import RowMarks, element_text
from crawler.pages.shown.zones import (
    MOST_ELEMENTS,
    is_foreign,
    is_in_a_sentence,
    mark_of,
    short_text,
    texts_of,
)

LONGEST_NAME: Final = 80
LONGEST_VALUE: Final = 2_000
"""Maximum characters; a longer value is running text under a heading."""
_MOST_PARTS: Final = 60
"""Maximum text fragments in a value; more are a part of the page."""
_HINT: Final = re.compile(
    r"spec|attribut|propert|additional|parameter|คุณสมบัติ|product-?(?:detail|info|meta|"
    r"param)|detail-?(?:list|table|row|info)",
    re.IGNORECASE,
)
_TABLE_HINT: Final = re.compile(r"detail|information|data-?sheet", re.IGNORECASE)
_HEADING: Final = re.compile(
    r"ข้อมูล(?:จำเพาะ|สินค้า|เพิ่มเติม|ทั่วไป|ผลิตภัณฑ์|ทางเทคนิค|โดยละเอียด)|คุณสมบัติ|"
    r"คุณลักษณะ|รายละเอียด|สเปค|สเปก|"
    r"specifications?|product\s+(?:details?|information|info|attributes?|data)|"
    r"additional\s+information|attributes|"
    r"features|key\s+facts",
    re.IGNORECASE,
)
_NO_LABEL: Final = re.compile(
    rf"^(?:{_HEADING.pattern}|คำอธิบาย(?:สินค้า)?|description|about this (?:item|product)|"
    r"รีวิว.*|reviews?|คะแนนสินค้า|ร้านค้า|"
    r"ตัวเลือก(?:สินค้า)?|ราคา|price|รวม|total|จัดส่ง|การจัดส่ง|ค่าจัดส่ง|ค่าส่ง|shipping|"
    r"delivery|โค้ดส่วนลด.*|โปรโมชั่น|tags?|แท็ก|แชร์|share)"
    r"(?:สินค้า|ของสินค้า|ผลิตภัณฑ์|เพิ่มเติม)*$",
    re.IGNORECASE,
)
"""Labels of page sections, of the price and of delivery."""
_KNOWN: Final = re.compile(
    r"^(?:ยี่ห้อ|แบรนด์|ตราสินค้า|เครื่องหมายการค้า|brand(?: name)?|หมวดหมู่.*|category|"
    r"ประเทศ.*|แหล่ง(?:กำเนิด|ผลิต|ที่มา).*|"
    r"(?:country|place) of (?:origin|manufacture)|made in|ผลิต(?:ที่|โดย|จาก)|"
    r"(?:ชื่อ)?(?:บริษัท)?ผู้(?:ผลิต|นำเข้า|จัดจำหน่าย|จำหน่าย).*|"
    r"manufacturer|importer|distributor|(?:.*[\s/(.])?(?:อย|ฆอ|ฆท|ฆพ|ผส)(?:\.|เลข.*|[\s/).].*)?|"
    r".*(?:ใบอนุญาต|จดแจ้ง|ใบรับแจ้ง|ใบสำคัญ|ทะเบียน(?:ยา|ตำรับ|ผลิตภัณฑ์|เลขที่)|เลขทะเบียน|"
    r"สารบบ|เลขโฆษณา).*|"
    r".*(?:fda|licen[cs]e|registration|approval|notification).*|น้ำหนัก.*|(?:net |"
    r"gross )?weight|ปริมาณ.*|ปริมาตร.*|volume|"
    r"ขนาด.*|size|dimensions?|บรรจุ.*|รุ่น|model|sku|รหัส.*|บาร์โค้ด|barcode|gtin|"
    r"ส่วนประกอบ.*|ส่วนผสม.*|สารสำคัญ.*|"
    r"(?:active |main |key )?ingredients?|composition|วิธี(?:ใช้|รับประทาน|ทาน|เก็บรักษา).*|"
    r"directions?|how to use|dosage.*|คำเตือน.*|"
    r"warnings?|ข้อควรระวัง|วัน(?:ที่)?(?:หมดอายุ|ผลิต).*|expiry(?: date)?|shelf[- ]?life|"
    r"อายุการ(?:เก็บรักษา|ใช้งาน).*|ส่งจาก|"
    r"ships? from|คลังสินค้า|(?:จำนวน)?สินค้าคงเหลือ|จำนวน(?:สินค้า)?(?:ที่เหลือ)?|stock|"
    r"สรรพคุณ.*|ข้อบ่งใช้|indications?|"
    r"รสชาติ|กลิ่น|flavou?r|ประเภท.*|ชนิด.*|รูปแบบ.*|(?:product )?(?:type|form)|เพศ|gender|"
    r"วัสดุ|material|สี|colou?r|"
    r"เหมาะ(?:สำหรับ|กับ).*|suitable for|skin type|สภาพผิว|ช่วงอายุ|(?:การ)?รับประกัน.*|"
    r"warranty.*|เงื่อนไขการเก็บ.*|storage.*)$",
    re.IGNORECASE,
)
_LINE: Final = re.compile(r"^([^:：]{1,80}?)\s*[:：]\s*(\S.*)$", re.DOTALL)
_INLINE: Final = frozenset({"b", "strong", "span", "label", "em", "i", "font", "small", "u"})
_LABEL_TAGS: Final = frozenset({"label", "dt", "th", "h3", "h4", "h5", "h6"})
_VOID: Final = frozenset({"br", "hr", "svg", "input", "img", "button", "select", "script", "style", "wbr"})
_ROWS_IN: Final = frozenset({"div", "section", "ul", "ol", "article", "main", "td", "p", "tbody"})
_CELLS: Final = frozenset({"div", "li", "section"})


@dataclass(frozen=True)
class Row:
    """A name and its value.

    ``label`` is the element that holds only the name, if there is one; ``line`` one that holds the whole row
    as one text.
    """

    name: str
    value: str
    label: HtmlElement | None = None
    line: HtmlElement | None = None


def labelled_rows(elements: Iterable[HtmlElement]) -> list[Row]:
    """Return the rows among a page's own elements in order, each name once."""
    found: dict[str, Row] = {}
    for node in elements:
        for row in _group(node):
            found.setdefault(row.name.casefold(), row)
    return list(found.values())


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
    beside = [x for x in _kids(parent) if _is_inline(x)] if parent is not None else []
    texts = (text for x in beside if (text := " ".join(texts_of(x))))
    return all(_LINE.match(x) or _HEADING.fullmatch(x) for x in texts) and not _is_in_prose(line)


def _is_in_prose(node: HtmlElement | None) -> bool:
    while node is not None and _is_inline(node):
        if is_in_a_sentence(node):
            return True
        node = node.getparent()
    return False


def _is_inline(node: HtmlElement) -> bool:
    return node.tag in _INLINE or node.tag == "a" or _is_custom(node)


def _unnamed_values(node: HtmlElement) -> list[HtmlElement]:
    """Return the second of the two inline elements of each row, if an element consists of such rows.

    Nothing identifies them as a specification, but a style sheet separates the two.  A single row may be a
    word in two styles, and so may any paragraph, and any row whose parts have no classes of their own.
    """
    rows = _kids(node) if node.tag in _ROWS_IN or _is_custom(node) else []
    if len(rows) < 2 or len({_kind(x) for x in rows}) > 1:
        return []
    if rows[0].tag not in _CELLS and not _is_custom(rows[0]):
        return []
    pairs = [_kids(x) for x in rows]
    if any(len(pair) != 2 or len(row) != 2 for row, pair in zip(rows, pairs, strict=True)):
        return []
    label, value = pairs[0]
    if _kind(label) == _kind(value) or not (_is_part(label) and _is_part(value)):
        return []
    loose = [*(x.text for x in rows), *(x.tail for pair in pairs for x in pair)]
    are_alike = len({tuple(map(_kind, pair)) for pair in pairs}) == 1
    are_pairs = are_alike and not any(text and text.strip() for text in loose)
    return [value for _, value in pairs] if are_pairs and not any(map(_is_split, pairs)) else []


def _is_split(pair: list[HtmlElement]) -> bool:
    name, value = (short_text(x, LONGEST_NAME) for x in pair)
    return not name or not value or bool(_SPLIT.search(f"{name}\n{value}"))


_SPLIT: Final = re.compile(r"[\d.,]\n[\d.,%]|\n[\u0e30-\u0e3a\u0e45-\u0e4e]|[\u0e40-\u0e44]\n")
"""The joint of two elements that can only be inside a number or a Thai syllable."""


def _is_part(node: HtmlElement) -> bool:
    """Whether an inline element is more than styled words: it is a custom one or has a class."""
    return _is_custom(node) or (node.tag in {"span", "label"} and bool(node.get("class")))


def _group(node: HtmlElement) -> list[Row]:
    """Return an element's rows, or none if nothing identifies them as a specification."""
    if node.tag == "table":
        rows = list(_table(node))
        hinted = _is_named(node, _HINT) or _is_named(node, _TABLE_HINT)
    elif node.tag == "dl":
        rows = list(_definitions(node))
        hinted = _is_named(node, _HINT) or _is_named(node, _TABLE_HINT)
    elif (node.tag in _ROWS_IN or _is_custom(node)) and len(node):
        return _children(node)
    else:
        return []
    if hinted or any(_KNOWN.match(x.name) for x in rows) or _follows_heading(node):
        return rows
    return []


def _children(node: HtmlElement) -> list[Row]:
    kids = _kids(node)
    if any(x.tag == "br" for x in node):
        return _broken_lines(node) if _is_bounded([node]) else []
    if rows := _columns(kids):
        return rows
    if (rows := _alternating(kids)) and not (node.text or "").strip():
        is_told = _is_named(node, _HINT) or _follows_heading(node) or any(_KNOWN.match(x.name) for x in rows)
        return rows if is_told else []
    found = [(_kind(kid), row) for kid in kids if not is_foreign(kid) and (row := _row(kid)) is not None]
    rows = [row for _, row in found]
    if len(rows) > 1 and (_is_named(node, _HINT) or _follows_heading(node)):
        return rows
    # If no word identifies the group, only rows with a known label count.
    known = {kind for kind, row in found if _KNOWN.match(row.name)}
    alike = [row for kind, row in found if kind in known]
    # Paragraphs of running text, a few of which contain a colon, are no rows.
    return alike if 2 * len(alike) >= len(kids) else [x for x in alike if _KNOWN.match(x.name)]


def _broken_lines(node: HtmlElement) -> list[Row]:
    """Return the rows of an element whose lines end in ``<br>``.

    Lines of two elements are rows only if all are, are marked alike, and two have known labels: a claim may
    begin with such a word in bold.
    """
    rows = [row for text in element_text(node).split("\n") if (row := _row_of(text)) is not None]
    if any(_KNOWN.match(x.name) for x in rows):
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
    if len({tuple(map(_kind, line[:2])) for line in lines}) > 1:
        return []
    pairs = [row for line in lines if (row := _of_parts(line[0], line[1:])) is not None]
    known = sum(bool(_KNOWN.match(x.name)) for x in pairs)
    return pairs if len(pairs) == len(lines) and known >= max(2, len(lines) / 2) else []


def _of_parts(label: HtmlElement, rest: list[HtmlElement]) -> Row | None:
    """Return the row of a label and the adjacent elements of its value."""
    return _pair(label, rest) if len(rest) <= _MOST_VALUES else None


def _is_custom(node: HtmlElement) -> bool:
    """Whether an element is a custom one (HTML 4.13.3: its name has a hyphen)."""
    return isinstance(node.tag, str) and "-" in node.tag


def _kind(node: HtmlElement) -> tuple[str, str]:
    return node.tag, node.get("class") or ""


def _alternating(kids: list[HtmlElement]) -> list[Row]:
    """Return the rows of a flat list of alternating labels and values, distinguished by tag or class."""
    if len(kids) < 4 or len(kids) % 2:
        return []
    labels, values = kids[0::2], kids[1::2]
    kinds = {_kind(x) for x in labels}, {_kind(x) for x in values}
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
    labels, values = (_kids(x) for x in kids)
    if len(labels) < 2 or len(labels) != len(values) or not _are_labels(labels, values):
        return []
    found = [_pair(label, [value]) for label, value in zip(labels, values, strict=True)]
    # In running text, a label is not followed by its value.
    return [Row(row.name, row.value) for row in found if row is not None]


def _are_labels(labels: list[HtmlElement], values: list[HtmlElement]) -> bool:
    """Whether the words alone distinguish labels from values."""
    return 2 * sum(map(_is_label, labels)) > len(labels) and not any(map(_is_label, values))


def _row(node: HtmlElement) -> Row | None:
    """Return an element's row: a label and a value, or one line with a colon."""
    kids = _kids(node)
    for _ in range(_WRAPPERS):
        if len(kids) != 1 or not len(kids[0]) or (node.text or "").strip() or (kids[0].tail or "").strip():
            break
        if is_foreign(kids[0]):
            return None
        node, kids = kids[0], _kids(kids[0])
    if node.tag in {"table", "dl"}:
        return None
    if (node.text or "").strip() or not kids:
        return _line(node) if all(x.tag in _INLINE | {"a"} for x in kids) else None
    first, rest = kids[0], kids[1:]
    if not any((x.tail or "").strip() for x in kids):
        return (
            _pair(first, rest) if 0 < len(rest) <= _MOST_VALUES or first.tag in _LABEL_TAGS else _line(node)
        )
    if first.tag in _INLINE | _LABEL_TAGS and _marks_label(first):
        value = " ".join([(first.tail or "").strip(), *_texts(rest)])
        return _made(first, value) if _is_bounded(rest) else None
    return _line(node) if all(x.tag in _INLINE | {"a"} for x in kids) else None


_WRAPPERS: Final = 4
_MOST_VALUES: Final = 3
"""Maximum elements of a value after its label: a separator, a text, a unit."""


def _marks_label(node: HtmlElement) -> bool:
    text, tail = (short_text(node, LONGEST_NAME), (node.tail or "").strip())
    return (
        text.endswith((":", "："))
        or tail.startswith((":", "："))
        or node.tag in _LABEL_TAGS
        or (node.tag in {"b", "strong"} and bool(_KNOWN.match(text)))
    )


def _pair(label: HtmlElement, values: list[HtmlElement]) -> Row | None:
    if not values or not _is_bounded(values) or any(_holds_rows(x) for x in values):
        return None
    if _kind(label) == _kind(values[0]) and _is_label(values[0]):
        return None  # two labels, one above the other: a column of labels
    return _made(label, " ".join(_texts(values)))


def _is_label(node: HtmlElement) -> bool:
    """Whether an element holds a known label; a licence number may read like one, but has digits."""
    text = short_text(node, LONGEST_NAME).strip(" :：")
    return bool(_KNOWN.match(text)) and not any(x.isdigit() for x in text)


def _made(label: HtmlElement, value: str) -> Row | None:
    pieces = [x for x in texts_of(label) if x.strip(":： ")] if short_text(label, LONGEST_NAME + 2) else []
    if len(pieces) != 1 or any(True for _ in label.iter("a", "h1", "h2")):
        return None
    return _named(pieces[0], value, label)


def _named(name: str, value: str, label: HtmlElement | None = None) -> Row | None:
    name, value = name.strip(" :：•-*|\t"), value.strip(" :：|")
    letters = sum(x.isalpha() for x in name)
    if (
        not letters
        or len(name) > LONGEST_NAME
        or not 0 < len(value) <= LONGEST_VALUE
        or _NO_LABEL.match(name)
    ):
        return None
    return Row(name, value, label)


def _line(node: HtmlElement) -> Row | None:
    row = _row_of(short_text(node, LONGEST_VALUE))
    return replace(row, line=node) if row is not None else None


def _row_of(text: str) -> Row | None:
    found = _LINE.match(text)
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
    return cell.tag == "th" or text.endswith((":", "：")) or bool(_KNOWN.match(text)) or not text


def _definitions(node: HtmlElement) -> Iterator[Row]:
    boxes = [node, *(x for x in node if x.tag == "div")]
    for term in (x for box in boxes for x in box if x.tag == "dt"):
        values = []
        following = term.getnext()
        while following is not None and following.tag == "dd":
            values.append(following)
            following = following.getnext()
        if values and _is_bounded(values) and (row := _made(term, ", ".join(_texts(values)))) is not None:
            yield row


def _kids(node: HtmlElement) -> list[HtmlElement]:
    return [x for x in node if isinstance(x.tag, str) and x.tag not in _VOID]


def _texts(nodes: list[HtmlElement]) -> list[str]:
    return [text for x in nodes if (text := " ".join(texts_of(x)))]


def _is_bounded(nodes: list[HtmlElement]) -> bool:
    elements = (each for x in nodes for each in x.iter())
    texts = (text for x in nodes for text in texts_of(x))
    return _at_most(elements, MOST_ELEMENTS) and _at_most(texts, _MOST_PARTS)


def _at_most(found: Iterator[object], number: int) -> bool:
    return next(islice(found, number, None), None) is None


def _holds_rows(node: HtmlElement) -> bool:
    kids = _kids(node)
    if node.tag in {"table", "dl"}:
        return True
    return len(kids) > 1 and (bool(_alternating(kids)) or sum(_row(x) is not None for x in kids) > 1)


def _is_named(node: HtmlElement, words: re.Pattern[str]) -> bool:
    return any(words.search(mark_of(x)) for x in [node, *list(node.iterancestors())[:3]])


def _follows_heading(node: HtmlElement) -> bool:
    """Whether the words before a group, or its first ones, name a specification."""
    before = node.getprevious()
    while before is not None and not isinstance(before.tag, str):
        before = before.getprevious()
    first = next(iter(_kids(node)), None)
    places = [x for x in (before, first) if x is not None]
    return any(text and _HEADING.match(text) for x in places if (text := short_text(x, LONGEST_NAME)))
