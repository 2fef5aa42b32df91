"""Words that stop a draft even if the model finds nothing in it."""

import re
from collections.abc import Sequence
from typing import Final

from inference.text.reading import Reading
from labels.law.facts import Fact, fact_term
from labels.schema import Finding

_FACTS: Final = (Fact.NOTIFIED_DISEASE, Fact.COMPLETE_CURE)
_IN_PLACE_OF_TREATMENT: Final = re.compile(
    r"ไม่(?:จำเป็น)?ต้อง(?:กลับ)?(?:ไป)?(?:กิน|ทาน|รับประทาน|ใช้|พึ่ง(?:พา)?|ฉีด|หา|พบ)*"
    r"(?:ยา(?![งวย]|ม(?!ะ)|ก(?!ิ)|น(?!อน))|หมอ(?!น)|คุณหมอ|แพทย์|โรงพยาบาล|อินซูลิน|ผ่าตัด|ฟอกไต|ทำคีโม|คีโม)|"
    r"(?<!ห้าม)(?<!อย่า)(?<!ไม่)(?<!ไม่ควร)(?<!ไม่ต้อง)(?:เลิก|หยุด|ทิ้ง)(?:กิน|ทาน|รับประทาน|พึ่ง(?:พา)?|ฉีด)*"
    r"(?:ยา(?![งวย]|ม(?!ะ)|ก(?!ิ)|น(?!อน)|เสพติด|สูบ|ทันที|และ|หาก|ถ้า|เมื่อ|แล้ว|เอง|ก่อน)|อินซูลิน|ฟอกไต|คีโม)|"
    r"(?:ใช้)?แทนยา(?:หมอ|แพทย์|แผนปัจจุบัน|โรงพยาบาล|เบาหวาน|ความดัน|ได้)"
)
"""Words that promise to replace medicine or a doctor: a disease need not be named for that.

The warnings of labels, such as "หยุดใช้ยาและปรึกษาแพทย์", are not among them.
"""
_THAI: Final = "\u0e01-\u0e4e"
_BETWEEN: Final = re.compile(rf"(?<=[{_THAI}])[^\w{_THAI}]+(?=[{_THAI}])")
"""Spaces and punctuation that a seller may have put between the letters of a Thai word."""


def disease_named(text: str, pictures: Sequence[str] = ()) -> Finding | None:
    """Return a finding on the first disease or boast of a cure in a draft that may not be advertised.

    The words are those of ``labels/law/facts.toml``, and those that promise to replace medicine; spaces and
    punctuation within them do not matter. ``pictures`` are the texts read in the draft's pictures.
    """
    for number, each in enumerate((text, *pictures)):
        if words := _words_in(each):
            where, place = (f"ในรูปที่ {number} ", f"picture {number}") if number else ("", "it")
            return Finding(
                code="disease_named",
                thai=f"{where}มีคำว่า “{words}” ซึ่งห้ามหรือจำกัดการใช้ในโฆษณา ให้ตัดออก หรือให้ผู้ตรวจอ่านก่อนเผยแพร่",
                english=f"{place} says “{words}”, which advertising may not say, or only within limits:"
                " remove it, or have a person read the draft",
            )
    return None


def _words_in(text: str) -> str:
    read = Reading(text).text
    closed = _BETWEEN.sub("", read)
    terms = [fact_term(fact).words for fact in _FACTS]
    for words in (*terms, _IN_PLACE_OF_TREATMENT):
        if words and (found := words.search(read) or words.search(closed)):
            return found[0]
    return ""
