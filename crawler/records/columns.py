"""Columns of tables, feeds and JSON: our fields, and which others a buyer reads."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from math import isnan
from typing import Any, Final

from crawler.pages.plain_text import squash, to_text
from crawler.pages.prices import price_of
from crawler.pages.structured.facts import MAX_PROPERTIES, link, long_text, words

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title", "name", "productname", "itemname", "headline", "subject", "ชื่อ", "ชื่อสินค้า",
              "หัวข้อ"),
    "description": (
        "description", "desc", "productdescription", "detail", "details", "text", "caption", "message",
        "content", "encoded", "body", "bodyhtml", "longdescription", "shortdescription", "summary", "excerpt",
        "รายละเอียด", "รายละเอียดสินค้า", "คำอธิบาย", "ข้อความ", "สรรพคุณ",
    ),
    "price": ("price", "saleprice", "specialprice", "sellingprice", "productprice", "ราคา", "ราคาขาย"),
    "currency": ("currency", "pricecurrency", "สกุลเงิน"),
    "seller": (
        "seller", "sellername", "shop", "shopname", "store", "storename", "merchant", "pagename", "author",
        "username", "ร้าน", "ชื่อร้าน", "ชื่อร้านค้า", "ร้านค้า", "ผู้ขาย",
    ),
    "seller_url": ("sellerurl", "shopurl", "storeurl", "shoplink", "ลิงก์ร้าน"),
    "url": (
        "url", "link", "productlink", "producturl", "permalink", "itemlink", "canonicalurl", "posturl", "ลิงก์",
        "ลิงก์สินค้า", "ลิงค์", "ลิงค์สินค้า",
    ),
    "images": (
        "images", "image", "imagelink", "imageurl", "imageurls", "additionalimagelink", "coverimage",
        "picture", "รูป", "รูปภาพ", "รูปสินค้า",
    ),
    "id": ("id", "itemid", "productid", "postid", "รหัส", "รหัสสินค้า"),
    "sku": ("sku", "sellersku", "parentsku"),
    "gtin": ("gtin", "ean", "barcode"),
    "brand": ("brand", "brandname", "vendor", "ยี่ห้อ", "แบรนด์"),
    "platform": ("platform", "แพลตฟอร์ม"),
}  # fmt: skip
"""Our fields and their names in tables.

Ignored are spaces, punctuation, case, a namespace (``g:``), brackets and a number at the end.
"""

_KNOWN: Final = {alias: ours for ours, aliases in COLUMNS.items() for alias in aliases}
_PARTS: Final = re.compile(r"[\s_\-./()*]+")
_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_DIGITS: Final = "0123456789"
_NO_TEXT: Final = re.compile(
    r"หมายเหตุ|ความ(?:คิด)?เห็น|สถานะ|วันที่|ผล(?:การ)?ตรวจ|กฎหมาย|มาตรา|ความผิด|ข้อหา|ประเด็น|"
    r"ผู้(?:ซื้อ|สั่ง|ตรวจ|ร้อง|แจ้ง|บันทึก|รับ(?!อนุญาต|ผลิต|รอง))|ลูกค้า|ที่อยู่|ยอดขาย|ขายแล้ว|คงเหลือ|สต[็๊]?อก|"
    r"note|remark|comment|status|verdict|violation|internal|inspector|reviewer|"
    r"buyer|customer|recipient|receiver|address|shipping|stock|sold"
)
"""Names of columns about the table's maker, buyers or stocks: no words of the seller, or ones that move."""
_LICENCE: Final = re.compile(
    r"(?:(?<![ก-๎])|เลข(?:ที่)?)อ\.?\s*ย\.?(?![ก-๎])|ทะเบียน|ใบอนุญาต|ใบรับ|จดแจ้ง|\bfda\b|licen[cs]e|registration"
)
"""Names of columns whose numbers a buyer reads."""
_SCRIPT: Final = re.compile(r"[^\W\d_A-Za-z\u00c0-\u024f]")
"""A letter of Thai or another script in which no code or setting is written."""
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS: Final = 3
"""Words in Latin letters from which a cell is running text; fewer are a colour, a size or a setting."""


@dataclass
class Columns:
    """The columns of a row."""

    fields: dict[str, Any] = field(default_factory=dict)
    """Our fields, each with the first value that is not empty."""
    names: dict[str, str] = field(default_factory=dict)
    """The names of their columns."""
    descriptions: list[str] = field(default_factory=list)
    images: list[Any] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    """Names and values of other columns that a buyer reads."""
    others: dict[str, str] = field(default_factory=dict)
    """What is in no other field."""

    def description(self) -> str:
        """Return the texts of all descriptions, without repetitions and excerpts."""
        texts: dict[str, str] = {}
        for value in self.descriptions:
            if text := to_text(value):
                texts.setdefault(squash(text).rstrip("….[]"), text)
        excerpts = {one for one, following in pairwise(sorted(texts)) if following.startswith(one)}
        return "\n".join(text for letters, text in texts.items() if letters not in excerpts)


def columns_of(row: Mapping[str, Any]) -> Columns:
    """Sort the columns of a row."""
    found = Columns()
    address = ""
    for name, value in row.items():
        plain = plain_of(value)
        if value is None or plain == "" or not isinstance(name, str):
            continue
        ours = field_of(name)
        if ours == "images":
            found.images.append(value)
        elif ours == "description":
            found.descriptions.append(text_of(ours, value))
        elif ours and ours not in found.fields and (text := text_of(ours, value)):
            found.fields[ours], found.names[ours] = text, name
            if ours == "seller" and plain is None:
                address = link(value)
        elif plain is None:
            continue
        elif len(found.texts) < MAX_PROPERTIES and (ours == "title" or (not ours and _is_text(name, plain))):
            found.texts.append((name.strip(), to_text(plain)))
        else:
            found.others[name.strip()] = plain
    if address:
        found.fields.setdefault("seller_url", address)
    title = squash(str(found.fields.get("title", "")))
    found.texts = [(name, text) for name, text in found.texts if text and squash(text) != title]
    return found


@lru_cache(maxsize=10_000)
def field_of(name: str) -> str:
    """Return our field that a column holds, or an empty string."""
    name = name.strip().lower().rpartition(":")[2]
    for form in (name, _BRACKETS.sub("", name)):
        key = _PARTS.sub("", form)
        if ours := _KNOWN.get(key) or _KNOWN.get(key.rstrip(_DIGITS)):
            return ours
    return ""


def units_in(name: str) -> list[str]:
    """Return what a column's name has in brackets: ``ราคา (บาท)``."""
    return [unit.strip() for unit in _BRACKETS.findall(name)]


def unlike_names(header: Sequence[str]) -> list[str]:
    """Return the names of a table's columns, made different where two are equal or one is empty."""
    names: list[str] = []
    seen: set[str] = set()
    for number, written in enumerate(header, 1):
        name = written.strip() or f"column {number}"
        names.append(f"{name} {number}" if name in seen else name)
        seen.add(names[-1])
    return names


def text_of(ours: str, value: Any) -> str:
    """Return what a value says of a field of ours; an object has a name, an address or texts in it."""
    if ours == "price":
        return _price_in(value)
    plain = plain_of(value)
    if ours in ("url", "seller_url") and isinstance(value, (Mapping, list)):
        return link(value)
    if value is None or plain is not None:
        return plain or ""
    if ours in ("seller", "brand"):
        return words(value)
    if ours == "description":
        return long_text(value) or "\n".join(_leaves(value))
    return words(value) or " ".join(_leaves(value))


def plain_of(value: Any) -> str | None:
    """Return a value, or a list of values, as text; ``None`` for anything else. NaN counts as missing."""
    if isinstance(value, (str, int, float)):
        return "" if _is_missing(value) else str(value).strip()
    if isinstance(value, list) and all(isinstance(each, (str, int, float)) for each in value):
        return ", ".join(str(each).strip() for each in value if not _is_missing(each))
    return None


_LEVELS: Final = 5
"""Objects inside one another that are searched for texts."""
_PRICES: Final = ("sale", "saleprice", "specialprice", "sellingprice", "value", "amount", "min", "price")
"""Members of a price object that are read before others, such as the price before a reduction."""
_CURRENCIES: Final = ("currency", "currencycode", "pricecurrency")


def _price_in(value: Any, levels: int = _LEVELS) -> str:
    """Return a price, or the first in an object or a list, with its currency; empty for a placeholder."""
    if not isinstance(value, (Mapping, list)):
        return (plain_of(value) or "") if price_of(value) else ""
    members: list[tuple[str, Any]]
    if isinstance(value, Mapping):
        members = [(_PARTS.sub("", name.lower()), member) for name, member in value.items()]
        members.sort(key=lambda x: _PRICES.index(x[0]) if x[0] in _PRICES else len(_PRICES))
    else:
        members = [("", member) for member in value]
    found = (_price_in(member, levels - 1) for _, member in members) if levels else iter(())
    price = next((x for x in found if x), "")
    currency = next((x for name, member in members if name in _CURRENCIES and (x := words(member))), "")
    return f"{price} {currency}".strip() if price else ""


def _leaves(value: Any, levels: int = _LEVELS) -> Iterator[str]:
    """Yield the texts and numbers in an object or a list."""
    for member in value.values() if isinstance(value, Mapping) else value:
        if isinstance(member, (Mapping, list)):
            yield from _leaves(member, levels - 1) if levels else ()
        elif not isinstance(member, bool) and (text := plain_of(member)):
            yield text


def _is_missing(value: Any) -> bool:
    return isinstance(value, float) and isnan(value)


def _is_text(name: str, value: str) -> bool:
    """Whether a buyer reads this column: running text, or a licence number."""
    key = _PARTS.sub("", name.lower())
    if _NO_TEXT.search(key) or value.startswith(("http://", "https://")):
        return False
    if _SCRIPT.search(value):
        return True
    if _LICENCE.search(name.lower()):
        return any(letter.isdigit() for letter in value)
    return ">" not in value and len(_WORD.findall(to_text(value))) >= _FEWEST_WORDS
