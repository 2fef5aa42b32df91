"""Why a request for a seller's data, or its answer, is not recorded, in Thai and English."""

from labels.bilingual import Bilingual

NO_REFERENCE = Bilingual(
    "โปรดระบุเลขที่หนังสือ ไม่เกิน {most} ตัวอักษร", "give the letter's number, of at most {most} characters"
)
IN_THE_FUTURE = Bilingual(
    "วันที่ส่งยังมาไม่ถึง โปรดตรวจวันที่", "the letter was sent on a day that is yet to come: check the date"
)
NOT_A_LEAD = Bilingual(
    "หัวหน้างานหรือผู้ดูแลระบบเท่านั้นที่บันทึกคำขอและคำตอบได้", "only a lead or an admin records requests and answers"
)
NO_LISTING = Bilingual("ไม่พบเคส {number}", "there is no listing {number}")
NOT_WAITING = Bilingual(
    "คำขอนี้ไม่ได้รอคำตอบ อาจบันทึกไปแล้ว โปรดเปิดหน้าอีกครั้ง",
    "the request does not wait for an answer: load the page again",
)
WRONG_DAY = Bilingual(
    "วันที่ได้รับคำตอบต้องอยู่ระหว่างวันที่ส่งกับวันนี้", "the answer came between the request and today: check the date"
)
