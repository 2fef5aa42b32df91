"""Templates for answers to complainants."""

from collections.abc import Mapping
from typing import Final

SHIPPED: Final[Mapping[str, str]] = {
    "ดำเนินการตามกฎหมายแล้ว": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} {office}ได้ตรวจสอบแล้ว พบว่าเป็นโฆษณาที่เข้าข่ายฝ่าฝืนกฎหมาย"
        " และได้ดำเนินการตามอำนาจหน้าที่แล้ว\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
    "ตรวจสอบแล้วไม่พบการกระทำผิด": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} {office}ได้ตรวจสอบแล้ว ไม่พบข้อความที่เข้าข่ายฝ่าฝืนกฎหมาย"
        " หากท่านมีข้อมูลเพิ่มเติม โปรดแจ้งด้วยเลขที่เรื่องเดิม\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
    "ขอข้อมูลเพิ่มเติม": (
        "เรียน ผู้ร้องเรียน\n\n"
        "ตามที่ท่านแจ้งเรื่องเลขที่ {number} ข้อมูลยังไม่เพียงพอต่อการตรวจสอบ โปรดแจ้งลิงก์ของโฆษณา ชื่อร้าน หรือข้อความโฆษณา"
        " ในหน้าติดตามเรื่อง{status_page}ด้วยเลขที่เรื่องและรหัสของท่าน\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
    "อยู่ในอำนาจหน้าที่ของหน่วยงานอื่น": (
        "เรียน ผู้ร้องเรียน\n\nตามที่ท่านแจ้งเรื่องเลขที่ {number} {competence}\n\nขอขอบคุณที่แจ้งข้อมูล"
    ),
}
"""Name -> text of the shipped templates."""

_SENT = "เรื่องนี้อยู่ในอำนาจหน้าที่ของ {agency} และ{office}ได้ส่งเรื่องให้หน่วยงานดังกล่าวแล้ว"
_NOT_SENT = "เรื่องนี้อยู่ในอำนาจหน้าที่ของ {agency} ท่านแจ้งเรื่องต่อหน่วยงานดังกล่าวได้โดยตรง"
_UNKNOWN = "เรื่องนี้อยู่ในอำนาจหน้าที่ของหน่วยงานอื่น ท่านแจ้งเรื่องต่อหน่วยงานที่รับผิดชอบได้โดยตรง"


def templates(edited: Mapping[str, str]) -> dict[str, str]:
    """Return the templates on offer: the shipped ones as edited by the office, then its own."""
    return {name: text for name, text in {**SHIPPED, **edited}.items() if text}


def filled(
    text: str, number: str, office: str, status_page: str = "", agency: str = "", sent_to: str = ""
) -> str:
    """Return a template's text with its placeholders filled in; other braces are left as they are.

    Args:
        number: the complaint's number.
        office: the name of the office that answers.
        status_page: the address of the page where complainants follow theirs; empty if not known.
        agency: the agency whose matter it is; empty if it is of none that is known.
        sent_to: the agency to which the complaint was exported; empty if it was not.
    """
    competence = _SENT if sent_to else _NOT_SENT if agency else _UNKNOWN
    values = {
        "{competence}": competence.replace("{agency}", sent_to or agency),
        "{number}": number,
        "{office}": office,
        "{status_page}": f" {status_page} " if status_page else "",
    }
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    return text
