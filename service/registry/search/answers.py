"""Parses answers of the search service into rows: JSON or an HTML table, however malformed.

An answer without rows that does not say that there are none is an error: an error page with status 200 must
never be read as "no such number".
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lxml import etree, html

from service.registry.columns import Column, Layout, recognise
from service.registry.table import Row

_DEEPEST: Final = 5
_SAYS_NONE: Final = re.compile(
    r"ไม่พบ(?:ข้อมูล|รายการ|ผล|เลข|ผลิตภัณฑ์)|ไม่มี(?:ข้อมูล|รายการ)"
    r"|no (?:data|records?|results?|items?)(?: were)? (?:found|available)"
    r"|(?<!\d)0 (?:รายการ|records?|results?)\b",
    re.IGNORECASE,
)


class InvalidAnswer(ValueError):
    """Not a valid answer; the message says what it is."""


def rows_of(body: bytes, mapping: Mapping[str, Column], records_at: str = "") -> list[Row]:
    """Parse the rows of an answer; empty if it says that there are none.

    Args:
        mapping: field or heading to column, see :func:`service.registry.columns.parse_mapping`.
        records_at: path of the list of records in a JSON answer, for example ``data.items``; by default the
            only list of objects.

    Raises:
        InvalidAnswer: it is empty, an error page, undecodable, or without known fields.
    """
    text = decoded(body).strip()
    if not text:
        raise InvalidAnswer("an empty answer")
    if text[0] in '[{"' or text in {"null", "true", "false"}:
        try:
            return _json_rows(json.loads(text), mapping, records_at)
        except json.JSONDecodeError as error:
            raise InvalidAnswer(f"broken JSON at character {error.pos}") from error
    if text[0] == "<":
        return _html_rows(text, mapping)
    raise InvalidAnswer(f"neither JSON nor HTML: {text[:60]!r}")


def decoded(body: bytes) -> str:
    """Decode an answer, ignoring its header: UTF-8, else Windows-874, which includes TIS-620."""
    for encoding in ("utf-8-sig", "cp874"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidAnswer("text that is neither UTF-8 nor Windows-874")


def _json_rows(value: Any, mapping: Mapping[str, Column], records_at: str) -> list[Row]:
    for key in filter(None, records_at.split(".")):
        value = _unwrapped(value)
        if not isinstance(value, dict) or key not in value:
            raise InvalidAnswer(f"JSON without {records_at}: {_shown(value)}")
        value = value[key]
    value = _unwrapped(value)
    lists = [value] if isinstance(value, list) else list(_lists(value, 0))
    if not lists and isinstance(value, dict) and recognise(list(value), mapping):
        lists = [[value]]
    if len(lists) > 1:
        lists = [one for one in lists if one] or lists[:1]
    if len(lists) != 1 or not all(isinstance(one, dict) for one in lists[0]):
        raise InvalidAnswer(f"JSON without one list of records: {_shown(value)}")
    records = lists[0]
    if not records:
        return []
    headings = list(dict.fromkeys(key for record in records for key in record))
    layout = recognise(headings, mapping)
    if layout is None:
        raise InvalidAnswer(f"records without known fields: {', '.join(headings)[:200]}")
    return [_row(layout, n, [_cell(r.get(key)) for key in headings]) for n, r in enumerate(records, 1)]


def _unwrapped(value: Any) -> Any:
    """Unwrap JSON inside a JSON string, as some servers send it."""
    if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            return value
    return value


def _lists(value: Any, depth: int) -> Iterator[list[Any]]:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    for inner in map(_unwrapped, value.values()):
        if isinstance(inner, list):
            yield inner
        else:
            yield from _lists(inner, depth + 1)


def _html_rows(text: str, mapping: Mapping[str, Column]) -> list[Row]:
    try:
        # The text is already decoded: an encoding declared inside must be ignored.
        page = html.document_fromstring(
            re.sub(r"^<\?xml[^>]*\?>", "", text), html.HTMLParser(huge_tree=False)
        )
    except (etree.LxmlError, ValueError) as error:
        raise InvalidAnswer(f"unreadable HTML: {error}") from error
    for table in page.iter("table"):
        layout: Layout | None = None
        rows = []
        for n, line in enumerate(table.iter("tr"), 1):
            cells = [" ".join(cell.text_content().split()) for cell in line.iterchildren("td", "th")]
            if layout is None:
                layout = recognise(cells, mapping)
            elif any(cells) and not _SAYS_NONE.search(" ".join(cells)):
                rows.append(_row(layout, n, cells))
        if layout is not None:
            return rows
    for element in page.xpath("//script | //style"):
        element.drop_tree()
    words = " ".join(page.text_content().split())
    if _SAYS_NONE.search(words):
        return []
    raise InvalidAnswer(f"a page without a table of records: {words[:80]!r}")


def _row(layout: Layout, number: int, cells: Sequence[str]) -> Row:
    return Row(str(number), layout.cells(cells), layout.key_heading)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:120]
