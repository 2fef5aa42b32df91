"""Messages about questions to colleagues that cannot be stored."""

from labels.bilingual import Bilingual

CANNOT_BE_ASKED = Bilingual(
    "ถามผู้นี้ไม่ได้ เพราะเป็นบัญชีของท่านเอง ปิดใช้งานแล้ว หรือไม่ได้พิจารณาเคส โปรดเลือกผู้อื่น",
    "this person cannot be asked: choose a colleague who works on cases and whose account is open",
)
FULL = Bilingual(
    "เคสนี้มีข้อความครบ {most} ข้อความแล้ว โปรดตัดสินเคส",
    "the thread of this case has {most} entries: decide the case",
)
LENGTH = Bilingual(
    "โปรดเขียนข้อความ 1 ถึง {most:,} ตัวอักษร",
    "write 1 to {most:,} characters",
)
NOT_UNSURE = Bilingual(
    "เลือกผู้ที่จะถามไว้ แต่ผลไม่ใช่ “ไม่แน่ใจ” โปรดเลือก “ไม่แน่ใจ” หรือเลือกไม่ถามผู้ใด",
    "only an unsure decision can ask a colleague: choose unsure, or ask nobody",
)
NO_QUESTION = Bilingual(
    "โปรดเขียนคำถามในช่องบันทึกก่อนถามเพื่อนร่วมงาน",
    "write the question in the note before you ask somebody",
)
