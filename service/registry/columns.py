"""Which column of a register's table is which, by its Thai or English heading."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Column(StrEnum):
    """What we read of a register."""

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
    """A heading as it is compared: lower case, without spaces and signs, ํา written ำ."""
    return _SIGNS.sub("", heading.replace("\u0e4d\u0e32", "\u0e33")).casefold()


@dataclass(frozen=True)
class Vocabulary:
    """The headings of one kind of table.

    Attributes:
        known: which column each heading means, as :func:`closed` writes it.
        key: the column without which a row is no row of headings.
        several: columns that may stand in several places.
        advice: what to do about headings that are missing or mean the same; ``{column}`` names the column.
        longest_row: lines that a row of a CSV file may span; more come of a quotation mark left open.
    """

    known: Mapping[str, str]
    key: str
    several: frozenset[str]
    advice: str
    longest_row: int = 3


def headings(words: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The ``known`` of a :class:`Vocabulary` from the headings of each column."""
    return {closed(word): column for column, written in words.items() for word in written}


REGISTER: Final = Vocabulary(
    headings(_HEADINGS),
    Column.NUMBER,
    frozenset({Column.PRODUCT_NAME, Column.HOLDER}),
    "name it with --columns HEADING={column}",
)


@dataclass(frozen=True)
class Layout:
    """Where each column stands in a table; several may hold a name (Thai and English)."""

    places: Mapping[str, tuple[int, ...]]
    headings: tuple[str, ...]
    key: str = Column.NUMBER

    def has(self, column: str) -> bool:
        """Whether the table has it."""
        return column in self.places

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """The cells of a row; different names in several columns are joined by ``/``."""
        found = {}
        for column, places in self.places.items():
            written = [row[place].strip() for place in places if place < len(row)]
            found[column] = (
                written[0] if len(written) == 1 else " / ".join(dict.fromkeys(filter(None, written)))
            )
        return found

    @property
    def key_heading(self) -> str:
        """The words above the key; in a register those above the numbers, which may tell their kind."""
        return self.headings[self.places[self.key][0]]


def parse_mapping(given: str) -> dict[str, Column]:
    """``heading=column,…`` as a mapping; raises :class:`ColumnsUnusable` for a column that is none."""
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
    """The layout of a table whose headings are ``row``; ``None`` if it is no row of headings.

    A heading is known by :func:`parse_mapping`'s mapping, by itself, or without what it has in brackets.

    Raises:
        ColumnsUnusable: two columns could be one that may stand in one place only.
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
        # What was named by hand wins over what was guessed.
        named = [place for place in found if mapping.get(closed(row[place])) is column]
        places[column] = named or found
        if len(places[column]) > 1 and column not in words.several:
            two = " and ".join(repr(row[place].strip()) for place in places[column][:2])
            advice = words.advice.format(column=column)
            raise ColumnsUnusable(f"both {two} could be the {column}: {advice}")
    found_in = {column: tuple(found) for column, found in places.items()}
    return Layout(found_in, tuple(row), words.key)
