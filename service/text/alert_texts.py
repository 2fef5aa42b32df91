"""Messages about public warnings that cannot be stored."""

from labels.bilingual import Bilingual

ACCOUNT_CLOSED = Bilingual(
    "บัญชีผู้ใช้นี้ปิดอยู่",
    "{error}",
)
ALREADY_PUBLISHED = Bilingual(
    "เคสนี้มีประกาศเตือน {number} เผยแพร่อยู่แล้ว หากข้อความผิด ให้แก้ไขประกาศนั้น",
    "{number} already warns of this case: correct that one if it is wrong",
)
CHANGED_MEANWHILE = Bilingual(
    "มีผู้แก้ไขประกาศนี้ระหว่างที่เปิดหน้าอยู่ โปรดเปิดประกาศตรวจอีกครั้ง",
    "{number} was corrected meanwhile: reload it first",
)
DECISION_FELL = Bilingual(
    "ผลการตัดสินที่ประกาศนี้อ้างถึงไม่มีผลแล้ว แก้ไขประกาศไม่ได้ ให้ถอนประกาศ",
    "the decision behind {number} no longer stands: withdraw the alert",
)
MISSING = Bilingual(
    "ต้องระบุ{thai}",
    "give a {english}",
)
NOTHING_CHANGED = Bilingual(
    "หัวข้อและข้อความเหมือนเดิม และไม่ได้เลือกภาพที่จะนำออก ไม่มีสิ่งที่ต้องแก้ไข",
    "title and text are unchanged and no picture is taken back: there is nothing to correct",
)
NOT_A_LEAD = Bilingual(
    "เฉพาะหัวหน้างานหรือผู้ดูแลระบบที่เผยแพร่ แก้ไข และถอนประกาศเตือนได้",
    "only a lead or an admin can publish, correct and withdraw alerts",
)
NOT_STANDING = Bilingual(
    "เผยแพร่ได้เฉพาะเคสที่ผลตัดสินว่าต้องห้ามยังมีผลอยู่ โปรดเปิดเคสตรวจอีกครั้ง",
    "only a standing decision that the listing is prohibited can be published: open the case",
)
NO_SUCH_ALERT = Bilingual(
    "ไม่พบประกาศเตือนนี้",
    "there is no alert {number}",
)
NO_SUCH_PICTURE = Bilingual(
    "ภาพที่เลือกไม่อยู่ในประกาศนี้แล้ว โปรดเปิดประกาศตรวจอีกครั้ง",
    "the alert no longer shows a chosen picture: reload it first",
)
PREFIX_TOO_LONG = Bilingual(
    "คำนำหน้าเลขที่ประกาศยาวเกิน {most} ตัวอักษร",
    "the prefix of the numbers is longer than {most} characters",
)
TOO_LONG = Bilingual(
    "{thai}ยาว {count:,} ตัวอักษร ต้องไม่เกิน {most:,}",
    "the {english} has {count:,} characters: shorten it to {most:,}",
)
WITHDRAWN = Bilingual(
    "ประกาศนี้ถูกถอนไปแล้ว",
    "{number} was already withdrawn",
)

TITLE = Bilingual("หัวข้อ", "title")
TEXT = Bilingual("ข้อความ", "text")
REASON = Bilingual("เหตุผล", "reason")
CORRECTED = Bilingual("สิ่งที่แก้ไข", "description of what was corrected")
