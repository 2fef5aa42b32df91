"""Words that stop a draft even if the model finds nothing in it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from inference.text.reading import Reading
from labels.law.facts import Fact, fact_term
from labels.schema import Finding

_FACTS: Final = (Fact.NOTIFIED_DISEASE, Fact.COMPLETE_CURE)
_GAP: Final = r"[^\S\n]{0,3}"
"""Spaces on one line between a warning's words."""
_MEDICINE: Final = (
    # "ยาง", "ยาย", "ยาว", "ยาม", "ยาก" and "ยาน" are other words, unless their last letter begins a new one.
    r"ยา(?!ง|ย|ว(?!ั)|ม(?!ะ|าก|[ัีื])|ก(?![ิ็่])|น(?!อน|าน)"
    r"|สีฟัน|สระผม|ทาเล็บ|แนว|ฆ่า(?!เชื้อ)|เสพติด|สูบ)"
)
_WARNING_FOLLOWS: Final = rf"(?!{_GAP}(?:ทันที|และ|หาก|ถ้า|เมื่อ|แล้ว|เอง|ก่อน))"
_TAKING: Final = "กิน|ทาน|รับประทาน|ใช้|พึ่ง(?:พา)?|ฉีด"
_IN_PLACE_OF_TREATMENT: Final = re.compile(
    rf"ไม่(?:จำเป็น)?ต้อง(?:กลับ)?(?:ไป)?(?:{_TAKING}|หา|พบ)*"
    rf"(?:{_MEDICINE}|หมอ(?!น)|คุณหมอ|แพทย์|โรงพยาบาล|อินซูลิน|ผ่าตัด|ฟอกไต|ทำคีโม|คีโม)|"
    r"(?P<denied>(?:ห้าม|อย่า|มิ(?:ได้|ใช่|อาจ|ควร)?"
    r"|ไม่(?:แนะนำให้|สามารถ|ควร|ต้อง|ได้|ใช่|อาจ|พึง|ให้)?)"
    rf"{_GAP}(?:(?:ลด|ปรับ|เพิ่ม|เปลี่ยน|ใช้|รักษา|โรค|ขนาด|ยา){{1,4}}{_GAP}หรือ{_GAP})?(?:นำ)?(?:มา|ไป)?)?"
    r"(?:"
    r"(?:เลิก|หยุด|ทิ้ง)(?:กิน|ทาน|รับประทาน|พึ่ง(?:พา)?|ฉีด)*"
    rf"(?:{_MEDICINE}{_WARNING_FOLLOWS}|อินซูลิน|ฟอกไต|คีโม)|"
    rf"(?:{_TAKING}){{0,2}}(?:ทด)?แทนยา(?:หมอ|แพทย์|แผนปัจจุบัน|โรงพยาบาล|เบาหวาน|ความดัน|ได้)"
    r")"
)
"""Words that promise to replace medicine or a doctor: a disease need not be named for that.

The warnings of labels, such as "หยุดใช้ยาและปรึกษาแพทย์", are not among them; what is denied or warned
against, such as "ไม่สามารถใช้แทนยา" or "ห้ามหยุดยา", is in the group ``denied``.
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
    for words in terms:
        if words and (found := words.search(read) or words.search(closed)):
            return found[0]
    return next((found[0] for each in (read, closed) for found in _promises_in(each)), "")


def _promises_in(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _IN_PLACE_OF_TREATMENT.finditer(text) if found["denied"] is None)
