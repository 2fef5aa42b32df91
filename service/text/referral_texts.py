"""Messages about referrals that cannot be stored, and notes in their history."""

from labels.bilingual import Bilingual

ALREADY_REFERRED = Bilingual(
    "เคส {case} มีหนังสือ {number} ถึงผู้รับรายเดียวกันอยู่แล้ว",
    "{number} already refers case {case} to the same recipient",
)
BEFORE_SENDING = Bilingual(
    "วันที่อยู่ก่อนวันที่ส่งหนังสือ",
    "the date is before the day on which the referral was sent",
)
BEFORE_THE_LETTER = Bilingual(
    "วันที่อยู่ก่อนวันที่ของหนังสือ",
    "the date is before the date of the referral",
)
CHANGED_MEANWHILE = Bilingual(
    "มีผู้บันทึกขั้นตอนอื่นระหว่างที่เปิดหน้านี้อยู่ ยังไม่มีการบันทึก โปรดตรวจประวัติก่อน",
    "somebody recorded another step in the meantime: check it first",
)
CHANNEL = Bilingual(
    "ต้องเลือกวิธีส่งเมื่อบันทึกการส่ง",
    "give the channel for a sent letter, and only then",
)
DECISION_FELL = Bilingual(
    "ผลการตัดสินของเคสนี้ถูกถอนหรือเปลี่ยนแล้ว จึงส่งไม่ได้ โปรดปิดเรื่อง",
    "the decision behind this referral was withdrawn or replaced: close the referral",
)
IN_THE_FUTURE = Bilingual(
    "วันที่เป็นวันในอนาคต",
    "the date is in the future",
)
NOT_A_LEAD = Bilingual(
    "เฉพาะหัวหน้างานหรือผู้ดูแลระบบที่บันทึกการส่งและผลได้",
    "only a lead or an admin can send referrals and record their outcome",
)
NOT_STANDING = Bilingual(
    "ส่งต่อได้เฉพาะเคสที่ผลตัดสินว่าต้องห้ามหรือต้องขออนุญาตยังมีผลอยู่ โปรดเปิดเคส{cases_thai}ตรวจอีกครั้ง",
    "only a standing decision against a listing can be referred: open the case {cases} and look",
)
NO_ADDRESS = Bilingual(
    "ต้องระบุว่าส่งไปที่ใด เช่น ที่อยู่ อีเมล หรือชื่อระบบ",
    "say where it was sent: an address, an e-mail address, or a system's name",
)
NO_DETAIL = Bilingual(
    "ต้องระบุรายละเอียดหรือเหตุผล",
    "say what was done, or why",
)
NO_DRAFT = Bilingual(
    "แก้ถ้อยคำได้เฉพาะร่างที่ยังไม่ส่ง",
    "the text of a referral that is {status} cannot be changed",
)
NO_LISTING = Bilingual(
    "โปรดเลือกโฆษณาอย่างน้อยหนึ่งรายการ",
    "choose at least one listing",
)
NO_SUCH_ACCOUNT = Bilingual(
    "บัญชีผู้ใช้นี้ปิดอยู่",
    "there is no open reviewer account {number}",
)
NO_SUCH_DOWNLOAD = Bilingual(
    "ร่างเปลี่ยนหลังดาวน์โหลดฉบับที่เลือก หรือถ้อยคำของฉบับนั้นถูกลบแล้ว โปรดเลือกฉบับที่ส่งอีกครั้ง",
    "the draft changed since that download, or its words were removed: choose again what was sent",
)
NO_SUCH_REFERRAL = Bilingual(
    "ไม่พบหนังสือส่งต่อนี้",
    "there is no referral {number}",
)
NO_SUCH_STEP = Bilingual(
    "สถานะปัจจุบันของหนังสือนี้บันทึกขั้นตอนดังกล่าวไม่ได้ โปรดตรวจประวัติ",
    "a referral that is {status} cannot become {wanted}",
)
OTHER_YEAR = Bilingual(
    "เลขที่เป็นของปี {number_year} แต่วันที่ตามผลการตัดสินล่าสุดอยู่ในปี {letter_year} จึงส่งไม่ได้ โปรดปิดเรื่องแล้วจัดทำหนังสือใหม่",
    "the number is of {number_year}, and the letter's date, that of the newest decision, is in {letter_year}:"
    " close it and make a new one",
)
OLD_PASSAGES = Bilingual(
    "ถ้อยคำที่แก้ไว้เขียนตามผลการตัดสินก่อนหน้านี้ โปรดตรวจแล้วบันทึกถ้อยคำอีกครั้งก่อนส่ง",
    "the edited passages were written for an earlier decision: check them and save them again",
)
PASSAGE_TOO_LONG = Bilingual(
    "{thai}ยาว {count:,} ตัวอักษร ต้องไม่เกิน {most:,}",
    "the {name} has {count:,} characters: shorten it to {most:,}",
)
PREFIX_TOO_LONG = Bilingual(
    "คำนำหน้าเลขที่หนังสือยาวเกิน {most} ตัวอักษร",
    "the prefix of the numbers is longer than {most} characters",
)
PROVINCE = Bilingual(
    "ต้องเลือกจังหวัดเมื่อส่ง สสจ. และไม่ต้องเลือกสำหรับผู้รับอื่น",
    "give a province for a provincial office, and only for one",
)
TOO_LONG = Bilingual(
    "ข้อความยาว {count:,} ตัวอักษร ต้องไม่เกิน {most:,}",
    "{count:,} characters are too many: shorten it to {most:,}",
)
TOO_MANY_LISTINGS = Bilingual(
    "หนังสือหนึ่งฉบับมีได้ไม่เกิน {most} โฆษณา แต่เลือกไว้ {count:,} โปรดแบ่งเป็นหลายฉบับ",
    "{count:,} listings are too many: a letter is about {most} at most, make several",
)
UNSAVED_WORDS = Bilingual(
    'ถ้อยคำที่แก้ในหน้านี้ยังไม่ได้บันทึก และยังอยู่ในช่องด้านล่าง โปรดกด "บันทึกถ้อยคำ" เปิดดูหนังสือ (PDF)'
    " แล้วจึงบันทึกว่าส่งแล้ว หากไม่ใช้ถ้อยคำที่แก้ โปรดเปิดหน้านี้ใหม่",
    "the words that were edited on this page are not saved: save them, look at the letter, then record it as"
    " sent; open the page again to drop them",
)
RESTORED_AFTER_DRAFT = (
    "หน้านี้เปิดไว้นานเกินไปหรือหมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก และหนังสือนี้ไม่เป็นร่างแล้ว จึงแก้ถ้อยคำไม่ได้"
    " ถ้อยคำที่พิมพ์ไว้แสดงไว้ด้านล่าง โปรดคัดลอกเก็บไว้หากยังต้องใช้",
    "The page was open for too long, or your session had ended: nothing was saved. The letter is no longer a"
    " draft, so its words cannot be edited. Those that you typed are shown below: copy them if needed.",
)
RESTORED_BUT_CHANGED = (
    "หน้านี้เปิดไว้นานเกินไปหรือหมดเวลาเข้าสู่ระบบ จึงยังไม่มีการบันทึก และมีผู้แก้ไขหรือบันทึกขั้นตอนของหนังสือนี้ในระหว่างนั้น"
    " สิ่งที่พิมพ์ไว้กลับมาแล้ว โปรดตรวจประวัติและถ้อยคำที่บันทึกไว้ล่าสุดก่อนกดปุ่มอีกครั้ง",
    "The page was open for too long, or your session had ended: nothing was saved. Somebody has changed the"
    " letter or recorded a step meanwhile. What you typed has been restored: check the history and the words"
    " saved last before you press the button again.",
)
NO_DATE = Bilingual("โปรดระบุวันที่ เช่น 24/11/2569", "give the date, such as 24/11/2569 or 2026-11-24")
NO_STEP = Bilingual("โปรดเลือกขั้นตอน", "choose the step")

FOLLOWED = "เคสนี้มีผลการตัดสินใหม่อย่างเดียวกัน ร่างนี้ใช้ถ้อยคำและฐานความผิดตามผลการตัดสินล่าสุด"
"""History note when a draft is updated to a newer decision."""

FOLLOWED_ONE = "เคส {case} มีผลการตัดสินใหม่อย่างเดียวกัน ร่างนี้ใช้ถ้อยคำและฐานความผิดของเคสนี้ตามผลการตัดสินล่าสุด"
"""The same for one of several listings."""

REMOVED = "ถอนเคส {case} ออกจากร่างนี้ เพราะผลการตัดสินถูกถอนหรือเปลี่ยนแล้ว"
"""History note when a draft loses a listing."""

PASSAGES = {"opening": "ความนำของข้อเท็จจริง", "request": "คำขอ", "closing": "คำลงท้าย"}
"""The editable passages of a letter."""

EDITED = "แก้ถ้อยคำในหนังสือ: {names}"
"""History note when passages were edited."""

CONFIRMED = "ยืนยันถ้อยคำที่แก้ไว้ตามผลการตัดสินล่าสุด"
"""History note when edited passages were confirmed for a newer decision."""
WHICH_WORDS = Bilingual(
    "โปรดเลือกฉบับที่ส่งจริง",
    "choose which letter was sent",
)
