"""Templates for answers to complainants."""

from collections.abc import Mapping
from typing import Final

SHIPPED: Final[Mapping[str, str]] = {
    "ดำเนินการตามกฎหมายแล้ว": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} สำนักงานคณะกรรมการอาหารและยาได้ตรวจสอบแล้ว พบว่าเป็นโฆษณาที่ฝ่าฝืนกฎหมาย"
        " และได้ดำเนินการตามอำนาจหน้าที่แล้ว\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
    "ตรวจสอบแล้วไม่พบการกระทำผิด": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} สำนักงานคณะกรรมการอาหารและยาได้ตรวจสอบแล้ว ไม่พบข้อความที่ฝ่าฝืนกฎหมาย"
        " หากท่านมีข้อมูลเพิ่มเติม โปรดแจ้งด้วยเลขที่เรื่องเดิม\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
    "ขอข้อมูลเพิ่มเติม": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} ข้อมูลยังไม่เพียงพอต่อการตรวจสอบ โปรดแจ้งลิงก์ของโฆษณา ชื่อร้าน หรือข้อความโฆษณา"
        " ในหน้าติดตามเรื่องด้วยเลขที่เรื่องและรหัสของท่าน\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
    "อยู่ในอำนาจหน้าที่ของหน่วยงานอื่น": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} เรื่องนี้อยู่ในอำนาจหน้าที่ของหน่วยงานอื่น จึงได้ส่งเรื่องให้หน่วยงานที่รับผิดชอบดำเนินการต่อแล้ว"
        "\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
}
"""Name -> text of the shipped templates."""


def templates(edited: Mapping[str, str]) -> dict[str, str]:
    """Return the templates on offer: the shipped ones as edited by the office, then its own."""
    return {name: text for name, text in {**SHIPPED, **edited}.items() if text}


def filled(text: str, number: str) -> str:
    """Return a template's text with the complaint's number filled in; other braces are left as they are."""
    return text.replace("{number}", number)
