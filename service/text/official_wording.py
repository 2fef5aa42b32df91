"""Wording of goods, violations and facts in the style of an official letter."""

import re
from collections.abc import Collection, Sequence
from functools import cache
from typing import Final

from labels.law.catalogue import conditions
from labels.law.facts import Fact
from labels.letters import WESTERN_DIGITS
from labels.taxonomy import ClaimLabel, ProductClass, class_term, class_words

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
    "number_revoked": "แสดงเลข {text} ซึ่งตามทะเบียนถูกเพิกถอนแล้ว",
    "number_cancelled": "แสดงเลข {text} ซึ่งตามทะเบียนถูกยกเลิก เพิกถอน หรือสิ้นผลแล้ว",
    "number_expired": "แสดงเลข {text} ซึ่งตามทะเบียนสิ้นอายุแล้ว",
    "number_of_other_product": "แสดงเลข {text} ซึ่งตามทะเบียนเป็นเลขของผลิตภัณฑ์อื่น",
    "number_of_other_class": "แสดงเลข {text} ซึ่งตามทะเบียนเป็นเลขของผลิตภัณฑ์คนละประเภท",
    "permit_void": "แสดงเลขที่ใบอนุญาตโฆษณา {text} ซึ่งตามทะเบียนไม่มีผลใช้บังคับหรือเป็นของผลิตภัณฑ์อื่น",
    "barred_infant_food": "โฆษณา {text} ซึ่งเป็นอาหารสำหรับทารก",
    "barred_dangerous_drug": "เสนอขาย {text} ซึ่งเป็นยาอันตรายหรือยาควบคุมพิเศษ",
    "barred_no_prescription": "ระบุ {text} อันแสดงว่าเสนอขายยาโดยไม่ต้องมีใบสั่งแพทย์",
    "barred_psychotropic": "เสนอขาย {text} ซึ่งเป็นยาเสพติดหรือวัตถุออกฤทธิ์",
    "barred_cannabis_flower": "เสนอขาย {text} ซึ่งเป็นช่อดอกกัญชา",
    "barred_nicotine_vape": "เสนอขาย {text} ซึ่งเป็นบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม",
    "barred_kratom_preparation": "เสนอขาย {text} ซึ่งเป็นผลิตภัณฑ์กระท่อมแปรรูป โดยไม่ปรากฏเลขอนุญาตผลิตภัณฑ์",
    "barred_drug_in_food": "ระบุ {text} อันแสดงว่ามียาแผนปัจจุบันผสมอยู่",
}

_GOODS: Final = {
    "barred_cannabis_flower": (Fact.CANNABIS_FLOWER, "ช่อดอกกัญชา", "cannabis flower"),
    "barred_nicotine_vape": (
        Fact.E_CIGARETTE, "บุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม", "electronic cigarettes or their liquid"
    ),
    "barred_kratom_preparation": (Fact.KRATOM, "ผลิตภัณฑ์กระท่อม", "kratom products"),
}  # fmt: skip
"""Goods that are no narcotics by law: the fact that says so, and their names in Thai and English."""
_PSYCHOTROPIC: Final = "barred_psychotropic"
_NARCOTIC: Final = (_PSYCHOTROPIC, "narcotics-code-37")
"""The finding and the provision of what is a narcotic or psychotropic by law."""

OF_OTHERS: Final = frozenset({"barred_nicotine_vape", "barred_cannabis_flower"})
"""Goods that no act on food, drugs, cosmetics, devices or herbal products covers."""

HEALTH_GOODS: Final = "ผลิตภัณฑ์สุขภาพ"
_SERVICES, _BOTH = "บริการสุขภาพ", "ผลิตภัณฑ์และบริการสุขภาพ"

_SECTION: Final = re.compile(r"(?<![ก-์])ม\.(?=\d)")
_ITEM: Final = re.compile(r"(มาตรา \d+(?:/\d+)?)\((?=\d)")
_SPACED: Final = re.compile(r"(ตาม|และ|หรือ|ใน|ถึง|แห่ง|สำหรับ) (?=มาตรา |พระราชบัญญัติ)")
"""A space that Thai has only before the abbreviations."""

_OR: Final = "หรือ"
_SIGN: Final = r"(?:บาท(?:ถ้วน)?|฿|THB|baht)"
_BAHT: Final = re.compile(rf"{_SIGN}|(?<=\d)\.-\s*$", re.IGNORECASE)
_AMOUNT: Final = re.compile(
    # A dot before three digits may be a thousands mark; before two and further zeros it is a decimal point.
    rf"{_SIGN}?\s*(?P<whole>0|[1-9]\d{{0,14}}|[1-9]\d{{0,2}}(?:,\d{{3}}){{1,4}}|(?=\.\d))"
    rf"(?:\.(?P<satang>\d{{0,2}}|\d{{2}}0{{2,20}}))?\s*(?:{_SIGN}|\.-)?",
    re.IGNORECASE,
)
_BAHT_CODES: Final = ("", "thb", "baht", "บาท", "฿")


def barred_goods(
    product_class: ProductClass, findings: Collection[str] = (), provisions: Collection[str] = ()
) -> list[str]:
    """Return the codes of barred goods that a class does not name: narcotics by law, or goods that are none.

    The class of narcotics holds such goods too.  Without a finding, a provision that applies to them alone
    tells them apart there.

    Args:
        findings: codes of the findings about numbers and goods.
        provisions: ids of the provisions that a decision relies on.
    """
    if any(code in (*findings, *provisions) for code in _NARCOTIC):
        return [_PSYCHOTROPIC]
    found = [code for code in _GOODS if code in findings]
    if not found and product_class is ProductClass.NARCOTIC_PSYCHOTROPIC:
        found = [code for code, (fact, *_) in _GOODS.items() if _applies_to(fact).intersection(provisions)]
    return found


def goods_names(
    product_class: ProductClass, findings: Collection[str] = (), provisions: Collection[str] = ()
) -> list[str]:
    """Name what is advertised: by the class, or as :func:`barred_goods` that are no narcotics."""
    barred = barred_goods(product_class, findings, provisions)
    return [_GOODS[code][1] for code in barred if code in _GOODS] or [class_words(product_class)]


def goods_terms(
    product_class: ProductClass, findings: Collection[str] = (), provisions: Collection[str] = ()
) -> tuple[str, str]:
    """Name what is advertised after the words "product class", in Thai and English."""
    barred = barred_goods(product_class, findings, provisions)
    if named := [_GOODS[code] for code in barred if code in _GOODS]:
        return listed([thai for _, thai, _ in named]), " and ".join(english for *_, english in named)
    term = class_term(product_class)
    return term.thai, term.english


def goods_words(
    product_class: ProductClass, findings: Collection[str] = (), provisions: Collection[str] = ()
) -> str:
    """Join :func:`goods_names` for a sentence."""
    return listed(goods_names(product_class, findings, provisions))


@cache
def _applies_to(fact: Fact) -> frozenset[str]:
    """Return the ids of the provisions for the class of narcotics that demand a fact about the goods."""
    return frozenset(
        condition.provision_id
        for label in ClaimLabel
        for condition in conditions(label, ProductClass.NARCOTIC_PSYCHOTROPIC)
        if fact in condition.when
    )


def health_goods(classes: Collection[ProductClass]) -> str:
    """Say whether health products, health services or both are advertised."""
    services = [value is ProductClass.HEALTH_SERVICE for value in classes]
    if not any(services):
        return HEALTH_GOODS
    return _SERVICES if all(services) else _BOTH


def competent(product_class: ProductClass, findings: Collection[str] = ()) -> str:
    """Name who can be asked about the law on the advertising of goods; after a Thai verb."""
    if product_class is ProductClass.HEALTH_SERVICE:
        return "กรมสนับสนุนบริการสุขภาพ"
    of_others = OF_OTHERS.intersection(barred_goods(product_class, findings))
    return "หน่วยงานที่รับผิดชอบ" if of_others or product_class is ProductClass.OTHER else " อย."


def listed(words: Sequence[str]) -> str:
    """Join words in official style: ``ก และข``, ``ก ข และค``."""
    return f"{' '.join(words[:-1])} และ{words[-1]}" if len(words) > 1 else "".join(words)


def violations(labels: Sequence[ClaimLabel], lacks_permit: bool = False) -> str:
    """Describe the kinds of violation of quoted words, each once; numbers begin with a space.

    ``lacks_permit`` says of a benefit claim that the advertisement shows no permit.
    """
    found = [
        f"{VIOLATIONS[label]}{NO_PERMIT if lacks_permit and label is ClaimLabel.BENEFIT else ''}"
        for label in dict.fromkeys(labels)
    ]
    if len(found) > 2 and any(_OR in text for text in found):
        # Without numbers, it would not be clear where one ends.
        found = [f"({number}) {text}" for number, text in enumerate(found, start=1)]
        return f" {' '.join(found[:-1])} และ {found[-1]}"
    return listed(found)


def fact(code: str, text: str, otherwise: str) -> str:
    """Describe a fact about a number or the goods; ``otherwise`` for rules of a policy unknown here.

    ``text`` are the words in quotation marks, and where they stand; empty if they are in an unknown picture.
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


def baht(price: str, currency: str | None, presumes: bool = True) -> str:
    """Format a price in official style, ``1,290 บาท``; unchanged if it is not surely an amount in baht.

    One without any currency counts as baht if it ``presumes`` so. Another currency is added unless the price
    names it.
    """
    code = (currency or "").strip().casefold()
    if code not in _BAHT_CODES:
        return price if code in price.casefold() else f"{price} {currency}"
    text = price.translate(WESTERN_DIGITS).strip()
    found = _AMOUNT.fullmatch(text)
    if found is None or not (presumes or code or _BAHT.search(text)):
        return price
    whole, satang = found["whole"].replace(",", ""), found["satang"] or ""
    kept = f".{satang[:2].ljust(2, '0')}" if satang.strip("0") else ""
    return f"{int(whole or 0):,}{kept} บาท"
