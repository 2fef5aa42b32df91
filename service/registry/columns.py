"""Recognizes the columns of a register's table by their Thai or English headings."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Column(StrEnum):
    """The columns that are read from a register."""

    NUMBER = "number"
    KIND = "kind"
    PRODUCT_NAME = "product_name"
    HOLDER = "holder"
    STATUS = "status"
    AS_OF = "as_of"
    EXPIRES = "expires"


_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    Column.NUMBER: (
        "number", "licence number", "license number", "licence no", "license no", "registration number",
        "registration no", "reg no", "notification number", "notification no", "permit number", "permit no",
        "fda no", "เลขที่", "หมายเลข", "เลขสารบบ", "เลขสารบบอาหาร", "เลข อย", "เลขที่อนุญาต", "เลขที่ใบอนุญาต",
        "เลขใบอนุญาต", "เลขที่ใบสำคัญ", "เลขจดแจ้ง", "เลขที่จดแจ้ง", "เลขที่ใบรับจดแจ้ง", "เลขที่รับจดแจ้ง", "เลขที่รับแจ้ง",
        "เลขที่แจ้ง", "เลขทะเบียน", "เลขทะเบียนยา", "เลขทะเบียนตำรับ", "เลขทะเบียนตำรับยา", "เลขที่ทะเบียน", "ทะเบียนยา",
        "เลขที่ใบรับแจ้งรายการละเอียด", "เลขที่ใบรับแจ้ง", "เลขที่อนุญาตโฆษณา", "เลขที่ใบอนุญาตโฆษณา", "เลขอนุญาตโฆษณา",
        "เลขที่ใบอนุญาตสถานพยาบาล", "เลขผลิตภัณฑ์", "เลขที่ผลิตภัณฑ์", "หมายเลขใบอนุญาต", "หมายเลขทะเบียน",
    ),
    Column.KIND: (
        "kind", "type", "product type", "licence type", "license type", "category", "ประเภท", "ประเภทผลิตภัณฑ์",
        "ประเภทใบอนุญาต", "ประเภทเลข", "กลุ่มผลิตภัณฑ์", "หมวดหมู่",
    ),
    Column.PRODUCT_NAME: (
        "product name", "product name th", "product name en", "product", "name", "trade name", "brand",
        "brand name", "thai name", "english name", "ชื่อ", "ชื่อผลิตภัณฑ์", "ชื่อผลิตภัณฑ์ไทย", "ชื่อผลิตภัณฑ์ภาษาไทย",
        "ชื่อผลิตภัณฑ์อังกฤษ", "ชื่อผลิตภัณฑ์ภาษาอังกฤษ", "ชื่อภาษาไทย", "ชื่อภาษาอังกฤษ", "ชื่อไทย", "ชื่ออังกฤษ",
        "ชื่อการค้า", "ชื่อทางการค้า", "ชื่อสินค้า", "ชื่ออาหาร", "ชื่อยา", "ชื่อเครื่องสำอาง", "ชื่อเครื่องมือแพทย์",
        "ชื่อสมุนไพร", "ชื่อสถานพยาบาล", "ผลิตภัณฑ์", "ตรา", "ยี่ห้อ", "ชื่อตรา",
    ),
    Column.HOLDER: (
        "holder", "licensee", "licence holder", "license holder", "company", "company name", "manufacturer",
        "importer", "ผู้รับอนุญาต", "ชื่อผู้รับอนุญาต", "ผู้ได้รับอนุญาต", "ผู้จดแจ้ง", "ชื่อผู้จดแจ้ง", "ผู้รับจดแจ้ง", "ผู้ประกอบการ",
        "ชื่อผู้ประกอบการ", "ผู้ผลิต", "ผู้นำเข้า", "บริษัท", "ชื่อบริษัท", "ผู้ดำเนินกิจการ", "ชื่อสถานที่",
    ),
    Column.STATUS: (
        "status", "licence status", "license status", "สถานะ", "สถานภาพ", "สถานะใบอนุญาต", "สถานะผลิตภัณฑ์",
        "สถานะทะเบียน", "สถานะการอนุญาต", "สถานะเลข",
    ),
    Column.AS_OF: (
        "as of", "as of date", "updated", "last updated", "ข้อมูล ณ", "ข้อมูล ณ วันที่", "ณ วันที่", "วันที่ปรับปรุง",
        "วันที่ปรับปรุงข้อมูล", "ปรับปรุงล่าสุด",
    ),
    Column.EXPIRES: (
        "expires", "expiry", "expiry date", "expiration date", "valid until", "วันหมดอายุ", "วันที่หมดอายุ",
        "หมดอายุ", "วันสิ้นอายุ", "วันที่สิ้นอายุ", "วันสิ้นสุด", "ใช้ได้ถึง", "ใช้ได้ถึงวันที่",
    ),
}  # fmt: skip
_BRACKETED: Final = re.compile(r"[(\[].*?[)\]]")
_SIGNS: Final = re.compile(r"[\s_\-./:*#()\[\]\u200b\ufeff]+")


class ColumnsUnusable(ValueError):
    """A table's headings, or a mapping of columns, cannot be used; the message says what to do."""


def closed(heading: str) -> str:
    """Normalize a heading for comparison: lower case, no spaces or punctuation, ํา as ำ."""
    return _SIGNS.sub("", heading.replace("\u0e4d\u0e32", "\u0e33")).casefold()


@dataclass(frozen=True)
class Vocabulary:
    """The headings of one kind of table.

    Attributes:
        known: column by heading, normalized by :func:`closed`.
        key: the column that a row of headings must have.
        several: columns that may occur several times.
        advice: what to do about headings that are missing or mean the same; ``{column}`` names the column.
        longest_row: lines that a row of a CSV file may span; more indicate an unclosed quotation mark.
    """

    known: Mapping[str, str]
    key: str
    several: frozenset[str]
    advice: str
    longest_row: int = 3


def headings(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Build the ``known`` of a :class:`Vocabulary` from the headings of each column."""
    return {closed(word): column for column, written in words.items() for word in written}


REGISTER: Final = Vocabulary(
    headings(_HEADINGS),
    Column.NUMBER,
    frozenset({Column.PRODUCT_NAME, Column.HOLDER}),
    "name it with --columns HEADING={column}",
)


@dataclass(frozen=True)
class Layout:
    """The positions of the columns in a table; several may contain a name (Thai and English)."""

    places: Mapping[str, tuple[int, ...]]
    headings: tuple[str, ...]
    key: str = Column.NUMBER

    def has(self, column: str) -> bool:
        """Whether the table has this column."""
        return column in self.places

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """Return the cells of a row by column; different names are joined with ``/``."""
        found = {}
        for column, places in self.places.items():
            written = [row[place].strip() for place in places if place < len(row)]
            found[column] = (
                written[0] if len(written) == 1 else " / ".join(dict.fromkeys(filter(None, written)))
            )
        return found

    @property
    def key_heading(self) -> str:
        """The heading of the key column; in a register that of the numbers, which may name their kind."""
        return self.headings[self.places[self.key][0]]


def parse_mapping(given: str) -> dict[str, Column]:
    """Parse ``heading=column,…``; raises :class:`ColumnsUnusable` for an unknown column."""
    mapping = {}
    for part in filter(None, (one.strip() for one in given.split(","))):
        heading, sign, name = part.rpartition("=")
        try:
            mapping[closed(heading)] = Column(name.strip())
        except ValueError:
            sign = ""
        if not sign or not closed(heading):
            raise ColumnsUnusable(
                f"{part!r} is not HEADING=COLUMN; the columns are {', '.join(Column)}, for example"
                " 'Newcode=number,ชื่อ=product_name'"
            )
    return mapping


def recognise(row: Sequence[str], mapping: Mapping[str, str], words: Vocabulary = REGISTER) -> Layout | None:
    """Return the layout of a table with the headings ``row``; ``None`` if they are no headings.

    A heading is matched by :func:`parse_mapping`'s mapping, literally, or without its brackets.

    Raises:
        ColumnsUnusable: several columns match one that must be unique.
    """
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(row):
        whole, bare = closed(heading), closed(_BRACKETED.sub("", heading))
        column = mapping.get(whole) or words.known.get(whole) or words.known.get(bare)
        if column is not None:
            places.setdefault(column, []).append(place)
    if words.key not in places or len(places) < 2:
        return None
    for column, found in places.items():
        # An explicit mapping takes precedence over a guess.
        named = [place for place in found if mapping.get(closed(row[place])) is column]
        places[column] = named or found
        if len(places[column]) > 1 and column not in words.several:
            two = " and ".join(repr(row[place].strip()) for place in places[column][:2])
            advice = words.advice.format(column=column)
            raise ColumnsUnusable(f"both {two} could be the {column}: {advice}")
    found_in = {column: tuple(found) for column, found in places.items()}
    return Layout(found_in, tuple(row), words.key)
