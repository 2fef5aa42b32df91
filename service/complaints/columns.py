"""Recognizes the columns and categories of a file of complaints, in Thai and English."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from service.complaints.words import CATEGORIES
from service.registry.columns import Vocabulary, closed, headings
from service.store.tables.complaint_tables import ComplaintCategory


class Column(StrEnum):
    """The columns that are read, named as the fields."""

    EXTERNAL_ID = "external_id"
    CATEGORY = "category"
    TITLE = "title"
    URL = "url"
    PLATFORM = "platform"
    SELLER = "seller"
    ADVERTISED = "advertised"
    DETAIL = "detail"
    COMPLAINED_ON = "complained_on"
    CONTACT_NAME = "contact_name"
    CONTACT = "contact"


class ReportColumn(StrEnum):
    """The columns by which the report of an import is recognized when it is imported itself."""

    WHAT = "what"
    NUMBER = "number"
    WHY_TH = "why_th"


_HEADINGS: Final[Mapping[str, Sequence[str]]] = {
    Column.EXTERNAL_ID: (
        "external id", "id", "case id", "case no", "case number", "complaint no", "complaint number",
        "ticket",
        "ticket no", "เลขที่เรื่อง", "เลขเรื่อง", "เลขที่ร้องเรียน", "เลขที่คำร้อง", "หมายเลขเรื่องร้องเรียน",
        "เลขที่เรื่องร้องเรียน",
        "รหัสเรื่อง", "เลขที่รับเรื่อง", "เลขรับ",
    ),
    Column.CATEGORY: (
        "category", "type", "complaint type", "ประเภท", "ประเภทเรื่อง", "ประเภทเรื่องร้องเรียน", "ประเภทปัญหา",
        "หมวดหมู่",
        "หมวด",
    ),
    Column.TITLE: (
        "title", "product", "product name", "goods", "ชื่อสินค้า", "สินค้า", "ชื่อผลิตภัณฑ์", "ผลิตภัณฑ์", "ชื่อประกาศ",
    ),
    Column.URL: (
        "url", "link", "address", "web address", "website", "ลิงก์", "ลิงค์", "ที่อยู่เว็บ", "เว็บไซต์", "ที่อยู่เว็บไซต์",
        "ลิงก์สินค้า", "ลิงก์ประกาศ", "ลิงก์โฆษณา",
    ),
    Column.PLATFORM: ("platform", "channel", "แพลตฟอร์ม", "ช่องทาง", "ช่องทางที่พบ", "ช่องทางการขาย"),
    Column.SELLER: (
        "seller", "shop", "seller name", "shop name", "ผู้ขาย", "ชื่อผู้ขาย", "ร้านค้า", "ชื่อร้าน", "ชื่อร้านค้า", "ผู้ถูกร้อง",
        "ผู้ถูกร้องเรียน", "เพจ", "ชื่อเพจ",
    ),
    Column.ADVERTISED: (
        "advertised", "advertisement", "ad text", "ข้อความโฆษณา", "คำโฆษณา", "ถ้อยคำโฆษณา", "ข้อความในโฆษณา",
    ),
    Column.DETAIL: (
        "detail", "details", "description", "complaint", "text", "รายละเอียด", "รายละเอียดเรื่อง",
        "รายละเอียดเรื่องร้องเรียน",
        "เรื่องร้องเรียน", "ข้อร้องเรียน", "เนื้อหา", "รายละเอียดการร้องเรียน", "รายละเอียดปัญหา",
    ),
    Column.COMPLAINED_ON: (
        "complained on", "date", "complaint date", "received on", "วันที่", "วันที่ร้องเรียน", "วันที่รับเรื่อง", "วันที่แจ้ง",
        "วันที่รับแจ้ง",
    ),
    Column.CONTACT_NAME: (
        "contact name", "complainant", "complainant name", "name", "ชื่อผู้ร้อง", "ผู้ร้อง", "ผู้ร้องเรียน", "ชื่อผู้ร้องเรียน",
        "ชื่อผู้แจ้ง", "ผู้แจ้ง",
    ),
    Column.CONTACT: (
        "contact", "phone", "telephone", "email", "e-mail", "complainant phone", "complainant email",
        "เบอร์โทร", "โทรศัพท์", "เบอร์โทรศัพท์", "หมายเลขโทรศัพท์", "อีเมล", "ข้อมูลติดต่อ", "ติดต่อ", "ช่องทางติดต่อ",
        "เบอร์ผู้ร้อง", "เบอร์โทรผู้ร้อง",
    ),
}  # fmt: skip

COMPLAINTS: Final = Vocabulary(
    headings({**_HEADINGS, **{column: (column.value,) for column in ReportColumn}}),
    Column.DETAIL,
    frozenset({Column.CONTACT, *ReportColumn}),
    "name one column {column}, and remove or rename other candidates",
    longest_row=500,
)

_CATEGORIES: Final[Mapping[ComplaintCategory, Sequence[str]]] = {
    ComplaintCategory.HEALTH_AD: (
        "โฆษณาเกินจริง", "โฆษณาผลิตภัณฑ์สุขภาพ", "โฆษณาผลิตภัณฑ์สุขภาพเกินจริง", "โฆษณาหลอกลวง", "โฆษณาผิดกฎหมาย",
        "health advertisement", "health product ad", "exaggerated ad",
    ),
    ComplaintCategory.HEALTH_PRODUCT: (
        "ผลิตภัณฑ์สุขภาพ", "ผลิตภัณฑ์สุขภาพผิดกฎหมาย", "ผลิตภัณฑ์สุขภาพปลอม", "อาหารและยา", "ไม่มี อย.", "ไม่มีเลข อย.",
        "illegal health product", "health product",
    ),
    ComplaintCategory.NOT_DELIVERED: (
        "ไม่ได้สินค้า", "ไม่ได้รับของ", "ไม่ส่งสินค้า", "ไม่ได้รับสินค้าตามที่ตกลง", "goods not delivered", "non-delivery",
        "not received",
    ),
    ComplaintCategory.LATE: ("สินค้าล่าช้า", "ส่งสินค้าล่าช้า", "ส่งล่าช้า", "ล่าช้า", "late delivery", "delayed"),
    ComplaintCategory.NOT_AS_DESCRIBED: (
        "สินค้าไม่ตรงปก", "ไม่ตรงปก", "สินค้าไม่ตรงตามที่โฆษณา", "สินค้าไม่ตรงตามโฆษณา", "ไม่ตรงตามที่สั่ง",
        "ได้รับสินค้าไม่ตรงตามที่สั่ง",
        "wrong item",
    ),
    ComplaintCategory.DAMAGED: (
        "ชำรุด", "สินค้าชำรุด", "เสียหาย", "สินค้าเสียหาย", "ชำรุดเสียหาย", "damaged goods", "broken",
    ),
    ComplaintCategory.FRAUD: ("หลอกลวง", "ฉ้อโกง", "ถูกหลอก", "หลอกขายสินค้า", "หลอกลวงฉ้อโกง", "scam"),
    ComplaintCategory.MULE_ACCOUNT: ("บัญชีม้า", "บัญชีธนาคารม้า", "mule account"),
    ComplaintCategory.OTHER: ("อื่นๆ", "อื่น ๆ", "เรื่องอื่น", "other trouble"),
}  # fmt: skip
_BY_WORD: Final = {
    closed(word): category
    for category, words in _CATEGORIES.items()
    for word in (category.value, CATEGORIES[category], *words)
}


def category_of(written: str) -> ComplaintCategory | None:
    """Return the category that a cell means, or ``None``."""
    return _BY_WORD.get(closed(written))
