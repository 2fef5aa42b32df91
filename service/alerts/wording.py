"""The plain Thai of drafts: each kind of violation, and what the public should do."""

from collections.abc import Iterable

from labels.taxonomy import ClaimLabel, ProductClass, class_term
from service.decisions.notice import Notice
from service.text.official_wording import OF_OTHERS

_CATEGORIES = {ProductClass.NARCOTIC_PSYCHOTROPIC: "ยาเสพติด วัตถุออกฤทธิ์ กัญชา กระท่อม และบุหรี่ไฟฟ้า"}
"""Classes with goods that their names would miscall: an electronic cigarette is no narcotic by law."""

VIOLATIONS: dict[ClaimLabel, str] = {
    ClaimLabel.DISEASE: "อ้างว่าบำบัด บรรเทา รักษา หรือป้องกันโรคได้",
    ClaimLabel.WEIGHT_LOSS: "อ้างว่าลดน้ำหนักหรือสลายไขมันได้",
    ClaimLabel.SEXUAL: "อ้างว่าเพิ่มสมรรถภาพทางเพศหรือขยายขนาดอวัยวะได้",
    ClaimLabel.BODY_STRUCTURE: "อ้างว่าเปลี่ยนแปลงโครงสร้างหรือการทำงานของร่างกายได้",
    ClaimLabel.ABSOLUTE: "รับประกันผลหรืออวดอ้างสรรพคุณเกินจริง",
    ClaimLabel.FALSE_ENDORSEMENT: "อ้างการรับรองของหน่วยงาน บุคลากรทางการแพทย์ หรือบุคคลอื่น",
    ClaimLabel.TESTIMONIAL: "ใช้คำบอกเล่าของผู้ใช้ หรือภาพก่อนและหลังใช้ จูงใจให้เชื่อในสรรพคุณ",
    ClaimLabel.RESTRICTED_SALE: "ขายสินค้าที่กฎหมายห้ามขายทางออนไลน์",
    ClaimLabel.UNLICENSED: "ขายผลิตภัณฑ์ที่ไม่มีทะเบียนหรือไม่ได้รับอนุญาต",
    ClaimLabel.BENEFIT: "อ้างสรรพคุณหรือคุณประโยชน์",
}

NEEDS_PERMIT = "ซึ่งต้องได้รับอนุญาตโฆษณาก่อน"
"""Follows the violation of a benefit claim that lacks a permit."""

FACTS: dict[str, str] = {
    "number_revoked": "แสดงเลข{words}ซึ่งถูกเพิกถอนแล้วตามทะเบียน",
    "number_cancelled": "แสดงเลข{words}ซึ่งถูกยกเลิก เพิกถอน หรือสิ้นผลแล้วตามทะเบียน",
    "number_expired": "แสดงเลข{words}ซึ่งสิ้นอายุแล้วตามทะเบียน",
    "number_of_other_product": "แสดงเลข{words}ซึ่งเป็นของผลิตภัณฑ์อื่นตามทะเบียน มิใช่เลขของผลิตภัณฑ์นี้",
    "number_of_other_class": "แสดงเลข{words}ซึ่งเป็นของผลิตภัณฑ์คนละประเภทตามทะเบียน มิใช่เลขของผลิตภัณฑ์นี้",
    "permit_void": "แสดงเลขที่ใบอนุญาตโฆษณา{words}ซึ่งไม่มีผลใช้บังคับหรือเป็นของผลิตภัณฑ์อื่นตามทะเบียน",
    "barred_infant_food": "โฆษณาอาหารสำหรับทารก{words}ซึ่งกฎหมายห้ามโฆษณา",
    "barred_dangerous_drug": "เสนอขายยาอันตรายหรือยาควบคุมพิเศษ{words}ซึ่งขายได้ที่ร้านขายยาโดยเภสัชกรเท่านั้น",
    "barred_no_prescription": "เสนอขายยาโดยระบุว่าไม่ต้องมีใบสั่งแพทย์{words}",
    "barred_psychotropic": "เสนอขายยาเสพติดหรือวัตถุออกฤทธิ์{words}ซึ่งต้องได้รับจากแพทย์ในสถานพยาบาลเท่านั้น",
    "barred_cannabis_flower": "เสนอขายช่อดอกกัญชา{words}ซึ่งห้ามขายทางออนไลน์และห้ามโฆษณา",
    "barred_nicotine_vape": "เสนอขายบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม{words}ซึ่งห้ามขายในประเทศไทย",
    "barred_kratom_preparation": "เสนอขายผลิตภัณฑ์กระท่อมแปรรูป{words}ที่ไม่แสดงเลขอนุญาตผลิตภัณฑ์",
    "barred_drug_in_food": "เสนอขายผลิตภัณฑ์ที่ระบุว่ามียาแผนปัจจุบันผสมอยู่{words}",
}
"""What a warning says of a finding; ``{words}`` is the quoted number or name of the goods, with spaces."""

UNLAWFUL = "เข้าข่ายฝ่าฝืนกฎหมาย"
"""What a warning says of an advertisement, as letters do."""

OTHER_VIOLATION = f"มีข้อความหรือลักษณะที่{UNLAWFUL}"

QUOTED = "ข้อความที่พบในโฆษณา"
"""Heads the list of the advertisement's own words."""

BARRED: dict[str, str] = {
    "vape-order-24-2567": "สินค้านี้ห้ามขายทางออนไลน์และทุกช่องทาง",
    "cannabis-notice-2568-4": "สินค้านี้ห้ามขายทางออนไลน์ และห้ามโฆษณาทุกช่องทาง",
    "thai-medicine-act-46": "สินค้านี้ขายเพื่อการค้าได้เฉพาะผู้ที่ได้รับใบอนุญาต",
    "herbal-act-58-4": "สินค้านี้ห้ามขายทางออนไลน์และทุกช่องทาง หากไม่ได้ขึ้นทะเบียน แจ้งรายละเอียด หรือจดแจ้ง",
    "food-act-6-8": "สินค้านี้ห้ามขายทางออนไลน์และทุกช่องทาง",
    "food-act-25-1": "สินค้านี้ห้ามขายทางออนไลน์และทุกช่องทาง",
    "infant-food-act-14": "อาหารสำหรับทารกห้ามโฆษณา",
    "narcotics-code-37": "สินค้านี้ห้ามโฆษณา เว้นแต่ได้รับอนุญาต",
    "drug-act-12": "สินค้านี้ห้ามขายโดยไม่ได้รับใบอนุญาตขายยา",
    "drug-act-19": "สินค้านี้ห้ามขายทางออนไลน์ เพราะขายได้เฉพาะในสถานที่ที่กำหนดในใบอนุญาตขายยา",
}
"""What the provisions about barred goods say of their sale; those not listed here say nothing of it."""

_UNSAID = frozenset({("barred_drug_in_food", "drug-act-12")})
"""Goods of which a sentence on their provision would mislead: nobody may sell adulterated goods."""

_NUMBERED = frozenset({"barred_infant_food", "barred_kratom_preparation"})
"""Goods that are lawful, or may be sold, with a number on their label."""

_APPLIED = frozenset({ProductClass.COSMETIC, ProductClass.HOUSEHOLD_HAZARD, ProductClass.MEDICAL_DEVICE})


def category_words(product_class: ProductClass) -> str:
    """Return the Thai name of a class as a category of warnings."""
    return _CATEGORIES.get(product_class) or class_term(product_class).thai


def advice(notice: Notice, office: str) -> list[str]:
    """Return what the public should do, one sentence each; ``office`` publishes the warning."""
    product_class = notice.product_class
    if product_class is ProductClass.HEALTH_SERVICE:
        return [
            "โปรดอย่าหลงเชื่อ และอย่าเข้ารับบริการหรือโอนเงินตามโฆษณานี้",
            "ตรวจสอบชื่อและเลขที่ใบอนุญาตของสถานพยาบาล และผู้ประกอบวิชาชีพ ก่อนเข้ารับบริการทุกครั้ง",
            "หากเข้ารับบริการแล้วมีอาการผิดปกติ โปรดพบแพทย์ทันที",
            "หากพบโฆษณาลักษณะเดียวกัน โปรดแจ้งกรมสนับสนุนบริการสุขภาพ หรือสำนักงานสาธารณสุขจังหวัด",
        ]
    barred = notice.barred_goods
    used = "ใช้" if product_class in _APPLIED else "รับประทานหรือใช้"
    found = ["โปรดอย่าหลงเชื่อ และอย่าซื้อผลิตภัณฑ์ตามโฆษณานี้"]
    if any(claim.label is ClaimLabel.DISEASE for claim in notice.claims):
        found.append("ผู้ป่วยไม่ควรหยุดหรือเปลี่ยนการรักษาเพราะเชื่อโฆษณา โปรดปรึกษาแพทย์หรือเภสัชกร")
    found.append(f"หาก{used}แล้วมีอาการผิดปกติ โปรดหยุด{used}และพบแพทย์ โดยนำผลิตภัณฑ์และฉลากไปด้วย")
    found += _sale(notice, barred)
    # A number does not make other barred goods lawful.
    if _NUMBERED.issuperset(barred):
        found.append("ตรวจสอบเลขทะเบียนหรือเลขที่อนุญาตบนฉลากกับสำนักงานคณะกรรมการอาหารและยา (อย.) ก่อนซื้อทุกครั้ง")
    told = office if OF_OTHERS.intersection(barred) else "สายด่วน อย. 1556 หรือสำนักงานสาธารณสุขจังหวัด"
    return [*found, f"หากพบโฆษณาลักษณะเดียวกัน โปรดแจ้ง{told}"]


def _sale(notice: Notice, barred: Iterable[str]) -> list[str]:
    """Return what the cited law says of the sale of barred goods."""
    stated = {fact.code: fact.law for fact in notice.facts}
    every = [row.id for row in notice.ground]
    cited = [(code, name) for code in barred for name in stated.get(code, every)]
    return list(
        dict.fromkeys(BARRED[name] for code, name in cited if name in BARRED and (code, name) not in _UNSAID)
    )
