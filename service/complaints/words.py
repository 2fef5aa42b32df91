"""Names of categories and agencies."""

from service.store.tables.complaint_tables import Agency, ComplaintCategory

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
    Agency.CYBER_POLICE: "ศปอส.ตร. (ตำรวจไซเบอร์)",
    Agency.MONEY_LAUNDERING: "ปปง. (สำนักงานป้องกันและปราบปรามการฟอกเงิน)",
}
