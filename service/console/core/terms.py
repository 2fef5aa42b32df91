"""Thai terms outside the taxonomy: states, decisions, kinds of numbers and contacts."""

from dataclasses import dataclass

from inference.policy_rules import VOID
from labels.guidance.severity import Severity
from labels.schema import LicenceKind, NumberShape, RegistryStatus
from labels.taxonomy import LABELS, ClaimLabel, Verdict, verdict_term
from service.campaigns.basis import Obstacle
from service.store.cases.reviews import DECISIONS
from service.store.figures.relisting_figures import Sharing
from service.store.index.entries import CaseState
from service.store.index.finding import Assigned, LicenceFilter, NoLicence, Sort
from service.store.tables.core_tables import UNSURE, WITHDRAWN, Referral, Role
from service.store.tables.referral_tables import Channel, Recipient, ReferralStatus
from service.text.contact_words import CONTACT_KINDS as CONTACT_KINDS  # noqa: PLC0414 - templates read it here


@dataclass(frozen=True)
class DecisionTerm:
    """A decision as its button shows it; ``key`` is its keyboard shortcut, ``style`` its CSS class."""

    value: str
    thai: str
    english: str
    key: str
    style: str


def verdict_style(verdict: Verdict) -> str:
    """Return the CSS class of a verdict's badge."""
    return f"verdict-{tuple(Verdict).index(verdict) + 1}"


def label_style(label: ClaimLabel) -> str:
    """Return the CSS class of a claim label, for colour and underline."""
    return f"label-{LABELS.index(label) + 1}"


def decision_term(value: str) -> DecisionTerm:
    """Return the display term of a review's decision."""
    if value == WITHDRAWN:
        return DecisionTerm(value, "ถอนผลการตัดสิน", "Withdrawn", "", "verdict-unsure")
    key = str(DECISIONS.index(value) + 1)
    if value == UNSURE:
        return DecisionTerm(value, "ไม่แน่ใจ ขอความเห็นเพิ่ม", "Unsure", key, "verdict-unsure")
    verdict = Verdict(value)
    term = verdict_term(verdict)
    return DecisionTerm(value, term.thai, term.english, key, verdict_style(verdict))


def outcome(value: str, word: str = "ตัดสิน") -> str:
    """Return the outcome of a case, prefixed with ``word`` if it is a decision."""
    return _NO_DECISION.get(value) or f"{word}: {decision_term(value).thai}"


_NO_DECISION = {UNSURE: "ยังไม่แน่ใจ รอพิจารณาต่อ", WITHDRAWN: "ถอนผลแล้ว รอพิจารณาใหม่"}


STATES: dict[CaseState, str] = {
    CaseState.WAITING: "รอพิจารณา",
    CaseState.UNSURE: "ขอความเห็นเพิ่ม",
    CaseState.DECIDED: "พิจารณาแล้ว",
}

PUBLIC_PAGES = {"/alerts": "ประกาศเตือน", "/check": "ตรวจก่อนโพสต์", "/complain": "แจ้งเรื่องร้องเรียน"}
"""Labels of the links between the public pages."""

SHARING: dict[Sharing, str] = {
    Sharing.CONTACT: "ช่องทางติดต่อ",
    Sharing.WORDS: "ข้อความใกล้เคียง",
    Sharing.PICTURE: "แฟ้มภาพเดียวกัน",
    Sharing.LIKE_PICTURE: "ภาพเดียวกันที่ถูกดัดแปลง",
}
"""Names of what a listing shares with an earlier decided one."""

LICENCE_KINDS: dict[LicenceKind, str] = {
    LicenceKind.FOOD_SERIAL: "เลขสารบบอาหาร (อย.)",
    LicenceKind.COSMETIC_NOTIFICATION: "เลขที่ใบรับจดแจ้งเครื่องสำอาง",
    LicenceKind.DRUG_REGISTRATION: "เลขทะเบียนตำรับยา",
    LicenceKind.TRADITIONAL_REGISTRATION: "เลขทะเบียนยาแผนโบราณ",
    LicenceKind.HERBAL_REGISTRATION: "เลขทะเบียนผลิตภัณฑ์สมุนไพร",
    LicenceKind.DEVICE_LICENCE: "เลขใบอนุญาต/จดแจ้งเครื่องมือแพทย์",
    LicenceKind.HAZARD_REGISTRATION: "เลขทะเบียนวัตถุอันตราย",
    LicenceKind.CLINIC_LICENCE: "เลขที่ใบอนุญาตสถานพยาบาล",
    LicenceKind.FOOD_AD_PERMIT: "ใบอนุญาตโฆษณาอาหาร (ฆอ.)",
    LicenceKind.DRUG_AD_PERMIT: "ใบอนุญาตโฆษณายา (ฆท.)",
    LicenceKind.DEVICE_AD_PERMIT: "ใบอนุญาตโฆษณาเครื่องมือแพทย์ (ฆพ.)",
    LicenceKind.CLINIC_AD_PERMIT: "ใบอนุญาตโฆษณาสถานพยาบาล (ฆสพ.)",
    LicenceKind.HERBAL_AD_PERMIT: "ใบอนุญาตโฆษณาผลิตภัณฑ์สมุนไพร",
    LicenceKind.AD_PERMIT: "ใบอนุญาตโฆษณา (ไม่ระบุประเภท)",
    LicenceKind.AMBIGUOUS: "ตีความได้หลายประเภท",
}

SHAPES: dict[NumberShape, str] = {
    NumberShape.VALID: "รูปแบบถูกต้อง",
    NumberShape.INVALID: "รูปแบบผิด",
    NumberShape.AMBIGUOUS: "รูปแบบกำกวม",
}

REGISTRY: dict[RegistryStatus, str] = {
    RegistryStatus.ACTIVE: "คงอยู่",
    RegistryStatus.REVOKED: "ถูกเพิกถอน",
    RegistryStatus.SUSPENDED: "ถูกพักใช้หรือระงับ",
    RegistryStatus.EXPIRED: "สิ้นอายุ",
    RegistryStatus.CANCELLED: "ถูกยกเลิกหรือสิ้นผล",
    RegistryStatus.OTHER_PRODUCT: "เป็นของผลิตภัณฑ์อื่น",
    RegistryStatus.OTHER_CLASS: "เป็นของผลิตภัณฑ์ประเภทอื่น",
    RegistryStatus.NOT_FOUND: "ไม่พบในทะเบียน",
    RegistryStatus.NOT_LOADED: "ยังไม่ได้นำเข้าทะเบียน",
    RegistryStatus.NOT_CHECKED: "ไม่ได้ตรวจกับทะเบียน",
}

GOOD_STATUS = frozenset({RegistryStatus.ACTIVE})
BAD_STATUS = VOID | {RegistryStatus.NOT_FOUND}


def status_style(status: RegistryStatus) -> str:
    """Return the CSS class of a registry status."""
    return "good" if status in GOOD_STATUS else "bad" if status in BAD_STATUS else "plain"


def shape_style(shape: NumberShape) -> str:
    """Return the CSS class of a number's shape."""
    return {NumberShape.VALID: "good", NumberShape.INVALID: "bad"}.get(shape, "plain")


REFERRALS: dict[Referral, str] = {
    Referral.ADVERTISER: "แจ้งผู้โฆษณา",
    Referral.CONSUMER_POLICE: "ส่งตำรวจ ปคบ.",
    Referral.CYBER_POLICE: "ส่ง ศปอส.ตร.",
    Referral.MINISTRY: "ส่งกระทรวงดิจิทัลฯ เพื่อปิดกั้น",
    Referral.PROVINCE: "ส่ง สสจ.",
    Referral.REVENUE: "ส่งกรมสรรพากร",
    Referral.MONEY_LAUNDERING: "ส่ง ปปง. (บัญชีม้า)",
}

LICENCE_FILTERS: dict[LicenceFilter, str] = {NoLicence.NO_NUMBER: "ไม่พบเลขในข้อความ"} | dict(REGISTRY.items())

ASSIGNED: dict[Assigned, str] = {
    Assigned.ME: "ของฉัน",
    Assigned.ASKED: "ถามถึงฉัน",
    Assigned.NOBODY: "ยังไม่มีผู้รับ",
    Assigned.ANYONE: "มีผู้รับแล้ว",
}

SORTS: dict[Sort, str] = {
    Sort.PRIORITY: "ควรพิจารณาก่อน",
    Sort.RISK: "ความเสี่ยงสูงก่อน",
    Sort.SEVERITY: "อันตรายร้ายแรงก่อน",
    Sort.NEWEST: "ได้รับล่าสุดก่อน",
    Sort.OLDEST: "ได้รับนานสุดก่อน",
    Sort.REACH: "ผู้เข้าถึงมากก่อน",
}

SEVERITIES: dict[Severity, str] = {
    Severity.GRAVE: "ร้ายแรงมาก",
    Severity.SERIOUS: "ร้ายแรง",
}
"""Words for the severities that a row of the queue shows."""

FILTERS: dict[str, str] = {
    "state": "สถานะ",
    "verdict": "ผลประเมิน",
    "class": "ประเภทผลิตภัณฑ์",
    "label": "ประเภทการกล่าวอ้าง",
    "platform": "แพลตฟอร์ม",
    "licence": "สถานะเลขทะเบียน",
    "seller": "ร้านค้า",
    "from": "วันที่เริ่มต้น",
    "to": "วันที่สิ้นสุด",
    "assigned": "ผู้รับเคส",
    "appeal": "อุทธรณ์",
    "campaign": "กลุ่มโฆษณาซ้ำ",
    "outcome": "ผลการตัดสิน",
    "decider": "ผู้ตัดสิน",
    "decided-from": "ตัดสินตั้งแต่",
    "decided-to": "ตัดสินถึง",
    "q": "คำค้น",
}
"""Labels of the queue's filter fields, by their name in the address."""
RECIPIENTS: dict[Recipient, str] = {
    Recipient.PLATFORM: "แพลตฟอร์ม",
    Recipient.ADVERTISER: "ผู้โฆษณา",
    Recipient.CONSUMER_POLICE: "ตำรวจ ปคบ.",
    Recipient.CYBER_POLICE: "ศปอส.ตร.",
    Recipient.MINISTRY: "กระทรวงดิจิทัลฯ",
    Recipient.PROVINCE: "สำนักงานสาธารณสุขจังหวัด (สสจ.)",
    Recipient.REVENUE: "กรมสรรพากร",
    Recipient.MONEY_LAUNDERING: "สำนักงาน ปปง.",
}

REFERRAL_STATUSES: dict[ReferralStatus, str] = {
    ReferralStatus.DRAFT: "ร่าง",
    ReferralStatus.SENT: "ส่งแล้ว",
    ReferralStatus.ACKNOWLEDGED: "ผู้รับตอบรับแล้ว",
    ReferralStatus.ACTED: "ผู้รับดำเนินการแล้ว",
    ReferralStatus.DECLINED: "ผู้รับไม่ดำเนินการ",
    ReferralStatus.CLOSED: "ปิดเรื่อง",
}

CHANNELS: dict[Channel, str] = {
    Channel.POST: "ไปรษณีย์",
    Channel.EMAIL: "อีเมล",
    Channel.SYSTEM: "ระบบอิเล็กทรอนิกส์ของผู้รับหรือระบบสารบรรณ",
    Channel.HAND: "นำส่งด้วยตนเอง",
}


def referral_style(status: ReferralStatus) -> str:
    """Return the CSS class of a referral's badge."""
    return {
        ReferralStatus.DRAFT: "verdict-2",
        ReferralStatus.SENT: "verdict-5",
        ReferralStatus.ACKNOWLEDGED: "verdict-unsure",
        ReferralStatus.ACTED: "verdict-3",
        ReferralStatus.DECLINED: "verdict-1",
        ReferralStatus.CLOSED: "verdict-4",
    }[status]


ROLES: dict[Role, str] = {
    Role.REVIEWER: "เจ้าหน้าที่ผู้พิจารณา",
    Role.LEAD: "หัวหน้างาน",
    Role.ADMIN: "ผู้ดูแลระบบ",
    Role.INTEGRATOR: "ผู้เชื่อมต่อระบบ",
}

OBSTACLES: dict[Obstacle, str] = {
    Obstacle.LACKS: "ไม่มีข้อความที่ยืนยัน",
    Obstacle.UNMARKED: "มีข้อความนี้ แต่ระบบไม่ได้อ่านเป็นการกล่าวอ้างเดียวกัน",
    Obstacle.DENIED: "ข้อความข้างเคียงปฏิเสธข้อความที่ยืนยัน",
    Obstacle.MORE: "มีการกล่าวอ้างอื่นที่ต้นแบบไม่มี",
    Obstacle.UNREAD: "มีภาพที่ต้นแบบไม่มี และระบบยังไม่ได้อ่านหรืออ่านไม่ได้",
    Obstacle.NUMBERS: "เลขทะเบียนหรือใบอนุญาตไม่ตรงกับต้นแบบ",
    Obstacle.CLASS: "เป็นผลิตภัณฑ์คนละประเภทกับต้นแบบ",
    Obstacle.HELD: "ผู้อื่นรับเคสนี้ไว้",
    Obstacle.ALONE: "ข้อความสั้นเกินกว่าจะจัดกลุ่ม ต้องพิจารณาเป็นรายเคส",
    Obstacle.GROUNDLESS: "ไม่มีฐานความผิดที่เลือกไว้ข้อใดใช้กับโฆษณานี้ ต้องพิจารณาเป็นรายเคส",
    Obstacle.CONTESTED: "มีอุทธรณ์รอพิจารณา ต้องพิจารณาเป็นรายเคส",
}
