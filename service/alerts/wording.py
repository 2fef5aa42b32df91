"""The plain Thai of drafts: each kind of violation, and what the public should do."""

from collections.abc import Collection

from labels.taxonomy import ClaimLabel, ProductClass, class_term

VIOLATIONS: dict[ClaimLabel, str] = {
    ClaimLabel.DISEASE: "อ้างว่าบำบัด บรรเทา รักษา หรือป้องกันโรคได้",
    ClaimLabel.WEIGHT_LOSS: "อ้างว่าลดน้ำหนักหรือสลายไขมันได้",
    ClaimLabel.SEXUAL: "อ้างว่าเพิ่มสมรรถภาพทางเพศหรือขยายขนาดอวัยวะได้",
    ClaimLabel.BODY_STRUCTURE: "อ้างว่าเปลี่ยนแปลงโครงสร้างหรือการทำงานของร่างกายได้",
    ClaimLabel.ABSOLUTE: "รับประกันผลหรืออวดอ้างสรรพคุณเกินจริง",
    ClaimLabel.FALSE_ENDORSEMENT: "แอบอ้างการรับรองของหน่วยงาน แพทย์ หรือผู้เชี่ยวชาญ",
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
    "barred_psychotropic": "เสนอขายยาเสพติดหรือวัตถุออกฤทธิ์{words}ซึ่งต้องได้รับจากแพทย์ในสถานพยาบาลเท่านั้น",
    "barred_cannabis_flower": "เสนอขายช่อดอกกัญชา{words}ซึ่งห้ามขายทางออนไลน์และห้ามโฆษณา",
    "barred_nicotine_vape": "เสนอขายบุหรี่ไฟฟ้าหรือน้ำยาสำหรับเติม{words}ซึ่งห้ามขายในประเทศไทย",
    "barred_kratom_preparation": "เสนอขายผลิตภัณฑ์กระท่อมแปรรูป{words}ที่ไม่แสดงเลขอนุญาตผลิตภัณฑ์",
    "barred_drug_in_food": "เสนอขายผลิตภัณฑ์ที่ระบุว่ามียาแผนปัจจุบันผสมอยู่{words}",
}
"""What a warning says of a finding; ``{words}`` is the quoted number or name of the goods, with spaces."""

OTHER_VIOLATION = "มีข้อความหรือลักษณะที่กฎหมายห้ามโฆษณา"

QUOTED = "ข้อความที่พบในโฆษณา"
"""Heads the list of the advertisement's own words."""

_APPLIED = frozenset({ProductClass.COSMETIC, ProductClass.HOUSEHOLD_HAZARD, ProductClass.MEDICAL_DEVICE})


def class_words(product_class: ProductClass) -> str:
    """Name the goods in a sentence; "other" would say nothing."""
    return "ผลิตภัณฑ์" if product_class is ProductClass.OTHER else class_term(product_class).thai


def advice(product_class: ProductClass, labels: Collection[ClaimLabel]) -> list[str]:
    """Return what the public should do, one sentence each."""
    if product_class is ProductClass.HEALTH_SERVICE:
        return [
            "โปรดอย่าหลงเชื่อ และอย่าเข้ารับบริการหรือโอนเงินตามโฆษณานี้",
            "ตรวจสอบชื่อและเลขที่ใบอนุญาตของสถานพยาบาล และผู้ประกอบวิชาชีพ ก่อนเข้ารับบริการทุกครั้ง",
            "หากเข้ารับบริการแล้วมีอาการผิดปกติ โปรดพบแพทย์ทันที",
            "หากพบโฆษณาลักษณะเดียวกัน โปรดแจ้งกรมสนับสนุนบริการสุขภาพ หรือสำนักงานสาธารณสุขจังหวัด",
        ]
    used = "ใช้" if product_class in _APPLIED else "รับประทานหรือใช้"
    found = ["โปรดอย่าหลงเชื่อ และอย่าซื้อผลิตภัณฑ์ตามโฆษณานี้"]
    if ClaimLabel.DISEASE in labels:
        found.append("ผู้ป่วยไม่ควรหยุดหรือเปลี่ยนการรักษาเพราะเชื่อโฆษณา โปรดปรึกษาแพทย์หรือเภสัชกร")
    found += [
        f"หาก{used}แล้วมีอาการผิดปกติ โปรดหยุด{used}และพบแพทย์ โดยนำผลิตภัณฑ์และฉลากไปด้วย",
        "ตรวจสอบเลขทะเบียนหรือเลขที่อนุญาตบนฉลากกับสำนักงานคณะกรรมการอาหารและยา (อย.) ก่อนซื้อทุกครั้ง",
        "หากพบโฆษณาลักษณะเดียวกัน โปรดแจ้งสายด่วน อย. 1556 หรือสำนักงานสาธารณสุขจังหวัด",
    ]
    return found
