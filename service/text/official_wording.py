"""Wording of violations and facts in the style of an official letter."""

import re
from collections.abc import Collection, Sequence
from typing import Final

from labels.taxonomy import ClaimLabel

VIOLATIONS: dict[ClaimLabel, str] = {
    ClaimLabel.DISEASE: "แสดงสรรพคุณบำบัด บรรเทา รักษา หรือป้องกันโรค",
    ClaimLabel.WEIGHT_LOSS: "แสดงสรรพคุณลดน้ำหนักหรือสลายไขมัน",
    ClaimLabel.SEXUAL: "แสดงสรรพคุณเกี่ยวกับสมรรถภาพทางเพศ",
    ClaimLabel.BODY_STRUCTURE: "แสดงสรรพคุณเปลี่ยนแปลงโครงสร้างหรือการทำหน้าที่ของร่างกาย",
    ClaimLabel.ABSOLUTE: "รับรองผลหรือแสดงสรรพคุณเกินความจริง",
    ClaimLabel.FALSE_ENDORSEMENT: "อ้างการรับรองของหน่วยงาน บุคลากรทางการแพทย์ หรือบุคคลอื่น",
    ClaimLabel.TESTIMONIAL: "ใช้คำยืนยันของผู้ใช้หรือการเปรียบเทียบก่อนและหลังใช้",
    ClaimLabel.RESTRICTED_SALE: "เสนอขายผลิตภัณฑ์ที่กฎหมายมิให้ขายแก่ประชาชนทางสื่ออิเล็กทรอนิกส์",
    ClaimLabel.UNLICENSED: "เสนอขายผลิตภัณฑ์ที่มิได้รับอนุญาต มิได้ขึ้นทะเบียน หรือมิได้จดแจ้ง",
    ClaimLabel.BENEFIT: "แสดงคุณประโยชน์ คุณภาพ หรือสรรพคุณ",
}

NO_PERMIT = "โดยไม่ปรากฏเลขที่อนุญาตโฆษณา"
"""Follows the violation of a benefit claim that lacks a permit."""

FACTS = {
    "number_cancelled": "แสดงเลข {text} ซึ่งตามทะเบียนถูกยกเลิกหรือเพิกถอนแล้ว",
    "number_of_other_product": "แสดงเลข {text} ซึ่งตามทะเบียนเป็นเลขของผลิตภัณฑ์อื่น",
    "number_of_other_class": "แสดงเลข {text} ซึ่งตามทะเบียนเป็นเลขของผลิตภัณฑ์คนละประเภท",
    "permit_void": "แสดงเลขที่ใบอนุญาตโฆษณา {text} ซึ่งตามทะเบียนถูกยกเลิกหรือเป็นของผลิตภัณฑ์อื่น",
    "barred_infant_food": "โฆษณา {text} ซึ่งเป็นอาหารสำหรับทารก",
    "barred_dangerous_drug": "เสนอขาย {text} ซึ่งเป็นยาอันตรายหรือยาควบคุมพิเศษ",
    "barred_psychotropic": "เสนอขาย {text} ซึ่งเป็นยาเสพติดหรือวัตถุออกฤทธิ์",
    "barred_cannabis_flower": "เสนอขาย {text} ซึ่งเป็นช่อดอกกัญชา",
    "barred_nicotine_vape": "เสนอขาย {text} ซึ่งเป็นบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม",
    "barred_kratom_preparation": "เสนอขาย {text} ซึ่งเป็นผลิตภัณฑ์กระท่อมแปรรูป โดยไม่ปรากฏเลขอนุญาตผลิตภัณฑ์",
    "barred_drug_in_food": "ระบุ {text} อันแสดงว่ามียาแผนปัจจุบันผสมอยู่",
}


_SECTION: Final = re.compile(r"(?<![ก-์])ม\.(?=\d)")
_ITEM: Final = re.compile(r"(มาตรา \d+(?:/\d+)?)\((?=\d)")
_SPACED: Final = re.compile(r"(ตาม|และ|หรือ|ใน|ถึง|แห่ง|สำหรับ) (?=มาตรา |พระราชบัญญัติ)")
"""A space that Thai has only before the abbreviations."""

_BAHT: Final = re.compile(r"บาท(?:ถ้วน)?|฿|THB|(?<=\d)\.-\s*$", re.IGNORECASE)


def violations(labels: Sequence[ClaimLabel], lacks_permit: bool = False) -> str:
    """Describe the kinds of violation of quoted words, each once.

    ``lacks_permit`` says of a benefit claim that the advertisement shows no permit.
    """
    return " และ".join(
        f"{VIOLATIONS[label]}{NO_PERMIT if lacks_permit and label is ClaimLabel.BENEFIT else ''}"
        for label in dict.fromkeys(labels)
    )


def fact(code: str, text: str, otherwise: str) -> str:
    """Describe a fact about a number or the goods; ``otherwise`` for rules of a policy unknown here.

    ``text`` are the words in quotation marks; without it they are in a picture of the advertisement.
    """
    if code not in FACTS:
        return otherwise
    if text:
        return FACTS[code].format(text=text)
    is_goods = FACTS[code].startswith(("เสนอขาย", "โฆษณา"))
    return FACTS[code].replace(" {text}", "สินค้าตามภาพโฆษณา" if is_goods else "ในภาพโฆษณา")


def in_full(text: str) -> str:
    """Spell out acts and sections in a rule or penalty: ``มาตรา 6 (11)`` for ``ม.6(11)``."""
    spelled = _SECTION.sub("มาตรา ", text).replace("พ.ร.บ.", "พระราชบัญญัติ")
    return _ITEM.sub(r"\1 (", _SPACED.sub(r"\1", spelled))


def ranges(numbers: Collection[int]) -> str:
    """Format numbers for a letter: ``1 ถึง 3, 5 และ 9``."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    parts: list[str] = []
    for run in runs:
        parts += [f"{run[0]} ถึง {run[-1]}"] if len(run) > 2 else map(str, run)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} และ {parts[-1]}"


def baht(price: str, currency: str | None) -> str:
    """Format a price in official style, ``1,290 บาท``; unchanged if it is not a plain amount in baht."""
    number = _BAHT.sub("", price).replace(",", "").strip()
    if currency not in (None, "", "THB") or not re.fullmatch(r"\d{1,15}(?:\.\d*)?|\.\d+", number):
        return price if _BAHT.search(price) else f"{price} {currency or ''}".strip()
    whole, _, satang = number.partition(".")
    kept = "" if not satang.strip("0") else f".{satang[:2].ljust(2, '0')}"
    return f"{int(whole or 0):,}{kept} บาท"
