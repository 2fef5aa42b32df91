"""Thai provinces: the first two digits of food, cosmetic and clinic numbers, and the names in permits.

Source of the codes: ISO 3166-2:TH (the codes of the Ministry of Interior). ``S`` (Pattaya) is not a province.
The abbreviations are those of the Royal Society, but for Bangkok กทม, as permits write it, instead of กท.
"""

import re
from collections.abc import Iterator
from typing import Final

from labels.letters import letters

_RANGES: Final = ((10, 27), (30, 58), (60, 67), (70, 77), (80, 86), (90, 96))

CODES: Final[frozenset[str]] = frozenset(str(n) for low, high in _RANGES for n in range(low, high + 1))

_NAMES: Final = (
    "กทม กรุงเทพมหานคร, กบ กระบี่, กจ กาญจนบุรี, กส กาฬสินธุ์, กพ กำแพงเพชร, ขก ขอนแก่น, จบ จันทบุรี, "
    "ฉช ฉะเชิงเทรา, ชบ ชลบุรี, ชน ชัยนาท, ชย ชัยภูมิ, ชพ ชุมพร, ชร เชียงราย, ชม เชียงใหม่, ตง ตรัง, "
    "ตร ตราด, ตก ตาก, นย นครนายก, นฐ นครปฐม, นพ นครพนม, นม นครราชสีมา, นศ นครศรีธรรมราช, นว นครสวรรค์, "
    "นบ นนทบุรี, นธ นราธิวาส, นน น่าน, บก บึงกาฬ, บร บุรีรัมย์, ปท ปทุมธานี, ปข ประจวบคีรีขันธ์, "
    "ปจ ปราจีนบุรี, ปน ปัตตานี, อย พระนครศรีอยุธยา, พย พะเยา, พง พังงา, พท พัทลุง, พจ พิจิตร, พล พิษณุโลก, "
    "พบ เพชรบุรี, พช เพชรบูรณ์, พร แพร่, ภก ภูเก็ต, มค มหาสารคาม, มห มุกดาหาร, มส แม่ฮ่องสอน, ยส ยโสธร, "
    "ยล ยะลา, รอ ร้อยเอ็ด, รน ระนอง, รย ระยอง, รบ ราชบุรี, ลบ ลพบุรี, ลป ลำปาง, ลพ ลำพูน, ลย เลย, "
    "ศก ศรีสะเกษ, สน สกลนคร, สข สงขลา, สต สตูล, สป สมุทรปราการ, สส สมุทรสงคราม, สค สมุทรสาคร, สก สระแก้ว, "
    "สบ สระบุรี, สห สิงห์บุรี, สท สุโขทัย, สพ สุพรรณบุรี, สฎ สุราษฎร์ธานี, สร สุรินทร์, นค หนองคาย, "
    "นภ หนองบัวลำภู, อท อ่างทอง, อจ อำนาจเจริญ, อด อุดรธานี, อต อุตรดิตถ์, อน อุทัยธานี, อบ อุบลราชธานี"
)
ABBREVIATIONS: Final = {name: short for short, name in map(str.split, _NAMES.split(", "))}
"""The abbreviation of each province's name."""
_SHORT: Final = {**ABBREVIATIONS, "กรุงเทพ": "กทม", "อยุธยา": "อย"}
_FULL: Final = {short: name for name, short in ABBREVIATIONS.items()}
_OF_PROVINCE: Final = re.compile(
    r"(?P<prefix>ฆ[ก-ฮ]+\.)(?:สสจ[. ]{0,2}|จ\. ?|จังหวัด){0,2}(?P<office>[ก-๎. ]+?)[. ฯ]*(?P<number> \d.*)"
)
_WRITTEN: Final = ("{short}", "{full}", "สสจ{short}", "สสจ{full}", "จังหวัด{full}", "จ{full}")


def spellings(permit: str) -> Iterator[str]:
    """Yield a permit's number with its province as a register may write it; signs do not matter there."""
    found = _OF_PROVINCE.fullmatch(permit)
    office = letters(found["office"]) if found else ""
    short = _SHORT.get(office, office)
    if found and short in _FULL:
        for form in _WRITTEN:
            yield f"{found['prefix']}{form.format(short=short, full=_FULL[short])}{found['number']}"


def is_province(code: str) -> bool:
    """Whether the two digits are a Thai province code."""
    return code in CODES
