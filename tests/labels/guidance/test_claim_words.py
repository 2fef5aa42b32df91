from labels.guidance.claim_words import claim_words_in
from labels.letters import letters
from tests.helpers.every import every

CLAIMS = (
    "รักษาเบาหวาน", "แก้ ไอ", "ห า ย ป ว ด", "ลดน้ำหนักใน 7 วัน", "ลด 5 กิโล", "5 กิโลใน 30 วัน", "ผิวขาวใส", "เพิ่มความสูง", "บำรุงตับ",
    "ป้องกันมะเร็ง", "CURES diabetes", "Fat-burn tea", "lose weight", "มี อย. ปลอดภัย", "ใช้แล้วเห็นผล", "ควบคุมระดับน้ำตาล",
)  # fmt: skip
OTHERS = (
    "ลดราคา 50%", "ลด 20 บาท", "ส่วนลด", "แก้วน้ำสองใบ", "แก้ไขที่อยู่", "สินค้าเสียหาย", "เพิ่มลงตะกร้า", "ข้อมูลเพิ่มเติม", "ดูเพิ่ม", "สีขาว",
    "รักษาความเป็นส่วนตัว", "Healthy snack", "ส่งฟรีทั่วประเทศ", "Secure payment", "carousel", "ช่วยเหลือ", "ชำระเงินปลอดภัยในการชำระเงิน",
    "น้ำผึ้ง 1 กิโลกรัม", "คนขับรถส่งของ",
)  # fmt: skip


def test_words_of_claims_are_recognized_however_they_are_spaced_and_a_shops_words_are_not() -> None:
    def judged(text: str, expected: bool) -> None:
        assert any(claim_words_in(letters(text))) is expected

    every([*((x, True) for x in CLAIMS), *((x, False) for x in OTHERS)], judged)
