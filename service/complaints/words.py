"""Thai names of the stored values of complaints."""

from service.store.tables.complaint_tables import (
    Agency,
    Channel,
    ClosingReason,
    ComplaintCategory,
    ComplaintEventKind,
    Harm,
    MessageState,
    Progress,
)

CATEGORIES: dict[ComplaintCategory, str] = {
    ComplaintCategory.HEALTH_AD: "โฆษณาผลิตภัณฑ์สุขภาพเกินจริงหรือหลอกลวง",
    ComplaintCategory.HEALTH_PRODUCT: "ผลิตภัณฑ์สุขภาพผิดกฎหมาย เช่น ไม่มีเลข อย. ปลอม หรือห้ามขาย",
    ComplaintCategory.NOT_DELIVERED: "ไม่ได้รับสินค้า",
    ComplaintCategory.LATE: "ได้รับสินค้าล่าช้า",
    ComplaintCategory.NOT_AS_DESCRIBED: "สินค้าไม่ตรงตามที่โฆษณาหรือผิดขนาด",
    ComplaintCategory.DAMAGED: "สินค้าชำรุดเสียหาย",
    ComplaintCategory.FRAUD: "หลอกลวงขายสินค้าหรือฉ้อโกง",
    ComplaintCategory.MULE_ACCOUNT: "บัญชีม้า (บัญชีรับโอนเงินแทนผู้กระทำผิด)",
    ComplaintCategory.OTHER: "ปัญหาซื้อขายออนไลน์อื่น ๆ",
}

AGENCIES: dict[Agency, str] = {
    Agency.ETDA: "สพธอ. (ศูนย์ช่วยเหลือและจัดการปัญหาออนไลน์ 1212)",
    Agency.CYBER_POLICE: "ศูนย์ปราบปรามอาชญากรรมทางเทคโนโลยีสารสนเทศ สำนักงานตำรวจแห่งชาติ (ศปอส.ตร.)",
    Agency.MONEY_LAUNDERING: "ปปง. (สำนักงานป้องกันและปราบปรามการฟอกเงิน)",
}

PROGRESS: dict[Progress, str] = {
    Progress.RECEIVED: "รับเรื่องแล้ว",
    Progress.WITH_FDA: "เจ้าหน้าที่กำลังดำเนินการ",
    Progress.WITH_AGENCY: "ส่งหน่วยงานที่รับผิดชอบแล้ว",
    Progress.ANSWERED: "ตอบแล้ว",
    Progress.CLOSED: "ปิดเรื่องแล้ว",
}

HARMS: dict[Harm, str] = {
    Harm.NONE: "ไม่มี หรือไม่ทราบ",
    Harm.ILLNESS: "มีผู้เจ็บป่วยหรือแพ้",
    Harm.INJURY: "มีผู้บาดเจ็บหรือต้องเข้าโรงพยาบาล",
}

HARMED_DUPLICATE = "มีผู้ได้รับอันตรายในเรื่องที่ตอบรวม"
"""Badge of a complaint that has a duplicate about harm."""

CLOSING_REASONS: dict[ClosingReason, str] = {
    ClosingReason.ACTED: "ดำเนินการตามกฎหมายแล้ว",
    ClosingReason.NO_VIOLATION: "ตรวจสอบแล้วไม่พบการกระทำผิด",
    ClosingReason.TOO_LITTLE: "ข้อมูลไม่เพียงพอต่อการตรวจสอบ",
    ClosingReason.DUPLICATE: "เรื่องซ้ำ ตอบรวมกับเรื่องอื่น",
    ClosingReason.NOT_COMPETENT: "อยู่ในอำนาจหน้าที่ของหน่วยงานอื่น",
}

CHANNELS: dict[Channel, str] = {
    Channel.NONE: "ติดตามเองด้วยเลขที่เรื่องและรหัส",
    Channel.EMAIL: "แจ้งผลทางอีเมล",
    Channel.SMS: "แจ้งผลทาง SMS",
    Channel.LINE: "แจ้งผลทาง LINE",
}

EVENTS: dict[ComplaintEventKind, str] = {
    ComplaintEventKind.PROGRESS: "สถานะ",
    ComplaintEventKind.ANSWER: "คำตอบ",
    ComplaintEventKind.NOTE: "บันทึกภายใน",
    ComplaintEventKind.ADDED: "ผู้ร้องแจ้งเพิ่มเติม",
}

MESSAGE_STATES: dict[MessageState, str] = {
    MessageState.WAITING: "รอส่ง",
    MessageState.SENT: "ส่งแล้ว",
    MessageState.FAILED: "ส่งไม่สำเร็จ",
}
