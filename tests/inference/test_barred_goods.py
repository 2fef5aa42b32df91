"""Each condition of a rule on barred goods is read from the policy file, and works."""

from typing import Any

import pytest

from inference.licences import find_numbers
from inference.policy import Policy
from inference.policy_rules import BarredGoods, _barred, spelled

ROW: dict[str, Any] = {
    "code": "cigarettes",
    "classes": ["other"],
    "words": "บุหรี่",
    "risk": 0.9,
    "fact": "e_cigarette",
    "thai": "ห้ามขาย",
    "english": "It may not be sold.",
}


@pytest.mark.parametrize(
    ("condition", "pattern", "barred", "free"),
    [
        ("not_before", "ซอง$", "ขายบุหรี่", "ซองบุหรี่"),
        ("not_after", "^หมด", "บุหรี่ขายดี", "บุหรี่หมด"),
        ("unless", "เลิก", "บุหรี่ราคาถูก", "บุหรี่ อยากเลิก"),
        ("also", "ขาย", "บุหรี่ ขาย", "บุหรี่ แจก"),
    ],
)
def test_a_condition_of_barred_goods_frees_what_it_describes(
    condition: str, pattern: str, barred: str, free: str
) -> None:
    assert _barred(ROW).find(free) is not None
    rule = _barred(ROW | {condition: pattern})
    assert rule.find(barred) is not None
    assert rule.find(free) is None


def test_a_mention_that_a_condition_frees_leaves_the_next_one_barred() -> None:
    for condition, pattern, text in (
        ("not_before", "ซอง$", "ซองบุหรี่ กับบุหรี่"),
        ("not_after", "^หมด", "บุหรี่หมด มีบุหรี่"),
    ):
        found = _barred(ROW | {condition: pattern}).find(text)
        assert found is not None, condition
        assert found.start() == text.rindex("บุหรี่")


def test_a_condition_reads_sixty_characters_beside_the_words() -> None:
    def frees(condition: str, text: str) -> bool:
        return _barred(ROW | {condition: "หมด"}).find(text) is None

    for lead in ("", "ก" * 200):
        assert frees("not_before", f"{lead}หมด{'ข' * 57}บุหรี่")
        assert not frees("not_before", f"{lead}หมด{'ข' * 58}บุหรี่")
        assert frees("not_after", f"{lead}บุหรี่{'ข' * 57}หมด")
        assert not frees("not_after", f"{lead}บุหรี่{'ข' * 58}หมด")


@pytest.mark.parametrize("excuse", ["permit_excuses", "licence_excuses"])
def test_no_number_excuses_unless_the_rule_says_so(excuse: str) -> None:
    assert getattr(_barred(ROW), excuse) is False
    assert getattr(_barred(ROW | {excuse: True}), excuse) is True


@pytest.fixture(scope="module")
def shipped() -> tuple[BarredGoods, ...]:
    return Policy.load()._rules.barred


@pytest.mark.parametrize(
    "text",
    [
        "พาราเซตามอล 500 มก. บรรเทาปวด ลดไข้หลังฉีดวัคซีน ยาสามัญประจำบ้าน ราคา 15 บาท",
        "โพวิโดน-ไอโอดีน ยาฆ่าเชื้อโรค ใส่แผลสด ขวดละ 25 บาท",
        "ยาหม่องสมุนไพร ปลอดสารสเตียรอยด์ 100% ราคา 50 บาท",
        "ยาหม่อง ไม่ได้ผสมสเตียรอยด์ ราคา 50 บาท",
        "ยาอมแก้เจ็บคอ ไม่มีส่วนผสมของยาปฏิชีวนะและสเตียรอยด์",
        "ยาสมุนไพร สูตรไร้สเตียรอยด์ ราคา 50 บาท",
        "ยาแก้แพ้ ห้ามใช้กับยานอนหลับ ราคา 20 บาท",
        "น้ำยาฆ่าเชื้อ เบตาดีน ยาใส่แผล ราคา 50 บาท",
        "น\u0e49\u0e4dายาฆ่าเชื้อ ราคา 50 บาท",
        "หากใช้ยา tetracycline อยู่ควรปรึกษาแพทย์",
        "สมุนไพร ไม่ใช้แทนยาฆ่าเชื้อ ราคา 50 บาท",
        "ยาแก้อักเสบคอ ยาอมสมุนไพร ราคา 50 บาท",
        "น้ำดื่มเพียงพอต่อวัน ราคา 50 บาท",
        "สั่งได้พอตอนนี้ พอดิบพอดี ลุ้นแจ๊กพอต ราคา 50 บาท",
        "รับเขียนเรียงความ 700 คำ ราคา 50 บาท",
        "รับเขียนเรียงความ 700 คำ พอดีหน้า ราคา 50 บาท",
        "กินแล้วพอต่อวัน พอตัว พอตาย พอดู พอดำ ไม่พอต แจ็กพอต แจ๊ค พอต ราคา 50 บาท",
        "ใช้พอตลอดเดือน พอตกเย็นก็สบาย ฟังพอดแคสต์ ราคา 50 บาท",
        "ชาใบกัญชา (ทุกส่วนยกเว้นช่อดอกกัญชา) ราคา 50 บาท",
    ],
)
def test_what_a_label_denies_or_warns_of_is_not_sold(shipped: tuple[BarredGoods, ...], text: str) -> None:
    assert [rule.code for rule in shipped if rule.find(text)] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ยาทำแท้ง ไมโซพรอสตอล ไม่สามารถหาซื้อได้ตามร้านขายยาทั่วไป ทักไลน์", "barred_dangerous_drug"),
        ("พอตไฟฟ้า ไม่อันตราย ราคา 200 บาท", "barred_nicotine_vape"),
        ("ขายพอต 9000 คำ ราคา 200 บาท", "barred_nicotine_vape"),
        ("พอตเปลี่ยนหัว พร้อมส่ง", "barred_nicotine_vape"),
        ("ขายพอตมาร์โบ 9000 คำ พร้อมส่ง ราคา 250 บาท", "barred_nicotine_vape"),
        ("พอตสีชมพู ราคา 199 บาท", "barred_nicotine_vape"),
        ("จำหน่ายพอตและน้ำยา", "barred_nicotine_vape"),
        ("พอตแบบใช้แล้วทิ้ง 8000 คำ", "barred_nicotine_vape"),
        ("8,000 คำ ราคา 250", "barred_nicotine_vape"),
        ("Brandx 8000 คำ ราคา 250", "barred_nicotine_vape"),
        ("800 คำ พอตใหม่", "barred_nicotine_vape"),
        ("พอตลดราคา", "barred_nicotine_vape"),
        ("พอตของแท้", "barred_nicotine_vape"),
        ("พอตขายส่ง", "barred_nicotine_vape"),
        ("มีพอตขาย", "barred_nicotine_vape"),
        ("พอตทุกรุ่น", "barred_nicotine_vape"),
        ("พอตกลิ่นองุ่น", "barred_nicotine_vape"),
        ("ถ้าใช้ดีบอกต่อ ทรามาดอล 100 เม็ด ราคา 200 บาท", "barred_dangerous_drug"),
        ("หากใช้ไม่หมดคืนได้ ซิลเดนาฟิล ราคา 200", "barred_dangerous_drug"),
        ("สำหรับผู้ที่ใช้เป็นประจำ ทรามาดอล ราคา 200 บาท", "barred_dangerous_drug"),
        ("สูบได้ 9000 คำ กลิ่นองุ่น", "barred_nicotine_vape"),
        ("รับตัวแทน พอตไฟฟ้า พร้อมส่ง", "barred_nicotine_vape"),
        ("ตัวแทนขาย มิดาโซแลม พร้อมส่ง", "barred_psychotropic"),
        ("รับตัวแทน ยาทำแท้ง พร้อมส่ง", "barred_dangerous_drug"),
        ("บุหรี่ไฟฟ้า ไม่ผิดกฎหมาย พร้อมส่ง", "barred_nicotine_vape"),
        ("กาแฟลดน้ำหนัก ผสมไซบูทรามีน ไม่อันตราย ราคา 500 บาท", "barred_drug_in_food"),
        ("ไม่มีผลข้างเคียง ไซบูทรามีนแท้ ราคา 500 บาท", "barred_dangerous_drug"),
        ("ของแท้ไม่มีปลอม ซิลเดนาฟิล 100 mg", "barred_dangerous_drug"),
        ("ไม่มีสี ไม่มีกลิ่น มิดาโซแลม พร้อมส่ง", "barred_psychotropic"),
        ("สินค้านี้ไม่ใช่ของปลอม ยานอนหลับ พร้อมส่ง", "barred_psychotropic"),
        ("ยาปลอดภัย ยานอนหลับ พร้อมส่ง", "barred_psychotropic"),
        ("ยาแก้ปวดแรง ไม่ต้องใช้ใบสั่งแพทย์ ทักแชท", "barred_no_prescription"),
        ("ยาสามัญจากอินเดีย ไม่มีใบสั่งแพทย์ก็ซื้อได้", "barred_no_prescription"),
    ],
)
def test_a_sellers_reassurance_frees_nothing(shipped: tuple[BarredGoods, ...], text: str, code: str) -> None:
    assert code in [rule.code for rule in shipped if rule.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "ยาหม่อง ยาสามัญประจำบ้าน ไม่ต้องใช้ใบสั่งแพทย์",
        "ไม่มีใบสั่งแพทย์ งดจำหน่าย",
        "ไม่ต้องมีใบสั่งแพทย์ หาซื้อได้ที่ร้านขายยา",
    ],
)
def test_a_drug_may_say_that_it_needs_no_prescription(shipped: tuple[BarredGoods, ...], text: str) -> None:
    assert not [rule.code for rule in shipped if rule.find(text)]


@pytest.mark.parametrize(
    "text",
    ["ยาท\u0e4d\u0e32แท้ง", "ยาทำ\u0e40\u0e40ท้ง", "น\u0e4d\u0e49\u0e32กระท่อม", "น\u0e49\u0e4d\u0e32กระท่อม"],
)
def test_other_ways_to_type_the_same_letters_are_found(shipped: tuple[BarredGoods, ...], text: str) -> None:
    (match,) = filter(None, (rule.find(text) for rule in shipped))
    assert match.group() in text


def test_only_plain_letters_of_a_pattern_get_other_spellings() -> None:
    assert spelled(r"[แเ](?<!แ)\แ") == r"[แเ](?<!แ)\แ"
    assert spelled("แ?ม") == "(?:แ|เเ)?ม"


def test_a_run_of_digits_as_long_as_a_text_may_be_is_searched_at_once(
    shipped: tuple[BarredGoods, ...],
) -> None:
    """It took time with the square of its length, hours for this one."""
    sale = Policy.load()._rules.sale
    for digit in "10":
        assert sale.search(digit * 200_000) is None
        assert not any(rule.find(digit * 200_000) for rule in shipped)


def test_the_number_of_another_thing_does_not_excuse_kratom(shipped: tuple[BarredGoods, ...]) -> None:
    (kratom,) = [rule for rule in shipped if rule.code == "barred_kratom_preparation"]
    assert kratom.excused(find_numbers("น้ำกระท่อม อย. 10-1-12345-5-0001"), None)
    assert not kratom.excused(find_numbers("น้ำกระท่อม แถมเครื่องมือแพทย์ 66-1-1-2-0012345"), None)


def test_a_filler_is_called_no_drug(shipped: tuple[BarredGoods, ...]) -> None:
    """It is a medical device (guideline), whatever class the model takes it for."""
    (drugs,) = (rule for rule in shipped if rule.code == "barred_dangerous_drug")
    assert drugs.find("ฟิลเลอร์เนื้อแน่น 1 cc ราคา 690 บาท") is None
    assert drugs.find("ฟิลเลอร์และโบท็อกซ์ พร้อมส่ง") is not None
